#!/bin/bash
# run.sh MACHINE WHAT KERNEL FILE...: boot a kernel, leave what the guest prints in
# build/guest/WHAT.out and the kernel's log in WHAT.log, and fail if the guest does not
# end with status 0. KERNEL is an image, or one that ci/build/kernel.sh builds, by its name.
# MACHINE is
#   busybox  an initramfs that runs /guest/WHAT.sh, one of the files
#   shell    the same with a prompt on this terminal
#   count    busybox, with a clock that advances 1 ns with each instruction, on CPUS= (1)
#   debian   Debian with systemd, which runs /guest/WHAT.sh; the files are on a second disk,
#            which stays as build/guest/WHAT.files; DISK= is an image to boot from and to
#            change, instead of that of ci/build/cached.sh, and INITRD= its initramfs
#   alone    FILE is the only process; ARCH=um runs the kernel as a process
# GUEST_ARGS= are more kernel parameters, GUEST_MEMORY= the memory in MiB and
# GUEST_TIMEOUT= the seconds that the guest may take.
. "$(dirname "$0")/../lib/common.sh"

machine=$1 what=$2 kernel=$3
shift 3
lock
"$top/ci/build/packages.sh" guest "guest-$arch"
case $kernel in series | debian | stock | mutant | topic) kernel=$(image "$kernel") ;; esac
[ -e "$kernel" ] || die "there is no kernel $kernel; run make kernel"
dir=$build/guest
out=$dir/$what.out log=$dir/$what.log initrd=$dir/$what.cpio
timeout=${GUEST_TIMEOUT:-${variant:+3}900} memory=2048
# No KVM: /dev/kvm can exist and hang every guest. TCG is fast enough.
qemu=(-accel "tcg,thread=multi" -cpu max -smp 2)
args="panic=-1 loglevel=7 oops=panic guest=$what"
[ "$flavour" != debug ] || args="$args panic_on_warn=1 slub_debug=FZP,mnt_cache,namespacefs*,\
net_namespace,ns_*,nsproxy,pid_namespace,user_namespace,uts_namespace"
# The first serial port has the kernel's log, and the second what the guest prints; a
# machine with one port has a console of virtio instead of the second.
bus=
case $arch in
# Without no_timer_check, the kernel takes the timer of a busy host for broken.
x86_64 | i386 | um) emulator=x86_64 args="console=ttyS0 no_timer_check $args" ;;
# Emulated pointer authentication takes half of the time.
arm64) emulator=aarch64 bus=device args="console=ttyAMA0 $args" qemu+=(-M virt -cpu "max,pauth-impdef=on") ;;
riscv64) emulator=riscv64 bus=device args="console=ttyS0 $args" qemu+=(-M virt -cpu rv64) ;;
s390x) emulator=s390x bus=ccw args="console=ttysclp0 $args" ;;
esac
output=(-serial stdio)
[ -z "$bus" ] || {
	output=(-device "virtio-serial-$bus" -device "virtconsole,chardev=output"
		-chardev "stdio,id=output,signal=off")
	args="$args output=hvc0"
	case $machine in
	busybox | shell) ;;
	*) die "the machine $machine boots x86_64 only; leave ARCH=$arch out" ;;
	esac
}

root=$dir/$what.root
rm -rf "$root" "$out" "$log"
mkdir -p "$root"
case $machine in
busybox | shell | count)
	mkdir "$root"/{bin,etc,guest}
	cp "$("$top/ci/build/cached.sh" busybox)" "$root/bin/busybox"
	install -m 755 "$top/selftests/guest/init" "$root/init"
	[ $# = 0 ] || cp -a "$@" "$root/guest/"
	;;
debian)
	timeout=${GUEST_TIMEOUT:-1800} memory=3072
	cp -rL "$@" "$root/"
	rm -f "$dir/$what.files"
	truncate -s 1G "$dir/$what.files"
	mke2fs -q -t ext4 -d "$root" "$dir/$what.files"
	disk=${DISK:-$("$top/ci/build/cached.sh" rootfs),snapshot=on}
	qemu+=(-device virtio-rng-pci -drive "if=virtio,format=raw,file=$disk"
		-drive "if=virtio,format=raw,file=$dir/$what.files")
	[ -z "${INITRD:-}" ] || qemu+=(-initrd "$INITRD")
	args="root=/dev/vda rw systemd.show_status=0 $args loglevel=5"
	;;
alone)
	timeout=${GUEST_TIMEOUT:-120} memory=256
	cp "$1" "$root/init"
	qemu=(-accel tcg -cpu max)
	args="$args kunit.enable=0 end=restart"
	;;
*) die "$machine is no machine; see ${0#"$top/"}" ;;
esac
if [ "$machine" = count ]; then
	timeout=${GUEST_TIMEOUT:-3600}
	qemu=(-accel tcg -icount "shift=0,sleep=off" -cpu "max,-rdrand,-rdseed" -smp "${CPUS:-1}"
		-seed 1 -rtc "base=2025-01-01T00:00:00,clock=vm")
	args="$args nokaslr norandmaps kunit.enable=0 nosoftlockup"
fi
if [ "$machine" != debian ]; then
	(cd "$root" && find . -print0 | sort -z | cpio -0 -o -H newc -R 0:0 --quiet) >"$initrd"
	qemu+=(-initrd "$initrd")
fi
rm -rf "$root"
qemu=("qemu-system-$emulator" "${qemu[@]}" -m "${GUEST_MEMORY:-$memory}" -nodefaults -display none
	-no-reboot -nic none -kernel "$kernel" -append "$args ${GUEST_ARGS:-}")

# One guest at a time, of all clones of this user: two would exceed their time limits.
# A guest that counts instructions does not depend on time, and runs with low priority.
mkdir -p "$cache"
exec 8>>"$cache/guest.lock"
if [ "$machine" = count ]; then
	qemu=(nice -n 19 "${qemu[@]}")
else
	flock -n 8 || { say "waiting for another guest to end"; flock 8; }
fi

say "booting (3 s to the first line, half a minute with DEBUG=1, 20 s for Debian)"
[ "$machine$bus" != shell ] || output=(-serial mon:stdio)
[ "$machine" != shell ] || exec "${qemu[@]}" -serial "file:$log" "${output[@]}"
case $machine,${ARCH:-} in
alone,um)
	# shellcheck disable=SC2054,SC2206 # fd:0,fd:1 is one word, GUEST_ARGS several
	run=("$kernel" mem=128M con=null con0=fd:0,fd:1 "initrd=$initrd" loglevel=7 end=off ${GUEST_ARGS:-})
	;;
alone,*) run=("${qemu[@]}" -serial stdio) ;;
*) run=("${qemu[@]}" -serial "file:$log" "${output[@]}") ;;
esac
{ [ "$machine" != alone ] || exec 2>&1; exec timeout --foreground "$timeout" "${run[@]}" </dev/null; } |
	stdbuf -oL tr -d '\r' | tee "$out" || :
if [ "$machine" = alone ]; then
	# One console: the program's own lines are KTAP.
	mv "$out" "$log"
	grep -E '^(TAP version|1\.\.|ok |not ok |# |[a-z0-9-]+ (fault|none|unknown): |guest: end)' "$log" >"$out" || :
fi
if ! grep -q '^guest: end' "$out"; then
	tail -n 20 "$log" >&2
	die "the guest did not come to its end (it had $timeout s); the last lines of its kernel's log are above, the rest is in ${log#"$top/"} (GUEST_TIMEOUT= gives it more time)"
fi
grep -q '^guest: end 0' "$out" || die "the program in the guest failed, see above"
