#!/bin/bash
# busybox.sh: print the path of a static busybox for the guest's architecture. If it
# is not that of this machine, busybox is downloaded from Debian to the user's cache.
. "$(dirname "$0")/../lib/common.sh"

busybox=/bin/busybox
if [ "$debian_arch" != amd64 ]; then
	busybox=$cache/busybox-$debian_arch
	if [ ! -x "$busybox" ]; then
		deb=$("$top/kernel-tree/fetch.sh" trixie busybox-static "$debian_arch")
		dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/bin/busybox >"$busybox.new"
		chmod +x "$busybox.new"
		mv "$busybox.new" "$busybox"
		rm "$deb"
	fi
fi
echo "$busybox"
