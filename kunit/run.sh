#!/bin/bash
# run.sh: run the KUnit tests of the series by the kernel's own kunit.py, with ARCH=um as
# a process of this machine, or on another ARCH in QEMU. ci/test/results.py judges the
# output, since the exit status of kunit.py is 0 for some broken outputs.
. "$(dirname "$0")/../ci/lib/common.sh"

lock
export ARCH=${ARCH:-um}
"$top/ci/build/packages.sh" build "kernel-$ARCH" "guest-$ARCH"
"$top/kernel-tree/tree.sh" tree
need_space "$build" 2000 "a kernel build"
obj=$build/obj/kunit-$ARCH
log=$build/kunit-$ARCH.log

# Every suite in a file of the series.
mapfile -t suites < <(git -C "$tree" diff --name-only --diff-filter=d base series -- '*.c' |
	(cd "$tree" && xargs grep -l 'kunit_test_suite' --) |
	(cd "$tree" && xargs -r sed -nE '/^static struct kunit_suite/,/^\}/s/^\s*\.name = "(.*)",$/\1/p'))
[ "${#suites[@]}" != 0 ] || die "there are no KUnit suites in the series"

say "KUnit with ARCH=$ARCH: ${suites[*]} (5 minutes the first time, then a few seconds)"
# As the kernel names it
case $ARCH in s390x) name=s390 ;; riscv64) name=riscv ;; *) name=$ARCH ;; esac
status=0
(
	exec 9>&-
	export PYTHONDONTWRITEBYTECODE=1
	cd "$tree"
	python3 tools/testing/kunit/kunit.py run --arch="$name" --cross_compile="$cross_kernel" --build_dir="$obj" --jobs="$(nproc)" \
		--kunitconfig="$top/ci/config/kunit.config" --kunitconfig="$top/ci/config/kunit-um.config" \
		--kunitconfig="$top/ci/config/series.config" \
		--make_options="CC=ccache ${cross_kernel}gcc" --make_options="HOSTCC=ccache gcc" \
		--kernel_args=loglevel=7 --timeout=300 --raw_output=all
) >"$log" 2>&1 </dev/null || status=$?
[ $status = 0 ] || tail -n 15 "$log" >&2
# The console of s390x loses the last lines of the kernel, by which results.py knows that the
# log is whole; the end of the tests has to do.
[ "$ARCH" != s390x ] || ! grep -q '^# Totals: ' "$log" || echo 'reboot: Restarting system' >>"$log"
echo "guest: end $status" >>"$log"
python3 "$top/ci/test/results.py" "$log" "$log" "${suites[@]}" || {
	say "the whole log is in ${log#"$top/"}"
	exit 1
}
