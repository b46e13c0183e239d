#!/bin/bash
# kselftest.sh TARGET...: build the kselftests of these targets for the guest, as
# a folder that kselftest's own runner runs: build/guest/kselftest.
. "$(dirname "$0")/lib.sh"

obj=$build/obj/kselftest
install=$build/guest/kselftest
say "building the kselftests (usually less than a minute)"
mkdir -p "$obj"
rm -rf "$install"
cp "$build/obj/series${FLAVOUR:+-$FLAVOUR}/.config" "$obj/.config"
# Static, since the guest has no C library.
make -s -C "$tree" O="$obj" headers >"$obj/log" 2>&1 &&
	make -s -C "$tree/tools/testing/selftests" O="$obj" OUTPUT="$obj/kselftest" \
		KHDR_INCLUDES="-isystem $obj/usr/include" LDLIBS=-static FORCE_TARGETS=1 \
		TARGETS="$*" INSTALL_PATH="$install" install >>"$obj/log" 2>&1 || {
	grep -E 'error|Error' "$obj/log" | head -n 10 >&2
	die "the kselftests do not build; the whole log is in ${obj#"$top/"}/log"
}
