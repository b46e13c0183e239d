#!/bin/bash
# debian.sh real: boot Debian on the series with systemd, start container tools there
# and find the containers by the views. The transcript goes to Documentation/real.txt.
# debian.sh deb: install the packages of make deb in Debian, boot it with the kernel that
# it has then, and mount namespacefs by the unit and by a line in fstab.
. "$(dirname "$0")/../lib/common.sh"

[ "$1" != deb ] || [ -z "${CONFIG:-}" ] ||
	die "a kernel with CONFIG=$CONFIG may need a boot loader and an initramfs, and make check-deb has neither; leave CONFIG out"
lock
"$top/ci/build/packages.sh" guest
[ "$1" != deb ] || "$top/ci/build/deb.sh"
"$top/ci/build/kernel.sh" series
. "$top/ci/lib/tally.sh"
guest=$build/guest programs=$top/selftests/guest unit=$top/Documentation/sys-fs-namespaces.mount
mkdir -p "$guest"

if [ "$1" = real ]; then
	for name in nsls nswatch; do
		gcc -static -O2 -Wall -Werror -o "$guest/$name" "$tree/samples/namespacefs/$name.c"
	done
	gcc -static -O2 -Wall -Werror -o "$guest/keep" "$programs/keep.c"
	lsns=$("$top/ci/guest/lsns.sh")
	"$top/ci/guest/run.sh" debian real series "$programs"/{real,discover}.sh "$unit" \
		"$guest"/{keep,nsls,nswatch} "$lsns"
	{
		echo "What make real printed last. It starts containers and sandboxes in Debian on the"
		echo "kernel of the series and finds them; selftests/guest/real.sh says how."
		sed '/^guest: end/d' "$guest/real.out"
	} >"$guest/real.txt"
	if [ -z "${KERNEL_TREE:-}${DEBUG:-}" ]; then
		cp "$guest/real.txt" "$top/Documentation/real.txt"
		say "Documentation/real.txt has the transcript"
	fi
	exit 0
fi

# The packages change the disk: use a copy of the one in the cache.
export DISK=$guest/deb.img
trap 'rm -rf "$tmp" "$DISK"' EXIT
cp --sparse=always "$("$top/ci/guest/rootfs.sh")" "$DISK"

installs() { "$top/ci/guest/run.sh" debian deb series "$build"/deb/*.deb "$programs/deb.sh" "$unit"; }
# As a boot loader does: with the kernel that the package put into /boot.
boots()
{
	cp "$guest/deb.share/vmlinuz" "$guest/vmlinuz" &&
		"$top/ci/guest/run.sh" debian booted "$guest/vmlinuz" "$programs/booted.sh" "$unit"
}

check "the packages install in Debian" installs
check "Debian boots with them, and mounts by the unit and by fstab" boots
cat "$guest"/{deb,booted}.out 2>/dev/null | sed '/^guest: end/d;s/^/    /'
finish
