#!/bin/bash
# test.sh: build what is missing, run KUnit and the kselftests of the series in the
# guest, and judge. TESTS= names some of the kselftests, also those that are not run
# otherwise. FLAVOUR=debug and faults look for leaks after it, gcov prints which lines of
# the series were reached. TOPIC= tests the series up to the last patch of that topic.
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

aim=95	# per cent of the lines
lock
"$top/ci/build/packages.sh" guest tests "tests-$flavour" "user-$arch" "user-$flavour"
python3 "$top/ci/test/results_test.py" 2>&1 | tail -n 1 | grep -qx OK ||
	die "ci/test/results.py fails its own tests; run python3 ci/test/results_test.py"
which=series targets=(namespacefs proc)
if [ -n "${TOPIC:-}" ]; then
	case $flavour in
	gcov | kcsan) die "FLAVOUR=$flavour looks at the whole series; leave TOPIC=$TOPIC out" ;;
	esac
	"$top/kernel-tree/tree.sh" tree
	range=$(topic_range "$TOPIC")
	which=topic
	scratch_tree "$topic"
	git -C "$topic" checkout -q --force --detach \
		"$(git -C "$tree" rev-list --reverse base..series | sed -n "${range#* }p")"
	[ -f "$topic/fs/proc/proc_namespaces.c" ] ||
		die "the topic $TOPIC has no kselftests; make bisect-test PATCHES=\"$range\" builds and boots its patches"
	[ -f "$topic/tools/testing/selftests/namespacefs/Makefile" ] || targets=(proc)
fi
"$top/ci/build/kernel.sh" "$which"

install=$build/guest/kselftest list=$build/guest/kselftest/kselftest-list.txt
"$top/ci/build/kselftest.sh" "$which" "$install" "${targets[@]}"
# Of proc, only the test that the series adds.
sed -i -n '/^namespacefs:/p;/^proc:proc-namespaces$/p' "$list"
if [ -n "${TESTS:-}" ]; then
	for name in $TESTS; do
		{ grep -m 1 ":$name\$" "$list" || (cd "$install" && ls -d ./*/"$name" 2>/dev/null) |
			sed 's,^\./\(.*\)/,\1:,'; } | grep . || die "there is no test $name"
	done >"$list.some"
	mv "$list.some" "$list"
fi
mapfile -t names < <(sed 's/\(.*\):\(.*\)/selftests: \1: \2/' "$list")
[ "${#names[@]}" -ge 1 ] || die "there are no kselftests in the tree"
case $flavour in debug | faults) names+=(kmemleak) ;; esac

timeout=300
[ -z "$variant" ] || timeout=900
if [ "$flavour" = debug ] || [ "$flavour" = kcsan ]; then
	# A minute of churn: it finds most on this kernel. 500 namespaces find as much here as
	# 10,000: the number matters for the length of the queue, which make test covers.
	export CHURN_S=${CHURN_S:-60} EVENTS_N=${EVENTS_N:-500} LIMIT_N=${LIMIT_N:-20000} SCALE_N=${SCALE_N:-400}
	timeout=1200
fi
# A test that TESTS= names may be asked to run for long.
[ -z "${TESTS:-}" ] || timeout=3600
{
	echo "kselftest_timeout=$timeout first_failure="
	for name in CHURN_S CHURN_SEED FUZZ_S FUZZ_SEED EVENTS_N LIMIT_N SCALE_N; do
		[ -z "${!name:-}" ] || printf "export %s='%s'\n" "$name" "${!name}"
	done
} >"$build/guest/environment"
"$top/ci/guest/run.sh" busybox test "$which" "$top/selftests/guest/test.sh" \
	"$build/guest/environment" "$install" | grep --line-buffered -v '^gcda ' || :
kcsan=()
if [ "$flavour" = kcsan ]; then
	functions >"$build/guest/functions"
	kcsan=("--kcsan=$build/guest/functions")
fi
status=0
python3 "$top/ci/test/results.py" "${kcsan[@]}" "$build/guest/test.out" "$build/guest/test.log" \
	ns_idr "${names[@]}" || status=$?
[ "$flavour" = gcov ] || exit $status
[ $status = 0 ] || die "a test that fails reaches fewer lines; make test must pass first"

obj=$(objdir series)
sed -n 's/^gcda //p' "$build/guest/test.out" | while read -r name data; do
	# The counters have the path that the kernel was built in.
	base64 -d <<<"$data" >"$obj/${name##*"/${obj##*/}/"}"
done
filters=()
while read -r file; do
	filters+=(--filter "$(realpath "$tree")/${file//./\\.}\$")
done < <(own_files)
gcovr --root "$(realpath "$tree")" --object-directory "$obj" "${filters[@]}" \
	--fail-under-line $aim "$obj"
