#!/bin/bash
# shellcheck disable=SC2016 # apt-get and the guest expand their own
# rootfs.sh: have a Debian root file system with systemd and the container tools of
# make real in the user's cache, as an ext4 image, and print its path. The guest's
# programs are on a 9p share, so that one image serves all.
. "$(dirname "$0")/../lib/common.sh"

suite=trixie
packages=(systemd-sysv dbus libpam-systemd kmod procps iproute2 busybox-static
	podman crun uidmap systemd-container bubblewrap chromium stress-ng)

# Another list of packages is another image.
id=$(sha256sum <"$0" | cut -c1-12)
image=$cache/debian-$suite-$id.img
if [ -f "$image" ]; then
	echo "$image"
	exit 0
fi

lock
"$top/ci/build/packages.sh" rootfs
[ "$(id -u)" = 0 ] || die "making a root file system takes root; run make real as root once, or copy $image from where it is"
need_space "$cache" 6000 "the root file system"
mirror=$("$top/kernel-tree/fetch.sh" mirror)
work=$cache/rootfs.new
rm -rf "$work" "$cache"/debian-*.img.new
mkdir -p "$work"
trap 'rm -rf "$work" "$image.new"' EXIT

say "making a root file system of Debian $suite (some 400 MB to download, usually 2 to 5 minutes)"
mmdebstrap --quiet --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
	--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' --skip=cleanup/apt/lists,cleanup/reproducible \
	"$suite" "$work/root" \
	"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
	>"$work/log" 2>&1 </dev/null || {
	tail -n 5 "$work/log" >&2
	die "mmdebstrap failed, see above; see that the network works and run make again"
}
root=$work/root
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*

# Containers of root, and of a user with subordinate ids.
echo guest >"$root/etc/hostname"
printf '127.0.0.1 localhost guest\n' >"$root/etc/hosts"
chroot "$root" useradd -m -u 1000 -s /bin/bash user
for map in subuid subgid; do
	echo user:100000:65536 >"$root/etc/$map"
done
printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
mkdir -p "$root/guest"
: >"$root/etc/machine-id"
ln -sf /dev/null "$root/etc/systemd/system/serial-getty@ttyS0.service"
# A login or a timer would disturb the tests.
for unit in getty@tty1 systemd-networkd-wait-online apt-daily-upgrade.timer apt-daily.timer \
	e2scrub_all.timer dpkg-db-backup.timer; do
	case $unit in *.timer) ;; *) unit=$unit.service ;; esac
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# The kernel's command line says what to run, as in selftests/guest/init.
cat >"$root/etc/systemd/system/guest.service" <<-'END'
	[Unit]
	Description=What the guest was booted for
	After=multi-user.target
	ConditionKernelCommandLine=guest

	[Service]
	Type=oneshot
	ExecStart=/usr/local/sbin/guest
	StandardOutput=tty
	StandardError=tty
	TTYPath=/dev/ttyS1
	TimeoutStartSec=infinity
	Delegate=yes
END
cat >"$root/usr/local/sbin/guest" <<-'END'
	#!/bin/sh
	# Run /guest/WHAT.sh of the share, say how it ended, and switch off.
	stty -F /dev/ttyS1 -onlcr
	mount -t 9p -o trans=virtio,version=9p2000.L guest /guest
	what=$(sed -n 's/.*guest=\([a-z]*\).*/\1/p' /proc/cmdline)
	sh "/guest/$what.sh" </dev/null
	echo "guest: end $?"
	sync
	systemctl --no-block poweroff
END
chmod 755 "$root/usr/local/sbin/guest"
mkdir -p "$root/etc/systemd/system/graphical.target.wants"
ln -s ../guest.service "$root/etc/systemd/system/graphical.target.wants/"

rm -f "$cache"/debian-"$suite"-*.img
truncate -s 4G "$image.new"
mke2fs -q -t ext4 -d "$root" -L root "$image.new"
mv "$image.new" "$image"
echo "$image"
