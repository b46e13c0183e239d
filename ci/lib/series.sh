# shellcheck shell=bash disable=SC2154 # common.sh says where the trees are
# The series: its patches, its commits, and the one list of its files. Read after
# common.sh.

# patches [ROOT]: the names in ROOT/series, in order
patches() { sed 's/[[:space:]]*#.*//;/^$/d' "${1:-$top}/series"; }

# topics: the names of the topics in series, in order
topics() { sed -n 's/^# topic: //p' "$top/series"; }

# topic_range TOPIC: the numbers of its first and its last patch
topic_range()
{
	awk -v topic="$1" '/^# topic: / { on = $3 == topic; next }
		!/^#/ && NF { n++; if (on) { if (!first) first = n; last = n } }
		END { if (!first) exit 1; print first, last }' "$top/series" ||
		die "there is no topic $1; make topics prints them: $(topics | paste -sd' ')"
}

patches_id()
{
	(cd "$top/patches" && patches | xargs cat) | sha256sum | cut -d' ' -f1
}

# commits REPO BASE [ROOT]: put the series of ROOT on the commit BASE, in memory:
# no index, file or branch of REPO changes. Leaves the last commit in $tip, and in
# $failed the patch that did not apply, if one did not, with git's reasons in $why.
# $author_name and $author_email, if set, take the place of the author.
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
# commits that must leave no trace there
scratch_repo()
{
	git init -q --bare "$1"
	git -C "$2" rev-parse --path-format=absolute --git-path objects >"$1/objects/info/alternates"
}

# Find the base for commits outside of the work trees: the commit BASE of a git
# KERNEL_TREE (HEAD), or else the base of our own tree. Leaves the repository in
# $onto_repo, the commit in $onto, and in $onto_name the name of a base whose commit
# is in no public repository.
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

# touched FROM TO PATHSPEC...: the kernel's files that the commits FROM..TO add or change
touched()
{
	git -C "$tree" diff --name-only --no-renames --diff-filter=AM "$1" "$2" -- "${@:3}" \
		':!tools' ':!Documentation' ':!MAINTAINERS'
}

# functions: the functions that the series adds or changes. A declaration is none.
functions()
{
	git -C "$tree" diff --function-context --no-renames base series -- '*.[ch]' ':!tools' | awk '
		/^@@/ { name = "" }
		!/^[ +]/ { next }
		match(substr($0, 2), /^[A-Za-z_][^(]*\(/) {
			n = split(substr($0, 2, RLENGTH - 1), words, /[ *]/)
			name = words[n]
			split($0, words, /[(,)]/)
			if (name ~ /^SYSCALL_DEFINE/)
				name = "__do_sys_" words[2] "\n__se_sys_" words[2] "\n__x64_sys_" words[2]
		}
		name && /\{/ { print name; name = "" }
		/;/ { name = "" }' | sort -u
}

# own_files: the sources of which the series wrote more than half, without its tests:
# what coverage counts
own_files()
{
	local added file

	git -C "$tree" diff --numstat -M --diff-filter=AM base series -- '*.c' \
		':!tools' ':!samples' ':!*_kunit.c' |
		while read -r added _ file; do
			[ $((2 * added)) -le "$(git -C "$tree" show "series:$file" | wc -l)" ] ||
				echo "$file"
		done
}

# plain_base DIR: the files that the series changes, as in the base, in a new folder
plain_base()
{
	mkdir "$1"
	git -C "$tree" diff --name-only --no-renames --diff-filter=MDT base series |
		(cd "$tree" && xargs git archive base) | tar -x -C "$1"
}

# same_as_tree DIR: these files are as in the series
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

# plain_git DIR: the same files as plain_base, as a git repository
plain_git()
{
	plain_base "$1" &&
		git -C "$1" init -q -b master && git -C "$1" config user.name check &&
		git -C "$1" config user.email check@example.org &&
		git -C "$1" add -A -f && git -C "$1" commit -q -m base
}

# scratch_tree DIR: have a work tree of the series in DIR, so that the user's checkout
# stays as it is. A DIR of a series tree that was deleted is made again.
scratch_tree()
{
	git -C "$1" rev-parse -q --verify HEAD >/dev/null 2>&1 && return
	rm -rf "$1"
	mkdir -p "${1%/*}"
	git -C "$tree" worktree prune
	git -C "$tree" worktree add -q --detach "$1" HEAD
}
