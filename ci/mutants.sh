#!/bin/bash
# mutants.sh [NAME...]: break the series in small ways, one at a time, and see
# which tests notice. Each of ci/mutants/*.patch is a fault of a few lines; one
# that no test catches, or that no longer applies, is an error. A line "Kernel:
# debug" in it asks for the kernel that finds what a fast one hides, and a line
# "Tests:" names those that are to run first. The rest run if these notice nothing.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" guest tests
export DEBUG=	# each mutant says which kernel it is for
if [ $# = 0 ]; then
	cd "$top/ci/mutants"
	set -- *.patch
	cd "$top"
fi
"$top/kernel-tree/tree.sh" tree
work=$build/mutant/kernel-tree/linux
guest=$build/guest
scratch_tree "$work"
trap 'git -C "$work" checkout -q --force' EXIT

# Those that do not apply are told before hours are spent on the others.
git -C "$work" checkout -q --force --detach "$(git -C "$tree" rev-parse HEAD)"
stale=0
for name; do
	name=${name%.patch}
	[ -f "$top/ci/mutants/$name.patch" ] || die "there is no ci/mutants/$name.patch"
	git -C "$work" apply --check "$top/ci/mutants/$name.patch" || {
		echo "FAIL $name: it no longer applies"
		stale=$((stale + 1))
	}
done
[ $stale = 0 ] || die "$stale mutants no longer apply; make them anew for the series as it is"

"$top/ci/kernel.sh" series
"$top/ci/kselftest.sh" namespacefs proc
mapfile -t tests < <(sed -n '/^namespacefs:/p;/^proc:proc-namespaces$/p' \
	"$guest/kselftest/kselftest-list.txt")
[ "${#tests[@]}" -gt 1 ] || die "there are no kselftests in the tree"
# KUnit, then one test after the other, up to the first that fails or makes the kernel complain.
cat >"$guest/mutant.sh" <<'END'
#!/bin/sh
suite=/sys/kernel/debug/kunit/ns_idr
echo any >$suite/run && cat $suite/results
cd /guest/kselftest || exit 1
while read -r test; do
	sh ./run_kselftest.sh --override-timeout "${kselftest_timeout:-300}" -t "$test" | tee /tmp/out
	! grep -q '^not ok' /tmp/out || exit 0
	# Lockdep and RCU only write to the log.
	! dmesg | grep -qE 'WARNING:|BUG:' || exit 0
done </guest/mutant.tests
END

# run KERNEL [TEST...]: what fails, a line each, in $guest/mutant.failed
run()
{
	local kind=$1
	shift
	printf '%s\n' "$@" "${tests[@]}" | awk 'NF && !seen[$0]++' >"$guest/mutant.tests"
	# One that hangs need not do so for the quarter of an hour that others get.
	DEBUG=${kind:+1} GUEST_TIMEOUT=${GUEST_TIMEOUT:-${kind:+3}450} \
		"$top/selftests/guest/run.sh" mutant "$build/mutant${kind:+/$kind}/bzImage" \
		"$guest/mutant.sh" "$guest/mutant.tests" "$guest/kselftest" >/dev/null 2>&1 || :
	python3 "$top/ci/results.py" "$guest/mutant.out" "$guest/mutant.log" ns_idr \
		>"$guest/mutant.results" || :
	sed -n 's/^FAIL //p' "$guest/mutant.results" >"$guest/mutant.failed"
}

# Without a fault nothing may fail, or all would be caught by that.
clean=
sound()
{
	case " $clean " in *" ${1:-fast} "*) return ;; esac
	clean="$clean ${1:-fast}"
	# "make test" has said so of the same files.
	! grep -q "^$(git -C "$tree" rev-parse 'HEAD^{tree}')	.*	[1-9][0-9]* passed, 0 failed," \
		"$guest/test${1:+-debug}.result" 2>/dev/null || return 0
	git -C "$work" checkout -q --force
	DEBUG=${1:+1} "$top/ci/kernel.sh" mutant
	run "$1"
	[ ! -s "$guest/mutant.failed" ] && grep -q '^[1-9][0-9]* passed' "$guest/mutant.results" || {
		cat "$guest/mutant.results" >&2
		die "the tests fail without any fault, see above; make test must pass first"
	}
}

caught=0 survived=0
for name; do
	name=${name%.patch}
	patch=$top/ci/mutants/$name.patch
	kind=$(sed -n 's/^Kernel: //p' "$patch")
	read -ra first < <(sed -n 's/^Tests: //p' "$patch") || :
	sound "$kind"
	git -C "$work" checkout -q --force
	git -C "$work" apply "$patch"
	DEBUG=${kind:+1} "$top/ci/kernel.sh" mutant
	run "$kind" "${first[@]}"
	if [ -s "$guest/mutant.failed" ]; then
		echo "PASS $name: $(head -n 1 "$patch")"
		head -n 4 "$guest/mutant.failed" | cut -c1-100 | sed 's/^/    caught by /'
		caught=$((caught + 1))
	else
		echo "FAIL $name: $(head -n 1 "$patch") Nothing noticed"
		survived=$((survived + 1))
	fi
done
echo "$caught passed, $survived failed, 0 skipped"
[ $survived = 0 ]
