#!/bin/bash
# check.sh: check the patches and the scripts, as far as that takes no build.
. "$(dirname "$0")/../lib/common.sh"

lock
"$top/ci/build/packages.sh" check guest tests
"$top/kernel-tree/tree.sh" tree
. "$top/ci/lib/series.sh"
. "$top/ci/lib/tally.sh"

# make refresh writes the same patches.
refreshed()
{
	mkdir "$tmp/fresh"
	INTO=$tmp/fresh "$top/kernel-tree/tree.sh" refresh &&
		diff -r "$top/patches" "$tmp/fresh/patches" && diff "$top/series" "$tmp/fresh/series"
}

quilt_push()
{
	plain_base "$tmp/quilt"
	(cd "$tmp/quilt" && QUILT_PATCHES=$top/patches QUILT_SERIES=$top/series \
		quilt --quiltrc - push -a --fuzz=0) >"$tmp/quilt.log" || { cat "$tmp/quilt.log"; return 1; }
	! grep -E '\(offset|with fuzz' "$tmp/quilt.log" && same_as_tree "$tmp/quilt"
}

git_am()
{
	plain_git "$tmp/am" && git -C "$tmp/am" am -q "$top"/patches/*.patch &&
		same_as_tree "$tmp/am"
}

# A waiver is a line: type, patch, reason. An unused one is an error.
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
			done < <(grep -v '^#' "$top/ci/check/checkpatch-waivers")
			[ -n "$reason" ] || { echo "$type $where $text"; bad=1; }
		done <"$tmp/found"
	done
	while read -r type patch reason; do
		grep -qxF "$type $patch" "$tmp/used" || { echo "unused waiver: $type $patch"; bad=1; }
		[ -n "$reason" ] || { echo "waiver without a reason: $type $patch"; bad=1; }
	done < <(grep -v '^#' "$top/ci/check/checkpatch-waivers")
	return $bad
}

scripts()
{
	(cd "$top" && shellcheck -x .ci/run ci/*.sh ci/*/*.sh kernel-tree/*.sh kunit/*.sh selftests/guest/*.sh selftests/guest/init) &&
		codespell -q 3 -L iput,bu,filp,lineary,struc "$top/README.md" "$top/Documentation" "$top/patches"
}

# A patch must not be too long to review: 400 lines of code, or 700 of tests. Samples and
# documentation do not count. A topic has a cover letter, and at most 12 patches.
short()
{
	local bad=0 topic range
	awk 'FNR == 1 { body = 0 }
		/^diff --git / { body = 1
			skip = $4 ~ /^b\/(Documentation|samples)\//
			test = $4 ~ /^b\/tools\/testing\/|_kunit\.c$|_test\.c$/ }
		body && !skip && /^\+/ && !/^\+\+\+ / { if (test) tests[FILENAME]++; else code[FILENAME]++ }
		END { for (f in code) if (code[f] > 400) { print f ": " code[f] " lines of code added"; bad = 1 }
			for (f in tests) if (tests[f] > 700) { print f ": " tests[f] " lines of tests added"; bad = 1 }
			exit bad }' "$top"/patches/*.patch || bad=1
	for topic in $(topics); do
		range=$(topic_range "$topic")
		[ $((${range#* } - ${range% *})) -lt 12 ] || { echo "$topic has over 12 patches"; bad=1; }
		[ -f "$top/Documentation/cover-letters/$topic.txt" ] || { echo "$topic has no cover letter"; bad=1; }
	done
	sed -n '/^[^#]/q;/^# topic: /p' "$top/series" | grep -q . ||
		{ echo "the first patches in series belong to no topic"; bad=1; }
	return $bad
}

# Subjects in the imperative, and none of the words that the kernel says otherwise. What
# the patches take away or quote is not ours.
language()
{
	local bad=0 verb p
	for p in "$top"/patches/*.patch; do
		verb=$(sed -n '/^Subject: /{N;s/\n//;s/^Subject: \(\[[^]]*\] \)\?//;s/^\([^ ]*: \)*//;s/[ ,].*//p;q}' "$p")
		case $verb in
		*ing | *ed | *[!a-z]* | '') ;;
		*ss | *[!s]) continue ;;
		esac
		echo "${p##*/}: the subject begins with \"$verb\", which is no imperative"
		bad=1
	done
	{
		grep -nHE '^(\+|[^-@ d])' "$top"/patches/*.patch
		grep -nH . "$top"/README.md "$top"/Documentation/*.{md,txt,5} "$top"/Documentation/cover-letters/*
	} | grep -iE "$words" >"$tmp/words" || return $bad
	sed "s,^$top/,," "$tmp/words"
	return 1
}
words='\b(him|his|he|mend(s|ed|ing)?|nobody|whoever|lies? in|who (sees|wants|reads|watches)|(comes?|came) and (goes|go|went)|hears?|no change of what is seen)\b'

check "patches and topics are short" short
check "subjects are in the imperative, and the words are the kernel's" language
check "refresh changes nothing" refreshed
check "quilt push -a gives the tree, without fuzz or offset" quilt_push
check "git am gives the tree" git_am
check "checkpatch --strict" checkpatch
check "shellcheck, codespell" scripts
check "the judge of the tests" python3 "$top/ci/test/results_test.py"
check "make test fails when anything goes wrong in the guest" python3 "$top/ci/test/harness_test.py"
finish
