#!/bin/bash
# mutants.sh [NAME...]: break the series in small ways, one at a time, and see which
# tests notice. Each of ci/mutants/*.patch is a fault of a few lines; one that no test
# catches, or that does not apply, is an error. A line "Kernel: debug" in it asks for the
# debug kernel, and a line "Tests:" names the tests to run first. The others run if these
# notice nothing.
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"
. "$top/ci/lib/tally.sh"

lock
"$top/ci/build/packages.sh" guest tests
export DEBUG=''	# each mutant names its kernel
if [ $# = 0 ]; then
	cd "$top/ci/mutants"
	set -- *.patch
	cd "$top"
fi
"$top/kernel-tree/tree.sh" tree
guest=$build/guest install=$build/guest/kselftest
list=$install/kselftest-list.txt
scratch_tree "$mutant"
trap 'git -C "$mutant" checkout -q --force; rm -rf "$tmp"' EXIT

# A mutant that does not apply is found before hours are spent on the others.
git -C "$mutant" checkout -q --force --detach "$(git -C "$tree" rev-parse HEAD)"
for name; do
	name=${name%.patch}
	[ -f "$top/ci/mutants/$name.patch" ] || die "there is no ci/mutants/$name.patch"
	git -C "$mutant" apply --check "$top/ci/mutants/$name.patch" || fail "$name: it does not apply"
done
[ $failed = 0 ] || die "$failed mutants do not apply; update them for the present series"

"$top/ci/build/kernel.sh" series
"$top/ci/build/kselftest.sh" series "$install" namespacefs proc
mapfile -t tests < <(sed -n '/^namespacefs:/p;/^proc:proc-namespaces$/p' "$list")

# run KERNEL IMAGE [TEST...]: write what fails to $tmp/failed, a line each. KUnit runs
# first, then one test after the other.
run()
{
	local kind=$1 image=$2
	shift 2
	printf '%s\n' "$@" "${tests[@]}" | awk 'NF && !seen[$0]++' >"$list"
	echo "kselftest_timeout=$([ -n "$kind" ] && echo 1200 || echo 300) first_failure=1" >"$guest/environment"
	# A mutant that hangs must not take the quarter of an hour that make test gets.
	DEBUG=${kind:+1} GUEST_TIMEOUT=${GUEST_TIMEOUT:-${kind:+3}450} \
		"$top/ci/guest/run.sh" busybox test "$image" "$top/selftests/guest/test.sh" \
		"$guest/environment" "$install" >/dev/null 2>&1 || :
	python3 "$top/ci/test/results.py" "$guest/test.out" "$guest/test.log" ns_idr >"$tmp/results" || :
	sed -n 's/^FAIL //p' "$tmp/results" >"$tmp/failed"
}

# sound KERNEL: without a fault nothing fails, or that would catch every mutant
clean=
sound()
{
	case " $clean " in *" ${1:-fast} "*) return ;; esac
	clean="$clean ${1:-fast}"
	# make test, or make test-debug, has passed with the same files.
	! grep -qs "	$(git -C "$tree" rev-parse 'HEAD^{tree}')	" "$build/results/test${1:+-$1}" || return 0
	git -C "$mutant" checkout -q --force
	DEBUG=${1:+1} "$top/ci/build/kernel.sh" mutant
	DEBUG=${1:+1} run "$1" mutant
	[ ! -s "$tmp/failed" ] && grep -q '^[1-9][0-9]* passed' "$tmp/results" || {
		cat "$tmp/results" >&2
		die "the tests fail without any fault, see above; make test must pass first"
	}
}

kind_of() { sed -n 's/^Kernel: //p' "$top/ci/mutants/$1.patch"; }
for name; do
	sound "$(kind_of "${name%.patch}")"
done

# mutate NAME: build its kernel, as $tmp/next
mutate()
{
	local kind

	kind=$(kind_of "$1")
	git -C "$mutant" checkout -q --force
	git -C "$mutant" apply "$top/ci/mutants/$1.patch"
	DEBUG=${kind:+1} "$top/ci/build/kernel.sh" mutant
	cp -L "$build/mutant${kind:+/$kind}/bzImage" "$tmp/next"
}

verdict()
{
	local what
	what="$1: $(head -n 1 "$top/ci/mutants/$1.patch")"

	if [ -s "$tmp/failed" ]; then
		pass "$what"
		head -n 4 "$tmp/failed" | cut -c1-100 | sed 's/^/    caught by /'
	else
		fail "$what No test notices it"
	fi
}

# The guest of one mutant runs while the next is built.
pending=
for name in "$@" ''; do
	name=${name%.patch}
	[ -z "$name" ] || mutate "$name"
	if [ -n "$pending" ]; then
		wait "$running"
		verdict "$pending"
	fi
	pending=$name
	[ -n "$name" ] || break
	mv "$tmp/next" "$tmp/kernel"
	read -ra first < <(sed -n 's/^Tests: //p' "$top/ci/mutants/$name.patch") || :
	run "$(kind_of "$name")" "$tmp/kernel" "${first[@]}" &
	running=$!
done
finish
