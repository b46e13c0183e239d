#!/bin/sh
# shellcheck disable=SC1091,SC2154 # stress.env is made by ci/stress.sh
# In the guest: one kselftest, and where there is kmemleak, what it finds after.
. /guest/stress.env
cd /guest/kselftest || exit 1
sh ./run_kselftest.sh --override-timeout 3600 -t "$test"
leaks=/sys/kernel/debug/kmemleak
if [ -e $leaks ]; then
	# Twice, since what was freed of late may look lost.
	echo scan >$leaks
	sleep 6
	echo scan >$leaks
	# A report is one by its words, for the judge.
	cat $leaks | tee /dev/kmsg
fi
exit 0
