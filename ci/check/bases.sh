#!/bin/bash
# bases.sh: make apply on other kernels that Debian has, each in a scratch
# tree of the files that the series touches. kernel-tree/bases has the expected
# results: applies, merges or conflicts, and where. A check fails if the result differs.
. "$(dirname "$0")/../lib/common.sh"

[ -z "${KERNEL_TREE:-}" ] || die "this makes its own trees; call it without KERNEL_TREE"
lock
"$top/ci/build/packages.sh" fetch tree
"$top/kernel-tree/tree.sh" tree
. "$top/ci/lib/series.sh"
. "$top/ci/lib/tally.sh"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=check GIT_AUTHOR_EMAIL=check@example.org
export GIT_COMMITTER_NAME=check GIT_COMMITTER_EMAIL=check@example.org

# unpack DEB DIR: what the series touches of the tree in a package, as a git tree of
# one commit with a work tree
unpack()
{
	mkdir "$2" &&
		{ echo Kbuild; git -C "$tree" diff --name-only --no-renames base series; } |
		sed 's,^,*/,' >"$tmp/names" || return 1
	# Files that the series adds, or that this version does not have, are missed.
	dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$2" --strip-components=1 --wildcards --no-wildcards-match-slash \
			-T "$tmp/names" 2>"$tmp/missed" || :
	! grep -vE 'Not found in archive|Exiting with failure' "$tmp/missed" &&
		[ -s "$2/Kbuild" ] && [ -s "$2/kernel/nstree.c" ] &&
		git -C "$2" init -q -b master && git -C "$2" add -A -f && git -C "$2" commit -q -m "$(basename "$1")"
}

# on DEB EXPECTED: apply it, and compare: "applies", "merges" or
# "conflicts:FILE,..." for the files of the first conflict
on()
{
	local dir=$tmp/linux got

	unpack "$1" "$dir" || return 1
	if KERNEL_TREE=$dir "$top/ci/post/apply.sh" >"$tmp/apply" 2>&1; then
		got=applies
		! grep -q 'trying to merge' "$tmp/apply" || got=merges
		[ "$(git -C "$dir" rev-list --count master..namespacefs)" = "$(grep -vc '^#' "$top/series")" ] ||
			got=incomplete
	else
		got=conflicts:$(sed -n 's/^  \([^ ]*\)$/\1/p' "$tmp/apply" | paste -sd,)
		grep -q 'conflicts with that tree' "$tmp/apply" || got=fails
	fi
	cat "$tmp/apply"
	# The work tree must be as before, applied or not.
	[ -z "$(git -C "$dir" status --porcelain)" ] && [ "$(git -C "$dir" symbolic-ref HEAD)" = refs/heads/master ] ||
		got=touched
	echo "got $got, expected $2"
	[ "$got" = "$2" ]
}

while read -r suite package expected; do
	deb=$("$top/kernel-tree/fetch.sh" "$suite" "$package")
	check "$(basename "$deb" .deb) from $suite $expected" on "$deb" "$expected"
	rm -rf "$tmp/linux" "$top"/kernel-tree/own-"$(printf %s "$tmp/linux" | sha256sum | cut -c1-8)"*
done <<END
$(grep -v '^#' "$top/kernel-tree/bases")
END
finish
