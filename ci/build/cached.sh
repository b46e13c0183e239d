#!/bin/bash
# shellcheck disable=SC2016 # apt-get and the guest expand their own
# cached.sh busybox|lsns|sparse|rootfs|cloud: have what this machine's packages do not
# give, in the user's cache, and print its path. Delete it there to get a newer one.
#   busybox  a static busybox for the guest's architecture
#   lsns     a folder with the newest lsns of Debian, which is in sid, and its libraries. It
#            runs anywhere as DIR/ld.so --library-path DIR DIR/lsns; DIR/version has its
#            package's version
#   sparse   a sparse that the kernel takes: the installed one, or that of sid with its own C
#            library, since the kernel needs a newer one than a stable Debian has
#   rootfs   an ext4 image of Debian with systemd and the container tools of make real. The
#            guest's programs are on another disk, so that one image serves all
#   cloud    the configuration of Debian's kernel for clouds, of the base of the series
. "$(dirname "$0")/../lib/common.sh"

# unpack DIR PACKAGE...: of sid
unpack()
{
	local dir=$1 package deb

	shift
	rm -rf "$dir"
	mkdir -p "$dir"
	for package; do
		deb=$("$top/kernel-tree/fetch.sh" sid "$package")
		dpkg-deb -x "$deb" "$dir"
		[ "$package" != util-linux ] || dpkg-deb -f "$deb" Version >"$dir/version"
		rm -f "$deb"
	done
}

busybox()
{
	local busybox=$cache/busybox-$debian_arch deb

	if [ "$debian_arch" = amd64 ]; then
		busybox=/bin/busybox
	elif [ ! -x "$busybox" ]; then
		deb=$("$top/kernel-tree/fetch.sh" trixie busybox-static "$debian_arch")
		dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/bin/busybox >"$busybox.new"
		chmod +x "$busybox.new"
		mv "$busybox.new" "$busybox"
		rm "$deb"
	fi
	echo "$busybox"
}

lsns()
{
	local dir=$cache/lsns file missing
	local new=$dir.new root=$dir.new/root

	[ ! -x "$dir/lsns" ] || { echo "$dir"; return; }
	lock
	rm -rf "$new"
	trap 'rm -rf "$cache/lsns.new"' EXIT
	unpack "$root" util-linux libsmartcols1 libmount1 libblkid1 libselinux1 libpcre2-8-0 \
		libsystemd0 libc6
	find "$root" -name '*.so*' ! -type d -exec cp -L {} "$new/" \;
	cp -L "$(find "$root" -name 'ld-linux-*.so.2' -o -name 'ld-*.so.1' | head -n 1)" "$new/ld.so"
	mv "$root/usr/bin/lsns" "$root/version" "$new/"
	rm -rf "$root"
	# Of the packages' libraries, those that it needs.
	"$new/ld.so" --library-path "$new" --list "$new/lsns" >"$new/list" || :
	for file in "$new"/*.so*; do
		case $file in */ld.so) continue ;; esac
		grep -qF "/${file##*/} " "$new/list" || rm "$file"
	done
	# A library that is not in the folder would be this machine's, or missing.
	missing=$(grep '=>' "$new/list" | awk -v dir="$new/" 'index($3, dir) != 1 { printf "%s ", $1 }')
	[ -z "$missing" ] ||
		die "lsns of sid needs more libraries: $missing; name the packages that have them in ${0#"$top/"}"
	rm "$new/list"
	"$new/ld.so" --library-path "$new" "$new/lsns" --version >/dev/null ||
		die "lsns of sid does not run with the libraries of sid, see above"
	rm -rf "$dir"
	mv "$new" "$dir"
	echo "$dir"
}

# takes SPARSE: whether the kernel takes it
takes() { [ "$("$tree/scripts/checker-valid.sh" "$1" 2>/dev/null)" = 1 ]; }

sparse()
{
	local sparse own=$cache/sparse

	sparse=$(type -P sparse || :)
	! takes "$sparse" || { echo "$sparse"; return; }
	if ! takes "$own/sparse"; then
		unpack "$own.new" libc6 sparse
		cat >"$own.new/sparse" <<-'END'
			#!/bin/sh
			own=${0%/*} lib=${0%/*}/usr/lib/x86_64-linux-gnu
			exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$own/usr/bin/sparse" "$@"
		END
		chmod +x "$own.new/sparse"
		rm -rf "$own"
		mv "$own.new" "$own"
		takes "$own/sparse" || die "neither the sparse of this system nor that of Debian sid is good enough for this kernel; build the newest and put it first in PATH"
	fi
	echo "$own/sparse"
}

rootfs()
{
	local suite=trixie image id mirror work root map unit packages
	packages=(systemd-sysv dbus libpam-systemd kmod procps iproute2 busybox-static
		initramfs-tools zstd apparmor
		podman crun uidmap systemd-container bubblewrap chromium stress-ng)

	# Another list of packages is another image.
	id=$(declare -f rootfs | sha256sum | cut -c1-12)
	image=$cache/debian-$suite-$id.img
	[ ! -f "$image" ] || { echo "$image"; return; }

	lock
	"$top/ci/build/packages.sh" rootfs
	[ "$(id -u)" = 0 ] || die "making a root file system takes root; run make real as root once, or copy $image from where it is"
	need_space "$cache" 6000 "the root file system"
	mirror=$("$top/kernel-tree/fetch.sh" mirror)
	work=$cache/rootfs.new
	rm -rf "$work" "$cache"/debian-*.img.new
	mkdir -p "$work"
	trap 'rm -rf "$cache"/{rootfs,debian-*.img}.new' EXIT

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
		# Run /guest/WHAT.sh of the other disk, say how it ended, and switch off.
		stty -F /dev/ttyS1 -onlcr
		mount /dev/vdb /guest
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
}

cloud()
{
	local config deb

	. "$top/kernel-tree/base"
	config=$cache/config-cloud-amd64-$VERSION
	if [ ! -f "$config" ]; then
		deb=$("$top/kernel-tree/fetch.sh" "$SUITE" "${PACKAGE/source/config}")
		dpkg-deb --fsys-tarfile "$deb" |
			tar -xO "./usr/src/${PACKAGE/source/config}/config.amd64_none_cloud-amd64.xz" |
			xz -d >"$config.new"
		[ -s "$config.new" ] || die "$deb has no configuration of a kernel for clouds; see what it has by dpkg-deb -c"
		mv "$config.new" "$config"
		rm -f "$deb"
	fi
	echo "$config"
}

case $1 in
busybox | lsns | sparse | rootfs | cloud) "$1" ;;
*) die "there is no $1; see ${0#"$top/"}" ;;
esac
