#!/bin/bash
# mbox.sh: write the series as mails, for the person who posts it: build/series.mbox, the
# same one mail a file in build/series/. The cover letter names the recipients.
#   TOPIC=NAME  only the patches of this topic, as build/NAME.mbox and so on
#   VERSION=N   the Nth posting (1); Documentation/CHANGES must say what it changes
#   RFC=1       [RFC PATCH]
#   BASE=REV    with KERNEL_TREE, a git clone: the commit to put the series on (HEAD)
#   MBOX_DIR=DIR  write there and not to build/; CHANGES_FILE= and RESULTS_DIR= take
#               the place of that file and of build/results
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

# make hands its variables down to every make below, and VERSION is one of Linux.
version=${VERSION:-1}
history=${CHANGES_FILE:-$top/Documentation/CHANGES}
name=${TOPIC:-series}
letter=$top/Documentation/cover-letters/$name.txt
out=${MBOX_DIR:-$build}
results=${RESULTS_DIR:-$build/results}
[[ $version =~ ^[1-9][0-9]*$ ]] || die "VERSION=$version is no number of a posting; give 1, 2 and so on"

range=
[ -z "${TOPIC:-}" ] || range=$(topic_range "$TOPIC")
[ -f "$letter" ] || die "${letter#"$top/"} is missing; the cover letter is made from it"
lock
"$top/ci/build/packages.sh" tree mbox

# Only the sender can certify the origin of the patches: refuse a name that git made up.
ident=$(git -C "${own:-$top}" -c user.useConfigOnly=true var GIT_COMMITTER_IDENT 2>/dev/null) ||
	die "git does not know who you are, and the patches need your Signed-off-by: git config --global user.name 'Your Name' and user.email you@example.org (see Documentation/process/submitting-patches.rst, the Developer's Certificate of Origin)"
author_name=${ident%% <*} author_email=${ident#*<} author_email=${author_email%%>*}
case $author_email in
*@localhost | *@*.localdomain) die "$author_email is no address that a reader can answer to; set git's user.email to your address" ;;
?*@?*) ;;
*) die "git's user.email, '$author_email', is no address; set it to yours" ;;
esac

onto
# From here on no setting of the sender's may change how the mails look.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_COMMITTER_NAME=$author_name GIT_COMMITTER_EMAIL=$author_email
export GIT_AUTHOR_NAME=$author_name GIT_AUTHOR_EMAIL=$author_email

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repo=$work/git
scratch_repo "$repo" "$onto_repo"
commits "$repo" "$onto" || {
	printf '%s\n' "$why" | sed 's/^/  /' >&2
	die "patches/$failed does not apply to that base, see above; BASE= names another one"
}
# A topic has the patches before it as prerequisites.
mapfile -t all < <(git -C "$repo" rev-list --reverse "$onto..$tip")
since=$onto
if [ -n "$range" ]; then
	[ "${range% *}" = 1 ] || since=${all[${range% *} - 2]}
	tip=${all[${range#* } - 1]}
fi
git -C "$repo" update-ref refs/heads/namespacefs "$tip"

# What the cover letter takes from elsewhere, each a line of its own there.
# performance [REGEX]: the measurements whose first line matches
performance()
{
	local file=$top/Documentation/performance.md regex=${1# }

	if [ ! -f "$file" ]; then
		say "Documentation/performance.md is not there: the cover letter has no numbers"
		echo "Not measured for this version."
	elif grep -qx '<!-- cover letter -->' "$file"; then
		sed -n '/^<!-- cover letter -->$/,/^<!-- end of cover letter -->$/p' "$file" |
			awk -v regex="$regex" '/^<!--/ { next }
				/In instructions/ { head = $0; next }
				/^    [^ ]/ { on = !regex || $0 ~ regex }
				on { if (!n++) print head "\n"; print }
				END { if (!n) print "@performance " regex "@" }'
	else
		sed '/^# /d' "$file"
	fi | sed '/./,$!d' | cat -s
}

# What make test and make test-debug recorded of just these patches.
tests()
{
	local target hash count any=

	while IFS='	' read -r target _ hash _ count; do
		[ "$hash" = "$(git -C "$repo" rev-parse "${all[-1]}^{tree}")" ] || continue
		[ -z "${TOPIC:-}" ] || target="${target%-"$TOPIC"} TOPIC=$TOPIC"
		printf '  make %-15s %s\n' "$target" "$count"
		any=1
	done < <(cat "$results"/test{,-debug}"${TOPIC:+-$TOPIC}" 2>/dev/null)
	[ -n "$any" ] || {
		say "make test has not run on this version: the cover letter has no results"
		echo "Not tested in this version."
	}
}

# The sections of CHANGES from version $version down to 2.
changes()
{
	awk -v v="$version" '/^v[0-9]+/ { n = substr($1, 2) + 0; on = n <= v && n > 1
		if (on) { printf "%sChanges since v%d:\n", sep, n - 1; sep = "\n" } next }
		/^#/ { next } on && NF { sub(/^\t/, "  "); print }' "$history"
}

base()
{
	if [ -n "$onto_name" ]; then
		echo "Base: $onto_name"
	else
		git -C "$repo" log -1 --format='Base: %s (the base-commit below)' "$onto"
	fi
	[ "$since" = "$onto" ] ||
		topics | sed "/^$name\$/,\$d" | paste -sd' ' | sed 's/ /, /g;s/.*/It needs the series before it (the prerequisites below): &./'
}

if [ "$version" -gt 1 ] && ! grep -qE "^v$version([^0-9]|\$)" "$history"; then
	die "Documentation/CHANGES has no section v$version; write there what is new since v$((version - 1)) (make range-diff OLD=rev shows it)"
fi
sed '/^#/d' "$letter" | while IFS= read -r line; do
	case $line in
	@performance*@) line=${line#@performance} && performance "${line%@}" ;;
	@tests@) tests ;;
	@changes@) changes ;;
	@base@) base ;;
	*) printf '%s\n' "$line" ;;
	esac
done | cat -s >"$work/cover"
! grep -n '^@.*@$' "$work/cover" >&2 ||
	die "${letter#"$top/"} has the marker above, which nothing fills"

args=(--cover-letter --cover-from-description=subject --signoff --thread=shallow
	--stat=79 -M --no-notes --base="$onto" --output-directory "$work/series")
[ "$version" = 1 ] || args+=(-v "$version")
[ -z "${RFC:-}" ] || args+=(--rfc)
git -C "$repo" -c "branch.namespacefs.description=$(cat "$work/cover")" \
	-c diff.algorithm=histogram -c format.useAutoBase=false \
	format-patch -q "${args[@]}" "$since..namespacefs"
# The commit of a base that is in no repository means nothing to a reader.
[ -z "$onto_name" ] || sed -i '/^base-commit: /d' "$work"/series/*.patch
# b4 before 0.13 stumbles over headers of more than one line in a local mbox.
for mail in "$work"/series/*.patch; do
	awk 'body { print; next }
		/^[ \t]/ { sub(/^[ \t]+/, ""); printf " %s", $0; next }
		NR > 1 { print "" } /^$/ { body = 1; print ""; next }
		{ printf "%s", $0 }' "$mail" >"$work/mail"
	mv "$work/mail" "$mail"
done

# The recipients, by the MAINTAINERS of the base and of the series itself. The script
# has to run in a kernel tree; these files are enough of one.
mkdir "$work/top"
git -C "$repo" archive "$tip" COPYING CREDITS Kbuild MAINTAINERS Makefile README \
	scripts/get_maintainer.pl | tar -x -C "$work/top"
mkdir -p "$work/top"/{Documentation,arch,include,drivers,fs,init,ipc,kernel,lib}
# One diff has each file once. Keywords would name the maintainers of Rust, for a word in a text.
git -C "$repo" diff "$since..namespacefs" >"$work/diff"
# asked OPTION...
asked()
{
	(cd "$work/top" && scripts/get_maintainer.pl --no-git --no-git-fallback --no-fixes \
		--no-keywords --no-rolestats "$@" "$work/diff") 2>"$work/log" || :
	# MAINTAINERS has this list only for system calls.
	[ "$1" != --no-m ] || ! grep -q '^+++ b/Documentation/ABI/' "$work/diff" ||
		echo linux-api@vger.kernel.org
}
asked --no-r --no-l >"$work/to"
asked --no-m --no-M | grep -vxFf "$work/to" >"$work/cc" ||
	die "get_maintainer.pl of that base names no list to send the series to"
# The cover letter names them, and git send-email takes them from there.
for field in To Cc; do
	paste -sd, "$work/${field,,}" | sed "s/,/, /g;s/^/$field: /"
done >"$work/head"
cover=$(find "$work/series" -name '*0000-cover-letter.patch')
sed -i "/^Subject: /r $work/head" "$cover"
cat "$work"/series/*.patch >"$work/mbox"

# A line of a mail that looks like the beginning of the next one splits the mbox there.
mkdir "$work/split"
[ "$(git mailsplit -o"$work/split" "$work/mbox")" = "$(find "$work/series" -name '*.patch' | wc -l)" ] ||
	die "a line in a message or the cover letter begins with 'From ', and the mbox would be split there; reword it"

mkdir -p "$out"
rm -rf "${out:?}/$name"
mv "$work/series" "$out/$name"
mv "$work/mbox" "$out/$name.mbox"
rel=${out#"$top/"}/$name
say "$rel.mbox has $(find "$out/$name" -name '*.patch' | wc -l) mails, signed off by $author_name <$author_email>; read them first"
say "git send-email --to-cover --cc-cover $rel/*.patch sends them to those that the cover letter names, by get_maintainer.pl"
