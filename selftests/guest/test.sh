#!/bin/sh
# shellcheck disable=SC1091,SC2154 # ci/test/test.sh makes the environment
# In the guest: KUnit, then the kselftests by their own runner. With first_failure=1,
# one test after the other until one fails or the kernel complains.
. /guest/environment
suite=/sys/kernel/debug/kunit/ns_idr
echo any >$suite/run && cat $suite/results
cd /guest/kselftest || exit 1
if [ -z "$first_failure" ]; then
	sh ./run_kselftest.sh --override-timeout "$kselftest_timeout"
else
	while read -r test; do
		sh ./run_kselftest.sh --override-timeout "$kselftest_timeout" -t "$test" | tee /tmp/out
		! grep -q '^not ok' /tmp/out || exit 0
		# Lockdep and RCU only write to the log.
		! dmesg | grep -qE 'WARNING:|BUG:' || exit 0
	done <kselftest-list.txt
	exit 0
fi

# With kmemleak: a leak is at least five seconds old and the same in two scans.
leaks=/sys/kernel/debug/kmemleak
if [ -e $leaks ]; then
	printf 'TAP version 13\n1..1\n'
	if sleep 6 && echo scan >$leaks && sleep 6 && echo scan >$leaks &&
	   cat $leaks >/tmp/leaks && [ ! -s /tmp/leaks ]; then
		echo ok 1 kmemleak
	else
		sed 's/^/# /' /tmp/leaks
		echo not ok 1 kmemleak
	fi
fi
# With gcov: the counters, for the host.
find /sys/kernel/debug/gcov -name '*.gcda' 2>/dev/null | while read -r file; do
	echo "gcda ${file#/sys/kernel/debug/gcov} $(base64 -w 0 <"$file")"
done
# The host judges the results, not this status.
exit 0
