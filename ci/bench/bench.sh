#!/bin/bash
# bench.sh all: measure the series against the stock kernel, print a table and write it
# to Documentation/performance.md, with a plot, and ci/bench/bench.record.
# bench.sh check: what CI asks: create and destroy, and the listings, against what
# ci/bench/bench.record has of stock and of the series. Stock is built and measured only
# if the record is of another base, configuration, compiler or bench.c.
# bench.sh KERNEL ROW[:NUMBER]...: boot one kernel, and print what these rows of
# selftests/bench/bench.c cost.
. "$(dirname "$0")/../lib/common.sh"

[ $# -ge 1 ] && case $1 in all | check) [ $# = 1 ] ;; *) [ $# -ge 2 ] ;; esac ||
	die "usage: bench.sh all|check, or KERNEL ROW[:NUMBER]..., for example build/bzImage create"
lock
"$top/ci/build/packages.sh" build guest bench
bench=$build/bench record=$top/ci/bench/bench.record
mkdir -p "$bench"
gcc -O2 -Wall -Werror -static -o "$bench/bench" "$top/selftests/bench/bench.c" ||
	die "selftests/bench/bench.c does not build"

# measure KERNEL ROW...: print what they cost. CPUS= and GUEST_MEMORY= are as for run.sh.
measure()
{
	local kernel=$1 lsns files
	shift
	printf '%s\n' "${@/:/ }" >"$bench/rows"
	files=("$top/selftests/guest/bench.sh" "$bench/bench" "$bench/rows")
	case " $*" in
	*' procs'* | *' table'*)
		# lsns of this machine, and the newest of Debian, with their libraries.
		rm -rf "$bench/lsns"
		mkdir "$bench/lsns"
		lsns=$(command -v lsns)
		cp "$lsns" "$bench/lsns/lsns"
		ldd "$lsns" | awk '$3 ~ /^\// { print $3 }' | xargs -I{} cp -L {} "$bench/lsns/"
		cp -L "$(ldd "$lsns" | awk '/ld-linux/ { print $1 }')" "$bench/lsns/ld.so"
		rm -rf "$bench/newest"
		cp -r "$("$top/ci/build/cached.sh" lsns)" "$bench/newest"
		files+=("$bench/lsns" "$bench/newest") ;;
	esac
	"$top/ci/guest/run.sh" count bench "$kernel" "${files[@]}"
}

# rows stock|series ROW...: add to the results of that kernel. A row that could not be
# measured is missing there, and judged as a failure.
rows() { measure "$@" >>"$bench/$1.txt" || say "not all of $* was measured"; }

# measured_on: a line that tells whether stock costs what the record says
measured_on()
{
	printf '# On %s\n' "$({
		git -C "$tree" rev-parse 'base^{tree}'
		grep '^CONFIG_CC_VERSION_TEXT=' "$(objdir series)/.config"
		cat "$top"/ci/config/{guest,guest-x86_64,kunit}.config "$top/selftests/bench/bench.c"
	} | sha256sum | cut -c1-16)"
}

# boots KERNEL: create and destroy in several boots, of which the least counts: what takes
# per-CPU memory costs up to 2% more in some of them, with and without the series
boots()
{
	local used

	for used in 0 5 11; do
		rows "$1" create:$used
	done
}

# anew: begin with no results
anew() { : >"$bench/stock.txt" && : >"$bench/series.txt"; }

case $1 in
all | check) ;;
*)
	measure "$@"
	exit
	;;
esac
python3 "$top/ci/bench/bench_test.py" 2>&1 | tail -n 1 | grep -qx OK ||
	die "ci/bench/bench.py fails its own tests; run python3 ci/bench/bench_test.py"
[ "$1" != check ] || [ -f "$record" ] ||
	die "there is no ci/bench/bench.record to compare with; make bench writes it"
"$top/ci/build/kernel.sh" series
if [ "$1" = check ]; then
	if ! grep -qxF "$(measured_on)" "$record"; then
		say "ci/bench/bench.record is of another kernel or compiler, measuring stock (make bench writes it again)"
		"$top/ci/build/kernel.sh" stock
		anew
		boots stock
		{
			python3 "$top/ci/bench/bench.py" record "$bench/stock.txt" /dev/null
			grep '^list/' "$record"
		} >"$bench/record"
		record=$bench/record
	fi
	anew
	boots series
	rows series list
	exec python3 "$top/ci/bench/bench.py" check "$bench/series.txt" "$record"
fi

"$top/ci/build/kernel.sh" stock
anew
boots stock
boots series
rows stock views
rows series views list ids procs tasks unprivileged
# Each in a boot of its own: memory that other rows leave to be freed would count.
rows series refused
rows series watched
GUEST_MEMORY=6144 rows series table:1000 table:20000
CPUS=2 rows series attack
GUEST_MEMORY=3072 rows stock memory
GUEST_MEMORY=3072 rows series memory grow
GUEST_MEMORY=8192 rows series many:10000 many:1000000
CPUS=3 rows series churn

page=$top/Documentation/performance.md
svg=performance.svg
python3 "$top/ci/bench/bench.py" data "$bench/series.txt" >"$bench/grow.dat"
gnuplot -e "data='$bench/grow.dat'" "$top/ci/bench/bench.plot" >"$top/Documentation/$svg"
{
	measured_on
	python3 "$top/ci/bench/bench.py" record "$bench/stock.txt" "$bench/series.txt"
} >"$record"
commit=$(git -C "$top" log -1 --format=%h 2>/dev/null || echo "no commit")
[ -z "$(git -C "$top" status --porcelain -uno -- patches series)" ] || commit="$commit, changed"
status=0
python3 "$top/ci/bench/bench.py" table "$bench/stock.txt" "$bench/series.txt" \
	"$(date -u +%F)" "$commit" "$svg" >"$page" || status=$?
cat "$page"
exit $status
