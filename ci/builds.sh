#!/bin/bash
# builds.sh [ROW...]: build the series with parts of the kernel configured out, for
# 32 bits and for ARCH=um, boot it where that says more, and see that the views show
# what is there; build what the series touches with all warnings and sparse. Prints
# PASS or FAIL for each row of the table, or for those named, and the count. With
# WHAT=objects nothing is linked and booted.
. "$(dirname "$0")/lib.sh"

# name, ARCH, what to do, options without CONFIG_. "objects" compiles the files that
# the series touches, "boot" builds the whole and boots it. The rows of one ARCH share
# a build folder, in which make builds again only what the options have a say in.
# Without /proc, cgroup_init() warns that it cannot make a file there, so that row has
# no cgroups.
table='
all		x86_64	boot
uts		x86_64	objects	UTS_NS=n
time		x86_64	objects	TIME_NS=n
ipc		x86_64	objects	IPC_NS=n
sysvipc		x86_64	objects	SYSVIPC=n
mqueue		x86_64	objects	POSIX_MQUEUE=n
noipc		x86_64	objects	IPC_NS=n SYSVIPC=n POSIX_MQUEUE=n
net		x86_64	objects	NET_NS=n
nonet		x86_64	objects	NET_NS=n NET=n UNIX=n POSIX_MQUEUE=n
cgroup		x86_64	objects	CGROUPS=n
dnotify		x86_64	objects	DNOTIFY=n
inotify		x86_64	objects	INOTIFY_USER=n
fanotify	x86_64	objects	FANOTIFY=n
watches		x86_64	objects	DNOTIFY=n INOTIFY_USER=n FANOTIFY=n
fs		x86_64	objects	NAMESPACE_FS=n
namespaces	x86_64	objects	NAMESPACES=n UTS_NS=n TIME_NS=n IPC_NS=n USER_NS=n PID_NS=n NET_NS=n NAMESPACE_FS=n
none		x86_64	boot	UTS_NS=n TIME_NS=n IPC_NS=n USER_NS=n PID_NS=n NET_NS=n CGROUPS=n
user		x86_64	boot	USER_NS=n
pid		x86_64	boot	PID_NS=n
proc		x86_64	boot	PROC_FS=n CGROUPS=n
sysfs		x86_64	boot	SYSFS=n
32bit		i386	boot
um		um	boot
'

lock
"$top/ci/packages.sh" build guest strict
"$top/kernel-tree/tree.sh" stock
. "$(dirname "$0")/matrix.sh"

mapfile -t files < <(touched base series '*.c')
mapfile -t headers < <(touched base series '*.h')

# row NAME ARCH WHAT OPTION...
row()
{
	local name=$1 arch=$2 what=${WHAT:-$3} obj=$build/obj/builds-$2
	local -a compiled
	shift 3
	say "$name: $arch $*"
	fragment "$arch" "$@"
	ARCH=$arch "$top/ci/config.sh" "$tree" "$obj" "$tmp/fragment" || return 1
	mapfile -t compiled < <(for f in "${files[@]}"; do
		! configured "$tree" "$obj" "$f" || echo "$f"
	done)
	case $what in
	boot) link_and_boot "$name" "$arch" "$tree" "$obj" ;;
	objects) compile "$name" "$arch" "$tree" "$obj" "${compiled[@]/%.c/.o}" ;;
	esac
}

# strictly_in SRC OPTION... -- FILE...: what the compiler and sparse say in a kernel
# with all options of the files that the series touches; in $tmp/said
strictly_in()
{
	local src=$1 obj=$build/obj/builds-strict-${1##*/}
	shift
	: >"$tmp/fragment"
	for ((; $#; )); do
		[ "$1" != -- ] || { shift; break; }
		echo "CONFIG_$1" >>"$tmp/fragment"
		shift
	done
	say "strict: $# files of $(basename "$src") with W=1 and sparse under allmodconfig"
	ARCH=x86_64 CONFIG_BASE=allmodconfig "$top/ci/config.sh" "$src" "$obj" "$tmp/fragment" &&
		strict builds "$src" "$obj" "$@" &&
		warnings "$obj/strict-builds.log" "${files[@]}" "${headers[@]}" >"$tmp/said"
}

# The files of the series, and those beside them that include its headers. What
# is said of them without the series, too, is no fault of the series.
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
	echo "(what is said of stock, too: $(wc -l <"$tmp/ours") lines)"
}

build_boot "$tree"
mapfile -t names < <(awk 'NF { print $1 }' <<<"$table"; echo strict)
[ $# = 0 ] || names=("$@")
for name in "${names[@]}"; do
	line=$(awk -v name="$name" '$1 == name' <<<"$table")
	read -ra words <<<"$line"
	if [ "$name" = strict ]; then
		words=(strictly)
	elif [ -n "$line" ]; then
		words=(row "${words[@]}")
	else
		die "there is no row $name in the table of ci/builds.sh"
	fi
	start=$SECONDS
	if "${words[@]}"; then
		pass "$name ($((SECONDS - start)) s)"
	else
		fail "$name"
	fi
done
finish
