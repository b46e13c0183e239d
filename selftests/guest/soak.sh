#!/bin/sh
# shellcheck disable=SC1091,SC2154 # ci/test/soak.sh makes the environment
# In the Debian guest: everything at once for a while, and then each count as before.
. /guest/environment
fs=/sys/fs/namespaces

mount -t namespacefs none $fs
mkdir -p /tmp/box/bin /tmp/box/etc /tmp/box/proc /tmp/box/sys /tmp/box/dev /tmp/box/tmp
cp /bin/busybox /tmp/box/bin/
ln -s busybox /tmp/box/bin/sh
ln -s busybox /tmp/box/bin/true
cp /etc/os-release /tmp/box/etc/
tar -c -C /tmp/box . >/tmp/box.tar
chmod 644 /tmp/box.tar
loginctl enable-linger user
as_user() { runuser -l user -c "export XDG_RUNTIME_DIR=/run/user/1000; $1"; }
podman import -q /tmp/box.tar box >/dev/null
as_user 'podman import -q /tmp/box.tar box' >/dev/null

# How many there are of each type, and of inodes of namespacefs
counts()
{
	for type in cgroup ipc mnt net pid time user uts; do
		echo "$type $(find /proc/namespaces/ -name "$type:*" | wc -l)"
	done
	echo "inactive $(grep -c . $fs/inactive)"
}
# What is not reachable any more is freed.
memory()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^SUnreclaim|^Percpu|^KernelStack/ { sum += $2 } END { print sum }' /proc/meminfo
}

# As often as it goes, until the file is gone
again()
{
	while [ -e /tmp/soaking ]; do
		"$@" >/dev/null 2>&1
	done
}
in_container()
{
	unshare -Urmpf --mount-proc sh -c "mount -t namespacefs none $fs &&
		find $fs /proc/namespaces -type f -exec cat {} +; ls -l /proc/namespaces"
}
everything()
{
	again find $fs -type f -exec cat {} + &
	again ls -l /proc/namespaces &
	again /guest/nsls -t &
	again as_user "find $fs -type f -exec cat {} +; ls -l /proc/namespaces" &
	again in_container &
	again timeout 20 /guest/nswatch &
	again timeout 7 /guest/nswatch &
	again podman run --rm --network none box true &
	again as_user 'podman run --rm --network none box true' &
	again systemd-run --wait -q -p PrivateNetwork=yes -p PrivateTmp=yes -p PrivateUsers=yes true &
	stress-ng --timeout "$1" --temp-path /tmp --clone 1 --unshare 1 --procfs 1 --sysfs 1 \
		--getdent 1 --inotify 1 --fanotify 1 --mount 1 --dentry 1 --handle 1 >/tmp/stress 2>&1
	rm -f /tmp/soaking
	wait
}
# What ends late, as network namespaces do
as_before()
{
	for _ in $(seq 120); do
		counts >/tmp/after
		! cmp -s /tmp/before /tmp/after || return 0
		sleep 1
	done
	diff /tmp/before /tmp/after | sed 's/^/# /'
	return 1
}
n=0
result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n $2"; else echo "not ok $n $2"; fi
}

# The first minute makes what is made only once.
: >/tmp/soaking
everything 60
sleep 20
counts >/tmp/before
memory_before=$(memory)
: >/tmp/soaking
everything "$seconds"
echo TAP version 13
echo 1..3
sed 's/^/# /' /tmp/stress
grep -q 'successful run completed' /tmp/stress
result $? "stress-ng for $seconds s"
as_before
result $? "the number of namespaces is as before"
sleep 20
memory_after=$(memory)
echo "# memory of the kernel that cannot be reclaimed: $memory_before kB before, $memory_after kB after"
[ "$memory_after" -lt $((memory_before + memory_before / 20 + 4096)) ]
result $? "the kernel's memory is as before"
