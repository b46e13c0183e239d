# shellcheck shell=bash
# One PASS, FAIL or SKIP a line, and the count at the end. Read after common.sh.
# $tmp is a folder for temporary files.

passed=0 failed=0 skipped=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

pass() { echo "PASS $*"; passed=$((passed + 1)); }
fail() { echo "FAIL $*"; failed=$((failed + 1)); }
skip() { echo "SKIP $*"; skipped=$((skipped + 1)); }

# check NAME COMMAND...: the output is shown if it fails; status 4 is a skip
check()
{
	local name=$1 status=0
	shift
	"$@" >"$tmp/log" 2>&1 || status=$?
	case $status in
	0) pass "$name" ;;
	4) skip "$name: $(cat "$tmp/log")" ;;
	*)
		sed 's/^/    /' "$tmp/log"
		fail "$name"
		;;
	esac
}

# finish: print the count; fails if a check failed, or none passed
finish()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ] && [ $passed != 0 ]
}
