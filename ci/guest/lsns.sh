#!/bin/bash
# lsns.sh: have the newest lsns of Debian, which is in sid, with its libraries in a folder
# of the user's cache, and print that folder. It runs anywhere as
#   DIR/ld.so --library-path DIR DIR/lsns
# DIR/version is the version of its package. Delete the folder to get a newer one.
. "$(dirname "$0")/../lib/common.sh"

dir=$cache/lsns
if [ -x "$dir/lsns" ]; then
	echo "$dir"
	exit 0
fi
lock
new=$dir.new
rm -rf "$new"
mkdir -p "$new/root"
trap 'rm -rf "$new"' EXIT
for package in util-linux libsmartcols1 libmount1 libblkid1 libselinux1 libpcre2-8-0 \
	libsystemd0 libc6; do
	deb=$("$top/kernel-tree/fetch.sh" sid $package)
	dpkg-deb -x "$deb" "$new/root"
	[ $package != util-linux ] || dpkg-deb -f "$deb" Version >"$new/version"
	rm -f "$deb"
done
find "$new/root" -name '*.so*' ! -type d -exec cp -L {} "$new/" \;
cp -L "$(find "$new/root" -name 'ld-linux-*.so.2' -o -name 'ld-*.so.1' | head -n 1)" "$new/ld.so"
cp "$new/root/usr/bin/lsns" "$new/lsns"
rm -rf "$new/root"
# Of the packages' libraries, those that it needs.
"$new/ld.so" --library-path "$new" --list "$new/lsns" >"$new/list" || :
for file in "$new"/*.so*; do
	case $file in */ld.so) continue ;; esac
	grep -qF "/${file##*/} " "$new/list" || rm "$file"
done
# A library that is not in the folder would be this machine's, or missing.
missing=$(grep '=>' "$new/list" | awk -v dir="$new/" 'index($3, dir) != 1 { printf "%s ", $1 }')
[ -z "$missing" ] ||
	die "lsns of sid needs more libraries: $missing; name the packages that have them in ${0#"$top/"}"
rm "$new/list"
"$new/ld.so" --library-path "$new" "$new/lsns" --version >/dev/null ||
	die "lsns of sid does not run with the libraries of sid, see above"
rm -rf "$dir"
mv "$new" "$dir"
echo "$dir"
