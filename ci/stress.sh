#!/bin/bash
# stress.sh TEST VARIABLE...: build what is missing, run one kselftest of the
# series in the guest for longer than "make test" does, and judge. The variables
# go into the guest's environment. With DEBUG=1 on the kernel that finds faults.
. "$(dirname "$0")/lib.sh"

test=$1
shift
lock
"$top/ci/packages.sh" guest tests
"$top/ci/kernel.sh" series
flavour=${DEBUG:+debug}
[ -z "${FAULTS:-}" ] || flavour=faults
FLAVOUR=$flavour "$top/ci/kselftest.sh" namespacefs
# Not all are among those that "make test" runs.
list=$build/guest/kselftest/kselftest-list.txt
grep -qxF "namespacefs:$test" "$list" || echo "namespacefs:$test" >>"$list"
{
	echo "test=namespacefs:$test"
	for name; do
		[ -z "${!name:-}" ] || printf "export %s='%s'\n" "$name" "${!name}"
	done
} >"$build/guest/stress.env"

"$top/selftests/guest/run.sh" stress "$build${flavour:+/$flavour}/bzImage" \
	"$top/selftests/guest/stress.sh" "$build/guest/stress.env" "$build/guest/kselftest" || :
python3 "$top/ci/results.py" "$build/guest/stress.out" "$build/guest/stress.log" \
	"selftests: namespacefs: $test"
