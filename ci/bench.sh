#!/bin/bash
# bench.sh: measure the series against the stock kernel, print a table and write it
# to Documentation/performance.md, with a plot, and ci/bench.record.
# bench.sh check: only what CI asks, in some minutes: create and destroy against stock,
# the listings against ci/bench.record.
. "$(dirname "$0")/lib.sh"

mode=${1:-all}
lock
"$top/ci/packages.sh" build guest bench
python3 "$top/ci/bench_test.py" 2>&1 | tail -n 1 | grep -qx OK ||
	die "the judge of the measurements fails its own tests: python3 ci/bench_test.py"
[ "$mode" != check ] || [ -f "$top/ci/bench.record" ] ||
	die "there is no ci/bench.record to compare with; make bench writes it"
"$top/ci/kernel.sh" stock
"$top/ci/kernel.sh" series
bench=$build/bench
mkdir -p "$bench"

# rows stock|series ROW...: add to what that kernel costs
rows()
{
	local which=$1 kernel=$build/bzImage
	shift
	[ "$which" = series ] || kernel=$build/stock/bzImage
	# What could not be measured is not in it, and is judged as a failure below.
	"$top/ci/bench-one.sh" "$kernel" "$@" >>"$bench/$which.txt" || say "not all of $* was measured"
}

anew()
{
	: >"$bench/stock.txt"
	: >"$bench/series.txt"
}

if [ "$mode" = check ]; then
	# One boot differs from another, see NOISY in bench.py, if it is another: with so
	# many file systems more in use. What really costs more does so in each.
	for used in 0 5 11; do
		anew
		rows stock create:$used
		rows series create:$used list
		status=0
		python3 "$top/ci/bench.py" check "$bench/stock.txt" "$bench/series.txt" \
			"$top/ci/bench.record" >"$bench/checked" || status=$?
		[ $status != 0 ] && [ $used != 11 ] || break
		say "more than it may, measuring again: $(grep '^FAIL' "$bench/checked" | tr '\n' ';')"
	done
	cat "$bench/checked"
	exit "$status"
fi

anew
rows stock create views
rows series create views list ids procs tasks unprivileged
GUEST_MEMORY=3072 rows stock memory
GUEST_MEMORY=3072 rows series memory grow
GUEST_MEMORY=8192 rows series many:10000 many:1000000
COUNT=3 rows series churn

page=$top/Documentation/performance.md
svg=performance.svg
python3 "$top/ci/bench.py" data "$bench/series.txt" >"$bench/grow.dat"
gnuplot -e "data='$bench/grow.dat'" "$top/ci/bench.plot" >"$top/Documentation/$svg"
python3 "$top/ci/bench.py" record "$bench/series.txt" >"$top/ci/bench.record"
commit=$(git -C "$top" log -1 --format=%h 2>/dev/null || echo "no commit")
[ -z "$(git -C "$top" status --porcelain -uno -- patches series)" ] || commit="$commit, changed"
status=0
python3 "$top/ci/bench.py" table "$bench/stock.txt" "$bench/series.txt" \
	"$(date -u +%F)" "$commit" "$svg" >"$page" || status=$?
cat "$page"
exit $status
