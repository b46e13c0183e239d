#!/usr/bin/env python3
"""Judge a run of the tests in the guest.

usage: results.py [--kcsan=FUNCTIONS] OUTPUT KERNEL-LOG NAME...
       results.py --log KERNEL-LOG

OUTPUT is what the guest wrote: KTAP, nested as KUnit (by indentation) and
kselftest (by "# ") nest it, and a last line "guest: end STATUS". NAME is a
test that must be among the top-level results. Nothing passes by default.

KCSAN reports many races of the kernel itself. With --kcsan=FILE, a report fails
if one of the functions that the file lists is among the three innermost callers
of one of its accesses, or if it is cut off; the others are counted.
"""

import re
import sys

RESULT = re.compile(r"^((?:# |    )*)(not ok|ok) (\d+)(?: -)?(?: (?!#)(.*?))?"
                    r"(?:\s*# (SKIP|XFAIL|TODO|exit=\d+|TIMEOUT.*)\s*(.*))?$")
PLAN = re.compile(r"^((?:# |    )*)1\.\.(\d+)(?:\s*# (SKIP)\s*(.*))?\s*$")
END = re.compile(r"^guest: end (\d+)$")

SPLAT = re.compile(
    r"WARNING:|BUG:|Oops:|Kernel panic|general protection fault|kernel BUG at|"
    r"INFO: task .* blocked|INFO: rcu|rcu: .*stall|suspicious RCU usage|"
    r"scheduling while atomic|sleeping function called|possible (recursive|circular|irq)|"
    r"inconsistent lock state|unreferenced object|KASAN:|UBSAN:|KFENCE:|KCSAN:|"
    r"refcount_t:|list_(add|del) corruption|Bad page|ODEBUG:|hung_task|"
    r"soft lockup|hard LOCKUP|segfault at|VFS_WARN|DEBUG_LOCKS_WARN|Call Trace:|"
    r"lockdep.*turning off|Out of memory")


class Block:
    """The results at one level, until the result of the level above."""

    def __init__(self):
        self.plan = None
        self.count = 0
        self.skip_all = None
        self.failed = False
        self.outcomes = []      # (path of names, what came of it, why)


REPORT = re.compile(r"BUG: KCSAN: (.*)")
FRAME = re.compile(r"(?:^|[ \]])([A-Za-z_][\w.]*)\+0x[0-9a-f]+/0x[0-9a-f]+")
ACCESS = re.compile(r"(read|write|read-write|race at unknown origin).* (to 0x|at 0x|, with )")


def kcsan(lines, functions):
    """Take the reports of KCSAN out of a kernel's log. Gives the other lines, the
    reports that concern one of the functions, and how many there were in all."""
    rest, ours, count = [], [], 0
    at = 0
    while at < len(lines):
        m = REPORT.search(lines[at])
        if not m:
            rest.append(lines[at])
            at += 1
            continue
        count += 1
        end = at + 1
        hit, frames, closed = False, 3, False
        while end < len(lines) and not closed and not REPORT.search(lines[end]):
            text = re.sub(r"^(<\d+>)?\[[^\]]*\] ?", "", lines[end])
            closed = text.startswith("=====")
            if f := FRAME.search(text):
                hit |= frames < 3 and f[1].split(".")[0] in functions
                frames += 1
            elif ACCESS.search(text):
                frames = 0
            end += 1
        if hit or not closed:
            ours.append("KCSAN: " + m[1] + ("" if closed else " (cut off)"))
        at = end
    return rest, ours, count


class Judge:
    def __init__(self):
        self.passed, self.failed, self.skipped = [], [], []
        self.notes = []
        self.top = set()
        self.outcomes = []      # as in a block, of every test at every level

    def fail(self, text):
        self.failed.append(text)

    def close(self, block, name):
        """A block is complete: as many results as planned, in order."""
        if block.plan is None:
            self.fail(f"{name}: no plan")
        elif block.count != block.plan:
            self.fail(f"{name}: {block.plan} results planned, {block.count} seen")

    def output(self, text):
        levels = []         # the open block of each level
        end = None
        for line in text.splitlines():
            line = line.rstrip("\r")
            if m := END.match(line):
                end = int(m[1])
            elif m := PLAN.match(line):
                depth = len(re.findall("# |    ", m[1]))
                self.to_depth(levels, depth)
                if levels[depth].plan is not None:
                    # The next list of tests begins at this level.
                    self.close(levels[depth], f"level {depth}")
                    del levels[depth:]
                    self.to_depth(levels, depth)
                levels[depth].plan = int(m[2])
                levels[depth].skip_all = m[4] if m[3] else None
            elif m := RESULT.match(line):
                depth = len(re.findall("# |    ", m[1]))
                self.result(levels, depth, m)
        for depth, block in enumerate(levels):
            # What is left open below the top was cut off.
            self.close(block, "the whole" if depth == 0 else f"a test cut off at level {depth}")
            if depth:
                self.fail(f"results at level {depth} belong to no test")
        if end is None:
            self.fail("the guest did not come to its end (hang, crash or time-out)")
        elif end:
            self.fail(f"the guest ended with status {end}")

    @staticmethod
    def to_depth(levels, depth):
        while len(levels) <= depth:
            levels.append(Block())

    def result(self, levels, depth, m):
        _, status, number, name, mark, reason = m.groups()
        name = (name or f"test {number}").strip()
        self.to_depth(levels, depth)
        block = levels[depth]
        block.count += 1
        if int(number) != block.count:
            self.fail(f"{name}: result {number} where {block.count} was due")
        children = levels[depth + 1] if len(levels) > depth + 1 else None
        for lost in levels[depth + 2:]:
            self.close(lost, f"{name}: cut off")
            self.fail(f"{name}: results of a test that has none itself")
        del levels[depth + 1:]
        if depth == 0:
            self.top.add(name)

        outcome = mark if mark in ("SKIP", "XFAIL", "TODO") else status
        to, known = block.outcomes if depth else self.outcomes, name
        if depth and any(other == name for other, *_ in to):
            known = f"{name} #{number}"
        to.append((known, outcome, reason))
        if children:
            to += [(f"{known}: {child}", *rest) for child, *rest in children.outcomes]

        before = len(self.failed)
        if children:
            self.close(children, name)
        if children and children.plan == 0 and children.skip_all is not None:
            self.skipped.append(f"{name}: {children.skip_all}")
        elif mark == "SKIP":
            if not children or not children.count:
                self.skipped.append(f"{name}: {reason or 'no reason given'}")
        elif status == "not ok" and mark not in ("XFAIL", "TODO"):
            # A test fails once, where it fails deepest.
            if not children or not children.failed:
                self.fail(f"{name}" + (f" ({mark})" if mark else ""))
            block.failed = True
        elif not children:
            if name.startswith("selftests: "):
                self.fail(f"{name}: no plan")
            else:
                self.passed.append(name)
        if len(self.failed) > before:
            block.failed = True

    def log(self, text, functions=None):
        lines = text.splitlines()
        if functions is not None:
            lines, ours, count = kcsan(lines, functions)
            self.notes.append(f"KCSAN: {count} reports, {len(ours)} concern the series")
            for report in ours:
                self.fail("kernel log: " + report)
        for line in lines:
            if SPLAT.search(line):
                self.fail("kernel log: " + line.strip())
        # What a log lacks at its end may be the report of a fault.
        if not re.search("reboot: (Power down|Restarting system|System halted)", text):
            self.fail("kernel log: cut off before the machine came to its end")

    def expect(self, names):
        for name in names:
            if name not in self.top:
                self.fail(f"{name}: did not run")


def judge(output, log, names, functions=None):
    j = Judge()
    j.output(output)
    j.log(log, functions)
    j.expect(names)
    return j


def main():
    def read(path):
        with open(path, errors="replace") as f:
            return f.read()

    if sys.argv[1] == "--log":
        j = Judge()
        j.log(read(sys.argv[2]))
        for text in j.failed:
            print("FAIL", text)
        return 1 if j.failed else 0
    functions = None
    if sys.argv[1].startswith("--kcsan="):
        functions = set(read(sys.argv.pop(1).partition("=")[2]).split())
        if not functions:
            sys.exit("results.py: the list of functions is empty; see that make tree succeeds")
    j = judge(read(sys.argv[1]), read(sys.argv[2]), sys.argv[3:], functions)
    for text in j.notes:
        print("NOTE", text)
    for text in j.skipped:
        print("SKIP", text)
    for text in j.failed:
        print("FAIL", text)
    print(f"{len(j.passed)} passed, {len(j.failed)} failed, {len(j.skipped)} skipped")
    return 1 if j.failed or not j.passed else 0


if __name__ == "__main__":
    sys.exit(main())
