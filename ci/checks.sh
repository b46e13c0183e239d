# shellcheck shell=bash disable=SC2154
# What the checks share. Read after lib.sh.

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

# A git repository of these files, with some name for git to commit by.
plain_git()
{
	plain_base "$1" &&
		git -C "$1" init -q -b master && git -C "$1" config user.name check &&
		git -C "$1" config user.email check@example.org &&
		git -C "$1" add -A -f && git -C "$1" commit -q -m base
}

# the sum: print it, and fail if a check has
sum()
{
	echo "$passed passed, $failed failed, 0 skipped"
	[ $failed = 0 ]
}
