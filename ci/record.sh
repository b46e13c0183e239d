#!/bin/bash
# record.sh TARGET COMMAND...: run the command of a target of make, and keep its result:
# build/results/TARGET of the last time it passed, TARGET.failed of a failure since.
# Fields, separated by tabs: target, date, tree of the series, seconds, count.
# record.sh: print these as a table.
. "$(dirname "$0")/lib/common.sh"

results=$build/results
# Identifies the files that the target saw; uncommitted changes have no id.
series_tree()
{
	[ -z "$(git -C "$tree" status --porcelain -uno 2>&1)" ] || { echo changed; return; }
	git -C "$tree" rev-parse 'HEAD^{tree}'
}

if [ $# = 0 ]; then
	[ -n "$(ls "$results" 2>/dev/null)" ] || die "nothing is recorded yet; run a target, for example make test"
	printf '%-16s %-16s %-12s %7s  %s\n' target 'last passed' tree seconds result
	(
		cd "$results"
		for name in $(printf '%s\n' * | sed 's/\.failed$//' | sort -u); do
			cat "$name" 2>/dev/null || printf '%s\tnever\t\t\t\n' "$name"
			[ ! -e "$name.failed" ] || cat "$name.failed"
		done
	) | awk -F '\t' -v now="$(series_tree)" '{
		printf "%-16s %-16s %-12s %7s  %s\n", $1, $2, $3 == now && now != "changed" ? "this one" : substr($3, 1, 12), $4, $5
	}'
	exit 0
fi

name=$1
# The names of these targets imply their flavour.
case $name in
test-debug | faults | coverage | lsm) name=$name${variant#-"$flavour"} ;;
*) name=$name$variant ;;
esac
case $name in
deb | check-deb) [ -z "${CONFIG:-}" ] || name=$name-$(basename "$CONFIG") ;;
*) name=$name${TOPIC:+-$TOPIC} ;;
esac
shift
out=$(mktemp)
trap 'rm -f "$out"' EXIT
start=$SECONDS
"$@" | tee "$out"
status=${PIPESTATUS[0]}

# Do not record a run of only some tests, rows or patches.
case $name in
test | test-*) some=${TESTS:-} ;;
*) some=${ROWS:-}${WHAT:-}${PATCHES:-}${MUTANTS:-} ;;
esac
[ -z "$some" ] || exit "$status"
series_tree=$(series_tree)
mkdir -p "$results"
count=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$out" | tail -n 1) || :
file=$results/$name
if [ "$status" = 0 ]; then
	rm -f "$file.failed"
else
	count="FAILED${count:+: $count}" file=$file.failed name="  since then"
fi
printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$(date -u '+%F %H:%M')" "$series_tree" \
	$((SECONDS - start)) "${count:-passed}" >"$file"
exit "$status"
