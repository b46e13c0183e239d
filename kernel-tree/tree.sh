#!/bin/bash
# tree.sh tree     have the kernel tree with the series: one commit a patch
# tree.sh refresh  write patches/ and series from the commits of that tree; with
#                  INTO=DIR, write them there
# tree.sh stock    have the tree without the series, too
. "$(dirname "$0")/../ci/lib/common.sh"
. "$top/ci/lib/series.sh"
. "$top/kernel-tree/base"

# The patches name the project alone; the person who posts them signs them off.
project_name=namespacefs
project_email=namespacefs@localhost
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_COMMITTER_NAME=$project_name GIT_COMMITTER_EMAIL=$project_email
made=$tree/.git/namespacefs-made	# the patches that the tree was made from, and its head
from=$tree/.git/namespacefs-from	# the base that it was made from

# commit_base DIR SUBJECT: make a git repository of a plain tree
commit_base()
{
	# Debian's own .gitignore hides every new file at the top from git.
	sed -i '/^# Debian packaging: ignore everything/,$d' "$1/.gitignore"
	git -C "$1" init -q -b series
	git -C "$1" config gc.auto 0
	git -C "$1" config core.compression 1
	git -C "$1" config user.name "$project_name"
	git -C "$1" config user.email "$project_email"
	git -C "$1" add -A -f
	GIT_AUTHOR_NAME=$project_name GIT_AUTHOR_EMAIL=$project_email \
	GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z \
		git -C "$1" commit -q -m "$2"
	git -C "$1" tag base
}

# Identifies what the base is made from: a word that differs when that has changed.
base_id()
{
	if [ -z "${KERNEL_TREE:-}" ]; then
		echo "$PACKAGE_VERSION"
	elif own_is_git; then
		git -C "$own" rev-parse HEAD
	else
		find "$own" -type f -printf '%p %s %T@\n' | sort | sha256sum | cut -d' ' -f1
	fi
}

make_base()
{
	local deb new=$tree.new

	need_space "$top/kernel-tree" 4000 "the kernel tree"
	rm -rf "$new"
	if [ -z "${KERNEL_TREE:-}" ]; then
		deb=$("$top/kernel-tree/fetch.sh")
		say "unpacking $(basename "$deb") (usually half a minute)"
		mkdir "$new"
		dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
			tar -xJ -C "$new" --strip-components=1 ||
			die "$deb could not be unpacked; see that the disk has room, or delete that file, and run make again"
		commit_base "$new" "Linux $(make -s -C "$new" kernelversion)"
	elif own_is_git; then
		say "sharing the commits of $own"
		git clone -q --shared --no-checkout "$own" "$new"
		git -C "$new" checkout -q -B series
		git -C "$new" config user.name "$project_name"
		git -C "$new" config user.email "$project_email"
		git -C "$new" tag -f base >/dev/null
	else
		say "copying $own"
		cp -a --reflink=auto "$own" "$new"
		make -s -C "$new" mrproper
		commit_base "$new" "Linux $(make -s -C "$new" kernelversion)"
	fi
	base_id >"$new/.git/namespacefs-from"
	mv "$new" "$tree"
}

# Put the series on top of the base, touching no file until all of it applies.
apply()
{
	local tip failed why

	say "applying the series"
	commits "$tree" base || {
		printf '%s\n' "$why" | sed 's/^/  /' >&2
		die "patches/$failed is the first that does not apply, in the file above. The series is for Linux $VERSION; fix the patch, or use a tree that is closer to it"
	}
	git -C "$tree" checkout -q -B series "$tip"
	echo "$(patches_id) $tip" >"$made"
}

make_tree()
{
	local id base was head p

	lock
	"$top/ci/build/packages.sh" tree
	for p in $(patches); do
		[ -f "$top/patches/$p" ] ||
			die "series names $p, which is not in patches/; restore it (git checkout patches), or remove it from series"
	done

	id=$(patches_id) base=$(base_id)
	if [ -d "$tree" ]; then
		read -r was head 2>/dev/null <"$made" || { was=; head=$(git -C "$tree" rev-parse base); }
		[ "$was $(cat "$from")" != "$id $base" ] || return 0
		if [ "$(git -C "$tree" rev-parse HEAD)" != "$head" ] ||
		   [ -n "$(git -C "$tree" status --porcelain -uno)" ]; then
			die "$tree has commits or changes that patches/ does not have, and patches/ or the base has changed as well. 'make refresh' writes the tree's commits to patches/; or delete $tree to begin anew"
		fi
		[ "$(cat "$from")" = "$base" ] || {
			say "the base has changed"
			rm -rf "$tree" "$stock"
		}
	fi
	[ -d "$tree" ] || make_base
	apply
}

# with_topics DIR: the series of the patches in DIR. A topic begins before the patch that
# it began before, whatever its number is now.
with_topics()
{
	echo "# Applied in this order with patch -p1, by quilt or by make tree."
	{ cat "$top/series"; echo; ls "$1"; } | awk '
		/^$/ { listing = 1; next }
		/^# topic: / { topic = $0; next }
		/^#/ { next }
		!listing { if (topic) first[substr($0, 6)] = topic; topic = ""; next }
		substr($0, 6) in first { print first[substr($0, 6)]; delete first[substr($0, 6)] }
		{ print }
		END { for (name in first) { print substr(first[name], 3) ", 0000-" name >"/dev/stderr"; bad = 1 } exit bad }' ||
		die "the topics above began before patches that are gone or renamed; in the file series, move their lines to other patches, and run make refresh again"
}

refresh()
{
	local into=${INTO:-$top} bad
	local new=$into/patches.new

	lock
	[ -d "$tree" ] || die "there is no tree to refresh from; run make tree"
	if [ -d "$tree/.git/rebase-merge" ] || [ -d "$tree/.git/rebase-apply" ]; then
		die "a rebase is going on in $tree; end it with git rebase --continue or --abort"
	fi
	[ -z "$(git -C "$tree" status --porcelain -uno)" ] ||
		die "$tree has changes that are in no commit; commit them (git commit --fixup) or git stash them"
	bad=$(git -C "$tree" log --format='%h %s' base.. | grep -E '^[0-9a-f]+ (fixup|squash|amend)!' || :)
	[ -z "$bad" ] || die "not squashed yet: $bad; run git rebase -i --autosquash base in $tree"
	[ -z "$(git -C "$tree" rev-list --merges base..)" ] ||
		die "the series has a merge; make it linear with git rebase base in $tree"

	rm -rf "$new"
	git -C "$tree" -c diff.algorithm=histogram -c core.quotePath=true format-patch -q \
		--no-numbered --no-signature --zero-commit --no-thread --no-base --full-index \
		--stat=79 -M -o "$new" base..series
	sed -i "2s/^From: .*/From: $project_name <$project_email>/" "$new"/*.patch
	with_topics "$new" >"$into/series.new"
	rm -rf "$into/patches"
	mv "$new" "$into/patches"
	mv "$into/series.new" "$into/series"
	[ "$into" = "$top" ] || return 0
	echo "$(patches_id) $(git -C "$tree" rev-parse HEAD)" >"$made"
	say "$(patches | wc -l) patches written"
}

make_stock()
{
	make_tree
	[ -d "$stock" ] || {
		mkdir -p "${stock%/*}"
		git -C "$tree" worktree prune
		git -C "$tree" worktree add -q --detach "$stock.new" base
		git -C "$tree" worktree move "$stock.new" "$stock"
	}
}

case ${1:-} in
tree) make_tree ;;
refresh) refresh ;;
stock) make_stock ;;
*) die "usage: tree.sh tree|refresh|stock" ;;
esac
