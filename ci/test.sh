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

obj=$build/obj/kselftest
install=$build/guest/kselftest
targets="namespacefs proc"
say "building the kselftests (usually less than a minute)"
mkdir -p "$obj"
rm -rf "$install"
cp "$build/obj/series${DEBUG:+-debug}/.config" "$obj/.config"
# Static, since the guest has no C library.
make -s -C "$tree" O="$obj" headers >"$obj/log" 2>&1 &&
	make -s -C "$tree/tools/testing/selftests" O="$obj" OUTPUT="$obj/kselftest" \
		KHDR_INCLUDES="-isystem $obj/usr/include" LDLIBS=-static FORCE_TARGETS=1 \
		TARGETS="$targets" INSTALL_PATH="$install" install >>"$obj/log" 2>&1 || {
	grep -E 'error|Error' "$obj/log" | head -n 10 >&2
	die "the kselftests do not build; the whole log is in ${obj#"$top/"}/log"
}
# Of proc, only the test that the series adds.
sed -i -n '/^namespacefs:/p;/^proc:proc-namespaces$/p' "$install/kselftest-list.txt"
mapfile -t names < <(sed 's/\(.*\):\(.*\)/selftests: \1: \2/' "$install/kselftest-list.txt")
[ "${#names[@]}" -gt 1 ] || die "there are no kselftests in the tree"

# The debug kernel looks for leaks when they are over.
[ -z "${DEBUG:-}" ] || names+=(kmemleak)

"$top/selftests/guest/run.sh" test "$kernel" "$top/selftests/guest/test.sh" "$install" || :
result=$build/guest/test${DEBUG:+-debug}.result
status=0
python3 "$top/ci/results.py" "$build/guest/test.out" "$build/guest/test.log" \
	ns_idr "${names[@]}" >"$result.new" || status=$?
cat "$result.new"
# For the cover letter: which files these results are of. Of what is in no commit
# nobody else could say it.
if [ -z "$(git -C "$tree" status --porcelain -uno)" ]; then
	printf '%s\t%s\t%s\n' "$(git -C "$tree" rev-parse 'HEAD^{tree}')" \
		"make test${DEBUG:+ DEBUG=1}" "$(tail -n 1 "$result.new")" >"$result"
fi
rm "$result.new"
exit $status
