#!/bin/bash
# apply.sh: with KERNEL_TREE=DIR, a git clone, add the branch namespacefs to it:
# the series on BASE= (HEAD). What is checked out, staged or edited there stays.
# Where a patch does not apply, the branch ends before it, checked out in a work
# tree of its own with git am in the middle of the conflict.
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

branch=namespacefs
[ -n "${KERNEL_TREE:-}" ] || die "say which tree: make apply KERNEL_TREE=~/linux"
own_is_git || die "$own is not a git clone; apply the series with quilt: QUILT_PATCHES=$top/patches QUILT_SERIES=$top/series quilt push -a"
lock
"$top/ci/build/packages.sh" tree
git -C "$own" var GIT_COMMITTER_IDENT >/dev/null 2>&1 ||
	die "git has no identity for the commits; set one with git config --global user.name and user.email"
! git -C "$own" rev-parse -q --verify "refs/heads/$branch" >/dev/null ||
	die "$own has a branch $branch already; rename it (git branch -m $branch $branch-old) or delete it (git branch -D $branch)"
work=$top/kernel-tree/$id-conflict
[ ! -e "$work" ] ||
	die "$work is left from an earlier conflict; to give it up, run git worktree remove --force $work in $own"

onto
say "applying the series on $(git -C "$own" log -1 --format='%h (%s)' "$onto")"
if commits "$own" "$onto"; then
	git -C "$own" branch --no-track "$branch" "$tip"
	say "the branch $branch of $own has the series, $(git -C "$own" rev-list --count "$onto..$branch") commits; git checkout $branch, or git merge $branch"
	exit 0
fi

# git am can merge what does not apply, if it has the files that the patches were
# made from. They are in the tree of the series.
say "patches/$failed does not apply as it is; trying to merge"
(unset KERNEL_TREE && "$top/kernel-tree/tree.sh" tree) ||
	say "the base of the series cannot be made; without it git has less to merge with"
sed -n 's/^index \([0-9a-f]*\)\.\.[0-9a-f]*.*/\1/p' "$top"/patches/*.patch | sort -u |
	while read -r blob; do
		git -C "$top/kernel-tree/linux" cat-file -e "$blob" 2>/dev/null || continue
		git -C "$top/kernel-tree/linux" cat-file blob "$blob" |
			git -C "$own" hash-object -w --stdin >/dev/null
	done

quiet=(-c core.hooksPath=/dev/null -c commit.gpgSign=false -c advice.mergeConflict=false)
git -C "$own" "${quiet[@]}" worktree add -q -b "$branch" "$work" "$tip"
mapfile -t rest < <(patches | sed -n "/^$failed\$/,\$p")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if (cd "$work" && git "${quiet[@]}" am -3 "${rest[@]/#/$top/patches/}") >"$log" 2>&1; then
	git -C "$own" worktree remove "$work"
	say "the branch $branch of $own has the series; look at what git merged:"
	grep -A 1 '^Using index info' "$log" >/dev/null && sed -n 's/^Auto-merging /    /p' "$log" | sort -u >&2
	exit 0
fi
name=${rest[$(cat "$(git -C "$work" rev-parse --git-path rebase-apply/next)") - 1]}
{
	git -C "$work" diff --name-only --diff-filter=U
	sed -nE 's/^error: (patch failed: )?(.*)(:[0-9]+|: (patch does not apply|already exists.*|does not (exist|match).*))$/\2/p' "$log"
} | sort -u | sed 's/^/  /' >&2
die "patches/$name conflicts with that tree, in the files above. The branch $branch has the patches before it, and its work tree is $work: fix the files there, git add them, git am --continue; and git worktree remove $work when it is done. To give up: git worktree remove --force $work and git branch -D $branch, in $own"
