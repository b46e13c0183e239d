#!/bin/bash
# coccicheck.sh: print what the kernel's semantic patches report of the files that the
# series touches, and do not report of them without it.
. "$(dirname "$0")/../lib/common.sh"

lock
"$top/ci/build/packages.sh" cocci
"$top/kernel-tree/tree.sh" stock
. "$top/ci/lib/series.sh"
. "$top/ci/lib/tally.sh"

# reports SRC FILE: without line numbers
reports()
{
	local out=$tmp/cocci.${2//\//-}

	rm -f "$out"
	# spatch writes its own errors to the debug file.
	if ! (cd "$1" && C=1 MODE=report srctree=. DEBUG_FILE="$out" V='' \
		LINUXINCLUDE="-I./include -I./include/uapi -I./arch/x86/include" \
		scripts/coccicheck "$2") >"$out.said" 2>&1; then
		grep -v "^$(command -v spatch) " "$out" | tail -n 5 >&2
		return 1
	fi
	sed -nE "s,^(\./)?(${2//./\\.}):[0-9]+:[0-9-]+: ,\2: ,p" "$out.said" |
		sed -E 's/\bline [0-9]+/line N/g' | sort -u
}

mapfile -t files < <(touched base series '*.c')
say "looking at ${#files[@]} files with coccinelle (half a minute each)"
for file in "${files[@]}"; do
	if ! reports "$tree" "$file" >"$tmp/ours"; then
		fail "$file: coccicheck did not come to its end"
		continue
	fi
	if [ -s "$tmp/ours" ] && [ -f "$stock/$file" ]; then
		reports "$stock" "$file" >"$tmp/stock" || : >"$tmp/stock"
		comm -23 "$tmp/ours" "$tmp/stock" >"$tmp/new"
		mv "$tmp/new" "$tmp/ours"
	fi
	if [ -s "$tmp/ours" ]; then
		cat "$tmp/ours"
		fail "$file"
	else
		pass "$file"
	fi
done
finish
