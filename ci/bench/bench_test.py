"""Tests of bench.py."""

import contextlib
import io
import os
import tempfile
import unittest

import bench

LINES = {name: 2000.0 for name in bench.SIMPLE} | {name: 100000.0 for name in bench.OTHERS}


def text(row, values):
    """As a guest prints it."""
    return f"# {row} \n" + "".join(f"{key}\t{value:.1f}\n" for key, value in values.items())


class Check(unittest.TestCase):
    """What CI asks."""

    def run_check(self, record="list/proc 400\n", proc=400.0, stock=LINES, **more):
        """Status and output, with these types costing more than stock."""
        series = {key: value + more.get(key, 0) for key, value in LINES.items()}
        with tempfile.TemporaryDirectory() as tmp, contextlib.redirect_stdout(io.StringIO()) as out:
            names = [os.path.join(tmp, name) for name in ("series", "record")]
            for name, content in zip(names, (
                    "==> booting\n" + text("create 9", series) + text("list 10000", {}) +
                    text("list", {"proc": proc} if proc else {}) + "guest: end 0\n",
                    "# comment\n" + record +
                    "".join(f"stock/create/{key} {value}\n" for key, value in stock.items()))):
                with open(name, "w", encoding="utf-8") as file:
                    file.write(content)
            status = bench.main("check", *names)
        return status, out.getvalue()

    def test_good(self):
        """At the bounds."""
        status, out = self.run_check(uts=0, pid=500, net=1000, proc=440.0)
        self.assertEqual(status, 0, out)
        self.assertIn("9 passed, 0 failed, 0 skipped", out)

    def test_create(self):
        """Beyond them."""
        self.assertEqual(self.run_check(uts=1)[0], 1)
        self.assertEqual(self.run_check(user=501)[0], 1)
        self.assertEqual(self.run_check(net=1001)[0], 1)

    def test_listing(self):
        """A listing that takes more than a tenth more, or was not measured."""
        self.assertEqual(self.run_check(proc=441.0)[0], 1)
        self.assertEqual(self.run_check(proc=None)[0], 1)

    def test_no_record(self):
        """Nothing to compare with is no success."""
        self.assertEqual(self.run_check(record="")[0], 1)
        self.assertEqual(self.run_check(stock={})[0], 1)

    def test_record(self):
        """A check passes against the record of what it checks, and has all of its rows. Of
        several boots the record has the least."""
        with tempfile.TemporaryDirectory() as tmp, contextlib.redirect_stdout(io.StringIO()) as out:
            stock, series, record = (os.path.join(tmp, name) for name in "abc")
            boots = [text("create", {name: LINES[name] * by for name in LINES})
                     for by in (2, 1, 1.5)]
            for name, content in ((stock, "".join(boots) + text("views", LINES)),
                                  (series, text("create", LINES) + text("list", {"fs": 300}))):
                with open(name, "w", encoding="utf-8") as file:
                    file.write(content)
            bench.main("record", stock, series)
            self.assertIn(f"stock/create/uts {LINES['uts']:.1f}\n", out.getvalue())
            with open(record, "w", encoding="utf-8") as file:
                file.write(out.getvalue())
            self.assertEqual(bench.main("check", series, record), 0, out.getvalue())
        self.assertIn("9 passed, 0 failed, 0 skipped", out.getvalue())

    def test_width(self):
        """The cover letter has the rows, and a mail has 79 columns."""
        for text, *_ in bench.ROWS:
            self.assertLessEqual(len(f"    {text:44} {'1,000,000,000'},"), 79, text)

    def test_missing(self):
        """A type that was not measured."""
        with tempfile.TemporaryDirectory() as tmp, contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            empty = os.path.join(tmp, "empty")
            with open(empty, "w", encoding="utf-8"):
                pass
            self.assertEqual(bench.main("check", empty, empty), 1)
            self.assertEqual(bench.main("table", empty, empty, "", "", ""), 1)


if __name__ == "__main__":
    unittest.main()
