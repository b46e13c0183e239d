#!/bin/sh
# In the guest: start containers, show them by the views, and check that none is
# missing.
fs=/sys/fs/namespaces
bad=0

title() { printf '\n# %s\n' "$*"; }
missing() { echo "MISSING: $*"; bad=1; }

# of NAME: what a container reported of itself
of() { cat "/tmp/truth/$1"; }

# watched LINE: wait until nswatch has printed a line that begins like this
watched()
{
	i=0
	until grep -q "^$1" /tmp/watched; do
		i=$((i + 1))
		[ $i -lt 100 ] || { missing "$1 in what nswatch printed"; return; }
		sleep 0.1
	done
}

# It has to run before the containers start: "uts" is the last of its listing.
/guest/nswatch >/tmp/watched 2>&1 &
watched '= uts '

sh /guest/containers.sh || exit 1

title ls /proc/namespaces
ls /proc/namespaces
for name in outer inner rootless net uts; do
	# shellcheck disable=SC2046 # words
	set -- $(of "$name")
	[ -L "/proc/namespaces/$1:[$2]" ] || missing "/proc/namespaces/$1:[$2] of $name"
done

title "find $fs/pid $fs/user -type d"
find "$fs/pid" "$fs/user" -type d | sed "s,^$fs/,,;s,[^/]*/,    ,g"
# shellcheck disable=SC2046
set -- $(of outer) $(of inner)
[ -d "$fs/pid/$2/$6" ] || missing "$fs/pid/$2/$6, the PID namespace in a PID namespace"

title 'the containers, by sh /guest/discover.sh'
sh /guest/discover.sh >/tmp/found
awk 'BEGIN { printf "%-12s %-10s %-6s %s\n", "PID NS", "HOST NAME", "UID", "PROCESSES" }
	/^pid/ { procs = ""
		for (i = 5; i <= NF && i < 13; i++) procs = procs " " $i
		printf "%-12s %-10s %-5s %s%s\n", $2, $3, $4, procs, i <= NF ? " ..." : "" }' /tmp/found
for name in outer inner rootless; do
	grep -q "^$(of "$name") [0-9]" /tmp/found || missing "$(of "$name")"
done

title 'the namespaces that no process is in'
grep -v '^pid' /tmp/found
grep -qx "$(of net)" /tmp/found || missing "$(of net), which a bind mount keeps"
grep -qx "$(of uts) adrift" /tmp/found || missing "$(of uts) adrift, which a socket keeps"

# listed PATTERN WHAT: nsls has a line that begins like this: type, number, id, processes
listed() { grep -q "^$1" /tmp/nsls || missing "$2, by nsls"; }

title '/guest/nsls'
/guest/nsls >/tmp/nsls
cat /tmp/nsls
for name in outer inner rootless; do
	# shellcheck disable=SC2046
	set -- $(of $name)
	listed "pid *$2 *[0-9]* *[1-9][0-9]* .* $4 *$3 " "$name and its processes"
done
# shellcheck disable=SC2046
set -- $(of net) $(of uts)
listed "net *$2 *[0-9]* *0 *- " "net:[$2] without a process"
listed "uts *$4 *[0-9]* *0 *- *0 adrift " "uts:[$4] without a process"

title '/guest/nsls -t'
/guest/nsls -t >/tmp/nsls
cat /tmp/nsls
# shellcheck disable=SC2046
set -- $(of outer) $(of inner)
# The child of a child of the root, right below its parent.
grep -A 1 "^pid  *$2 " /tmp/nsls | grep -q "^pid      *$6 " || missing "pid:[$6] below pid:[$2]"

title "cat $fs/inactive: what a socket keeps"
cat "$fs/inactive"
grep -q "^$(of socket) [0-9]* [1-9]" "$fs/inactive" || missing "$(of socket), which a socket keeps"
# shellcheck disable=SC2046
set -- $(of socket)
[ ! -e "$fs/net/$2" ] || missing "the end of net:[$2]"

title "the user's own, by su user -c 'sh /guest/discover.sh'"
su user -c 'sh /guest/discover.sh' | tee /tmp/found
grep -q "^$(of rootless) [0-9]" /tmp/found || missing "$(of rootless), as its user sees it"
! grep -q outer /tmp/found || { echo "root's container is shown to a user"; bad=1; }

# shellcheck disable=SC2046
set -- $(of uts)
title "nsenter --uts='/proc/namespaces/uts:[$2]' hostname"
name=$(nsenter --uts="/proc/namespaces/uts:[$2]" hostname)
echo "$name"
[ "$name" = adrift ] || missing "the way into uts:[$2]"

# shellcheck disable=SC2046
set -- $(of net)
title "nsenter --net='/proc/namespaces/net:[$2]' ip -o addr"
nsenter --net="/proc/namespaces/net:[$2]" ip -o addr | tee /tmp/addr
grep -q 10.7.7.7/8 /tmp/addr || missing "the way into net:[$2]"

# shellcheck disable=SC2046
set -- $(of rootless)
title "kill the container rootless: $fs/pid/$2 goes"
read -r pid <"$fs/pid/$2/procs"
kill -9 "$pid"
i=0
while [ -e "$fs/pid/$2" ] || [ -e "/proc/namespaces/pid:[$2]" ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || { missing "the end of pid:[$2]"; break; }
	sleep 0.1
done
cat "$fs/pid/$2/id"

# The changes since it started. The PID namespace of rootless ended, no other did.
title '/guest/nswatch, which ran all the time'
for name in outer inner rootless net uts; do
	# shellcheck disable=SC2046
	set -- $(of "$name")
	watched "+ $1 $2 "
done
# shellcheck disable=SC2046
set -- $(of rootless)
watched "- $1 $2 "
grep '^[-+]' /tmp/watched | awk '!($2 == "mnt" || $2 == "ipc" || $2 == "time" || $2 == "cgroup")'
for name in outer inner net uts; do
	# shellcheck disable=SC2046
	set -- $(of "$name")
	! grep "^- $1 $2 " /tmp/watched || { echo "$name is still there"; bad=1; }
done

printf '\n%s\n' "$([ $bad = 0 ] && echo 'everything was found' || echo 'not everything was found')"
exit $bad
