#!/bin/bash
# docs.sh: check the documentation of the series, and what is in Documentation/
# here. Nothing that the series adds may give a warning.
. "$(dirname "$0")/../lib/common.sh"

lock
"$top/ci/build/packages.sh" tree docs
"$top/kernel-tree/tree.sh" tree
. "$top/ci/lib/tally.sh"

# What the series adds: files, and lines as FILE:LINE. The base has warnings of its own.
git -C "$tree" diff --name-only --no-renames --diff-filter=AM base >"$tmp/files"
git -C "$tree" diff -U0 --no-renames base | awk '
	/^\+\+\+ b\// { file = substr($2, 3) }
	/^\+\+\+ \/dev\/null/ { file = "" }
	/^@@ / && file != "" {
		n = split(substr($3, 2), at, ",")
		for (i = 0; i < (n > 1 ? at[2] : 1); i++)
			print file ":" at[1] + i
	}' >"$tmp/lines"
git -C "$tree" diff --name-only --no-renames --diff-filter=A base >"$tmp/new"

# The folders of documentation that the series touches, without ABI/, which has a check
# of its own.
dirs=$(sed -n 's,^Documentation/\([^/]*\)/.*\.rst$,\1,p' "$tmp/files" | sort -u | tr '\n' ' ')

htmldocs()
{
	[ -n "$dirs" ] || { echo "the series has no documentation"; return 1; }
	rm -rf "$build/docs"
	mkdir -p "$build/docs"
	make -C "$tree" O="$build/docs" htmldocs SPHINXDIRS="$dirs" >"$build/docs/log" 2>&1 </dev/null || {
		tail -n 5 "$build/docs/log"
		echo "make htmldocs failed; the rest is in ${build#"$top/"}/docs/log"
		return 1
	}
	while read -r f; do
		case $f in
		Documentation/ABI/*) ;;
		Documentation/*.rst)
			f=${f#Documentation/}
			find "$build/docs/Documentation/output" -path "*/${f%.rst}.html" | grep -q . ||
				{ echo "no page was made of $f"; return 1; }
			;;
		esac
	done <"$tmp/files"
	# A warning has a file and most often a line.
	! grep -E 'WARNING|ERROR|CRITICAL|[Ww]arning:' "$build/docs/log" |
		awk -v lines="$tmp/lines" -v new="$tmp/new" -v tree="$tree/" '
		BEGIN {
			while ((getline l <lines) > 0) added[l]
			while ((getline l <new) > 0) added[l]
		}
		{
			line = $0
			while ((i = index(line, tree)) > 0)
				line = substr(line, 1, i - 1) substr(line, i + length(tree))
			gsub(/(^|[ :])\.\//, " ", line)
			if (!match(line, /[A-Za-z_][A-Za-z0-9_.\/-]*\/[A-Za-z0-9_.-]+(:[0-9]+)?/))
				next
			at = substr(line, RSTART, RLENGTH)
			file = at
			sub(/:[0-9]+$/, "", file)
			if (at in added || file in added)
				print
		}' | grep .
}

# A missing description of a return value is a warning as well. In files of the base,
# only new warnings count.
kernel_doc()
{
	local bad=0 f
	mkdir "$tmp/base"
	while read -r f; do
		case $f in
		tools/*) continue ;;
		*.c | *.h) ;;
		*) continue ;;
		esac
		(cd "$tree" && tools/docs/kernel-doc -none -Wall "$f") 2>&1 |
			sed 's/:[0-9][0-9]*\([: ]\)/\1/' | sort -u >"$tmp/now" || :
		: >"$tmp/then"
		if git -C "$tree" cat-file -e "base:$f" 2>/dev/null; then
			mkdir -p "$tmp/base/$(dirname "$f")"
			git -C "$tree" show "base:$f" >"$tmp/base/$f"
			(cd "$tmp/base" && "$tree/tools/docs/kernel-doc" -none -Wall "$f") 2>&1 |
				sed 's/:[0-9][0-9]*\([: ]\)/\1/' | sort -u >"$tmp/then" || :
		fi
		! comm -23 "$tmp/now" "$tmp/then" | grep . || bad=1
	done <"$tmp/files"
	return $bad
}

# Each function in a header that the series adds, and each that a page asks for, has a
# kernel-doc comment.
kernel_doc_is_there()
{
	local bad=0 f name
	sed -n 's,^include/linux/\(ns_.*\)\.h$,\1,p' "$tmp/new" | while read -r f; do
		sed -n '/^static/d;s/^[a-z].*[ *]\(ns_[a-z_]*\)(.*/\1/p' "$tree/include/linux/$f.h" |
			sed "s,^,kernel/$f.c ,"
	done | sort -u >"$tmp/documented"
	[ -s "$tmp/documented" ] || { echo "no functions found in include/linux"; bad=1; }
	# Sphinx does not warn of a name that does not exist.
	sed -n 's,^Documentation/.*\.rst$,&,p' "$tmp/new" | while read -r f; do
		awk '/^\.\. kernel-doc::/ { file = $3 }
			$1 == ":functions:" { for (i = 2; i <= NF; i++) print file, $i }' "$tree/$f"
	done >>"$tmp/documented"
	while read -r f name; do
		grep -q "^ \* $name - " "$tree/$f" || { echo "$f: no kernel-doc for $name()"; bad=1; }
	done <"$tmp/documented"
	return $bad
}

# Fields, and one description for each thing.
abi()
{
	local f field
	grep '^Documentation/ABI/' "$tmp/files" >"$tmp/abi" ||
		{ echo "the series describes no ABI"; return 1; }
	while read -r f; do
		for field in What: Date: KernelVersion: Contact: Description:; do
			grep -q "^$field" "$tree/$f" || { echo "$f: no $field"; return 1; }
		done
	done <"$tmp/abi"
	(cd "$tree" && tools/docs/get_abi.py -D Documentation/ABI validate) >"$tmp/validate" 2>&1 ||
		{ tail -n 5 "$tmp/validate"; return 1; }
	! grep -F -f "$tmp/abi" "$tmp/validate" || return 1
	# Their page in the administrator's guide takes too long to build: parse them alone.
	mkdir -p "$tmp/entries/testing"
	while read -r f; do cp "$tree/$f" "$tmp/entries/testing/"; done <"$tmp/abi"
	(cd "$tree" && tools/docs/get_abi.py -D "$tmp/entries" rest --raw) >"$tmp/abi.rst" || return 1
	! python3 -c '
import sys
from docutils import core, nodes
from docutils.parsers.rst import roles
roles.register_generic_role("ref", nodes.emphasis)
core.publish_string(sys.stdin.read(), writer_name="null",
                    settings_overrides={"report_level": 2})' <"$tmp/abi.rst" 2>&1 | grep .
}

# Each file that namespacefs has is described. The names are those in the code.
every_file()
{
	local bad=0 name doc
	sed -n 's/.*NAMESPACEFS_\(FILE\|LINK\)("\([a-z_]*\)".*/\2/p' "$tree"/fs/namespacefs/*.c |
		sort -u >"$tmp/names"
	[ -s "$tmp/names" ] || { echo "no files found in fs/namespacefs"; return 1; }
	while read -r name; do
		for doc in "$tree/Documentation/filesystems/namespacefs.rst" \
			"$tree/Documentation/ABI/testing/sysfs-fs-namespaces" \
			"$top/Documentation/namespacefs.5"; do
			grep -qw "$name" "$doc" || { echo "$doc says nothing of the file $name"; bad=1; }
		done
	done <"$tmp/names"
	return $bad
}

references()
{
	! (cd "$tree" && tools/docs/documentation-file-ref-check) 2>/dev/null |
		grep -F -f "$tmp/files"
}

# A title in small letters is how man-pages has it, and not worth a warning.
manual()
{
	(cd "$top/Documentation" && mandoc -T lint -W warning ./*.5) || return 1
	! groff -man -ww -z -T utf8 "$top"/Documentation/*.5 2>&1 | grep .
}

unit()
{
	command -v systemd-analyze >/dev/null ||
		{ echo "systemd-analyze is not installed"; return 4; }
	# It prints settings that it does not know, and exits with 0.
	systemd-analyze verify --man=no "$top"/Documentation/*.mount >"$tmp/unit" 2>&1 ||
		{ cat "$tmp/unit"; return 1; }
	! grep -F "$top/Documentation/" "$tmp/unit"
}

say "building the documentation in $dirs(1 to 5 minutes)"
check "make htmldocs SPHINXDIRS=\"${dirs% }\"" htmldocs
check "kernel-doc -none -Wall of $(grep -c '\.[ch]$' "$tmp/files") files" kernel_doc
check "kernel-doc of each function in a header of the series, and on a page" kernel_doc_is_there
check "Documentation/ABI" abi
check "each file of namespacefs is described" every_file
check "references to other documents" references
check "mandoc -T lint, groff -man -ww" manual
check "systemd-analyze verify" unit
finish
