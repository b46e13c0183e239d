#!/usr/bin/env python3
"""Compare what the same tests came to on two kernels.

usage: regress.py NAMES RETRY STOCK SERIES [STOCK SERIES...]

STOCK and SERIES name a run of the guest each, without .out and .log: the first
two are of all tests, more are retries of some. NAMES is a file with the tests
that must have run, by their names in kselftest-list.txt. Nothing here says how a
test should end: on the series it has to end as it did on stock, test by test.

A test that ended in more than one way on stock is flaky there, and any of these
ways is as good. RETRY is a file that is written, with those tests that differ
and are worth another try on both kernels. Exits with 0 if nothing differs, and
with 1 if something does.
"""

import collections
import re
import sys

from results import SPLAT, judge


class Runs:
    """All runs on one kernel: how often each test ended in which way."""

    def __init__(self):
        self.outcomes = collections.defaultdict(collections.Counter)
        self.reasons = {}
        self.splats = set()
        self.broken = []

    def add(self, output, log):
        j = judge(output, log, [])
        if not re.search(r"^guest: end 0\r?$", output, re.M):
            self.broken.append("the guest did not come to its end")
        for name, outcome, reason in j.outcomes:
            self.outcomes[name][outcome] += 1
            self.reasons[name] = reason
        for line in log.splitlines():
            if SPLAT.search(line):
                self.splats.add(shape(line))


def shape(line):
    """A line of the kernel's log without what differs from boot to boot."""
    line = re.sub(r"^\[ *[0-9.]+\](\[ *T\d+\])? ", "", line.strip())
    return re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+", "N", line)


def ways(counter):
    return ", ".join(f"{n} times {way}" if n > 1 else way
                     for way, n in sorted(counter.items())) or "did not run"


def program(name):
    """The program that a test at any level is of, as kselftest lists it."""
    m = re.match(r"selftests: ([^:]+): ([^:]+)", name)
    return f"{m[1]}:{m[2]}" if m else None


def compare(stock, series, programs):
    """Gives lists of what is the same, different and skipped, and what to retry."""
    same, different, skipped, retry = [], [], [], set()
    for which, runs in (("stock", stock), ("the series", series)):
        different += [f"{which}: {what}" for what in runs.broken]
    for line in sorted(series.splats - stock.splats):
        different.append(f"kernel log of the series only: {line}")
    seen = {program(name) for name in stock.outcomes if name.count(":") == 2}
    different += [f"{name}: did not run on stock" for name in programs if name not in seen]

    for name in sorted(set(stock.outcomes) | set(series.outcomes)):
        a, b = stock.outcomes[name], series.outcomes[name]
        if set(b) <= set(a) and b:
            if len(a) > 1 or len(b) > 1:
                same.append(f"{name}: flaky on stock: {ways(a)}; on the series: {ways(b)}")
            elif set(a) == {"SKIP"}:
                skipped.append(f"{name}: skipped on both: {series.reasons[name] or 'no reason given'}")
            elif set(a) == {"not ok"}:
                same.append(f"{name}: fails on both")
            else:
                same.append("")
            continue
        different.append(f"{name}: on stock: {ways(a)}; on the series: {ways(b)}")
        if program(name) in programs:
            retry.add(program(name))
    return same, different, skipped, retry


def main():
    def read(path):
        with open(path, errors="replace") as f:
            return f.read()

    names, retry_file, *runs = sys.argv[1:]
    kernels = Runs(), Runs()
    for i, run in enumerate(runs):
        kernels[i % 2].add(read(run + ".out"), read(run + ".log"))
    same, different, skipped, retry = compare(*kernels, read(names).split())
    with open(retry_file, "w") as f:
        f.writelines(name + "\n" for name in sorted(retry))
    for text in skipped:
        print("SKIP", text)
    for text in filter(None, same):
        print("SAME", text)
    for text in different:
        print("FAIL", text)
    print(f"{len(same)} passed, {len(different)} failed, {len(skipped)} skipped")
    return 1 if different or not same else 0


if __name__ == "__main__":
    sys.exit(main())
