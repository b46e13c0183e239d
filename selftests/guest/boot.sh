#!/bin/bash
# boot.sh KERNEL OUT ENV...: boot the kernel with build/guest/boot-BITS alone, or
# with PROGRAM=, with what it shall expect, and leave what it prints in OUT.out and
# the kernel's log in OUT.log. A kernel of ARCH=um is run as it is, any other in QEMU.
. "$(dirname "$0")/../../ci/lib.sh"

kernel=$1 out=$2
shift 2
bits=64
[ "${BITS:-64}" = 64 ] || bits=32
root=$out.root
rm -rf "$root" "$out.out" "$out.log"
mkdir -p "$root"
cp "${PROGRAM:-$build/guest/boot-$bits}" "$root/init"
(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) >"$out.cpio"
rm -rf "$root"

# One guest at a time, as in run.sh.
mkdir -p "$cache"
exec 8>>"$cache/guest.lock"
flock -n 8 || { say "waiting for another guest to end"; flock 8; }
if [ "${ARCH:-}" = um ]; then
	timeout 120 "$kernel" mem=128M con=null con0=fd:0,fd:1 initrd="$out.cpio" \
		loglevel=7 end=off "$@"
else
	timeout 120 qemu-system-x86_64 -accel tcg -cpu max -m 256 -nodefaults -display none \
		-no-reboot -nic none -kernel "$kernel" -initrd "$out.cpio" -serial stdio \
		-append "console=ttyS0 panic=-1 no_timer_check loglevel=7 oops=panic kunit.enable=0 end=restart $*"
fi </dev/null 2>&1 | tr -d '\r' >"$out.log" || :
rm -f "$out.cpio"
# The program's own lines, without what the kernel has to say among them.
grep -E '^(TAP version|1\.\.|ok |not ok |# |guest: end)' "$out.log" >"$out.out" || :
