#!/bin/bash
# debian.sh real|deb|lsm|soak: boot Debian with systemd on the series.
#   real  start container tools and find the containers by the views. The transcript goes
#         to Documentation/real.txt
#   deb   install the packages of make deb, boot with the kernel and the initramfs that
#         Debian has then, mount namespacefs by the unit and by a line in fstab, and do the
#         same as real
#   lsm   compare what Yama, Landlock and SELinux deny of /proc/<pid>/ns with what the views
#         show
#   soak  for SOAK_S seconds run stress-ng, start and stop containers, read both views as
#         root, as a user and in a container, and watch. After that, namespaces and memory
#         have to be as before
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

what=$1 seconds=${SOAK_S:-3600}
lock
"$top/ci/build/packages.sh" guest rootfs "$what"
[ "$what" != deb ] || "$top/ci/build/deb.sh"
"$top/ci/build/kernel.sh" debian
. "$top/ci/lib/tally.sh"
guest=$build/guest programs=$top/selftests/guest unit=$top/Documentation/sys-fs-namespaces.mount
mkdir -p "$guest"

# compile FILE OPTION...: one program for the guest
compile()
{
	local file=$1 name=${1##*/}

	shift
	gcc -static -O2 -Wall -Werror "$@" -o "$guest/${name%.c}" "$file" ||
		die "${file#"$top/"} does not build"
}

# samples: the series' own
samples()
{
	compile "$tree/samples/namespacefs/nsls.c"
	compile "$tree/samples/namespacefs/nswatch.c"
}

# judge OPTION...: the results that the guest printed
judge() { python3 "$top/ci/test/results.py" "$@" "$guest/$what.out" "$guest/$what.log"; }

# clean GUEST: its kernel's log
clean() { python3 "$top/ci/test/results.py" --log "$guest/$1.log"; }

# finds KERNEL: the containers
finds()
{
	samples
	compile "$programs/keep.c"
	"$top/ci/guest/run.sh" debian real "$1" "$programs"/{real,discover}.sh "$unit" \
		"$guest"/{keep,nsls,nswatch} "$("$top/ci/build/cached.sh" lsns)" && clean real
}

real()
{
	finds debian
	{
		echo "What make real printed last. It starts containers and sandboxes in Debian on the"
		echo "kernel of the series and finds them; selftests/guest/real.sh says how."
		sed '/^guest: end/d' "$guest/real.out"
	} >"$guest/real.txt"
	if [ -z "${KERNEL_TREE:-}$flavour" ]; then
		cp "$guest/real.txt" "$top/Documentation/real.txt"
		say "Documentation/real.txt has the transcript"
	fi
}

# What the packages put into /boot is for the next boots.
installs()
{
	local file

	rm -f "$guest"/{vmlinuz,initrd}
	"$top/ci/guest/run.sh" debian deb debian "$build"/deb/*.deb "$programs/deb.sh" "$unit" &&
		for file in vmlinuz initrd; do
			debugfs -R "dump /$file $guest/$file" "$guest/deb.files" 2>/dev/null
			[ -s "$guest/$file" ] || { echo "there is no $file"; return 1; }
		done
}

boots() { "$top/ci/guest/run.sh" debian booted "$guest/vmlinuz" "$programs/booted.sh" "$unit" && clean booted; }

deb()
{
	# The packages change the disk: use a copy of the one in the cache.
	export DISK=$guest/deb.img
	trap 'rm -rf "$tmp" "$DISK"' EXIT
	cp --sparse=always "$("$top/ci/build/cached.sh" rootfs)" "$DISK"
	check "the packages install in Debian" installs
	export INITRD=$guest/initrd
	check "Debian boots with them, and mounts by the unit and by fstab" boots
	check "the containers are found there" finds "$guest/vmlinuz"
	cat "$guest"/{deb,booted}.out 2>/dev/null | sed '/^guest: end/d;s/^/    /'
	finish
}

lsm()
{
	local obj

	obj=$(objdir debian)
	secilc -o "$guest/lsm.policy" -f /dev/null "$programs/lsm.cil" || die "selftests/guest/lsm.cil is no policy"
	make -s -C "$tree" O="$obj" headers >"$guest/lsm.headers.log" 2>&1 </dev/null ||
		die "the headers of the kernel do not build; see ${guest#"$top/"}/lsm.headers.log"
	compile "$programs/lsm.c" -isystem "$obj/usr/include" -I"$tree/tools/testing/selftests/namespacefs"
	# Landlock logs only with audit on. A record that does not fit is lost.
	GUEST_ARGS="audit=1 audit_backlog_limit=8192" "$top/ci/guest/run.sh" debian lsm debian \
		"$programs/lsm.sh" "$guest"/{lsm,lsm.policy} || :
	judge
}

soak()
{
	local kcsan=()

	samples
	echo "seconds=$seconds" >"$guest/environment"
	GUEST_TIMEOUT=${GUEST_TIMEOUT:-$((seconds + 1800))} GUEST_MEMORY=${GUEST_MEMORY:-6144} \
		"$top/ci/guest/run.sh" debian soak debian \
		"$programs/soak.sh" "$guest"/{environment,nsls,nswatch} || :
	[ "$flavour" != kcsan ] || {
		functions >"$guest/functions"
		kcsan=("--kcsan=$guest/functions")
	}
	judge "${kcsan[@]}"
}

"$what"
