#!/bin/bash
# run.sh: run the KUnit tests of the series as a process of this machine, with ARCH=um,
# by the kernel's own kunit.py. ci/test/results.py judges the output, since the exit
# status of kunit.py is 0 for some broken outputs.
. "$(dirname "$0")/../ci/lib/common.sh"

lock
"$top/ci/build/packages.sh" build
"$top/kernel-tree/tree.sh" tree
need_space "$build" 2000 "a kernel build"
obj=$build/obj/kunit
log=$build/kunit.log

# Every suite in a file of the series.
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
		--kunitconfig="$top/ci/config/kunit.config" --kunitconfig="$top/ci/config/kunit-um.config" \
		--kunitconfig="$top/ci/config/series.config" \
		--make_options="CC=ccache gcc" --make_options="HOSTCC=ccache gcc" \
		--kernel_args=loglevel=7 --timeout=300 --raw_output=all
) >"$log" 2>&1 </dev/null || status=$?
[ $status = 0 ] || tail -n 15 "$log" >&2
echo "guest: end $status" >>"$log"
python3 "$top/ci/test/results.py" "$log" "$log" "${suites[@]}" || {
	say "the whole log is in ${log#"$top/"}"
	exit 1
}
