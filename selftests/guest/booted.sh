#!/bin/sh
# In the Debian guest: this is the kernel of the package with what its configuration
# promises, and namespacefs is mounted by the unit, if there is one, and by a line in fstab.
set -e
fs=/sys/fs/namespaces

uname -r
[ "$(uname -r)" = "$(cat /etc/expected-release)" ]
failed=$(systemctl --failed --no-legend --plain)
[ -z "$failed" ] || { echo "$failed"; exit 1; }
echo "$(grep -c . /proc/modules) modules are loaded"
if grep -q '^CONFIG_LSM=.*apparmor' "/boot/config-$(uname -r)"; then
	grep -x Y /sys/module/apparmor/parameters/enabled
	profiles=$(grep -c . /sys/kernel/security/apparmor/profiles)
	echo "AppArmor has $profiles profiles"
	[ "$profiles" != 0 ]
fi

# mounted_by PROPERTY FILE: namespacefs is mounted and works, and systemd has it from FILE
mounted_by()
{
	[ "$(findmnt -n -o FSTYPE $fs)" = namespacefs ]
	read -r id <"$fs/uts/$(readlink /proc/self/ns/uts | tr -dc 0-9)/id"
	[ "$id" -gt 0 ]
	systemctl show -P "$1" sys-fs-namespaces.mount | grep -x "$2"
}

if [ -f /etc/systemd/system/sys-fs-namespaces.mount ]; then
	mounted_by FragmentPath /etc/systemd/system/sys-fs-namespaces.mount
	systemctl disable --now sys-fs-namespaces.mount
	rm /etc/systemd/system/sys-fs-namespaces.mount
else
	echo "Documentation/ has no unit"
fi
findmnt -n $fs && exit 1
# The line in the comment of the unit.
line='none /sys/fs/namespaces namespacefs nofail 0 0'
[ ! -f /guest/sys-fs-namespaces.mount ] ||
	line=$(sed -n 's,^#[[:space:]]*\(none /sys/fs/namespaces .*\),\1,p' /guest/sys-fs-namespaces.mount)
echo "$line" | grep namespacefs
echo "$line" >>/etc/fstab
systemctl daemon-reload
systemctl start local-fs.target sys-fs-namespaces.mount
mounted_by SourcePath /etc/fstab
