#!/bin/bash
# shellcheck disable=SC2016 # apt-get expands its own $(...)
# fetch.sh: have the package with the base of the series in the user's cache, and
# print its path. apt gets it, from the mirror that this machine uses, with a
# state of its own: nothing in /etc/apt or /var/lib/apt changes.
# fetch.sh SUITE PACKAGE [ARCH]: the same for the newest version of another package, of
# another architecture of Debian.
# fetch.sh mirror: print that mirror.
. "$(dirname "$0")/../ci/lib/common.sh"
. "$top/kernel-tree/base"

# mirror: print the first mirror of this machine's apt that has Debian itself, not its
# updates
mirror()
{
	local uri

	uri=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI) $(ORIGIN)' \
		'Identifier: Packages' 2>/dev/null |
		awk '$1 ~ /^(bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)$/ &&
		     $2 == "main" && ($4 == "Debian" || $4 == "") { print $3; exit }')
	[ -n "$uri" ] ||
		die "apt knows no mirror of Debian here; add one to /etc/apt/sources.list, or name a source tree with KERNEL_TREE=DIR"
	echo "$uri"
}
if [ "$*" = mirror ]; then
	mirror
	exit
fi

lock
deb=$cache/${PACKAGE}_$PACKAGE_VERSION.deb
good() { [ -f "$1" ] && echo "$SHA256  $1" | sha256sum -c --status; }

if [ $# = 0 ] && good "$deb"; then
	echo "$deb"
	exit 0
elif [ $# = 0 ] && [ -f "$deb" ]; then
	rm -f "$deb"
	say "$deb was damaged and is removed"
fi

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
	die "the base is taken from a Debian package, and there is no apt here; name a source tree of Linux $VERSION with KERNEL_TREE=DIR"
"$top/ci/build/packages.sh" fetch
need_space "$cache" 400 "the package"

mirror=$(mirror)

state=$cache/apt
mkdir -p "$state/lists/partial" "$state/archives/partial"
: >"$state/status"
cat >"$state/apt.conf" <<-END
	Dir::State "$state";
	Dir::State::status "$state/status";
	Dir::State::lists "$state/lists";
	Dir::Cache "$state";
	Dir::Etc::SourceList "$state/sources.list";
	Dir::Etc::SourceParts "-";
	Acquire::Languages "none";
	APT::Architecture "${3:-amd64}";
	APT::Architectures "${3:-amd64}";
	Acquire::Retries "2";
	APT::Sandbox::User "root";
END
export APT_CONFIG=$state/apt.conf

# use SUITE: have the index of a suite
use()
{
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" \
		>"$state/sources.list"
	apt-get -q update >"$state/log" 2>&1 && ! grep -q '^[WE]:.*Failed' "$state/log"
}

# download VERSION: leave the package in the cache as $deb
download()
{
	say "downloading $PACKAGE $1 (a kernel has 160 MB, usually less than a minute)"
	rm -rf "$state/get"
	mkdir "$state/get"
	(cd "$state/get" && apt-get -q download "$PACKAGE=$1" >&2) &&
		mv "$state/get"/*.deb "$deb.new"
}

other=

# newest SUITE: have the newest version of that suite, print its path, and end
newest()
{
	local version

	version=$(apt-cache madison "$PACKAGE" | awk 'NR == 1 { print $3 }')
	[ -n "$version" ] || return 0
	[ -z "${2:-}" ] || say "$2; taking $version from $1 instead"
	deb=$cache/${PACKAGE}_$version${other:+_$other}.deb
	if [ ! -f "$deb" ]; then
		download "$version" ||
			die "the download failed; check the network and run make again"
		mv "$deb.new" "$deb"
	fi
	echo "$deb"
	exit 0
}

if [ $# -ge 2 ]; then
	PACKAGE=$2 other=${3:-}
	say "reading the package index of $1"
	use "$1" && newest "$1"
	die "the mirror that apt uses has no $PACKAGE in $1"
fi

say "reading the package index of $SUITE"
use "$SUITE" || {
	grep '^[WE]:' "$state/log" | head -n 3 >&2
	die "the mirror that apt uses does not answer for $SUITE; check the network and run make again"
}
if apt-cache madison "$PACKAGE" | awk '{ print $3 }' | grep -qxF "$PACKAGE_VERSION"; then
	download "$PACKAGE_VERSION" ||
		die "the download failed; check the network and run make again"
	good "$deb.new" || {
		got=$(sha256sum "$deb.new" | cut -d' ' -f1)
		rm -f "$deb.new"
		die "$PACKAGE $PACKAGE_VERSION has the sha256 $got, and kernel-tree/base asks for $SHA256; it is removed. Run make again; if that happens twice, don't trust the mirror"
	}
	mv "$deb.new" "$deb"
	echo "$deb"
	exit 0
fi

# The pinned version is gone: take the newest one. apt verifies it.
for suite in "$SUITE" sid experimental; do
	use "$suite" || continue
	newest "$suite" "$PACKAGE $PACKAGE_VERSION is no longer on the mirror"
done
die "no $PACKAGE on the mirror any more; name a source tree of Linux ${VERSION%.*} with KERNEL_TREE=DIR"
