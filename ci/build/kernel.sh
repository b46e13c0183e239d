#!/bin/bash
# kernel.sh series|debian|stock|mutant|topic: build a kernel for the guest, as build/bzImage
# or, of the others, build/stock/bzImage and so on; debian is the series with what Debian
# needs. FLAVOUR= adds a file of ci/config, and ARCH= takes a cross compiler; each has a
# folder of its own.
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

which=$1
lock
"$top/ci/build/packages.sh" build "kernel-$arch" ${flavour:+"kernel-$flavour"}
case $which in
series | debian) "$top/kernel-tree/tree.sh" tree; src=$tree ;;
stock) "$top/kernel-tree/tree.sh" stock; src=$stock ;;
mutant) src=$mutant ;; # ci/test/mutants.sh made it
topic) src=$topic ;; # and ci/test/test.sh this
esac
fragments=(guest kunit)
case $which in
stock) ;;
topic)
	# The options of the series that the tree has at that patch
	own_options=$(mktemp)
	trap 'rm -f "$own_options"' EXIT
	while IFS='=' read -r option value; do
		! git -C "$src" grep -q "^config ${option#CONFIG_}\$" -- '*Kconfig*' || echo "$option=$value"
	done < <(grep ^CONFIG_ "$top/ci/config/series.config") >"$own_options"
	fragments+=("$own_options")
	;;
debian) fragments+=(series debian) ;;
*) fragments+=(series) ;;
esac
[ -z "$flavour" ] || fragments+=("$flavour")
profiled=()
[ "$flavour" != gcov ] || mapfile -t profiled < <(own_files |
	sed 's,.*/\(.*\)\.c$,GCOV_PROFILE_\1.o=y,')
need_space "$build" 3000 "a kernel build"

obj=$(objdir "$which") result=$(image "$which")
"$top/ci/build/config.sh" "$src" "$obj" "${fragments[@]}"
say "building the $which kernel${variant:+, ${variant#-}} (7 to 20 minutes on two cores, seconds when little has changed)"
log=$obj/build.log
kmake "$log" "$src" "$obj" "${profiled[@]}" "$boot_target" ||
	die "the kernel does not build; the whole log is in ${log#"$top/"}"
mkdir -p "${result%/*}"
ln -sfn "$(realpath --relative-to="${result%/*}" "$obj/$boot_image")" "$result"
say "${result#"$top/"} is ready"
