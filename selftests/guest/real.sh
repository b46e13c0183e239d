#!/bin/sh
# shellcheck disable=SC2317 # wait_for calls functions
# In the Debian guest: start containers and sandboxes by common tools, as root and as a
# user, without a network, and find each in both views.
fs=/sys/fs/namespaces
bad=0

title() { printf '\n# %s\n' "$*"; }
missing() { echo "MISSING: $*"; bad=1; }

# inum PID TYPE
inum() { readlink "/proc/$1/ns/$2" | tr -dc 0-9; }

# as_user COMMAND: in a session of the user
as_user() { runuser -l user -c "export XDG_RUNTIME_DIR=/run/user/1000; $1"; }

# wait_for SECONDS COMMAND: until it succeeds
wait_for()
{
	left=$1
	shift
	until "$@" 2>/dev/null; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 1
	done
}

# started TOOL NAME UID PID: record a container that UID started by TOOL, with the first
# process PID, by TOOL, and the host name NAME (- if it has the machine's)
started()
{
	if [ -z "$4" ] || [ ! -d "/proc/$4" ]; then
		missing "$1: did not start"
		return
	fi
	echo "$*" >>/tmp/started
}

title 'the mount'
if [ -f /guest/sys-fs-namespaces.mount ]; then
	cp /guest/sys-fs-namespaces.mount /etc/systemd/system/
	systemctl daemon-reload
	systemctl start sys-fs-namespaces.mount
	echo "by systemctl start sys-fs-namespaces.mount"
else
	mount -t namespacefs none $fs
	echo "by mount -t namespacefs none $fs"
fi
mountpoint -q $fs || missing "$fs is not mounted"

title 'the machine'
uname -sr
. /etc/os-release
echo "$PRETTY_NAME, $(systemctl --version | head -n 1)"
podman --version
crun --version | head -n 1
bwrap --version
chromium --version 2>/dev/null

watch=
if [ -x /guest/nswatch ]; then
	/guest/nswatch >/tmp/watch 2>&1 &
	watch=$!
	sleep 2
fi

# A root file system for containers: busybox.
mkdir -p /tmp/box/bin /tmp/box/etc /tmp/box/usr /tmp/box/proc /tmp/box/sys /tmp/box/dev /tmp/box/tmp
cp /bin/busybox /tmp/box/bin/
for name in sh sleep hostname; do
	ln -s busybox /tmp/box/bin/$name
done
cp /etc/os-release /tmp/box/etc/
tar -c -C /tmp/box . >/tmp/box.tar
chmod 644 /tmp/box.tar
: >/tmp/started

title 'what is started'
say_run() { echo "\$ $*"; }

say_run podman run -d --network none --hostname ship --name ship box sleep 1000
podman import -q /tmp/box.tar box >/dev/null 2>/tmp/err &&
	podman run -d --network none --hostname ship --name ship box sleep 1000 >/dev/null 2>>/tmp/err ||
	cat /tmp/err
started podman ship 0 "$(podman inspect -f '{{.State.Pid}}' ship 2>/dev/null)"

say_run crun run -d --bundle /tmp/bundle barge
mkdir /tmp/bundle
(cd /tmp/bundle && crun spec &&
	sed -i 's,"rootfs","/tmp/box",;s,"path": "rootfs","path": "/tmp/box",
		s,"terminal": true,"terminal": false,;s,"hostname": ".*","hostname": "barge",
		/"args": \[/,/\]/{s,"sh","sleep"\, "1000",}' config.json)
crun run -d --bundle /tmp/bundle barge </dev/null >/tmp/err 2>&1 || cat /tmp/err
started crun barge 0 "$(crun state barge 2>/dev/null | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')"

say_run systemd-nspawn -D /tmp/box --private-network --machine=yacht sleep 1000
systemd-nspawn -q -D /tmp/box --private-network --machine=yacht --console=pipe \
	/bin/sleep 1000 </dev/null >/tmp/nspawn.err 2>&1 &
leader() { machinectl show yacht -P Leader | grep -q '[1-9]'; }
wait_for 60 leader || cat /tmp/nspawn.err
started systemd-nspawn yacht 0 "$(machinectl show yacht -P Leader 2>/dev/null)"

loginctl enable-linger user
wait_for 60 test -S /run/user/1000/bus || missing "a session of the user"

say_run 'user$ podman run -d --network none --hostname raft --name raft box sleep 1000'
as_user 'podman import -q /tmp/box.tar box >/dev/null &&
	podman run -d --network none --hostname raft --name raft box sleep 1000 >/dev/null' \
	>/tmp/err 2>&1 || cat /tmp/err
started podman raft 1000 "$(as_user 'podman inspect -f "{{.State.Pid}}" raft' 2>/dev/null)"

say_run 'user$ bwrap --unshare-all --hostname canoe --ro-bind / / --proc /proc sleep 1000'
as_user 'exec bwrap --unshare-all --hostname canoe --ro-bind / / --proc /proc --info-fd 3 \
	sleep 1000 3>/tmp/bwrap.json' >/tmp/err 2>&1 &
wait_for 30 grep -q child-pid /tmp/bwrap.json || cat /tmp/err
started bwrap canoe 1000 "$(sed -n 's/.*"child-pid": *\([0-9]*\).*/\1/p' /tmp/bwrap.json)"

say_run 'user$ chromium --headless --remote-debugging-port=0 about:blank'
as_user 'exec chromium --headless --disable-gpu --no-first-run --remote-debugging-port=0 about:blank' \
	>/tmp/chromium.log 2>&1 &
renderer() { pgrep -u user -o -f -- '--type=renderer' >/tmp/renderer; }
wait_for 240 renderer || tail -n 5 /tmp/chromium.log
read -r pid </tmp/renderer
started "chromium's renderer" - 1000 "$pid"

# From here on, only the two views and /proc/PID/ns are used.
sh /guest/discover.sh >/tmp/found
sleep 2

title 'the containers, by discover.sh'
awk 'BEGIN { printf "%-12s %-10s %-6s %s\n", "PID NS", "HOST NAME", "UID", "PROCESSES" }
	/^pid/ { procs = ""
		for (i = 5; i <= NF && i < 13; i++) procs = procs " " $i
		printf "%-12s %-10s %-5s %s%s\n", $2, $3, $4, procs, i <= NF ? " ..." : "" }' /tmp/found

title "what each has of its own, and whether it is in /proc/namespaces, in $fs${watch:+, seen by nswatch}"
exec 3</tmp/started
while read -r line <&3; do
	pid=${line##* } rest=${line% *}
	uid=${rest##* } rest=${rest% *}
	name=${rest##* } tool=${rest% *}
	printf '%s (PID %s, uid %s):' "$tool $name" "$pid" "$uid"
	own=
	for type in cgroup ipc mnt net pid time user uts; do
		n=$(inum "$pid" $type)
		[ "$n" != "$(inum self $type)" ] || continue
		own="$own $type"
		printf ' %s:%s' $type "$n"
		# The link opens the very namespace.
		[ "$(stat -L -c %d:%i "/proc/namespaces/$type:[$n]" 2>/dev/null)" = \
		  "$(stat -L -c %d:%i "/proc/$pid/ns/$type")" ] ||
			missing "$tool: /proc/namespaces/$type:[$n]"
		dir=$(find $fs/$type -type d -name "$n")
		if [ -z "$dir" ]; then
			missing "$tool: $n in $fs/$type"
			continue
		fi
		grep -qx "$pid" "$dir/tasks" || missing "$tool: PID $pid in $dir/tasks"
		[ "$(stat -c %u "$dir")" = "$uid" ] || missing "$tool: $dir is of $(stat -c %u "$dir") and not of $uid"
		[ -z "$watch" ] || grep -qw "$n" /tmp/watch || missing "$tool: nswatch has not seen $type $n"
	done
	echo
	case "$own" in
	*pid*) ;;
	*) missing "$tool: it has no PID namespace of its own" ;;
	esac
	case "$own" in
	*net*) ;;
	*) missing "$tool: it has no network namespace of its own" ;;
	esac
	n=$(inum "$pid" pid)
	if [ "$name" = - ]; then
		grep -q "^pid $n [^ ]* $uid .*\b$pid\b" /tmp/found || missing "$tool: PID $pid, by discover.sh"
	else
		grep -q "^pid $n $name $uid .*\b$pid\b" /tmp/found || missing "$tool: $name, by discover.sh"
	fi
done
[ "$(wc -l </tmp/started)" = 6 ] || missing "not all six were started"

# Namespaces without a process: kept in common ways, and in ways that a search of
# processes, descriptors and mounts does not find. /tmp/why has what keeps each.
title 'what is kept without a process'
why() { echo "$1 $2" | tee -a /tmp/why; }
: >/tmp/why

ip netns add harbor
why "net $(stat -L -c %i /run/netns/harbor)" 'a bind mount, by ip netns add harbor'

: >/tmp/moored
unshare --uts=/tmp/moored hostname moored
why "uts $(stat -L -c %i /tmp/moored)" 'a descriptor of a process in another one'
sleep 1000 3</tmp/moored &
umount -l /tmp/moored

unshare -m sh -c ': >/tmp/lagoon
	unshare --uts=/tmp/lagoon hostname lagoon
	stat -L -c %i /tmp/lagoon >/tmp/lagoon.new
	mv /tmp/lagoon.new /tmp/lagoon.inum
	exec sleep 1000' &
wait_for 20 test -s /tmp/lagoon.inum
why "uts $(cat /tmp/lagoon.inum)" 'a bind mount in another mount namespace'

/guest/keep uts /tmp/kept.uts &
/guest/keep net /tmp/kept.net &
wait_for 20 test -s /tmp/kept.uts
wait_for 20 test -s /tmp/kept.net
why "$(cat /tmp/kept.uts)" 'a descriptor in flight in a socket'
why "$(cat /tmp/kept.net)" 'a socket alone, so that it is inactive'

# Lines of type, number, processes, and the first of these or -.
by_nsls() { /guest/nsls | awk 'NR > 1 { print $1, $2, $4, $5 }' | sort; }
by_lsns()
{
	/guest/lsns/ld.so --library-path /guest/lsns /guest/lsns/lsns -r -n -o TYPE,NS,NPROCS,PID |
		awk '{ print $1, $2, $3, $3 ? $4 : "-" }' | sort
}
by_nsls >/tmp/nsls
by_lsns >/tmp/lsns
grep '^net' $fs/inactive >/tmp/inactive
by_nsls >/tmp/nsls.after

title "nsls beside lsns $(cat /guest/lsns/version) of Debian: type, number, processes, first PID"
# Do not judge what differs between two runs of nsls, nor the processes of the initial
# namespaces: the kernel starts and ends threads.
awk -v initial=4026531839 '
	FILENAME == "/tmp/why" { key = $1 " " $2; sub(/^[^ ]+ [^ ]+ /, ""); why[key] = $0; next }
	{ key = $1 " " $2; keys[key] = 1 }
	FILENAME == "/tmp/inactive" { inactive[key] = 1; next }
	FILENAME == "/tmp/lsns" { lsns[key] = $3 " " $4; next }
	FILENAME == "/tmp/nsls" { nsls[key] = $3 " " $4; next }
	{ after[key] = $3 " " $4 }
	END {
		for (key in keys) {
			reason = key in why ? why[key] : "nothing that lsns reads leads to it"
			split(key, part, " ")
			if (key in lsns && key in nsls && lsns[key] == nsls[key])
				same++
			else if (key in inactive && !(key in nsls))
				print "only in inactive:", key, (key in lsns ? "(lsns finds it by the socket)" : ""), reason
			else if (nsls[key] != after[key])
				changed++
			else if (!(key in lsns))
				print "only nsls:", key, nsls[key], reason
			else if (!(key in nsls))
				print "MISSING: only lsns:", key, lsns[key], reason
			else
				print (part[2] > initial ? "MISSING: they differ:" : "they differ:"), key,
					"nsls", nsls[key], "lsns", lsns[key]
		}
		print same + 0, "lines are the same,", changed + 0, "changed meanwhile"
	}' /tmp/why /tmp/inactive /tmp/lsns /tmp/nsls /tmp/nsls.after | sort >/tmp/compared
cat /tmp/compared
! grep -q MISSING /tmp/compared || bad=1
grep -q '^[1-9][0-9]* lines are the same' /tmp/compared || missing 'anything that both find'
for file in /tmp/kept.uts /tmp/lagoon.inum; do
	grep -q "^only nsls: .*$(awk '{ print $NF }' $file) 0 - " /tmp/compared || missing "$file, by nsls alone"
done
grep -q "^only in inactive: $(cat /tmp/kept.net) " /tmp/compared || missing "$(cat /tmp/kept.net) in inactive"

title '/guest/nsls -t'
/guest/nsls -t

title "what the user sees of them, by su user -c 'sh /guest/discover.sh'"
su user -c 'sh /guest/discover.sh' >/tmp/users
awk 'BEGIN { printf "%-12s %-10s %s\n", "PID NS", "HOST NAME", "UID" }
	/^pid/ { printf "%-12s %-10s %s\n", $2, $3, $4 }' /tmp/users
exec 3</tmp/started
while read -r line <&3; do
	pid=${line##* } rest=${line% *} uid=${rest##* }
	if [ "$uid" = 0 ] && grep -q "^pid $(inum "$pid" pid) " /tmp/users; then
		echo "root's container is shown to a user: $line"
		bad=1
	fi
done
for name in raft canoe; do
	grep -q "^pid [0-9]* $name 1000 " /tmp/users || missing "$name, as its user sees it"
done

if [ -n "$watch" ]; then
	title 'podman rm -f ship, as nswatch sees it'
	n=$(inum "$(podman inspect -f '{{.State.Pid}}' ship)" pid)
	lines=$(wc -l </tmp/watch)
	podman rm -f -t 0 ship >/dev/null
	gone() { tail -n "+$((lines + 1))" /tmp/watch | grep -w "$n"; }
	wait_for 20 gone || missing "the end of pid $n, by nswatch"
else
	title 'nswatch is not in this tree'
fi

# The machine would wait for them on shutdown.
{
	podman rm -f -t 0 ship
	crun delete -f barge
	machinectl terminate yacht
	loginctl disable-linger user
	loginctl terminate-user user
	pkill -9 -u user
} >/dev/null 2>&1

printf '\n%s\n' "$([ $bad = 0 ] && echo 'everything was found' || echo 'not everything was found')"
exit $bad
