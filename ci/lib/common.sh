# shellcheck shell=bash
# What every script needs. Read with: . "$(dirname "$0")/../lib/common.sh"

set -eu

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/namespacefs
me=$(basename "$0")
export LC_ALL=C
# The options of this make must not reach the kernel's own.
unset MAKEFLAGS MAKEOVERRIDES MFLAGS
# All builds share one compiler cache.
export CCACHE_DIR=$cache/ccache CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=5G

say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: error: %s\n' "$me" "$*" >&2; exit 1; }

# Take the lock of this repository. A script that another one calls inherits it.
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

# KERNEL_TREE has trees and build folders of its own, named after its path.
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
mutant=$build/mutant/kernel-tree/linux
topic=$build/topic/kernel-tree/linux

# A flavour adds ci/config/FLAVOUR.config to the kernel. DEBUG=1 is FLAVOUR=debug.
flavour=${FLAVOUR:-${DEBUG:+debug}}
[ "$flavour" = "${DEBUG:+debug}" ] || [ -z "${DEBUG:-}" ] ||
	die "DEBUG=1 is FLAVOUR=debug, and FLAVOUR=$flavour is another kernel; set one of them"

# Options of make that would differ from build to build are fixed.
kernel_options=(KBUILD_BUILD_TIMESTAMP=2026-01-01 KBUILD_BUILD_USER=namespacefs
	KBUILD_BUILD_HOST=namespacefs KBUILD_BUILD_VERSION=1 "HOSTCC=ccache gcc")

# ARCH is the architecture of the guest. cross_user is the compiler's prefix for its
# programs, debian_arch Debian's name of it.
arch=${ARCH:-x86_64} cross_kernel='' cross_user='' debian_arch=amd64
boot_target=bzImage boot_image=arch/x86/boot/bzImage
case $arch in
x86_64 | um) ;;
i386) cross_user=i686-linux-gnu- debian_arch=i386 ;;
arm64)
	cross_kernel=aarch64-linux-gnu- debian_arch=arm64
	boot_target=Image boot_image=arch/arm64/boot/Image
	kernel_options+=(ARCH=arm64)
	;;
riscv64)
	cross_kernel=riscv64-linux-gnu- debian_arch=riscv64
	boot_target=Image boot_image=arch/riscv/boot/Image
	kernel_options+=(ARCH=riscv)
	;;
s390x)
	cross_kernel=s390x-linux-gnu- debian_arch=s390x
	boot_image=arch/s390/boot/bzImage
	kernel_options+=(ARCH=s390)
	;;
*) die "ARCH=$arch is not known; take x86_64, i386, arm64, riscv64 or s390x" ;;
esac
cross_user=${cross_user:-$cross_kernel}
case $flavour in
'' | debug | faults | gcov | kcsan | lsm | rt) kernel_options+=("CC=ccache ${cross_kernel}gcc") ;;
clang) kernel_options+=("CC=ccache clang-19" LLVM=-19) ;;
# 32-bit programs on a 64-bit kernel
compat)
	[ "$arch" = x86_64 ] || die "FLAVOUR=compat is for x86_64 alone; leave ARCH out"
	cross_user=i686-linux-gnu-
	kernel_options+=("CC=ccache gcc")
	;;
*) die "FLAVOUR=$flavour is not known; take debug, rt, kcsan, clang or compat" ;;
esac
[ -z "$cross_kernel" ] || kernel_options+=(CROSS_COMPILE="$cross_kernel")
variant=${flavour:+-$flavour}
case $arch in x86_64 | um) ;; *) variant=$variant-$arch ;; esac

# objdir series|debian|stock|mutant|topic: the build folder of that kernel. The path from it to the
# source is equally long for each, or the compiler cache would miss.
objdir()
{
	case $1 in
	series | debian) echo "$build/obj/$1$variant" ;;
	*) echo "$build/$1/build/obj/$1$variant" ;;
	esac
}

# image series|debian|stock|mutant|topic: the kernel itself
image()
{
	local dir=$build

	[ "$1" = series ] || dir=$build/$1
	echo "$dir${variant:+/${variant#-}}/${boot_image##*/}"
}

# kmake LOG SRC OBJ ARG...: make in a kernel tree; show the progress, log everything
kmake()
{
	local log=$1 src=$2 obj=$3
	shift 3
	(
		exec 9>&-
		make -C "$src" O="$obj" "${kernel_options[@]}" LOCALVERSION= -j"$(nproc)" "$@" \
			2>&1 </dev/null || echo "BUILD FAILED"
	) | tee "$log" | awk '
		/^  (CC|AS|LD|AR) / { n++; if (systime() >= t + 20) { t = systime(); printf "    %d objects, %s\n", n, $NF; fflush() } next }
		/warning:|error:|undefined reference|^make.*Error|^dpkg-deb: building/ && ++bad <= 20 { print; fflush() }' >&2
	! tail -n 1 "$log" | grep -q '^BUILD FAILED'
}
