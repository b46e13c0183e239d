#!/bin/bash
# config.sh SRC OBJ FRAGMENT...: configure a kernel from fragments on top of
# allnoconfig (or of CONFIG_BASE), and fail if a line of theirs did not come true. A
# fragment is a file, or NAME for ci/config/NAME.config.
. "$(dirname "$0")/../lib/common.sh"

src=$1 obj=$2
shift 2
mkdir -p "$obj"
for fragment; do
	case $fragment in */*) ;; *) fragment=$top/ci/config/$fragment.config ;; esac
	cat "$fragment"
done >"$obj/.fragment.new"
if [ -f "$obj/.config" ] && cmp -s "$obj/.fragment.new" "$obj/.fragment" &&
   [ -z "$(find "$src" -name 'Kconfig*' -newer "$obj/.config" -print -quit)" ]; then
	rm "$obj/.fragment.new"
	exit 0
fi
make -s -C "$src" O="$obj" KCONFIG_CONFIG=.config.new \
	KCONFIG_ALLCONFIG="$obj/.fragment.new" "${CONFIG_BASE:-allnoconfig}"
bad=0
while read -r line; do
	case $line in
	CONFIG_*=n) grep -q "^${line%n}" "$obj/.config.new" || continue ;;
	CONFIG_*=*) ! grep -qxF "$line" "$obj/.config.new" || continue ;;
	*) continue ;;
	esac
	got=$(grep "^${line%%=*}[= ]" "$obj/.config.new" || echo "nothing")
	printf '  asked for %s, got %s\n' "$line" "$got" >&2
	bad=1
done <"$obj/.fragment.new"
[ $bad = 0 ] ||
	die "this kernel does not have the options above; see what they depend on, or take them out of the fragment (${*#"$top/"})"
# A new time stamp of an unchanged .config would cost a build.
cmp -s "$obj/.config.new" "$obj/.config" || cp "$obj/.config.new" "$obj/.config"
rm -f "$obj/.config.new" "$obj/.config.new.old"
mv "$obj/.fragment.new" "$obj/.fragment"
touch "$obj/.config"
