#!/bin/bash
# check.sh: what can be said of the series and the scripts without a build. Prints
# PASS or FAIL for each, and the count.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" check
"$top/kernel-tree/tree.sh" tree
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# check NAME COMMAND...
check()
{
	local name=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then
		echo "PASS $name"
		passed=$((passed + 1))
	else
		sed 's/^/    /' "$tmp/log"
		echo "FAIL $name"
		failed=$((failed + 1))
	fi
}

# A refresh of a fresh tree writes what is there.
refreshed()
{
	(set -e
	cp -r "$top/patches" "$top/series" "$tmp/"
	"$top/kernel-tree/tree.sh" refresh
	diff -r "$tmp/patches" "$top/patches"
	diff "$tmp/series" "$top/series") ||
	{ rm -rf "$top/patches"; cp -r "$tmp/patches" "$tmp/series" "$top/"; false; }
}

# The files that the series touches, as in the base, in a folder of their own.
plain_base()
{
	mkdir "$1"
	git -C "$tree" diff --name-only --no-renames --diff-filter=MDT base series |
		(cd "$tree" && xargs git archive base) | tar -x -C "$1"
}

same_as_tree()
{
	git -C "$tree" diff --name-only --no-renames base series | while read -r f; do
		if git -C "$tree" cat-file -e "series:$f" 2>/dev/null; then
			git -C "$tree" show "series:$f" | cmp - "$1/$f" || exit 1
		else
			[ ! -e "$1/$f" ] || { echo "$f is still there"; exit 1; }
		fi
	done
}

quilt_push()
{
	plain_base "$tmp/quilt"
	(cd "$tmp/quilt" && QUILT_PATCHES=$top/patches QUILT_SERIES=$top/series \
		quilt --quiltrc - push -a --fuzz=0) >"$tmp/quilt.log" || { cat "$tmp/quilt.log"; return 1; }
	! grep -E 'offset|fuzz' "$tmp/quilt.log" && same_as_tree "$tmp/quilt"
}

git_am()
{
	plain_base "$tmp/am"
	export GIT_COMMITTER_NAME=check GIT_COMMITTER_EMAIL=check@localhost
	git -C "$tmp/am" init -q && git -C "$tmp/am" add -A -f &&
		git -C "$tmp/am" -c user.name=check -c user.email=check@localhost commit -q -m base &&
		git -C "$tmp/am" am -q "$top"/patches/*.patch && same_as_tree "$tmp/am"
}

# A waiver is a line: type, patch, reason. One that nothing needs is an error.
checkpatch()
{
	local bad=0 type patch reason
	: >"$tmp/used"
	for p in "$top"/patches/*.patch; do
		(cd "$tree" && PATH=/usr/bin:/bin scripts/checkpatch.pl --strict --terse --show-types --no-summary "$p") |
			sed -n 's/^.*\/\([^/]*\.patch\):\([0-9]*\): \([A-Z]*\):\([A-Z_]*\): \(.*\)/\4 \1:\2 \5/p' \
			>"$tmp/found" || :
		while read -r type where text; do
			reason=
			while read -r wtype wpatch wreason; do
				# shellcheck disable=SC2053 # the patch may be a pattern
				if [ "$wtype" = "$type" ] && [[ ${where%:*} == $wpatch ]]; then
					reason=$wreason
					echo "$wtype $wpatch" >>"$tmp/used"
				fi
			done < <(grep -v '^#' "$top/ci/checkpatch-waivers")
			[ -n "$reason" ] || { echo "$type $where $text"; bad=1; }
		done <"$tmp/found"
	done
	while read -r type patch reason; do
		grep -qxF "$type $patch" "$tmp/used" || { echo "unused waiver: $type $patch"; bad=1; }
		[ -n "$reason" ] || { echo "waiver without a reason: $type $patch"; bad=1; }
	done < <(grep -v '^#' "$top/ci/checkpatch-waivers")
	return $bad
}

scripts()
{
	(cd "$top" && shellcheck -x .ci/run ci/*.sh kernel-tree/*.sh selftests/guest/*.sh selftests/guest/init) &&
		codespell -q 3 -L iput,bu "$top/README.md" "$top/Documentation" "$top/patches"
}

check "refresh changes nothing" refreshed
check "quilt push -a gives the tree, without fuzz or offset" quilt_push
check "git am gives the tree" git_am
check "checkpatch --strict" checkpatch
check "shellcheck, codespell" scripts
check "the judge of the tests" python3 "$top/ci/results_test.py"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
