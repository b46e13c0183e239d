#!/bin/bash
# demo.sh: build what is missing, boot, start containers in the guest, and find
# them by the views of the series.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" guest
"$top/ci/kernel.sh" series
mkdir -p "$build/guest"
gcc -static -O2 -Wall -Werror -o "$build/guest/keep" "$top/selftests/guest/keep.c"
gcc -static -O2 -Wall -Werror -o "$build/guest/nswatch" "$tree/samples/namespacefs/nswatch.c"
cd "$top/selftests/guest"
exec ./run.sh demo "$build${DEBUG:+/debug}/bzImage" \
	demo.sh containers.sh discover.sh "$build/guest/keep" "$build/guest/nswatch"
