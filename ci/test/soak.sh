#!/bin/bash
# soak.sh: boot Debian on the debug kernel, or that of FLAVOUR=, and for SOAK_S seconds run
# stress-ng, start and stop containers, read both views as root, as a user and in a
# container, and watch. After that, namespaces and memory have to be as before.
. "$(dirname "$0")/../lib/common.sh"
. "$top/ci/lib/series.sh"

seconds=${SOAK_S:-3600}
lock
"$top/ci/build/packages.sh" guest
"$top/ci/build/kernel.sh" series
guest=$build/guest programs=$top/selftests/guest
mkdir -p "$guest"
for name in nsls nswatch; do
	gcc -static -O2 -Wall -Werror -o "$guest/$name" "$tree/samples/namespacefs/$name.c"
done
echo "seconds=$seconds" >"$guest/environment"
GUEST_TIMEOUT=${GUEST_TIMEOUT:-$((seconds + 1800))} GUEST_MEMORY=${GUEST_MEMORY:-6144} \
	"$top/ci/guest/run.sh" debian soak series \
	"$programs/soak.sh" "$guest"/{environment,nsls,nswatch} || :
kcsan=()
[ "$flavour" != kcsan ] || {
	functions >"$guest/functions"
	kcsan=("--kcsan=$guest/functions")
}
python3 "$top/ci/test/results.py" "${kcsan[@]}" "$guest/soak.out" "$guest/soak.log"
