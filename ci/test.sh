#!/bin/bash
# test.sh: build what is missing, run KUnit and the kselftests of the series in
# the guest, and judge.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" guest tests
python3 "$top/ci/results_test.py" 2>&1 | tail -n 1 | grep -qx OK ||
	die "the judge of the tests fails its own: python3 ci/results_test.py"
"$top/ci/kernel.sh" series
kernel=$build${DEBUG:+/debug}/bzImage

install=$build/guest/kselftest
FLAVOUR=${DEBUG:+debug} "$top/ci/kselftest.sh" namespacefs proc
# Of proc, only the test that the series adds.
sed -i -n '/^namespacefs:/p;/^proc:proc-namespaces$/p' "$install/kselftest-list.txt"
if [ -n "${TESTS:-}" ]; then
	# shellcheck disable=SC2086 # a list of words
	printf ':%s$\n' $TESTS >"$build/guest/tests"
	grep -f "$build/guest/tests" "$install/kselftest-list.txt" >"$build/guest/list" ||
		die "none of these is a test: $TESTS"
	mv "$build/guest/list" "$install/kselftest-list.txt"
fi
mapfile -t names < <(sed 's/\(.*\):\(.*\)/selftests: \1: \2/' "$install/kselftest-list.txt")
[ "${#names[@]}" -ge 1 ] || die "there are no kselftests in the tree"

# The debug kernel looks for leaks when they are over.
[ -z "${DEBUG:-}" ] || names+=(kmemleak)

"$top/selftests/guest/run.sh" test "$kernel" "$top/selftests/guest/test.sh" "$install" || :
result=$build/guest/test${DEBUG:+-debug}.result
status=0
python3 "$top/ci/results.py" "$build/guest/test.out" "$build/guest/test.log" \
	ns_idr "${names[@]}" >"$result.new" || status=$?
cat "$result.new"
# For the cover letter and ci/mutants.sh: which files these results are of. Of what
# is in no commit nobody else could say it, and some tests are not all.
if [ -z "${TESTS:-}" ] && [ -z "$(git -C "$tree" status --porcelain -uno)" ]; then
	printf '%s\t%s\t%s\n' "$(git -C "$tree" rev-parse 'HEAD^{tree}')" \
		"make test${DEBUG:+ DEBUG=1}" "$(tail -n 1 "$result.new")" >"$result"
fi
rm "$result.new"
exit $status
