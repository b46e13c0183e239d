#!/bin/bash
# mainline.sh: show the faults of mainline that the series mends, by the programs of
# selftests/mainline, on stock and on the series. Fails if one is left that can be
# mended, or if stock does not show it: then the program shows nothing.
. "$(dirname "$0")/matrix.sh"

lock
"$top/ci/packages.sh" guest
"$top/ci/kernel.sh" stock
"$top/ci/kernel.sh" series
guest=$build/guest
mkdir -p "$guest"
gcc -O2 -Wall -Werror -static -o "$guest/mainline" "$top/selftests/mainline/mainline.c" ||
	die "selftests/mainline/mainline.c does not build"
printf '#!/bin/sh\n/guest/mainline\n' >"$guest/mainline.sh"
for which in stock series; do
	kernel=$build/bzImage
	[ $which = series ] || kernel=$build/stock/bzImage
	"$top/selftests/guest/run.sh" mainline "$kernel" "$guest/mainline.sh" "$guest/mainline" >&2
	cp "$guest/mainline.out" "$guest/mainline.$which"
done

# One of them takes a kernel without /proc.
fragment x86_64 PROC_FS=n CGROUPS=n NAMESPACE_FS=n
for which in stock series; do
	src=$tree
	[ $which = series ] || src=$stock
	obj=$(objdir $which)-noproc
	"$top/ci/config.sh" "$src" "$obj" "$tmp/fragment"
	say "building the $which kernel without /proc"
	kmake "$obj/build.log" "$src" "$obj" bzImage ||
		die "it does not build; the whole log is in ${obj#"$top/"}/build.log"
	PROGRAM=$guest/mainline "$top/selftests/guest/boot.sh" "$obj/arch/x86/boot/bzImage" \
		"$guest/noproc-$which" inums-without-proc
	grep '^inums-without-proc ' "$guest/noproc-$which.log" >>"$guest/mainline.$which" ||
		die "the $which kernel without /proc said nothing; its log is in build/guest/noproc-$which.log"
done
# listns-pages cannot be mended by an order of steps, see Documentation/testing.md.
awk '/^[a-z0-9-]+ (fault|none|unknown): / { sub(/:$/, "", $2); at[$1, FILENAME ~ /series$/] = $2; names[$1] }
	END {
		for (name in names) {
			stock = at[name, 0]; series = at[name, 1]
			good = stock == "fault" && (series == "none" || name == "listns-pages")
			printf "%s %s: stock %s, series %s\n", good ? "PASS" : "FAIL", name, stock, series
			good ? passed++ : failed++
		}
		printf "%d passed, %d failed, 0 skipped\n", passed, failed
		exit failed || !passed
	}' "$guest/mainline.stock" "$guest/mainline.series"
