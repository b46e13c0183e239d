#!/bin/bash
# bisect.sh [FROM [TO]]: build and boot the series as it is after each patch, from
# the FROM-th to the TO-th, on the small configuration of builds.sh: with namespacefs
# and without it as soon as it is there, and what the patch touches with W=1 and
# sparse. A warning is an error. Prints PASS or FAIL for each patch, and the count.
. "$(dirname "$0")/matrix.sh"

lock
"$top/ci/packages.sh" build guest strict
"$top/kernel-tree/tree.sh" tree
src=$top/kernel-tree/bisect
obj=$build/obj/bisect
need_space "$build" 2000 "a kernel build"

scratch_tree "$src"

# step NAMESPACE_FS: build all, and boot it
step()
{
	local on=$1
	cat "$top/ci/builds/small.config" "$top/ci/builds/x86.config" >"$tmp/fragment"
	printf 'CONFIG_%s=y\n' 64BIT KUNIT RUNTIME_TESTING_MENU >>"$tmp/fragment"
	sed -i '/^CONFIG_NAMESPACE_FS=/d' "$tmp/fragment"
	! grep -q '^config NS_IDR_KUNIT_TEST' "$src/lib/Kconfig.debug" ||
		echo CONFIG_NS_IDR_KUNIT_TEST=y >>"$tmp/fragment"
	[ ! -f "$src/fs/namespacefs/Kconfig" ] || echo "CONFIG_NAMESPACE_FS=$on" >>"$tmp/fragment"
	"$top/ci/config.sh" "$src" "$obj" "$tmp/fragment" &&
		link_and_boot "bisect-$on" x86_64 "$src" "$obj" ||
		{ echo "with NAMESPACE_FS=$on"; return 1; }
}

# What W=1 and sparse say of the files of a patch, and did not say before it.
strictly()
{
	local of=$1
	local -a all=("${files[@]}")
	strict "bisect-$of" "$src" "$obj" "${all[@]}" || return 1
	warnings "$obj/strict-bisect-$of.log" "${files[@]}" "${headers[@]}" >"$tmp/$of"
}

# patch COMMIT: all that is asked of one
patch()
{
	local commit=$1
	git -C "$src" checkout -q --detach "$commit"
	mapfile -t files < <(touched "$commit^" "$commit" '*.c')
	mapfile -t headers < <(touched "$commit^" "$commit" '*.h')
	step n || return 1
	[ ! -f "$src/fs/namespacefs/Kconfig" ] || step y || return 1
	[ "${#files[@]}" != 0 ] || return 0
	strictly after || return 1
	[ -s "$tmp/after" ] || return 0
	git -C "$src" checkout -q --detach "$commit^"
	# A file that the patch adds has nothing said of it before.
	mapfile -t files < <(cd "$src" && ls -d "${files[@]}" 2>/dev/null)
	: >"$tmp/before"
	[ "${#files[@]}" = 0 ] || strictly before || return 1
	comm -23 "$tmp/after" "$tmp/before" >"$tmp/new"
	[ ! -s "$tmp/new" ] || { cat "$tmp/new"; return 1; }
}

build_boot "$tree"
mapfile -t commits < <(git -C "$tree" rev-list --reverse base..series)
from=${1:-1} to=${2:-${#commits[@]}}
for ((n = from; n <= to; n++)); do
	name="$n of ${#commits[@]}, $(git -C "$tree" show -s --format=%s "${commits[n - 1]}")"
	say "$name"
	start=$SECONDS
	if patch "${commits[n - 1]}"; then
		pass "$name ($((SECONDS - start)) s)"
	else
		fail "$name"
	fi
done
finish
