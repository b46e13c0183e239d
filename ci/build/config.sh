#!/bin/bash
# config.sh SRC OBJ FRAGMENT...: configure a kernel from fragments on top of
# allnoconfig (or of CONFIG_BASE), and fail if a line of theirs has no effect. A
# fragment is a file, or NAME for ci/config/NAME.config and NAME-ARCH.config. Of two lines
# for one option the last one holds.
. "$(dirname "$0")/../lib/common.sh"

src=$1 obj=$2
shift 2
mkdir -p "$obj"
for fragment; do
	case $fragment in
	*/*) cat "$fragment" ;;
	*)
		cat "$top/ci/config/$fragment.config"
		cat "$top/ci/config/$fragment-$arch.config" 2>/dev/null || :
		;;
	esac
done | tac | awk -F= '/^CONFIG_/ && !seen[$1]++' | tac >"$obj/.fragment.new"
if [ -f "$obj/.config" ] && cmp -s "$obj/.fragment.new" "$obj/.fragment" &&
   [ -z "$(find "$src" -name 'Kconfig*' -newer "$obj/.config" -print -quit)" ]; then
	rm "$obj/.fragment.new"
	exit 0
fi
configure()
{
	make -s -C "$src" O="$obj" "${kernel_options[@]}" KCONFIG_CONFIG=.config.new "$@"
}

# The lines that have no effect
untrue()
{
	local line got

	while read -r line; do
		case $line in
		*=n) grep -q "^${line%n}" "$obj/.config.new" || continue ;;
		*) ! grep -qxF "$line" "$obj/.config.new" || continue ;;
		esac
		got=$(grep "^${line%%=*}[= ]" "$obj/.config.new" || echo "nothing")
		printf '  asked for %s, got %s\n' "$line" "$got"
	done <"$obj/.fragment.new"
}

# PREEMPT_RT needs EXPERT, with which allnoconfig turns half of the kernel off. So the
# two, which rt.config has one after the other, are set in a second pass.
sed '/^CONFIG_PREEMPT_RT=/,/^CONFIG_EXPERT=/d' "$obj/.fragment.new" >"$obj/.first"
configure KCONFIG_ALLCONFIG="$obj/.first" "${CONFIG_BASE:-allnoconfig}"
if ! cmp -s "$obj/.first" "$obj/.fragment.new"; then
	cat "$obj/.fragment.new" >>"$obj/.config.new"
	configure olddefconfig 2>/dev/null
fi
rm "$obj/.first"
bad=$(untrue)
[ -z "$bad" ] || {
	printf '%s\n' "$bad" >&2
	die "this kernel does not have the options above; see what they depend on, or take them out of the fragment (${*#"$top/"})"
}
# A new time stamp of an unchanged .config would cost a build.
cmp -s "$obj/.config.new" "$obj/.config" || cp "$obj/.config.new" "$obj/.config"
rm -f "$obj/.config.new" "$obj/.config.new.old"
mv "$obj/.fragment.new" "$obj/.fragment"
touch "$obj/.config"
