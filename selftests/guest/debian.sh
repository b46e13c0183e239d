#!/bin/bash
# debian.sh WHAT BZIMAGE FILE...: boot Debian with systemd on the kernel in QEMU, and
# have it run /guest/WHAT.sh, one of the files. They lie in build/guest/WHAT.share,
# which the guest can write to as /guest. Its output is left in build/guest/WHAT.out,
# the kernel's log in WHAT.log. Fails if the guest does not come to its end with 0.
#   DISK=IMAGE   boot from that and let it change, not from what rootfs.sh makes
. "$(dirname "$0")/../../ci/lib.sh"

what=$1 kernel=$2
shift 2
timeout=${GUEST_TIMEOUT:-1800}
dir=$build/guest
share=$dir/$what.share
disk=${DISK:-$("$top/ci/rootfs.sh"),snapshot=on}

rm -rf "$share" "$dir/$what.out" "$dir/$what.log"
mkdir -p "$share"
for file; do
	cp -rL "$file" "$share/"
done

mkdir -p "$cache"
exec 8>>"$cache/guest.lock"
flock -n 8 || { say "waiting for another guest to end"; flock 8; }

say "booting Debian (some 20 s to the first line)"
timeout --foreground "$timeout" qemu-system-x86_64 -accel "tcg,thread=multi" -cpu max -smp 2 -m 3072 \
	-nodefaults -display none -no-reboot -nic none -device virtio-rng-pci \
	-drive "if=virtio,format=raw,file=$disk" \
	-virtfs "local,path=$share,mount_tag=guest,security_model=none" \
	-kernel "$kernel" -append "root=/dev/vda rw console=ttyS0 panic=-1 loglevel=5 oops=panic systemd.show_status=0 guest=$what" \
	-serial "file:$dir/$what.log" -serial stdio </dev/null | sed -u 's/\r//g' | tee "$dir/$what.out" || :
if ! grep -q '^guest: end' "$dir/$what.out"; then
	tail -n 20 "$dir/$what.log" >&2
	die "the guest did not come to its end (it had $timeout s); the last lines of its kernel's log are above, the rest is in ${dir#"$top/"}/$what.log (GUEST_TIMEOUT= gives it more time)"
fi
grep -q '^guest: end 0' "$dir/$what.out" || die "what ran in the guest failed, see above"
