#!/bin/bash
# post.sh: try make mbox, make range-diff and make apply in scratch trees with nothing
# but the files that the series changes, and no network for b4. It checks the
# scripts here, not git, b4 and quilt.
. "$(dirname "$0")/../lib/common.sh"

[ -z "${KERNEL_TREE:-}" ] || die "this makes its own trees; call it without KERNEL_TREE"
lock
"$top/ci/build/packages.sh" tree mbox post
"$top/kernel-tree/tree.sh" tree
. "$top/ci/lib/series.sh"
. "$top/ci/lib/tally.sh"

# A sender with settings that must not affect the mails, and none of this machine's.
mkdir "$tmp/home"
cat >"$tmp/home/.gitconfig" <<-END
	[format]
		attach = true
		subjectPrefix = OWN
		signOff = false
	[diff]
		noprefix = true
END
export HOME=$tmp/home XDG_CONFIG_HOME=$tmp/home/.config XDG_CACHE_HOME=$tmp/home/.cache
unset "${!GIT_@}"
# Unlike .gitconfig, this overrides an identity in this repository.
export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0='Zoë Q. Sender' \
	GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=zoe@example.org
offline=(unshare -n)
[ "$(id -u)" = 0 ] || offline=(unshare -rn)

# own_tree DIR: what make and get_maintainer.pl take for a kernel tree in git
own_tree()
{
	plain_git "$1" &&
		(cd "$tree" && git archive base COPYING CREDITS Kbuild MAINTAINERS Makefile \
			README scripts/get_maintainer.pl) | tar -x -C "$1" &&
		git -C "$1" add -A -f && git -C "$1" commit -q -m "a kernel"
}

mails() { find "$1/series" -name '*.patch' | sort; }
patches=$(patches | wc -l)
export MBOX_DIR=$tmp/no	# for calls that have to fail
# A result of these patches and one of others, apart from those of a test that runs now.
export RESULTS_DIR=$tmp/results
mkdir "$RESULTS_DIR"
printf '%s\t2026-01-01 00:00\t%s\t100\t%s\n' \
	test "$(git -C "$tree" rev-parse 'series^{tree}')" '41 passed, 0 failed, 1 skipped' >"$RESULTS_DIR/test"
printf '%s\t2026-01-01 00:00\t%s\t100\t%s\n' \
	test-debug "$(git -C "$tree" rev-parse 'base^{tree}')" '43 passed, 0 failed, 0 skipped' >"$RESULTS_DIR/test-debug"

mbox_written()
{
	MBOX_DIR=$tmp/post "$top/ci/post/mbox.sh" 2>"$tmp/mbox.log" || { cat "$tmp/mbox.log"; return 1; }
	[ "$(mails "$tmp/post" | wc -l)" = $((patches + 1)) ] || { mails "$tmp/post"; return 1; }
}

# The mails as a mail program reads them.
threaded()
{
	python3 - "$tmp/post/series.mbox" "$patches" <<-'END'
	import email.header, email.policy, mailbox, re, sys
	mails = list(mailbox.mbox(sys.argv[1], factory=lambda f:
	             email.message_from_binary_file(f, policy=email.policy.default)))
	n = int(sys.argv[2])
	assert len(mails) == n + 1, len(mails)
	cover = mails[0]
	assert len({m["Message-Id"] for m in mails}) == n + 1, "two mails with one id"
	for i, m in enumerate(mails):
	    width = len(str(n))
	    assert re.match(rf"\[PATCH {i:0{width}}/{n}\] \S", m["Subject"]), m["Subject"]
	    assert m["From"] == 'Zoë Q. Sender <zoe@example.org>' or \
	           m["From"] == '"Zoë Q. Sender" <zoe@example.org>', m["From"]
	    assert not m.is_multipart(), "attached"
	    body = m.get_content()
	    if i:
	        assert m["In-Reply-To"] == m["References"] == cover["Message-Id"], m["Subject"]
	        signed = [l for l in body.split("\n---\n")[0].splitlines()
	                  if l.startswith("Signed-off-by:")]
	        assert signed == ["Signed-off-by: Zoë Q. Sender <zoe@example.org>"], signed
	        assert "\ndiff --git a/" in body, "diff.noprefix shows"
	    else:
	        assert not m["In-Reply-To"]
	        assert f"Zoë Q. Sender ({n}):" in body, "no shortlog"
	        assert re.search(r"^ \d+ files changed, ", body, re.M), "no diffstat"
	        assert re.search(r"^Base: Linux [0-9.]+\n", body, re.M), "no base"
	        assert re.search(r"^sha256 [0-9a-f]{64}$", body, re.M), "no hash of the base"
	        assert "BLURB HERE" not in body and "SUBJECT HERE" not in body
	        assert not re.search(r"^@\w+@$", body, re.M), "a marker is left"
	        long = [l for l in body.split("\n\nZoë")[0].splitlines()
	                if len(l) > 79 and not l.startswith("https://")]
	        assert not long, long
	END
}

# The first topic and a late one: each is a series of its own, with the patches before it
# as prerequisites, and applies on these. quilt takes one as well.
by_topic()
{
	local topic range first last before dir=$tmp/topics

	plain_git "$tmp/topics-am" || return 1
	for topic in fixes events; do
		range=$(topic_range "$topic") first=${range% *} last=${range#* }
		TOPIC=$topic MBOX_DIR=$dir "$top/ci/post/mbox.sh" 2>"$tmp/topic.log" ||
			{ cat "$tmp/topic.log"; return 1; }
		[ "$(find "$dir/$topic" -name '*.patch' | wc -l)" = $((last - first + 2)) ] &&
			[ "$(grep -c '^prerequisite-patch-id: ' "$dir/$topic/0000-cover-letter.patch")" = $((first - 1)) ] ||
			{ echo "$topic has other patches, or other prerequisites"; return 1; }
		before=$(git -C "$tmp/topics-am" rev-list --count HEAD)
		mapfile -t patches_before < <(patches | awk -v from="$before" -v to="$first" 'NR >= from && NR < to')
		[ "${#patches_before[@]}" = 0 ] ||
			git -C "$tmp/topics-am" am -q "${patches_before[@]/#/$top/patches/}" || return 1
		git -C "$tmp/topics-am" am -q --empty=drop "$dir/$topic.mbox" || return 1
		[ "$(git -C "$tmp/topics-am" log --format=%s --reverse | tail -n +2)" = \
		  "$(git -C "$tree" log --format=%s --reverse base..series | head -n "$last")" ] || return 1
	done
	grep -q '^It needs the series before it .*: fixes, registry, .*\.$' "$dir/events/0000-cover-letter.patch" &&
		refused "there is no topic nosuch" env TOPIC=nosuch "$top/ci/post/mbox.sh" || return 1
	plain_base "$tmp/topics-quilt" && (
		cd "$tmp/topics-quilt"
		quilt --quiltrc - import "$dir"/fixes/000[1-9]*.patch && quilt --quiltrc - push -a
	) >"$tmp/quilt.log" || { cat "$tmp/quilt.log"; return 1; }
}

# The cover letter has the measurements that exist, and the results of these files only.
honest()
{
	local cover=$tmp/post/series/0000-cover-letter.patch

	if [ -e "$top/Documentation/performance.md" ]; then
		! grep -q '^Not measured for this version' "$cover"
	else
		grep -q '^Not measured for this version' "$cover" &&
			grep -q 'performance.md is not there' "$tmp/mbox.log"
	fi || return 1
	grep -qE '^  make test +41 passed, 0 failed, 1 skipped$' "$cover" &&
		! grep -E '^  make test-debug|^Not tested in this version' "$cover"
}

recipients()
{
	python3 - "$tmp"/post/series/0000-cover-letter.patch <<-'END'
	import email, email.policy, sys
	with open(sys.argv[1], "rb") as file:
	    mail = email.message_from_binary_file(file, policy=email.policy.default)
	to, cc = ({a.addr_spec for a in mail[field].addresses} for field in ("To", "Cc"))
	assert {"linux-fsdevel@vger.kernel.org", "linux-kernel@vger.kernel.org"} <= cc, cc
	assert to and all("@" in address for address in to | cc), to | cc
	END
}

# A number, RFC, and the sections of CHANGES up to that number.
version_two()
{
	local dir=$tmp/v2 cover=$tmp/v2/series/v2-0000-cover-letter.patch

	printf 'v10\n\tNot this one.\n\nv2, today\n\tA thing is new.\n\nv1\n\tNor this.\n' >"$tmp/CHANGES"
	CHANGES_FILE=$tmp/CHANGES MBOX_DIR=$dir VERSION=2 RFC=1 KERNEL_TREE=$tmp/own \
		"$top/ci/post/mbox.sh" 2>"$tmp/v2.log" || { cat "$tmp/v2.log"; return 1; }
	# None of the results is of a series on that base.
	grep -q 'make test has not run' "$tmp/v2.log" && grep -q '^Not tested in this version' "$cover" || return 1
	grep -q "^Subject: \[RFC PATCH v2 00*/$patches\] " "$cover" &&
		grep -qx 'Changes since v1:' "$cover" && grep -qx '  A thing is new\.' "$cover" &&
		! grep -E 'Not this one|Nor this' "$cover" &&
		grep -q "^Subject: \[RFC PATCH v2 0*1/$patches\] " "$dir"/series/v2-0001-*.patch &&
		refused "has no section v98765" env VERSION=98765 KERNEL_TREE="$tmp/own" "$top/ci/post/mbox.sh"
}

# refused TEXT COMMAND...: it fails, and says so
refused()
{
	local text=$1
	shift
	! "$@" >"$tmp/refused" 2>&1 && grep -q -- "$text" "$tmp/refused" || { cat "$tmp/refused"; return 1; }
}

no_identity()
{
	git -C "$tmp/own" config --unset user.email
	refused "git does not know who you are" env -u GIT_CONFIG_COUNT HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent \
		GIT_CONFIG_NOSYSTEM=1 KERNEL_TREE="$tmp/own" "$top/ci/post/mbox.sh" &&
		refused "no address that a reader" env GIT_COMMITTER_EMAIL=me@localhost \
			KERNEL_TREE="$tmp/own" "$top/ci/post/mbox.sh" &&
		[ ! -e "$tmp/no" ]
}

# On a commit in a public repository the mails name the commit, and not the package.
base_commit()
{
	local base

	own_tree "$tmp/own" || return 1
	base=$(git -C "$tmp/own" rev-parse HEAD)
	echo later >"$tmp/own/later" && git -C "$tmp/own" add later && git -C "$tmp/own" commit -q -m later
	KERNEL_TREE=$tmp/own BASE=HEAD~1 MBOX_DIR=$tmp/based "$top/ci/post/mbox.sh" || return 1
	[ "$(grep -h '^base-commit:' "$tmp/based/series.mbox")" = "base-commit: $base" ] &&
		! grep 'as in the Debian package' "$tmp/based/series.mbox" &&
		refused "is no commit of" env KERNEL_TREE="$tmp/own" BASE=nosuch "$top/ci/post/mbox.sh"
}

# committed DIR: it has one commit a patch on the base, as the tree of the series
committed()
{
	[ "$(git -C "$1" rev-list --count HEAD)" = $((patches + 1)) ] && same_as_tree "$1" &&
		[ "$(git -C "$1" log --format=%s --reverse | tail -n +2)" = \
		  "$(git -C "$tree" log --format=%s --reverse base..series)" ]
}

git_am_mbox()
{
	plain_git "$tmp/am" && git -C "$tmp/am" am -q --empty=drop "$tmp/post/series.mbox" && committed "$tmp/am"
}

b4_am()
{
	plain_git "$tmp/b4am" &&
		mkdir "$tmp/b4out" && (cd "$tmp/b4am" && "${offline[@]}" b4 --offline-mode --no-interactive am -C -m "$tmp/post/series.mbox" -o "$tmp/b4out") &&
		git -C "$tmp/b4am" am -q "$tmp"/b4out/*.mbx && committed "$tmp/b4am"
}

# Against the same patches there is no difference; another subject is shown.
range_diff()
{
	local old

	git -C "$top" diff --quiet HEAD -- patches series || { echo "patches/ has changes in no commit"; return 1; }
	OLD=HEAD KERNEL_TREE=$tmp/own "$top/ci/post/range-diff.sh" >"$tmp/same" || return 1
	[ "$(wc -l <"$tmp/same")" = "$patches" ] && ! grep -vE '^ *[0-9]+:  [0-9a-f]+ = ' "$tmp/same" || return 1
	mkdir -p "$tmp/repo/kernel-tree" && cp -r "$top/ci" "$top/patches" "$top/series" "$tmp/repo/" &&
		cp "$top/kernel-tree/base" "$top"/kernel-tree/*.sh "$tmp/repo/kernel-tree/" || return 1
	old=$tmp/repo/patches/$(tail -n 1 "$top/series")
	# A long subject is folded.
	perl -0pi -e 's/^Subject: .*(\n .*)*/Subject: [PATCH] another subject/m' "$old"
	git -C "$tmp/repo" init -q && git -C "$tmp/repo" add -A -f patches series &&
		git -C "$tmp/repo" commit -q -m old && cp "$top/patches/${old##*/}" "$old" || return 1
	(unset NAMESPACEFS_LOCK && OLD=HEAD KERNEL_TREE=$tmp/own "$tmp/repo/ci/post/range-diff.sh" >"$tmp/differs") || return 1
	grep -qE "^ *$patches: +[0-9a-f]+ ! +$patches: " "$tmp/differs" &&
		grep -qE '^ +-+ +another subject$' "$tmp/differs" || { cat "$tmp/differs"; return 1; }
	refused "say since when" env OLD= "$top/ci/post/range-diff.sh" &&
		refused "is no commit" env OLD=nosuch "$top/ci/post/range-diff.sh"
}

# What make apply must not change in a tree with uncommitted work.
state()
{
	(cd "$1" && cat .git/HEAD && git ls-files -s && git diff && git status --porcelain=v2 &&
		git stash list && git config -l --local && git worktree list | wc -l &&
		git for-each-ref | grep -v 'refs/heads/namespacefs$' && find . -path ./.git -prune -o -type f -print | sort)
}

busy_tree()
{
	own_tree "$1" &&
		(cd "$1" && git checkout -q -b mine && echo stashed >>MAINTAINERS && git stash -q &&
		 echo staged >>README && git add README && echo edited >>Makefile && echo new >untracked)
}

applied()
{
	busy_tree "$tmp/busy" && state "$tmp/busy" >"$tmp/before" &&
		KERNEL_TREE=$tmp/busy "$top/ci/post/apply.sh" && state "$tmp/busy" >"$tmp/after" &&
		diff "$tmp/before" "$tmp/after" &&
		[ "$(git -C "$tmp/busy" rev-list --count mine..namespacefs)" = "$patches" ] &&
		mkdir "$tmp/branch" && git -C "$tmp/busy" archive namespacefs | tar -x -C "$tmp/branch" &&
		same_as_tree "$tmp/branch" &&
		refused "has a branch namespacefs already" env KERNEL_TREE="$tmp/busy" "$top/ci/post/apply.sh"
}

# conflict_dir TREE: where make apply leaves a conflict of that tree
conflict_dir() { echo "$top/kernel-tree/own-$(printf %s "$(realpath "$1")" | sha256sum | cut -c1-8)-conflict"; }

# The tree has a line of its own where the series adds one: git cannot tell which comes
# first.
conflict()
{
	local dir=$tmp/conflict work name

	busy_tree "$dir" && git -C "$dir" stash -q && work=$(conflict_dir "$dir") || return 1
	git -C "$tree" show series:fs/Kconfig | sed 's,fs/namespacefs/,fs/another/,' >"$dir/fs/Kconfig"
	git -C "$dir" commit -q -a -m another && git -C "$dir" stash pop -q || return 1
	state "$dir" | sed '/^[0-9]*$/d' >"$tmp/before"
	name=$(cd "$top/patches" && grep -l '^diff --git a/fs/Kconfig ' ./*.patch) name=${name#./}
	refused "patches/$name conflicts with that tree" env KERNEL_TREE="$dir" "$top/ci/post/apply.sh" || return 1
	cat "$tmp/refused"
	state "$dir" | sed '/^[0-9]*$/d' | diff "$tmp/before" - && grep -qx '  fs/Kconfig' "$tmp/refused" &&
		grep -q '^<<<<<<<' "$work/fs/Kconfig" || return 1
	# The branch has the patches before that one.
	git -C "$dir" show "$(git -C "$work" rev-parse HEAD):fs/Kconfig" | grep -q fs/another || return 1
	(cd "$work" && sed -i '/^[<=>]\{7\}/d' fs/Kconfig && git add fs/Kconfig && git am --continue) || return 1
	grep -q fs/another "$work/fs/Kconfig" && grep -q fs/namespacefs "$work/fs/Kconfig" &&
		[ "$(git -C "$dir" rev-list --count mine..namespacefs)" = "$patches" ] &&
		git -C "$dir" worktree remove "$work"
}

# A change beside one of the series is merged, and named.
merged()
{
	local dir=$tmp/merge

	own_tree "$dir" || return 1
	# The third line above what the series adds: context, and no neighbour.
	awk '{ l[NR] = $0 } /fs\/namespacefs/ { n = NR } END { for (i = 1; i <= NR; i++) if (i != n)
		print l[i] (i == n - 3 ? " # or not" : "") }' <(git -C "$tree" show series:fs/Kconfig) >"$dir/fs/Kconfig"
	git -C "$dir" commit -q -a -m beside || return 1
	KERNEL_TREE=$dir "$top/ci/post/apply.sh" >"$tmp/merged" 2>&1 && cat "$tmp/merged" &&
		grep -qx '    fs/Kconfig' "$tmp/merged" && [ ! -e "$(conflict_dir "$dir")" ] &&
		[ "$(git -C "$dir" worktree list | wc -l)" = 1 ] &&
		git -C "$dir" show namespacefs:fs/Kconfig | grep -q fs/namespacefs &&
		git -C "$dir" show namespacefs:fs/Kconfig | grep -q '# or not'
}

check "make mbox writes a cover letter and a mail a patch" mbox_written
check "threads, numbers, sender, sign-offs, shortlog, base" threaded
check "a topic is a series, with the patches before it as prerequisites" by_topic
check "the cover letter has the numbers and results there are" honest
check "recipients of get_maintainer.pl" recipients
check "git am of the mbox" git_am_mbox
check "b4 am of the mbox" b4_am
check "base-commit where the base is one" base_commit
check "VERSION=2 RFC=1, and a VERSION that CHANGES does not have" version_two
check "make range-diff" range_diff
check "no identity, no mails" no_identity
check "make apply adds a branch and leaves all else" applied
check "make apply names a conflict and keeps the branch" conflict
check "make apply merges what it can" merged
finish
