#!/bin/sh
# discover.sh: find the containers of this machine with nothing but
# /sys/fs/namespaces and the links in /proc/PID/ns. A line for each PID
# namespace except its own: inum, host name, the uid of its creator, and its
# processes. Then the namespaces that no process is in: type, inum, and the name
# of a uts.
fs=/sys/fs/namespaces

own=$(readlink /proc/self/ns/pid | tr -dc 0-9)
nodename() { cut -d' ' -f2 "$fs/uts/$1/uname"; }

find "$fs/pid" -mindepth 1 -type d | while read -r dir; do
	[ "${dir##*/}" != "$own" ] || continue
	pid=
	read -r pid <"$dir/tasks" || continue	# nothing runs in it, or not any more
	uts=$(readlink "/proc/$pid/ns/uts" | tr -dc 0-9)
	echo "pid ${dir##*/} $(nodename "$uts") $(stat -c %u "$dir") $(tr '\n' ' ' <"$dir/procs")"
done

for dir in "$fs"/*/[0-9]*; do
	type=${dir#"$fs/"} type=${type%%/*}
	# Skip the types that nest: the containers are listed above.
	case $type in pid | user) continue ;; esac
	! read -r pid <"$dir/tasks" || continue
	case $type in
	uts) echo "$type ${dir##*/} $(nodename "${dir##*/}")" ;;
	*) echo "$type ${dir##*/}" ;;
	esac
done
