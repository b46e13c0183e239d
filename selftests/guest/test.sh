#!/bin/sh
# In the guest: KUnit, then the kselftests by their own runner.
suite=/sys/kernel/debug/kunit/ns_idr
echo any >$suite/run && cat $suite/results
cd /guest/kselftest || exit 1
sh ./run_kselftest.sh --override-timeout 300
# The harness judges by the results, not by this.
exit 0
