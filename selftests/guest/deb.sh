#!/bin/sh
# In the Debian guest: install the packages of make deb, and leave what the next boot
# needs: the kernel and its initramfs beside this script, the unit enabled.
set -e
dpkg -i /guest/*.deb >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
grep '^Setting up' /tmp/log
package=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 'linux-image-*' | sed -n 's/ installed$//p')
[ "$(echo "$package" | wc -l)" = 1 ] || { echo "installed: $package"; exit 1; }
release=${package#linux-image-}
[ "$release" != "$(uname -r)" ] || { echo "this is the kernel of the package already"; exit 1; }
dpkg -L "$package" | grep -x "/boot/vmlinuz-$release"
grep -x 'CONFIG_NAMESPACE_FS=y' "/boot/config-$release"
cp "/boot/vmlinuz-$release" /guest/vmlinuz
cp "/boot/initrd.img-$release" /guest/initrd
echo "$release" >/etc/expected-release
if [ -f /guest/sys-fs-namespaces.mount ]; then
	cp /guest/sys-fs-namespaces.mount /etc/systemd/system/
	systemctl enable sys-fs-namespaces.mount
fi
