#!/bin/bash
# sparse.sh SRC: print the path of a sparse that the kernel in SRC takes. That is the
# installed one, or else, since the kernel asks for more than a stable Debian has, that
# of sid, which is unpacked in the user's cache and runs with a C library of its own.
. "$(dirname "$0")/lib.sh"

src=$1
takes() { [ "$("$src/scripts/checker-valid.sh" "$1" 2>/dev/null)" = 1 ]; }

"$top/ci/packages.sh" strict
sparse=$(command -v sparse)
takes "$sparse" && { echo "$sparse"; exit 0; }

own=$cache/sparse
if ! takes "$own/sparse"; then
	rm -rf "$own" "$own.new"
	mkdir -p "$own.new"
	for package in libc6 sparse; do
		deb=$("$top/kernel-tree/fetch.sh" sid $package)
		dpkg-deb -x "$deb" "$own.new"
		rm "$deb"
	done
	cat >"$own.new/sparse" <<-'END'
		#!/bin/sh
		own=${0%/*} lib=${0%/*}/usr/lib/x86_64-linux-gnu
		exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$own/usr/bin/sparse" "$@"
	END
	chmod +x "$own.new/sparse"
	mv "$own.new" "$own"
	takes "$own/sparse" || die "neither the sparse of this system nor that of Debian sid is good enough for this kernel; build the newest and put it first in PATH"
fi
echo "$own/sparse"
