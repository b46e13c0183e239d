#!/bin/bash
# kernel.sh series|stock|mutant: build a kernel for the guest. With DEBUG=1, one
# that finds faults and is slow; with COVERAGE=1, one that counts which lines of
# the series run; with FAULTS=1, one in which allocations can be made to fail.
. "$(dirname "$0")/lib.sh"

which=$1
lock
"$top/ci/packages.sh" build
fragments=("$top/selftests/guest.config" "$top/kunit/kunit.config")
case $which in
series)
	"$top/kernel-tree/tree.sh" tree
	src=$tree
	fragments+=("$top/selftests/namespacefs.config")
	result=$build/bzImage
	;;
mutant)
	# What ci/mutants.sh made of the series.
	src=$build/mutant/kernel-tree/linux
	fragments+=("$top/selftests/namespacefs.config")
	result=$build/mutant/bzImage
	;;
stock)
	"$top/kernel-tree/tree.sh" stock
	src=$stock
	result=$build/stock/bzImage
	;;
esac
obj=$(objdir "$which")
if [ -n "${DEBUG:-}" ]; then
	fragments+=("$top/selftests/debug.config")
	obj=$obj-debug
	result=${result%/*}/debug/bzImage
fi
if [ -n "${FAULTS:-}" ]; then
	fragments+=("$top/selftests/faults.config")
	obj=$obj-faults
	result=${result%/*}/faults/bzImage
fi
coverage=()
if [ -n "${COVERAGE:-}" ]; then
	fragments+=("$top/selftests/gcov.config")
	obj=$obj-gcov
	result=${result%/*}/gcov/bzImage
	for name in ns_idr ns_event ns_view namespaces dir event file super types; do
		coverage+=("GCOV_PROFILE_$name.o=y")
	done
fi
need_space "$build" 3000 "a kernel build"

"$top/ci/config.sh" "$src" "$obj" "${fragments[@]}"
say "building the $which kernel${DEBUG:+ with debugging} (7 to 15 minutes on two cores, seconds when little has changed)"
log=$obj/build.log
kmake "$log" "$src" "$obj" "${coverage[@]}" bzImage ||
	die "the kernel does not build; the whole log is in ${log#"$top/"}"
mkdir -p "$(dirname "$result")"
ln -sfn "$(realpath --relative-to="$(dirname "$result")" "$obj/arch/x86/boot/bzImage")" "$result"
say "${result#"$top/"} is there"
