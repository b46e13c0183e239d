#!/bin/bash
# range-diff.sh: with OLD=REV, a commit of this repository, what changed in the
# series since then, as reviewers read it.

. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

[ -n "${OLD:-}" ] || die "say since when: make range-diff OLD=rev, a commit or tag of this repository"
git -C "$top" rev-parse -q --verify "$OLD^{commit}" >/dev/null ||
	die "OLD=$OLD is no commit of $top"
lock
"$top/ci/build/packages.sh" tree
onto

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/old"
git -C "$top" archive "$OLD" patches series | tar -x -C "$work/old"
repo=$work/git
scratch_repo "$repo" "$onto_repo"
export GIT_COMMITTER_NAME=namespacefs GIT_COMMITTER_EMAIL=namespacefs@localhost
# side NAME [ROOT]
side()
{
	commits "$repo" "$onto" "${@:2}" && return
	printf '%s\n' "$why" | sed 's/^/  /' >&2
	die "$failed of the $1 series does not apply to this base, see above; they can be compared on a base that takes both (KERNEL_TREE=, BASE=)"
}
side old "$work/old"
old=$tip
side new
git -C "$repo" --no-pager range-diff --no-notes "$onto..$old" "$onto..$tip"
