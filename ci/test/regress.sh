#!/bin/bash
# regress.sh: run mainline's own selftests of what the series touches on the stock
# kernel and on that of the series, and compare them test by test. What differs is
# run again on both.
. "$(dirname "$0")/../lib/common.sh"

targets="namespaces proc pid_namespace timens filesystems/nsfs filesystems/mount-notify pidfd clone3"
export GUEST_TIMEOUT=${GUEST_TIMEOUT:-1800}

lock
"$top/ci/build/packages.sh" guest tests regress
python3 "$top/ci/test/regress_test.py" 2>&1 | tail -n 1 | grep -qx OK ||
	die "ci/test/regress.py fails its own tests; run python3 ci/test/regress_test.py"
"$top/ci/build/kernel.sh" stock
"$top/ci/build/kernel.sh" series

# A test without an option of its config file skips, and nothing is compared.
bad=0
for target in $targets; do
	config=$stock/tools/testing/selftests/$target/config
	[ -f "$config" ] || continue
	while IFS='=' read -r option value; do
		case $option in CONFIG_*) ;; *) continue ;; esac
		for which in stock series; do
			# These kernels have no modules: =m becomes =y.
			grep -qx "$option=${value/m/y}" "$(objdir $which)/.config" || {
				say "$target asks for $option=$value, which the kernel $which does not have"
				bad=1
			}
		done
	done <"$config"
done
[ $bad = 0 ] || die "the tests ask for the options above; add them to ci/config/guest.config"

# One build, of the tests as they are without the series.
install=$build/guest/regress/kselftest names=$build/guest/regress/names
rm -rf "$build/guest/regress"
mkdir -p "$build/guest/regress"
# shellcheck disable=SC2086 # a list of words
"$top/ci/build/kselftest.sh" stock "$install" $targets
cp "$install/kselftest-list.txt" "$names"

# run RUN FILE...: boot both kernels; results in build/guest/RUN-*
runs=()
run()
{
	local run=$1 which
	shift
	for which in stock series; do
		say "$run on $which: $(wc -l <"$names") programs"
		"$top/ci/guest/run.sh" busybox regress $which "$top/selftests/guest/regress.sh" \
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
# Twice, unless nothing differs any more.
: >"$build/guest/regress/retry"
for again in regress-again regress-again-2; do
	python3 "$top/ci/test/regress.py" "$all" "$names" "${runs[@]}" >/dev/null || :
	[ -s "$names" ] || break
	say "running again what differs: $(tr '\n' ' ' <"$names")"
	run $again "$build/guest/regress/retry"
done
python3 "$top/ci/test/regress.py" "$all" "$names" "${runs[@]}"
