#!/bin/bash
# kselftest.sh series|stock|topic INSTALL TARGET...: build the kselftests of these targets
# for the guest, as a folder INSTALL that kselftest's own runner runs.
. "$(dirname "$0")/../lib/common.sh"

which=$1 install=$2
shift 2
src=$tree obj=$build/obj/kselftest$variant
[ "$which" = series ] || { src=${!which} obj=$build/obj/kselftest$variant-$which; }
say "building the kselftests (usually less than a minute)"
mkdir -p "$obj"
rm -rf "$install"
cp "$(objdir "$which")/.config" "$obj/.config"
# Static, since the guest has no C library. Some Makefiles set LDLIBS, others LDFLAGS.
static=LDLIBS=-static
[ "$which" != stock ] || static=LDFLAGS=-static
# The C library's <asm/sigcontext.h> of s390x takes a type for granted.
include=()
[ "$arch" != s390x ] || include=(-include asm/types.h)
make -s -C "$src" O="$obj" "${kernel_options[@]}" -j"$(nproc)" headers >"$obj/log" 2>&1 </dev/null &&
	make -s -C "$src/tools/testing/selftests" O="$obj" OUTPUT="$obj/kselftest" CC="ccache ${cross_user}gcc ${include[*]}" \
		KHDR_INCLUDES="-isystem $obj/usr/include" "$static" FORCE_TARGETS=1 -j"$(nproc)" \
		TARGETS="$*" INSTALL_PATH="$install" install >>"$obj/log" 2>&1 </dev/null || {
	grep -E 'error|Error' "$obj/log" | head -n 10 >&2
	die "the kselftests do not build; the whole log is in ${obj#"$top/"}/log"
}
for target; do
	grep -q "^$target:" "$install/kselftest-list.txt" ||
		die "there are no kselftests of $target in the tree"
done
