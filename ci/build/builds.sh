#!/bin/bash
# builds.sh rows [ROW...]: build the series with parts of the kernel configured out, for
# 32 bits and for ARCH=um, boot it where that shows more, and check the views; build
# what the series touches with W=1 and sparse. The rows are those of ci/build/rows, and
# "strict". WHAT=objects links and boots nothing.
# builds.sh patches [FROM [TO]]: build and boot the series after each patch, from the
# FROM-th to the TO-th, with namespacefs and without it, and compile what the patch
# touches with W=1 and sparse. A warning is an error.
. "$(dirname "$0")/../lib/common.sh"

lock
"$top/ci/build/packages.sh" build guest strict ${flavour:+"kernel-$flavour"}
"$top/kernel-tree/tree.sh" stock
. "$top/ci/lib/series.sh"
. "$top/ci/lib/tally.sh"

# fragment ARCH OPTION...: the small configuration, changed by the options, in
# $tmp/fragment
fragment()
{
	local arch=$1 option
	shift
	cat "$top/ci/config/small.config" "$top/ci/config/small-${arch/#*86*/x86}.config" >"$tmp/fragment"
	[ "$arch" = i386 ] || echo CONFIG_64BIT=y >>"$tmp/fragment"
	for option; do
		sed -i "/^CONFIG_${option%=*}=/d" "$tmp/fragment"
		echo "CONFIG_$option" >>"$tmp/fragment"
	done
}

# on OBJ OPTION
on() { grep -q "^CONFIG_$2=[ym]" "$1/.config"; }

# configured SRC OBJ FILE.c: whether Kbuild makes an object of the file, by its
# Makefile and those of the folders above
configured()
{
	local src=$1 obj=$2 name=${3%.c}.o dir=${3%/*} base rules opt

	# A file that is only included by others has no object.
	grep -qE "\b${name##*/}\b" "$src/$dir/Makefile" || return 1
	while :; do
		base=${name##*/} rules=$src/$dir/Makefile
		[ "$dir" != . ] || rules=$src/Kbuild
		# A file that is always in a composite object depends on the option of its folder.
		# One that is in it by an option is left out of a built-in object with =m.
		opt=$(sed -e ':a;/\\$/N;s/\\\n//;ta' "$rules" |
			sed -nE "s/^(\w+)-\\\$\\(CONFIG_(\w+)\\)\s*[+:]?=(.*\s)?${base//./\\.}\/?(\s.*)?$/\1 \2/p" |
			head -n 1)
		case $opt in
		'') ;;
		'obj '*) on "$obj" "${opt#* }" || return 1 ;;
		*) grep -q "^CONFIG_${opt#* }=y" "$obj/.config" || return 1 ;;
		esac
		[ "$dir" != . ] || return 0
		name=$dir
		case $dir in */*) dir=${dir%/*} ;; *) dir=. ;; esac
	done
}

# objects SRC OBJ FILE...: the objects that Kbuild makes of the files
objects()
{
	local src=$1 obj=$2 f
	shift 2
	for f; do
		! configured "$src" "$obj" "$f" || echo "${f%.c}.o"
	done
}

# warnings LOG FILE...: the warnings of a build about the files, without line numbers
warnings()
{
	local log=$1 f
	shift
	for f; do
		sed -nE "s,^.*\b(${f//./\\.}):[0-9]+(:[0-9]+)?: ((warning|error): .*)$,\1: \3,p" "$log"
	done | sort -u
}

# expectation SRC OBJ: what boot.c must find in a kernel
expectation()
{
	local src=$1 obj=$2 types=mnt fs="" depth=none type

	! on "$obj" CGROUPS || types=$types,cgroup
	for type in ipc net pid time user uts; do
		! on "$obj" "${type^^}_NS" || types=$types,$type
	done
	! on "$obj" PROC_FS || fs=$fs,proc
	! on "$obj" SYSFS || fs=$fs,sysfs
	! on "$obj" NAMESPACE_FS || fs=$fs,namespacefs
	# The first patches do not have all of it yet.
	if on "$obj" PROC_FS && grep -q proc_namespaces_init "$src/fs/proc/root.c"; then
		fs=$fs,procns
	fi
	[ ! -f "$src/fs/namespacefs/types.c" ] || depth=types
	[ ! -f "$src/fs/namespacefs/tasks.c" ] || depth=all
	echo "types=$types fs=${fs#,} depth=$depth$(! on "$obj" DEVMEM || echo " ids=high")"
}

# build_boot: the only program of these guests, for both word sizes
build_boot()
{
	local obj=$build/obj/headers bits

	mkdir -p "$obj" "$build/guest"
	make -s -C "$tree" O="$obj" ARCH=x86_64 headers >"$obj/log" 2>&1 </dev/null ||
		die "the kernel's headers cannot be made; the whole log is in ${obj#"$top/"}/log"
	for bits in 32 64; do
		# nolibc's printf() passes NULL to memcpy() with a length of 0.
		gcc -m$bits -static -nostdlib -O2 -Wall -Wextra -Werror -Wno-nonnull -fno-pie -no-pie \
			-include nolibc.h -I"$tree/tools/include/nolibc" -isystem "$obj/usr/include" \
			-o "$build/guest/boot-$bits" "$top/selftests/guest/boot.c"
	done
}

# compile NAME ARCH SRC OBJ TARGET...: build without a warning about the files that
# the series touches. Prints the reason of a failure.
compile()
{
	local name=$1 arch=$2 src=$3 obj=$4 log=$4/build-$1.log f
	shift 4
	# make prints no warning about an object that is up to date.
	for f in "${files[@]}"; do
		rm -f "$obj/${f%.c}.o"
	done
	ARCH=$arch kmake "$log" "$src" "$obj" "$@" || {
		grep -E 'error:|undefined reference|Error' "$log" | head -n 5
		echo "it does not build; the whole log is in ${log#"$top/"}"
		return 1
	}
	warnings "$log" "${files[@]}" "${headers[@]}" >"$tmp/warnings"
	! [ -s "$tmp/warnings" ] || { cat "$tmp/warnings"; return 1; }
}

# link_and_boot NAME ARCH SRC OBJ: build all that is configured in OBJ, and boot it
link_and_boot()
{
	local name=$1 arch=$2 src=$3 obj=$4 out=$build/guest/boot-$1 bits=64
	local target=bzImage image=arch/x86/boot/bzImage
	[ "$arch" != um ] || target=linux image=linux
	[ "$arch" != i386 ] && ! on "$obj" IA32_EMULATION || bits=32
	compile "$name" "$arch" "$src" "$obj" "$target" || return 1
	ARCH=$arch GUEST_ARGS=$(expectation "$src" "$obj") "$top/ci/guest/run.sh" alone \
		"boot-$name" "$obj/$image" "$build/guest/boot-$bits" >"$tmp/boot" 2>&1 || :
	python3 "$top/ci/test/results.py" "$out.out" "$out.log" >"$tmp/judged" || {
		grep -v '^SKIP' "$tmp/judged"
		echo "the kernel's log is in ${out#"$top/"}.log"
		return 1
	}
}

# strict NAME SRC OBJ FILE...: compile what is configured of the files with W=1 and
# sparse. Leaves the log in OBJ/strict-NAME.log.
strict()
{
	local name=$1 src=$2 obj=$3 log=$3/strict-$1.log checker f
	local -a objs
	shift 3
	mapfile -t objs < <(objects "$src" "$obj" "$@")
	: >"$log"
	[ "${#objs[@]}" != 0 ] || return 0
	checker=$("$top/ci/build/cached.sh" sparse) || return 1
	for f in "${objs[@]}"; do
		rm -f "$obj/$f"
	done
	kmake "$log" "$src" "$obj" W=1 C=1 CHECK="$checker" "${objs[@]}" || {
		grep -E 'error:|Error' "$log" | head -n 5
		echo "it does not build; the whole log is in ${log#"$top/"}"
		return 1
	}
	grep -q '^  CHECK ' "$log" || { echo "sparse did not run"; return 1; }
}

# row NAME ARCH WHAT OPTION...
row()
{
	local name=$1 arch=$2 what=${WHAT:-$3} obj=$build/obj/builds-$2
	local -a compiled
	shift 3
	say "$name: $arch $*"
	fragment "$arch" "$@"
	ARCH=$arch "$top/ci/build/config.sh" "$tree" "$obj" "$tmp/fragment" || return 1
	case $what in
	boot) link_and_boot "$name" "$arch" "$tree" "$obj" ;;
	objects)
		mapfile -t compiled < <(objects "$tree" "$obj" "${files[@]}")
		compile "$name" "$arch" "$tree" "$obj" "${compiled[@]}"
		;;
	esac
}

# strictly_in SRC OPTION... -- FILE...: leave the warnings of the compiler and sparse in
# $tmp/said, in a kernel with all options of the files that the series touches
strictly_in()
{
	local src=$1 obj=$build/obj/builds-strict-${1##*/}$variant
	shift
	: >"$tmp/fragment"
	for ((; $#; )); do
		[ "$1" != -- ] || { shift; break; }
		echo "CONFIG_$1" >>"$tmp/fragment"
		shift
	done
	say "strict: $# files of $(basename "$src") with W=1 and sparse under allmodconfig"
	ARCH=x86_64 CONFIG_BASE=allmodconfig "$top/ci/build/config.sh" "$src" "$obj" "$tmp/fragment" &&
		strict builds "$src" "$obj" "$@" &&
		warnings "$obj/strict-builds.log" "${files[@]}" "${headers[@]}" >"$tmp/said"
}

# The files of the series, and those beside them that include its headers. A warning
# that stock has as well does not count.
strictly()
{
	local include options=(KUNIT=y WERROR=n DEBUG_INFO_NONE=y)
	local -a all
	include=$(printf '%s\n' "${headers[@]}" | sed -n 's,^include/,,p' | paste -sd'|')
	mapfile -t all < <({
		printf '%s\n' "${files[@]}"
		printf ':(glob)%s/*.c\n' "${files[@]%/*}" | sort -u |
			xargs -d '\n' git -C "$tree" grep -lE "#include <($include)>" series -- |
			sed 's,^series:,,'
	} | sort -u)
	strictly_in "$tree" "${options[@]}" NS_IDR_KUNIT_TEST=y -- "${all[@]}" || return 1
	[ -s "$tmp/said" ] || return 0
	mv "$tmp/said" "$tmp/ours"
	mapfile -t all < <(cd "$stock" && ls -d "${all[@]}" 2>/dev/null)
	strictly_in "$stock" "${options[@]}" -- "${all[@]}" || return 1
	comm -23 "$tmp/ours" "$tmp/said" >"$tmp/new"
	[ ! -s "$tmp/new" ] || { cat "$tmp/new"; return 1; }
	echo "(stock has these warnings, too: $(wc -l <"$tmp/ours") lines)"
}

# step NAMESPACE_FS: build the whole at one patch, and boot it
step()
{
	local on=$1 options=(KUNIT=y RUNTIME_TESTING_MENU=y)
	! grep -q '^config NS_IDR_KUNIT_TEST' "$src/lib/Kconfig.debug" || options+=(NS_IDR_KUNIT_TEST=y)
	[ ! -f "$src/fs/namespacefs/Kconfig" ] || options+=(NAMESPACE_FS="$on")
	fragment x86_64 "${options[@]}"
	[ -f "$src/fs/namespacefs/Kconfig" ] || sed -i '/^CONFIG_NAMESPACE_FS=/d' "$tmp/fragment"
	"$top/ci/build/config.sh" "$src" "$obj" "$tmp/fragment" &&
		link_and_boot "bisect-$on" x86_64 "$src" "$obj" ||
		{ echo "with NAMESPACE_FS=$on"; return 1; }
}

# said TO: leave the warnings of W=1 and sparse about the files of a patch in $tmp/TO
said()
{
	strict "bisect-$1" "$src" "$obj" "${files[@]}" || return 1
	warnings "$obj/strict-bisect-$1.log" "${files[@]}" "${headers[@]}" >"$tmp/$1"
}

# patch COMMIT
patch()
{
	local commit=$1 src=$top/kernel-tree/bisect obj=$build/obj/bisect
	git -C "$src" checkout -q --detach "$commit"
	mapfile -t files < <(touched "$commit^" "$commit" '*.c')
	mapfile -t headers < <(touched "$commit^" "$commit" '*.h')
	step n || return 1
	[ ! -f "$src/fs/namespacefs/Kconfig" ] || step y || return 1
	[ "${#files[@]}" != 0 ] || return 0
	said after || return 1
	[ -s "$tmp/after" ] || return 0
	git -C "$src" checkout -q --detach "$commit^"
	# A file that the patch adds has no warnings before it.
	mapfile -t files < <(cd "$src" && ls -d "${files[@]}" 2>/dev/null)
	: >"$tmp/before"
	[ "${#files[@]}" = 0 ] || said before || return 1
	comm -23 "$tmp/after" "$tmp/before" >"$tmp/new"
	[ ! -s "$tmp/new" ] || { cat "$tmp/new"; return 1; }
}

# timed NAME COMMAND...
timed()
{
	local name=$1 start=$SECONDS
	shift
	if "$@"; then
		pass "$name ($((SECONDS - start)) s)"
	else
		fail "$name"
	fi
}

what=$1
shift
need_space "$build" 2000 "a kernel build"
build_boot
case $what in
rows)
	mapfile -t files < <(touched base series '*.c')
	mapfile -t headers < <(touched base series '*.h')
	mapfile -t names < <(awk 'NF && !/^#/ { print $1 }' "$top/ci/build/rows"; echo strict)
	[ $# = 0 ] || names=("$@")
	for name in "${names[@]}"; do
		read -ra words < <(awk -v name="$name" '$1 == name' "$top/ci/build/rows") || :
		if [ "$name" = strict ]; then
			timed strict strictly
		elif [ "${#words[@]}" != 0 ]; then
			timed "$name" row "${words[@]}"
		else
			die "there is no row $name in ci/build/rows"
		fi
	done
	;;
patches)
	scratch_tree "$top/kernel-tree/bisect"
	mapfile -t commits < <(git -C "$tree" rev-list --reverse base..series)
	for ((n = ${1:-1}; n <= ${2:-${#commits[@]}}; n++)); do
		name="$n of ${#commits[@]}, $(git -C "$tree" show -s --format=%s "${commits[n - 1]}")"
		say "$name"
		timed "$name" patch "${commits[n - 1]}"
	done
	;;
esac
finish
