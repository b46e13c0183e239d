# shellcheck shell=bash
# What the scripts share. Read with: . "$(dirname "$0")/../ci/lib.sh"

set -eu

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/namespacefs
me=$(basename "$0")
export LC_ALL=C
# One build finds in the compiler cache what another left there.
export CCACHE_DIR=$cache/ccache CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=5G

say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: error: %s\n' "$me" "$*" >&2; exit 1; }

# Everything that writes here does so alone. Children inherit the lock.
lock()
{
	[ -z "${NAMESPACEFS_LOCK:-}" ] || return 0
	exec 9>>"$top/.lock"
	flock -n 9 || die "another make is at work in $top; wait for it to end, or stop it"
	export NAMESPACEFS_LOCK=1
}

# need_space DIR MIB WHAT
need_space()
{
	local free

	mkdir -p "$1" 2>/dev/null || die "cannot make the directory $1"
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] ||
		die "$3 needs $2 MiB in $1, and $free MiB are free; make room there"
}

# A tree of the user's own has folders of its own, named after its path.
tree=$top/kernel-tree/linux
build=$top/build
if [ -n "${KERNEL_TREE:-}" ]; then
	own=$(cd "$KERNEL_TREE" 2>/dev/null && pwd -P) ||
		die "KERNEL_TREE=$KERNEL_TREE is no directory; name one with a Linux source tree"
	[ -f "$own/Kbuild" ] && [ -f "$own/MAINTAINERS" ] && [ -f "$own/kernel/nstree.c" ] ||
		die "KERNEL_TREE=$own holds no Linux source tree of version 6.19 or later"
	id=own-$(printf %s "$own" | sha256sum | cut -c1-8)
	tree=$top/kernel-tree/$id
	build=$top/build/$id
fi
stock=$build/stock/kernel-tree/linux

# objdir series|stock|mutant: where that kernel is built. From each it is as far to its
# source, so that the compiler cache has for one what was compiled for another.
objdir()
{
	[ "$1" = series ] && echo "$build/obj/series" || echo "$build/$1/build/obj/$1"
}

# kmake LOG SRC OBJ ARG...: make in a kernel tree, with what is on its way shown
# and the whole in a log. What would differ from build to build is fixed.
kmake()
{
	local log=$1 src=$2 obj=$3
	shift 3
	(
		exec 9>&-
		make -C "$src" O="$obj" CC="ccache gcc" HOSTCC="ccache gcc" LOCALVERSION= \
			KBUILD_BUILD_TIMESTAMP=2026-01-01 KBUILD_BUILD_USER=namespacefs \
			KBUILD_BUILD_HOST=namespacefs KBUILD_BUILD_VERSION=1 \
			-j"$(nproc)" "$@" 2>&1 </dev/null || echo "BUILD FAILED"
	) | tee "$log" | awk '
		/^  (CC|AS|LD|AR) / { n++; if (systime() >= t + 20) { t = systime(); printf "    %d objects, %s\n", n, $NF } next }
		/warning:|error:|undefined reference|^make.*Error/ && ++bad <= 20 { print }
		{ fflush() }' >&2
	! tail -n 1 "$log" | grep -q '^BUILD FAILED'
}

# scratch_tree DIR: have a work tree of the series' tree there, for what people have
# checked out to stay as it is. The series' tree may have been made anew since.
scratch_tree()
{
	git -C "$1" rev-parse -q --verify HEAD >/dev/null 2>&1 && return
	rm -rf "$1"
	mkdir -p "${1%/*}"
	git -C "$tree" worktree prune
	git -C "$tree" worktree add -q --detach "$1" HEAD
}
