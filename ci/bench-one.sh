#!/bin/bash
# bench-one.sh BZIMAGE ROW[:NUMBER]...: boot one kernel in the guest that counts
# instructions, run these rows of selftests/bench/bench.c there, and print what each
# costs. COUNT= and GUEST_MEMORY= are as for selftests/guest/run.sh.
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: bench-one.sh BZIMAGE ROW[:NUMBER]..., for example build/bzImage create"
kernel=$1
shift
"$top/ci/packages.sh" guest bench
bench=$build/bench
mkdir -p "$bench"
gcc -O2 -Wall -Werror -static -o "$bench/bench" "$top/selftests/bench/bench.c" ||
	die "selftests/bench/bench.c does not build"
printf '%s\n' "${@/:/ }" >"$bench/rows"
files=("$top/selftests/guest/bench.sh" "$bench/bench" "$bench/rows")
case " $*" in
*' procs'*)
	# lsns as Debian has it, with its libraries.
	rm -rf "$bench/lsns"
	mkdir "$bench/lsns"
	lsns=$(command -v lsns)
	cp "$lsns" "$bench/lsns/lsns"
	ldd "$lsns" | awk '$3 ~ /^\// { print $3 }' | xargs -I{} cp -L {} "$bench/lsns/"
	cp -L "$(ldd "$lsns" | awk '/ld-linux/ { print $1 }')" "$bench/lsns/ld.so"
	files+=("$bench/lsns") ;;
esac
COUNT=${COUNT:-1} "$top/selftests/guest/run.sh" bench "$kernel" "${files[@]}"
