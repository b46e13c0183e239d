#!/bin/sh
# In the Debian guest: load a policy of SELinux, enforce it, and look by lsm.c at what
# Yama, Landlock and SELinux deny. The counts of denials take each of them logged.
set -e
echo 0 >/proc/sys/kernel/printk_ratelimit
mountpoint -q /sys/fs/selinux || mount -t selinuxfs selinuxfs /sys/fs/selinux
cat /guest/lsm.policy >/sys/fs/selinux/load
echo 1 >/sys/fs/selinux/enforce
mount -t namespacefs none /sys/fs/namespaces
exec /guest/lsm
