#!/bin/bash
# kernel.sh series|stock|mutant: build a kernel for the guest, as build/bzImage,
# build/stock/bzImage or build/mutant/bzImage. FLAVOUR= adds a file of ci/config, and
# ARCH= takes a cross compiler; each has a folder of its own.
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

which=$1
lock
"$top/ci/build/packages.sh" build "kernel-$arch" ${flavour:+"kernel-$flavour"}
case $which in
series) "$top/kernel-tree/tree.sh" tree; src=$tree ;;
stock) "$top/kernel-tree/tree.sh" stock; src=$stock ;;
mutant) src=$mutant ;; # ci/test/mutants.sh made it
esac
fragments=(guest kunit)
[ "$which" = stock ] || fragments+=(series)
[ -z "$flavour" ] || fragments+=("$flavour")
profiled=()
[ "$flavour" != gcov ] || mapfile -t profiled < <(own_files |
	sed 's,.*/\(.*\)\.c$,GCOV_PROFILE_\1.o=y,')
need_space "$build" 3000 "a kernel build"

obj=$(objdir "$which") result=$(image "$which")
"$top/ci/build/config.sh" "$src" "$obj" "${fragments[@]}"
say "building the $which kernel${variant:+, ${variant#-}} (7 to 15 minutes on two cores, seconds when little has changed)"
log=$obj/build.log
kmake "$log" "$src" "$obj" "${profiled[@]}" "$boot_target" ||
	die "the kernel does not build; the whole log is in ${log#"$top/"}"
mkdir -p "${result%/*}"
ln -sfn "$(realpath --relative-to="${result%/*}" "$obj/$boot_image")" "$result"
say "${result#"$top/"} is ready"
