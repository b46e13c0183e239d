#!/usr/bin/env python3
"""The judge of the tests must not be fooled: what it has to notice."""

import os
import subprocess
import sys
import tempfile
import unittest

import results
from results import judge

GOOD = """TAP version 13
1..2
# timeout set to 300
# selftests: namespacefs: a_test
# TAP version 13
# 1..2
# # Starting 2 tests from 1 test cases.
# #  RUN           view.one ...
# #            OK  view.one
# ok 1 view.one
# ok 2 view.two # SKIP no such feature
# # Totals: pass:1 fail:0 xfail:0 xpass:0 skip:1 error:0
ok 1 selftests: namespacefs: a_test
# selftests: namespacefs: b_test
# TAP version 13
# 1..1
# ok 1 view.three
ok 2 selftests: namespacefs: b_test
KTAP version 1
1..1
    KTAP version 1
    # Subtest: ns_idr
    1..2
    ok 1 slot
    ok 2 order
# ns_idr: pass:2 fail:0 skip:0 total:2
ok 1 ns_idr
guest: end 0
"""
NAMES = ["selftests: namespacefs: a_test", "selftests: namespacefs: b_test", "ns_idr"]


class ResultsTest(unittest.TestCase):
    def judge(self, output=GOOD, log="[    1.0] all is well\n[    2.0] reboot: Power down\n"):
        return judge(output, log, NAMES)

    def assert_fails(self, what, **kwargs):
        failed = self.judge(**kwargs).failed
        self.assertTrue(any(what in text for text in failed), failed)

    def test_good(self):
        j = self.judge()
        self.assertEqual(j.failed, [])
        self.assertEqual(j.passed, ["view.one", "view.three", "slot", "order"])
        self.assertEqual(j.skipped, ["view.two: no such feature"])

    def test_failed(self):
        text = GOOD.replace("# ok 1 view.three", "# not ok 1 view.three") \
            .replace("ok 2 selftests", "not ok 2 selftests")
        self.assertEqual(self.judge(text).failed, ["view.three"])

    def test_failed_but_denied(self):
        self.assert_fails("view.three", output=GOOD.replace("# ok 1 view.three",
                                                            "# not ok 1 view.three"))

    def test_nothing(self):
        self.assert_fails("did not come to its end", output="", log="")
        self.assert_fails("did not run", output="guest: end 0\n")

    def test_hung_guest(self):
        self.assert_fails("did not come to its end", output=GOOD.replace("guest: end 0\n", ""))

    def test_cut_off(self):
        self.assert_fails("belong to no test", output=GOOD[:GOOD.index("ok 2 selftests")])
        self.assert_fails("1 results planned, 0 seen", output=GOOD.replace("ok 1 ns_idr\n", ""))

    def test_no_plan(self):
        self.assert_fails("b_test: no plan",
                          output=GOOD.replace("# 1..1\n# ok 1 view.three\n", ""))
        self.assert_fails("b_test: no plan", output=GOOD.replace("# 1..1\n# ok", "# ok"))

    def test_crash(self):
        text = GOOD.replace("# ok 2 view.two # SKIP no such feature\n", "") \
            .replace("ok 1 selftests: namespacefs: a_test",
                     "not ok 1 selftests: namespacefs: a_test # exit=139")
        self.assert_fails("a_test: 2 results planned, 1 seen", output=text)
        text = GOOD.replace("ok 1 selftests: namespacefs: a_test",
                            "not ok 1 selftests: namespacefs: a_test # exit=139")
        self.assert_fails("a_test (exit=139)", output=text)

    def test_twice(self):
        self.assert_fails("where 2 was due",
                          output=GOOD.replace("ok 2 order", "ok 1 order"))

    def test_vanished(self):
        text = GOOD.replace("b_test", "c_test")
        self.assert_fails("selftests: namespacefs: b_test: did not run", output=text)

    def test_skip_without_reason(self):
        text = GOOD.replace(" no such feature", "")
        self.assertEqual(self.judge(text).skipped, ["view.two: no reason given"])

    def test_guest_status(self):
        self.assert_fails("status 3", output=GOOD.replace("end 0", "end 3"))

    def test_kernel_log_cut_off(self):
        self.assert_fails("cut off", log="[    1.0] all is well\n")
        self.assert_fails("cut off", log="")

    def test_kernel_log(self):
        for line in ("WARNING: kernel/ns_idr.c:80 at ns_idr_replace+0x1/0x2",
                     "BUG: KASAN: slab-use-after-free in x", "WARNING: suspicious RCU usage",
                     "WARNING: possible circular locking dependency detected",
                     "INFO: task cat:42 blocked for more than 120 seconds.",
                     "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks",
                     "Kernel panic - not syncing: Attempted to kill init!",
                     "BUG: sleeping function called from invalid context",
                     "refcount_t: underflow; use-after-free.",
                     "kmemleak: unreferenced object 0x1 (size 8)"):
            with self.subTest(line):
                self.assert_fails("kernel log:", log=f"[    9.9] {line}\n")

    KCSAN = """[    1.0] ==================================================================
[    1.0] BUG: KCSAN: data-race in memcmp / outer
[    1.0]
[    1.0] write to 0xffff888003456789 of 8 bytes by task 12 on cpu 1:
[    1.0]  memcpy+0x1/0x20
[    1.0]  %s.constprop.0+0x15/0x60
[    1.0]  do_syscall_64+0x51/0x2a0
[    1.0]
[    1.0] read to 0xffff888003456789 of 8 bytes by task 13 on cpu 0:
[    1.0]  memcmp+0x1/0x20
[    1.0]  inner+0x15/0x60
[    1.0]  do_syscall_64+0x51/0x2a0
[    1.0]  entry+0x51/0x2a0
[    1.0]  far+0x51/0x2a0
[    1.0]
[    1.0] Reported by Kernel Concurrency Sanitizer on:
[    1.0] ==================================================================
[    2.0] reboot: Power down
"""

    def test_log_alone(self):
        end = "[    2.0] reboot: Power down\n"
        for log, status in ((end, 0), ("[    1.0] WARNING: at fs/file.c:1\n" + end, 1), ("", 1)):
            with tempfile.NamedTemporaryFile("w") as file:
                file.write(log)
                file.flush()
                run = subprocess.run([sys.executable, results.__file__, "--log", file.name],
                                     capture_output=True, check=False)
                self.assertEqual(run.returncode, status, (log, run.stdout))

    def test_kcsan(self):
        """A report fails if it concerns the series, or if nobody can say that."""
        def failed(log):
            return judge(GOOD, log, NAMES, {"namespacefs_show", "far"}).failed

        self.assertEqual(failed(self.KCSAN % "other"), [])
        ours = ["kernel log: KCSAN: data-race in memcmp / outer"]
        self.assertEqual(failed(self.KCSAN % "namespacefs_show"), ours)
        self.assertEqual(failed((self.KCSAN % "other").replace("inner+", "namespacefs_show+")), ours)
        self.assertEqual(failed(self.KCSAN % "other" + self.KCSAN % "namespacefs_show"), ours)
        whole = self.KCSAN % "other"
        cut = whole[:whole.rindex("[    1.0] ====")] + "[    2.0] reboot: Power down\n"
        self.assertEqual(failed(cut), [ours[0] + " (cut off)"])
        self.assertEqual(len(failed(whole + "[    3.0] BUG: KASAN: it\n")), 1)
        # Without the list each report fails.
        self.assertEqual(len(judge(GOOD, whole, NAMES).failed), 1)

    def test_functions(self):
        """The list for KCSAN has each function that is new or changed, and no other."""
        before = ("static int first(int a)\n{\n\treturn called(a);\n}\n\n"
                  "static struct node *changed(struct node *node,\n\t\t\t    int a)\n"
                  "{\n\tother(a);\n\treturn node;\n}\n\n"
                  "SYSCALL_DEFINE1(one, int, a)\n{\n\treturn 1;\n}\n\n"
                  "int last(void)\n{\n\treturn 3;\n}\n")
        after = before.replace("other(a)", "added(a)").replace("return 1", "return 2")
        after = after.replace("int last", "void __init added(int a)\n{\n}\n\nint last")
        header = ("void declared(int a,\n\t      int b);\n"
                  "static inline int short_one(void) { return 1; }\n"
                  "void also_declared(void);\n")
        script = """
            . "$LIB/common.sh"
            . "$LIB/series.sh"
            tree=$PWD
            git init -q
            commit()
            {
                printf %s "$2" >a.c
                printf %s "$3" >a.h
                git add .
                git -c user.name=a -c user.email=a@example.org commit -q -m "$1"
                git tag "$1"
            }
            commit base "$BEFORE" "$HEADER"
            commit series "$AFTER" "${HEADER/return 1/return 2}"
            functions"""
        env = dict(os.environ, BEFORE=before, AFTER=after, HEADER=header,
                   LIB=os.path.abspath(f"{os.path.dirname(results.__file__)}/../lib"))
        with tempfile.TemporaryDirectory() as tree:
            run = subprocess.run(["bash", "-e", "-c", script], cwd=tree, env=env, text=True,
                                 capture_output=True, check=False)
        self.assertEqual(run.stdout.split(), ["__do_sys_one", "__se_sys_one", "__x64_sys_one",
                                              "added", "changed", "short_one"], run.stderr)


if __name__ == "__main__":
    unittest.main()
