#!/bin/bash
# check-bases.sh: make apply on other kernels that Debian has, each in a git tree of
# its own: which take the series as it is, and for the others which patch does not
# apply. Prints PASS for each that takes it or is expected not to, and the count.
. "$(dirname "$0")/lib.sh"
. "$top/ci/commits.sh"

[ -z "${KERNEL_TREE:-}" ] || die "this makes its own trees; call it without KERNEL_TREE"
lock
"$top/ci/packages.sh" fetch tree
"$top/kernel-tree/tree.sh" tree
. "$top/ci/checks.sh"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=check GIT_AUTHOR_EMAIL=check@example.org
export GIT_COMMITTER_NAME=check GIT_COMMITTER_EMAIL=check@example.org
need_space "${TMPDIR:-/tmp}" 4000 "a kernel tree"

# unpack DEB DIR: the tree in a package, as a git tree of one commit with a work tree
unpack()
{
	mkdir "$2" &&
		dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$2" --strip-components=1 &&
		sed -i '/^# Debian packaging: ignore everything/,$d' "$2/.gitignore" &&
		git -C "$2" init -q -b master && git -C "$2" add -A -f && git -C "$2" commit -q -m "$(basename "$1")"
}

# on DEB EXPECTED: apply it, and compare: "applies", "merges" or "conflicts"
on()
{
	local dir=$tmp/linux got

	unpack "$1" "$dir" || return 1
	if KERNEL_TREE=$dir "$top/ci/apply.sh" >"$tmp/apply" 2>&1; then
		got=applies
		! grep -q 'trying to merge' "$tmp/apply" || got=merges
		[ "$(git -C "$dir" rev-list --count master..namespacefs)" = "$(grep -vc '^#' "$top/series")" ] ||
			got=incomplete
	else
		got=conflicts
		grep -q 'conflicts with that tree' "$tmp/apply" || got=fails
	fi
	cat "$tmp/apply"
	# It is there as before, whatever became of the branch.
	[ -z "$(git -C "$dir" status --porcelain)" ] && [ "$(git -C "$dir" symbolic-ref HEAD)" = refs/heads/master ] ||
		got=touched
	echo "got $got, expected $2"
	[ "$got" = "$2" ]
}

while read -r suite package expected; do
	deb=$("$top/kernel-tree/fetch.sh" "$suite" "$package")
	check "$(basename "$deb" .deb) ($suite) $expected" on "$deb" "$expected"
	sed 's/^/    /' "$tmp/log"
	rm -rf "$tmp/linux" "$top"/kernel-tree/own-"$(printf %s "$tmp/linux" | sha256sum | cut -c1-8)"*
done <<END
$(grep -v '^#' "$top/kernel-tree/bases")
END
sum
