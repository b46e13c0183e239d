#!/bin/bash
# coverage.sh: run the tests on a kernel that counts which lines of the series
# are reached, and print a table of files and the lines that none does.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" guest tests
COVERAGE=1 "$top/ci/kernel.sh" series
FLAVOUR=gcov "$top/ci/kselftest.sh" namespacefs proc
sed -i -n '/^namespacefs:/p;/^proc:proc-namespaces$/p' "$build/guest/kselftest/kselftest-list.txt"
mapfile -t tests < <(sed 's/\(.*\):\(.*\)/selftests: \1: \2/' "$build/guest/kselftest/kselftest-list.txt")
[ "${#tests[@]}" -gt 1 ] || die "there are no kselftests in the tree"

"$top/selftests/guest/run.sh" coverage "$build/gcov/bzImage" "$top/selftests/guest/coverage.sh" \
	"$top/selftests/guest/test.sh" "$build/guest/kselftest" | grep -v '^gcda ' || :
python3 "$top/ci/results.py" "$build/guest/coverage.out" "$build/guest/coverage.log" \
	ns_idr "${tests[@]}" || die "what fails reaches less; make test must pass first"
python3 "$top/ci/coverage.py" "$build/obj/series-gcov" "$tree" "$build/guest/coverage.out"
