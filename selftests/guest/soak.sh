#!/bin/sh
# shellcheck disable=SC1091,SC2154 # ci/test/debian.sh makes the environment
# In the Debian guest: everything at once for a while. Then the numbers of namespaces and
# the kernel's memory have to be as before.
. /guest/environment
fs=/sys/fs/namespaces
debug=/sys/kernel/debug

mount -t namespacefs none $fs
mountpoint -q $debug || mount -t debugfs none $debug
[ ! -e $debug/kcsan ] || echo on >$debug/kcsan
mkdir -p /tmp/box/bin /tmp/box/etc /tmp/box/proc /tmp/box/sys /tmp/box/dev /tmp/box/tmp /tmp/ran
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

# again NAME COMMAND...: as often as it goes, until the file is gone. Keeps how often it
# succeeded, and what it said when it failed last.
again()
{
	name=$1 times=0
	shift
	while [ -e /tmp/soaking ]; do
		"$@" >/dev/null 2>"/tmp/ran/$name.err.new" && times=$((times + 1)) ||
			mv "/tmp/ran/$name.err.new" "/tmp/ran/$name.err"
	done
	echo "$times" >"/tmp/ran/$name"
}
# A file can go, or lose what it is about, between find and cat.
read_all() { find $fs -type f -exec cat {} + 2>/dev/null; ls -l /proc/namespaces/ 2>/dev/null; }
read_as_user() { as_user "find $fs -type f -exec cat {} + 2>/dev/null; ls -l /proc/namespaces/ 2>/dev/null"; }
read_in_container()
{
	unshare -Urmpf --mount-proc sh -c "mount -t namespacefs none $fs &&
		{ find $fs -type f -exec cat {} + 2>/dev/null; ls -l /proc/namespaces/; }"
}
watch() { timeout -s INT "$1" /guest/nswatch; [ $? = 124 ]; }
# stress SECONDS NAME: keeps with which status it ended, and how often it was started. On a
# slow machine, a stressor of stress-ng can end early, with status 0, and end the others of
# the same stress-ng. (That of sysfs forks children with an alarm of one second, for example.)
stress()
{
	end=$(($(date +%s) + $1)) starts=0 status=1
	while left=$((end - $(date +%s))) && [ $left -gt 0 ]; do
		starts=$((starts + 1))
		stress-ng --timeout $left --temp-path /tmp --oom-avoid "--$2" 1 >"/tmp/$2.log" 2>&1
		status=$?
		[ $status = 0 ] || break
	done
	echo "$status $starts" >"/tmp/$2.stressed"
}
stressed()
{
	bad=0
	[ "$(find /tmp -maxdepth 1 -name '*.stressed' | wc -l)" = 10 ] || bad=1
	for file in /tmp/*.stressed; do
		read -r status starts <"$file"
		name=${file##*/} name=${name%.*}
		echo "# stress-ng --$name: status $status, started $starts times"
		# One that ends at once each time does nothing.
		if [ "$status" != 0 ] || [ "$starts" -gt $((seconds / 60 + 1)) ]; then
			bad=1
			sed 's/^/# /' "/tmp/$name.log"
		fi
	done
	return $bad
}
everything()
{
	rm -f /tmp/ran/* /tmp/*.stressed
	: >/tmp/soaking
	again read read_all &
	again read-as-user read_as_user &
	again read-in-container read_in_container &
	again nsls /guest/nsls -t &
	again watch watch 20 &
	again watch-briefly watch 3 &
	again podman podman run --rm --network none box true &
	again podman-of-user as_user 'podman run --rm --network none box true' &
	again systemd-run systemd-run --wait -q -p PrivateNetwork=yes -p PrivateTmp=yes \
		-p PrivateUsers=yes true &
	pids=
	for stressor in clone unshare procfs sysfs getdent inotify fanotify umount dentry handle; do
		stress "$1" $stressor &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086 # a list
	wait $pids
	rm -f /tmp/soaking
	wait
}

counts()
{
	for type in cgroup ipc mnt net pid time user uts; do
		echo "$type $(find /proc/namespaces/ -name "$type:*" | wc -l)"
	done
	echo "inactive $(grep -c . $fs/inactive)"
}
# Network namespaces, for example, end late.
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
# In kB, what cannot be reclaimed. Shrinking a slab also frees what KASAN keeps of it.
memory()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	for file in /sys/kernel/slab/*/shrink; do
		echo 1 >"$file"
	done
	awk '/^SUnreclaim|^Percpu|^KernelStack/ { sum += $2 } END { print sum }' /proc/meminfo
}
slabs() { awk 'NR > 2 { print $1, $6 * $15 * 4 }' /proc/slabinfo | sort; }
# Twice: an object can move from one place to another during a scan.
scan()
{
	for _ in 1 2; do
		sleep 6
		echo scan >$debug/kmemleak
	done
}
no_leak()
{
	scan
	cat $debug/kmemleak >/tmp/leaks
	sed 's/^/# /' /tmp/leaks
	[ ! -s /tmp/leaks ]
}
all_ran()
{
	status=0
	for file in /tmp/ran/*; do
		case $file in *.err | *.new) continue ;; esac
		times=$(cat "$file")
		echo "# ${file##*/}: $times times"
		[ "$times" != 0 ] || { status=1; sed 's/^/# /' "$file.err"; }
	done
	return $status
}
n=0
result()
{
	status=$?
	n=$((n + 1))
	if [ $status = 0 ]; then echo "ok $n $1"; else echo "not ok $n $1"; fi
}

# What the boot leaks is not the load's. The root file system of the kernel leaks its
# parameters when it is unmounted, for example.
if [ -e $debug/kmemleak ]; then
	scan
	echo clear >$debug/kmemleak
fi
# The first two minutes make what is made only once.
everything 120
sleep 20
counts >/tmp/before
memory_before=$(memory)
slabs >/tmp/slabs
everything "$seconds"
echo TAP version 13
echo 1..5
stressed
result "stress-ng for $seconds s"
all_ran
result "readers, watchers and containers ran beside it"
as_before
result "the numbers of namespaces are as before"
memory_after=$(memory)
echo "# kB that cannot be reclaimed: $memory_before before, $memory_after after"
slabs | join /tmp/slabs - | awk '$3 - $2 >= 100 { print "# kB of the slab " $1 ": " $2 " before, " $3 " after" }'
[ "$memory_after" -lt $((memory_before + memory_before / 20 + 4096)) ]
result "the kernel's memory is as before"
if [ -e $debug/kmemleak ]; then
	no_leak
	result "kmemleak finds nothing"
else
	echo "ok 5 kmemleak # SKIP this kernel does not have it"
fi
