#!/bin/bash
# shellcheck disable=SC2016 # apt-get expands its own $(...)
# mirror.sh: print the first mirror of this machine's apt that has Debian itself, not
# its security updates or others.
. "$(dirname "$0")/../ci/lib.sh"

mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI) $(ORIGIN)' \
	'Identifier: Packages' 2>/dev/null |
	awk '$1 ~ /^(bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)$/ &&
	     $2 == "main" && ($4 == "Debian" || $4 == "") { print $3; exit }')
[ -n "$mirror" ] ||
	die "apt knows no mirror of Debian here; add one to /etc/apt/sources.list, or name a source tree with KERNEL_TREE=DIR"
echo "$mirror"
