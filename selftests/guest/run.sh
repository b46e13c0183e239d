#!/bin/bash
# run.sh WHAT BZIMAGE FILE...: boot the kernel in QEMU with busybox and the files,
# run /guest/WHAT.sh there, and leave its output in build/guest/WHAT.out and the
# kernel's log in WHAT.log. Fails if the guest does not come to its end with 0.
. "$(dirname "$0")/../../ci/lib.sh"

what=$1 kernel=$2
shift 2
timeout=${GUEST_TIMEOUT:-${DEBUG:+3}900}
dir=$build/guest
root=$dir/$what.root

rm -rf "$root"
mkdir -p "$root"/{bin,etc,guest}
cp /bin/busybox "$root/bin/"
install -m 755 "$top/selftests/guest/init" "$root/init"
for file; do
	cp -a "$file" "$root/guest/"
done
(cd "$root" && find . -print0 | sort -z |
	cpio -0 -o -H newc -R 0:0 --quiet) | gzip -1 >"$dir/$what.cpio.gz"
rm -rf "$root" "$dir/$what.out" "$dir/$what.log"

# One guest at a time, whoever wants another: they would time each other out.
mkdir -p "$cache"
exec 8>>"$cache/guest.lock"
flock -n 8 || { say "waiting for another guest to end"; flock 8; }

# No KVM: /dev/kvm can be there and hang every guest. TCG is fast enough.
machine=(-accel "tcg,thread=multi" -cpu max -smp 2)
parameters=
if [ -n "${COUNT:-}" ]; then
	machine=(-accel tcg -icount "shift=0,sleep=off" -cpu "max,-rdrand,-rdseed" -smp "$COUNT"
		-seed 1 -rtc "base=2025-01-01T00:00:00,clock=vm")
	parameters=" nokaslr norandmaps kunit.enable=0 nosoftlockup"
fi
# Without no_timer_check, a busy host makes the kernel take the timer for broken.
qemu=(qemu-system-x86_64 "${machine[@]}" -m "${GUEST_MEMORY:-2048}"
	-nodefaults -display none -no-reboot -nic none
	-kernel "$kernel" -initrd "$dir/$what.cpio.gz"
	-append "console=ttyS0 panic=-1 no_timer_check loglevel=7 oops=panic${DEBUG:+ panic_on_warn=1 kselftest_timeout=1200}$parameters guest=$what"
	-serial "file:$dir/$what.log" -serial stdio)

say "booting (3 s to the first line, half a minute with DEBUG=1)"
case $what in
shell)
	"${qemu[@]/stdio/mon:stdio}"
	exit
	;;
esac
timeout --foreground "$timeout" "${qemu[@]}" </dev/null | stdbuf -oL tr -d '\r' | tee "$dir/$what.out" ||
	:
if ! grep -q '^guest: end' "$dir/$what.out"; then
	tail -n 20 "$dir/$what.log" >&2
	die "the guest did not come to its end (it had $timeout s); the last lines of its kernel's log are above, the rest is in ${dir#"$top/"}/$what.log (GUEST_TIMEOUT= gives it more time)"
fi
grep -q '^guest: end 0' "$dir/$what.out" || die "what ran in the guest failed, see above"
