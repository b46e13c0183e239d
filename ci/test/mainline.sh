#!/bin/bash
# mainline.sh: show the faults of mainline that the series fixes, by the programs of
# selftests/mainline, on stock and on the series. Fails if the series has one that can
# be fixed, or if stock does not show it: then the program shows nothing.
. "$(dirname "$0")/../lib/common.sh"

lock
"$top/ci/build/packages.sh" guest
"$top/ci/build/kernel.sh" stock
"$top/ci/build/kernel.sh" series
. "$top/ci/lib/tally.sh"
guest=$build/guest
mkdir -p "$guest"
gcc -O2 -Wall -Werror -static -o "$guest/mainline" "$top/selftests/mainline/mainline.c" ||
	die "selftests/mainline/mainline.c does not build"
printf '#!/bin/sh\n/guest/mainline\n' >"$guest/mainline.sh"
# One of the faults takes a kernel without /proc.
{
	grep -hvE '^CONFIG_(PROC_FS|CGROUPS|NAMESPACE_FS)=' "$top"/ci/config/small{,-x86}.config
	printf 'CONFIG_%s\n' 64BIT=y PROC_FS=n CGROUPS=n NAMESPACE_FS=n
} >"$tmp/fragment"
for which in stock series; do
	src=$tree
	[ $which = series ] || src=$stock
	"$top/ci/guest/run.sh" busybox mainline $which "$guest/mainline.sh" "$guest/mainline" >&2
	cp "$guest/mainline.out" "$tmp/$which"
	obj=$(objdir $which)-noproc
	"$top/ci/build/config.sh" "$src" "$obj" "$tmp/fragment"
	say "building the $which kernel without /proc"
	kmake "$obj/build.log" "$src" "$obj" bzImage ||
		die "it does not build; the whole log is in ${obj#"$top/"}/build.log"
	GUEST_ARGS=inums-without-proc "$top/ci/guest/run.sh" alone noproc "$obj/arch/x86/boot/bzImage" \
		"$guest/mainline" >&2
	cat "$guest/noproc.out" >>"$tmp/$which"
done
mapfile -t names < <(sed -nE 's/^([a-z0-9-]+) (fault|none|unknown): .*/\1/p' "$tmp"/{stock,series} | sort -u)
for name in "${names[@]}"; do
	on_stock=$(sed -nE "s/^$name (fault|none|unknown): .*/\1/p" "$tmp/stock")
	on_series=$(sed -nE "s/^$name (fault|none|unknown): .*/\1/p" "$tmp/series")
	# No order of steps fixes listns-pages, see Documentation/testing.md.
	case $name,$on_stock,$on_series in
	*,fault,none | listns-pages,fault,*) pass "$name: stock $on_stock, series $on_series" ;;
	*) fail "$name: stock ${on_stock:-did not run}, series ${on_series:-did not run}" ;;
	esac
done
finish
