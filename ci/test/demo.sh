#!/bin/bash
# demo.sh: build what is missing, boot, start containers in the guest, and find
# them by the views of the series.
. "$(dirname "$0")/../lib/common.sh"

lock
"$top/ci/build/packages.sh" guest "user-$arch"
"$top/ci/build/kernel.sh" series
mkdir -p "$build/guest"
"${cross_user}gcc" -static -O2 -Wall -Werror -o "$build/guest/keep" "$top/selftests/guest/keep.c"
for name in nsls nswatch; do
	"${cross_user}gcc" -static -O2 -Wall -Werror -o "$build/guest/$name" "$tree/samples/namespacefs/$name.c"
done
cd "$top/selftests/guest"
exec "$top/ci/guest/run.sh" busybox demo series \
	demo.sh containers.sh discover.sh "$build/guest"/{keep,nsls,nswatch}
