#!/usr/bin/env python3
"""The comparison must not be fooled: what it has to notice."""

import unittest

from regress import Runs, compare

GOOD = """TAP version 13
1..1
# selftests: ns: a_test
# TAP version 13
# 1..2
# ok 1 one
# ok 2 two
ok 1 selftests: ns: a_test
TAP version 13
1..1
# selftests: ns: old_test
ok 1 selftests: ns: old_test
guest: end 0
"""
ONE_FAILS = GOOD.replace("# ok 1 one", "# not ok 1 one") \
    .replace("ok 1 selftests: ns: a_test", "not ok 1 selftests: ns: a_test # exit=1")


def runs(*outputs, log=""):
    r = Runs()
    for output in outputs:
        r.add(output, log)
    return r


class RegressTest(unittest.TestCase):
    def compare(self, stock, series):
        return compare(stock, series, ["ns:a_test", "ns:old_test"])

    def assert_differs(self, what, stock, series):
        different = self.compare(stock, series)[1]
        self.assertTrue(any(what in text for text in different), f"{what} not in {different}")

    def test_same(self):
        same, different, skipped, retry = self.compare(runs(GOOD), runs(GOOD))
        self.assertEqual((len(same), different, skipped, retry), (4, [], [], set()))

    def test_one_fails(self):
        different, _, retry = self.compare(runs(GOOD), runs(ONE_FAILS))[1:]
        self.assertEqual(len(different), 2)
        self.assertIn("a_test: one: on stock: ok; on the series: not ok", different[1])
        self.assertEqual(retry, {"ns:a_test"})

    def test_fails_on_both(self):
        same, different, *_ = self.compare(runs(ONE_FAILS), runs(ONE_FAILS))
        self.assertEqual(different, [])
        self.assertIn("selftests: ns: a_test: one: fails on both", same)

    def test_mended_is_a_difference(self):
        self.assert_differs("a_test: one", runs(ONE_FAILS), runs(GOOD))

    def test_passes_without_its_plan(self):
        self.assert_differs("a_test: two: on stock: ok; on the series: did not run",
                            runs(GOOD), runs(GOOD.replace("# ok 2 two\n", "")))

    def test_flaky_on_stock(self):
        same, different, *_ = self.compare(runs(GOOD, ONE_FAILS), runs(ONE_FAILS, GOOD))
        self.assertEqual(different, [])
        self.assertTrue(any("flaky on stock: not ok, ok" in text for text in same), same)

    def test_flaky_on_the_series_only(self):
        self.assert_differs("a_test: one: on stock: 3 times ok; on the series: not ok, 2 times ok",
                            runs(GOOD, GOOD, GOOD), runs(ONE_FAILS, GOOD, GOOD))

    def test_skipped(self):
        skips = GOOD.replace("# ok 2 two", "# ok 2 two # SKIP no such thing")
        self.assertEqual(self.compare(runs(skips), runs(skips))[2],
                         ["selftests: ns: a_test: two: skipped on both: no such thing"])
        self.assert_differs("a_test: two", runs(GOOD), runs(skips))

    def test_hung(self):
        cut = GOOD[:GOOD.index("ok 1 selftests: ns: old")]
        self.assert_differs("the series: the guest did not", runs(GOOD), runs(cut))
        self.assert_differs("old_test: on stock: ok; on the series: did not run",
                            runs(GOOD), runs(cut))

    def test_did_not_run_at_all(self):
        gone = GOOD.replace("old_test", "new_test")
        self.assert_differs("ns:old_test: did not run on stock", runs(gone), runs(gone))

    def test_kernel_log(self):
        splat = "[    1.5] WARNING: kernel/nstree.c:12 at x+0x1/0x2, CPU#0: cat/41\n"
        again = "[   22.9] WARNING: kernel/nstree.c:12 at x+0x1/0x2, CPU#1: cat/57\n"
        self.assert_differs("kernel log of the series only: WARNING",
                            runs(GOOD), runs(GOOD, log=splat))
        self.assertEqual(self.compare(runs(GOOD, log=again), runs(GOOD, log=splat))[1], [])


if __name__ == "__main__":
    unittest.main()
