#!/bin/bash
# real.sh: boot Debian on the series with systemd, start what people use there and
# find all of it by the views. The transcript goes to Documentation/real.txt.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" guest
"$top/ci/kernel.sh" series
files=("$top/selftests/guest/real.sh" "$top/selftests/guest/discover.sh")
unit=$top/Documentation/sys-fs-namespaces.mount
[ ! -f "$unit" ] || files+=("$unit")
mkdir -p "$build/guest"
rm -f "$build/guest/nswatch"
for source in "$tree"/samples/namespacefs/{nswatch,nswatch.c}; do
	[ -f "$source" ] || continue
	case $source in
	*.c) gcc -static -O2 -Wall -o "$build/guest/nswatch" "$source" ;;
	*) install -m 755 "$source" "$build/guest/nswatch" ;;
	esac
	files+=("$build/guest/nswatch")
	break
done
[ -f "$build/guest/nswatch" ] || say "samples/namespacefs/nswatch is not in the tree; it goes without"
"$top/selftests/guest/debian.sh" real "$build${DEBUG:+/debug}/bzImage" "${files[@]}"
transcript=$build/guest/real.txt
{
	echo "What make real printed last. It starts containers and sandboxes in Debian on the"
	echo "kernel of the series and finds them; selftests/guest/real.sh says how."
	sed '/^guest: end/d' "$build/guest/real.out"
} >"$transcript"
if [ -z "${KERNEL_TREE:-}${DEBUG:-}" ]; then
	cp "$transcript" "$top/Documentation/real.txt"
	say "Documentation/real.txt has the transcript"
fi
