#!/bin/bash
# kunit.sh: run the KUnit tests of the series as a process of this machine, with
# ARCH=um, by the kernel's own kunit.py, and judge what they print: its exit code
# does not tell, see results.py.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" build
"$top/kernel-tree/tree.sh" tree
need_space "$build" 2000 "a kernel build"
obj=$build/obj/kunit
log=$build/kunit.log

# Every suite that a file of the series has. A new one cannot be forgotten.
mapfile -t suites < <(git -C "$tree" diff --name-only --diff-filter=d base series -- '*.c' |
	(cd "$tree" && xargs grep -l 'kunit_test_suite' --) |
	(cd "$tree" && xargs -r sed -nE '/^static struct kunit_suite/,/^\}/s/^\s*\.name = "(.*)",$/\1/p'))
[ "${#suites[@]}" != 0 ] || die "there are no KUnit suites in the series"

say "KUnit under ARCH=um: ${suites[*]} (5 minutes the first time, then a few seconds)"
status=0
(
	exec 9>&-
	export PYTHONDONTWRITEBYTECODE=1
	cd "$tree"
	python3 tools/testing/kunit/kunit.py run --arch=um --build_dir="$obj" --jobs="$(nproc)" \
		--kunitconfig="$top/kunit/kunit.config" --kunitconfig="$top/kunit/um.config" \
		--kunitconfig="$top/selftests/namespacefs.config" \
		--make_options="CC=ccache gcc" --make_options="HOSTCC=ccache gcc" \
		--kernel_args=loglevel=7 --timeout=300 --raw_output=all
) >"$log" 2>&1 </dev/null || status=$?
[ $status = 0 ] || tail -n 15 "$log" >&2
echo "guest: end $status" >>"$log"
python3 "$top/ci/results.py" "$log" "$log" "${suites[@]}" || {
	say "the whole log is in ${log#"$top/"}"
	exit 1
}
