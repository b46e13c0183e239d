# shellcheck shell=bash
# What builds.sh, bisect.sh and mainline.sh share. Read with: . "$(dirname "$0")/matrix.sh"
# Sets and changes $passed and $failed; $tmp is a folder for a short time. $files and
# $headers are what the series touches.

. "$(dirname "$0")/lib.sh"

passed=0 failed=0 files=() headers=()
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

pass() { echo "PASS $*"; passed=$((passed + 1)); }
fail() { echo "FAIL $*"; failed=$((failed + 1)); }

# finish: the last line, and what it amounts to
finish()
{
	echo "$passed passed, $failed failed, 0 skipped"
	[ $failed = 0 ] && [ $passed != 0 ]
}

# touched FROM TO PATHSPEC...: the files of the kernel that commits added or changed
touched()
{
	git -C "$tree" diff --name-only --no-renames --diff-filter=AM "$1" "$2" -- "${@:3}" \
		':!tools' ':!Documentation' ':!MAINTAINERS'
}

# fragment ARCH OPTION...: the small configuration, less what the options change,
# in $tmp/fragment
fragment()
{
	local arch=$1 option
	shift
	cat "$top/ci/builds/small.config" "$top/ci/builds/${arch/#*86*/x86}.config" >"$tmp/fragment"
	[ "$arch" = i386 ] || echo CONFIG_64BIT=y >>"$tmp/fragment"
	for option; do
		sed -i "/^CONFIG_${option%=*}=/d" "$tmp/fragment"
		echo "CONFIG_$option" >>"$tmp/fragment"
	done
}

# on OBJ OPTION
on() { grep -q "^CONFIG_$2=[ym]" "$1/.config"; }

# configured SRC OBJ FILE.c: whether Kbuild makes an object of it, by its Makefile
# and those of the folders above
configured()
{
	local src=$1 obj=$2 name=${3%.c}.o dir=${3%/*} base opt

	# One that others include is no object.
	grep -qE "\b${name##*/}\b" "$src/$dir/Makefile" || return 1
	while :; do
		base=${name##*/}
		# A file in a composite object goes with the folder that the object is in.
		opt=$(sed -e ':a;/\\$/N;s/\\\n//;ta' "$src/$dir/Makefile" |
			sed -nE "s/^obj-\\\$\\(CONFIG_(\w+)\\)\s*[+:]?=(.*\s)?${base//./\\.}\/?(\s.*)?$/\1/p" |
			head -n 1)
		[ -z "$opt" ] || on "$obj" "$opt" || return 1
		case $dir in */*) ;; *) return 0 ;; esac
		name=$dir dir=${dir%/*}
	done
}

# objects SRC OBJ FILE...: those of the files that Kbuild makes something of
objects()
{
	local src=$1 obj=$2 f
	shift 2
	for f; do
		! configured "$src" "$obj" "$f" || echo "${f%.c}.o"
	done
}

# warnings LOG FILE...: what a build had to say of the files, without line numbers
warnings()
{
	local log=$1 f
	shift
	for f; do
		sed -nE "s,^.*\b(${f//./\\.}):[0-9]+(:[0-9]+)?: ((warning|error): .*)$,\1: \3,p" "$log"
	done | sort -u
}

# expectation SRC OBJ: what boot.c shall find in a kernel
expectation()
{
	local src=$1 obj=$2 types=mnt fs="" depth=mount type

	! on "$obj" CGROUPS || types=$types,cgroup
	for type in ipc net pid time user uts; do
		! on "$obj" "${type^^}_NS" || types=$types,$type
	done
	! on "$obj" PROC_FS || fs=$fs,proc
	! on "$obj" SYSFS || fs=$fs,sysfs
	! on "$obj" NAMESPACE_FS || fs=$fs,namespacefs
	# Of use for the first patches, which do not have all yet.
	if on "$obj" PROC_FS && grep -q proc_namespaces_init "$src/fs/proc/root.c"; then
		fs=$fs,procns
	fi
	[ ! -f "$src/fs/namespacefs/file.c" ] || depth=all
	echo "types=$types fs=${fs#,} depth=$depth"
}

# build_boot SRC: the program that is alone in the guest, for both word sizes
build_boot()
{
	local src=$1 obj=$build/obj/headers bits

	mkdir -p "$obj" "$build/guest"
	make -s -C "$src" O="$obj" ARCH=x86_64 headers >"$obj/log" 2>&1 </dev/null ||
		die "the kernel's headers cannot be made; the whole log is in ${obj#"$top/"}/log"
	for bits in 32 64; do
		# nolibc's printf() hands memcpy() no buffer to write nothing to.
		gcc -m$bits -static -nostdlib -O2 -Wall -Wextra -Werror -Wno-nonnull -fno-pie -no-pie \
			-include nolibc.h -I"$src/tools/include/nolibc" -isystem "$obj/usr/include" \
			-o "$build/guest/boot-$bits" "$top/selftests/guest/boot.c"
	done
}

# compile NAME ARCH SRC OBJ TARGET...: build without a warning for the files that
# the series touches. Says why when it fails.
compile()
{
	local name=$1 arch=$2 src=$3 obj=$4 log=$4/build-$1.log f
	shift 4
	# What was warned of once is warned of again.
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
	local -a env
	[ "$arch" != um ] || target=linux image=linux
	[ "$arch" != i386 ] || bits=32
	compile "$name" "$arch" "$src" "$obj" "$target" || return 1
	read -ra env <<<"$(expectation "$src" "$obj")"
	ARCH=$arch BITS=$bits "$top/selftests/guest/boot.sh" "$obj/$image" "$out" "${env[@]}"
	python3 "$top/ci/results.py" "$out.out" "$out.log" >"$tmp/judged" || {
		grep -v '^SKIP' "$tmp/judged"
		echo "the kernel's log is in ${out#"$top/"}.log"
		return 1
	}
}

# strict NAME SRC OBJ FILE...: compile what is configured of the files with W=1 and
# sparse. Leaves what these have to say in $tmp/strict.
strict()
{
	local name=$1 src=$2 obj=$3 log=$3/strict-$1.log sparse f
	local -a objs
	shift 3
	mapfile -t objs < <(objects "$src" "$obj" "$@")
	: >"$log"
	[ "${#objs[@]}" != 0 ] || return 0
	sparse=$("$top/ci/sparse.sh" "$src") || return 1
	for f in "${objs[@]}"; do
		rm -f "$obj/$f"
	done
	kmake "$log" "$src" "$obj" W=1 C=1 CHECK="$sparse" "${objs[@]}" || {
		grep -E 'error:|Error' "$log" | head -n 5
		echo "it does not build; the whole log is in ${log#"$top/"}"
		return 1
	}
	grep -q '^  CHECK ' "$log" || { echo "sparse did not run"; return 1; }
}
