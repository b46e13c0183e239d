#!/bin/bash
# regress.sh: run mainline's own selftests of what the series touches on the stock
# kernel and on that of the series, and compare them test by test. What differs is
# run again on both.
. "$(dirname "$0")/lib.sh"

targets="namespaces proc pid_namespace timens filesystems/nsfs filesystems/mount-notify pidfd clone3"
export GUEST_TIMEOUT=${GUEST_TIMEOUT:-1800}

lock
"$top/ci/packages.sh" guest tests regress
python3 "$top/ci/regress_test.py" 2>&1 | tail -n 1 | grep -qx OK ||
	die "the comparison fails its own tests: python3 ci/regress_test.py"
"$top/ci/kernel.sh" stock
"$top/ci/kernel.sh" series

# What the tests ask for, the guest has. One asks in a file of that name, or not.
bad=0
for target in $targets; do
	config=$stock/tools/testing/selftests/$target/config
	[ -f "$config" ] || continue
	while IFS='=' read -r option value; do
		case $option in CONFIG_*) ;; *) continue ;; esac
		for which in stock series; do
			# Without modules, what could be one is built in.
			grep -qx "$option=${value/m/y}" "$(objdir $which)${DEBUG:+-debug}/.config" || {
				say "$target asks for $option=$value, which the kernel $which does not have"
				bad=1
			}
		done
	done <"$config"
done
[ $bad = 0 ] || die "the tests ask for the options above; add them to selftests/guest.config"

# Built once, without the series, statically since the guest has no C library.
obj=$build/obj/regress
install=$build/guest/regress/kselftest
say "building mainline's kselftests (usually a minute)"
mkdir -p "$obj"
rm -rf "$build/guest/regress"
mkdir -p "$build/guest/regress"
cp "$(objdir stock)${DEBUG:+-debug}/.config" "$obj/.config"
make -s -C "$stock" O="$obj" headers >"$obj/log" 2>&1 </dev/null &&
	make -s -C "$stock/tools/testing/selftests" O="$obj" OUTPUT="$obj/kselftest" \
		KHDR_INCLUDES="-isystem $obj/usr/include" LDFLAGS=-static FORCE_TARGETS=1 \
		TARGETS="$targets" INSTALL_PATH="$install" install >>"$obj/log" 2>&1 </dev/null || {
	grep -E 'error|Error' "$obj/log" | head -n 10 >&2
	die "the kselftests do not build; the whole log is in ${obj#"$top/"}/log"
}
names=$build/guest/regress/names
cp "$install/kselftest-list.txt" "$names"
for target in $targets; do
	grep -q "^$target:" "$names" || die "there are no kselftests of $target in the tree"
done

# run RUN FILE...: both kernels, one after the other; results in build/guest/RUN-*
runs=()
run()
{
	local run=$1 which kernel
	shift
	for which in stock series; do
		kernel=$build/$([ $which = series ] || echo stock/)${DEBUG:+debug/}bzImage
		say "$run on $which: $(wc -l <"$names") programs"
		"$top/selftests/guest/run.sh" regress "$kernel" "$top/selftests/guest/regress.sh" \
			"$install" "$names" "$@" >/dev/null || :
		runs+=("$build/guest/$run-$which")
		for suffix in out log; do
			mv "$build/guest/regress.$suffix" "${runs[-1]}.$suffix"
		done
	done
}

all=$build/guest/regress/all
cp "$names" "$all"
run regress
# Twice, unless there is nothing any more that another try could settle.
: >"$build/guest/regress/retry"
for again in regress-again regress-again-2; do
	python3 "$top/ci/regress.py" "$all" "$names" "${runs[@]}" >/dev/null || :
	[ -s "$names" ] || break
	say "different, and worth another try: $(tr '\n' ' ' <"$names")"
	run $again "$build/guest/regress/retry"
done
python3 "$top/ci/regress.py" "$all" "$names" "${runs[@]}"
