#!/bin/sh
# containers.sh: start the containers of the demo, and keep two namespaces that
# no process is in, and one that only a socket keeps. Each reports what it is in a
# file of /tmp/truth:
#   pid INUM HOSTNAME UID	(the uid of its creator)
#   net|uts INUM
truth=/tmp/truth

inum() { readlink "/proc/self/ns/$1" | tr -dc 0-9; }

# Readers must not see half of it.
note()
{
	echo "$2" >"$truth/.$1" && mv "$truth/.$1" "$truth/$1"
}

case ${1:-all} in
outer)
	hostname outer
	unshare -p -f -u -m --mount-proc sh "$0" inner &
	note outer "pid $(inum pid) outer 0"
	exec sleep 1000
	;;
inner)
	hostname inner
	sleep 1000 &
	note inner "pid $(inum pid) inner 0"
	exec sleep 1000
	;;
rootless)
	hostname rootless
	note rootless "pid $(inum pid) rootless 1000"
	exec sleep 1000
	;;
net)
	ip addr add 10.7.7.7/8 dev lo
	: >/run/netns
	mount --bind /proc/self/ns/net /run/netns
	note net "net $(inum net)"
	;;
all)
	mkdir -m 1777 "$truth"
	unshare -p -f -u -m --mount-proc sh "$0" outer &
	su user -c "exec unshare -U -r -p -f -u sh $0 rootless" &
	unshare -n sh "$0" net
	/guest/keep uts "$truth/uts" &
	/guest/keep net "$truth/socket" &
	for name in outer inner rootless net uts socket; do
		i=0
		until [ -s "$truth/$name" ]; do
			i=$((i + 1))
			[ $i -lt 300 ] || { echo "the container $name did not start"; exit 1; }
			sleep 0.1
		done
	done
	;;
esac
