#!/bin/bash
# shell.sh: boot the kernel of the series with a prompt on this terminal.
. "$(dirname "$0")/lib.sh"

lock
"$top/ci/packages.sh" guest
"$top/ci/kernel.sh" series
say "leave with exit, or with Ctrl-A X if it hangs"
"$top/selftests/guest/run.sh" shell "$build${DEBUG:+/debug}/bzImage"
