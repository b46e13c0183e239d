# shellcheck shell=bash disable=SC2154 # lib.sh says where the trees are
# Commits of the series, made without a work tree. Read after lib.sh.

# patches [ROOT]: the names in ROOT/series, in order
patches() { sed 's/[[:space:]]*#.*//;/^$/d' "${1:-$top}/series"; }

patches_id()
{
	(cd "$top/patches" && patches | xargs cat) | sha256sum | cut -d' ' -f1
}

# commits REPO BASE [ROOT]: put the series of ROOT on the commit BASE, in memory:
# no index, file or branch of REPO changes. Leaves the last commit in $tip, and in
# $failed the patch that did not apply, if one did not, with git's reasons in $why.
# Whoever is in $author_name and $author_email takes the place of the author.
commits()
{
	local repo=$1 root=${3:-$top} tmp tree_id date p

	tip=$(git -C "$repo" rev-parse "$2^{commit}") failed='' why=''
	tmp=$(mktemp -d)
	GIT_INDEX_FILE=$tmp/index git -C "$repo" read-tree "$tip"
	for p in $(patches "$root"); do
		GIT_INDEX_FILE=$tmp/index git -C "$repo" apply --cached \
			--whitespace=nowarn "$root/patches/$p" 2>"$tmp/why" || {
			failed=$p why=$(sed 's/^error: //' "$tmp/why")
			break
		}
		git -C "$repo" mailinfo "$tmp/msg" /dev/null <"$root/patches/$p" >"$tmp/info"
		tree_id=$(GIT_INDEX_FILE=$tmp/index git -C "$repo" write-tree)
		date=$(sed -n 's/^Date: //p' "$tmp/info")
		tip=$({ sed -n 's/^Subject: //p' "$tmp/info"; echo; cat "$tmp/msg"; } |
			GIT_AUTHOR_NAME=${author_name:-$(sed -n 's/^Author: //p' "$tmp/info")} \
			GIT_AUTHOR_EMAIL=${author_email:-$(sed -n 's/^Email: //p' "$tmp/info")} \
			GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date \
			git -C "$repo" commit-tree "$tree_id" -p "$tip")
	done
	rm -rf "$tmp"
	[ -z "$failed" ]
}

# scratch_repo DIR REPO: a bare repository with the objects of another, for
# commits that are to leave no trace there
scratch_repo()
{
	git init -q --bare "$1"
	git -C "$2" rev-parse --path-format=absolute --git-path objects >"$1/objects/info/alternates"
}

# The base that commits of the series go onto, outside of the work trees: the
# commit BASE of a git KERNEL_TREE (HEAD), or else the base of our own tree.
# Leaves the repository in $onto_repo, the commit in $onto, and in $onto_name what
# to call it where the commit tells nobody anything.
onto()
{
	onto_name=
	if [ -n "${KERNEL_TREE:-}" ] && own_is_git; then
		onto_repo=$own
		onto=$(git -C "$own" rev-parse -q --verify "${BASE:-HEAD}^{commit}") ||
			die "BASE=$BASE is no commit of $own"
		return
	fi
	[ -z "${BASE:-}" ] ||
		die "BASE=$BASE names a commit, and the base is not in git; say which clone has it with KERNEL_TREE=DIR"
	"$top/kernel-tree/tree.sh" tree
	onto_repo=$tree
	onto=$(git -C "$tree" rev-parse base)
	onto_name=$(git -C "$tree" log -1 --format=%s base)
	if [ -z "${KERNEL_TREE:-}" ]; then
		. "$top/kernel-tree/base"
		onto_name="$onto_name
as in the Debian package $PACKAGE $PACKAGE_VERSION,
sha256 $SHA256"
	else
		onto_name="$onto_name
with the git tree $(git -C "$tree" rev-parse 'base^{tree}')"
	fi
}

own_is_git() { [ -e "$own/.git" ] && git -C "$own" rev-parse -q --verify HEAD >/dev/null; }
