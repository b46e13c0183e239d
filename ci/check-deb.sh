#!/bin/bash
# check-deb.sh: install the packages of make deb in a Debian guest, boot that with
# the kernel that it has now, and mount namespacefs there as people do: by the unit
# and by a line in fstab. Prints PASS or FAIL for each, and the count.
. "$(dirname "$0")/lib.sh"

[ -z "${CONFIG:-}" ] || die "a kernel with CONFIG=$CONFIG may need a boot loader and an initramfs; this boots the default one"
lock
"$top/ci/packages.sh" guest
"$top/ci/deb.sh"
"$top/ci/kernel.sh" series
. "$top/ci/checks.sh"

# A disk of the guest's own: it changes, and the cached one does not.
disk=$build/guest/deb.img
trap 'rm -rf "$tmp" "$disk"' EXIT
mkdir -p "$build/guest"
cp --sparse=always "$("$top/ci/rootfs.sh")" "$disk"
unit=$top/Documentation/sys-fs-namespaces.mount
[ -f "$unit" ] || unit=

guest() { DISK=$disk "$top/selftests/guest/debian.sh" "$@" </dev/null; }

installs()
{
	guest deb "$build/bzImage" "$build"/deb/*.deb "$top/selftests/guest/deb.sh" ${unit:+"$unit"}
}
# As a boot loader does: the kernel is the one that the package put into /boot.
boots()
{
	cp "$build/guest/deb.share/vmlinuz" "$build/guest/vmlinuz" &&
		guest booted "$build/guest/vmlinuz" "$top/selftests/guest/booted.sh" ${unit:+"$unit"}
}

check "the packages install in Debian" installs
check "Debian boots with them, and mounts by the unit and by fstab" boots
cat "$build"/guest/{deb,booted}.out 2>/dev/null | sed '/^guest: end/d;s/^/    /'
sum
