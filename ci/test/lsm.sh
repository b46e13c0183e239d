#!/bin/bash
# lsm.sh: boot Debian on the series with Yama, Landlock and SELinux, and compare what these
# deny of /proc/<pid>/ns with what the views show.
. "$(dirname "$0")/../lib/common.sh"

lock
"$top/ci/build/packages.sh" guest lsm
"$top/ci/build/kernel.sh" series
guest=$build/guest programs=$top/selftests/guest obj=$(objdir series)
mkdir -p "$guest"
secilc -o "$guest/lsm.policy" -f /dev/null "$programs/lsm.cil" || die "selftests/guest/lsm.cil is no policy"
make -s -C "$tree" O="$obj" headers >"$guest/lsm.headers.log" 2>&1 </dev/null ||
	die "the headers of the kernel do not build; see ${guest#"$top/"}/lsm.headers.log"
gcc -O2 -Wall -Werror -static -isystem "$obj/usr/include" -o "$guest/lsm" \
	-I"$tree/tools/testing/selftests/namespacefs" "$programs/lsm.c" ||
	die "selftests/guest/lsm.c does not build"
# Landlock logs only with audit on. A record that does not fit is lost.
GUEST_ARGS="audit=1 audit_backlog_limit=8192" "$top/ci/guest/run.sh" debian lsm series \
	"$programs/lsm.sh" "$guest"/{lsm,lsm.policy} || :
python3 "$top/ci/test/results.py" "$guest/lsm.out" "$guest/lsm.log"
