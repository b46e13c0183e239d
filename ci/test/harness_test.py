#!/usr/bin/env python3
"""make test itself must fail when anything goes wrong in the guest, and so must the
launcher with each of its machines.

All runs as it is, in a copy, save for two things: the kernel is a stub, and so
is QEMU, which plays back what a guest would have written.
"""

import os
import shutil
import subprocess
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

OUTPUT = """KTAP version 1
1..1
    KTAP version 1
    # Subtest: ns_idr
    1..2
    ok 1 slot
    ok 2 order
ok 1 ns_idr
TAP version 13
1..2
# timeout set to 300
# selftests: namespacefs: a_test
# TAP version 13
# 1..2
# ok 1 view.one
# ok 2 view.two
# # Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0
ok 1 selftests: namespacefs: a_test
# timeout set to 300
# selftests: proc: proc-namespaces
# TAP version 13
# 1..1
# ok 1 proc.one
ok 2 selftests: proc: proc-namespaces
guest: end 0
"""
LOG = """[    0.000000] Linux version 7.3.4
[    1.234567] all is well
[    9.876543] reboot: Power down
"""

# Plays a guest back: the kernel's log goes to a file, the output to stdout.
QEMU = """#!/bin/sh
here=$(dirname "$0")
printf '%s\\n' "$*" >"$here/arguments"
for arg; do
	case $arg in
	file:*) cat "$here/log" >"${arg#file:}" ;;
	esac
done
cat "$here/output"
. "$here/then"
"""

# Instead of the build of a kernel.
KERNEL = """#!/bin/bash
. "$(dirname "$0")/../lib/common.sh"
mkdir -p "$build/obj/series" "$build/obj/series-debug" "$build/debug"
touch "$build/bzImage" "$build/debug/bzImage" \\
	"$build/obj/series/.config" "$build/obj/series-debug/.config"
"""

# A tree whose kselftests are a list of names.
TREE = """headers:
"""
SELFTESTS = """install:
	mkdir -p $(INSTALL_PATH)
	printf '%s\\n' $(NAMES) >$(INSTALL_PATH)/kselftest-list.txt
"""
NAMES = "namespacefs:a_test proc:proc-namespaces proc:another"


class HarnessTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.mkdtemp(prefix="harness")
        for name in ("Makefile", "ci", "selftests", "kunit"):
            path = os.path.join(TOP, name)
            copy = os.path.join(cls.tmp, name)
            if os.path.isdir(path):
                shutil.copytree(path, copy)
            else:
                shutil.copy(path, copy)
        cls.write("ci/build/kernel.sh", KERNEL, 0o755)
        cls.write("bin/qemu-system-x86_64", QEMU, 0o755)
        cls.write("kernel-tree/linux/Makefile", TREE)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.tmp)

    @classmethod
    def write(cls, name, text, mode=0o644):
        path = os.path.join(cls.tmp, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, mode)

    def make_test(self, output=OUTPUT, log=LOG, then="exit 0", names=NAMES, seconds=30):
        """The exit status of make test, and what it printed."""
        self.write("bin/output", output)
        self.write("bin/log", log)
        self.write("bin/then", then + "\n")
        self.write("kernel-tree/linux/tools/testing/selftests/Makefile",
                   SELFTESTS.replace("$(NAMES)", names))
        return self.call(["make", "test"], GUEST_TIMEOUT=str(seconds))

    def call(self, command, **more):
        """The exit status of a command in the copy, and what it printed."""
        env = {k: v for k, v in os.environ.items()
               if k not in ("KERNEL_TREE", "DEBUG", "TESTS", "NAMESPACEFS_LOCK", "MAKEFLAGS",
                            "MAKELEVEL", "GUEST_TIMEOUT")}
        # A lock of its own: no other guest has to end first.
        env.update(PATH=f"{self.tmp}/bin:{env['PATH']}", XDG_CACHE_HOME=f"{self.tmp}/cache",
                   NO_INSTALL="1", **more)
        run = subprocess.run(command, cwd=self.tmp, env=env, text=True, timeout=120,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
        return run.returncode, run.stdout

    def assert_fails(self, what, **kwargs):
        status, text = self.make_test(**kwargs)
        self.assertNotEqual(status, 0, text)
        self.assertIn(what, text)

    def test_good(self):
        status, text = self.make_test()
        self.assertEqual(status, 0, text)
        self.assertIn("5 passed, 0 failed, 0 skipped", text.splitlines())

    def test_splat(self):
        self.assert_fails("KASAN", log=LOG.replace(
            "all is well", "BUG: KASAN: slab-use-after-free in namespacefs_show+0x1/0x2"))
        self.assert_fails("WARNING", log=LOG.replace(
            "all is well", "WARNING: kernel/ns_idr.c:80 at ns_idr_replace+0x1/0x2"))

    def test_truncated_log(self):
        self.assert_fails("cut off", log=LOG[:LOG.index("[    9")])
        self.assert_fails("cut off", log="")

    def test_truncated_output(self):
        # At whatever line it ends, it is not the whole.
        lines = OUTPUT.splitlines(keepends=True)
        for n in (0, 3, 7, 12, 17, len(lines) - 1):
            with self.subTest(lines=n):
                self.assert_fails("did not come to its end", output="".join(lines[:n]))

    def test_hung_guest(self):
        self.assert_fails("did not come to its end", output=OUTPUT[:OUTPUT.index("ok 1 self")],
                          then="exec sleep 300", seconds=2)

    def test_panic(self):
        self.assert_fails("Kernel panic", output=OUTPUT[:OUTPUT.index("ok 1 self")],
                          log=LOG.replace("all is well", "Kernel panic - not syncing: Fatal")
                          .replace("reboot: Power down", "Rebooting in 1 seconds.."))

    def test_no_guest(self):
        self.assert_fails("did not come to its end", output="", log="", then="exit 1")

    def test_no_plan(self):
        self.assert_fails("proc-namespaces: no plan",
                          output=OUTPUT.replace("# 1..1\n# ok 1 proc.one\n", ""))

    def test_crash(self):
        self.assert_fails("2 results planned, 1 seen", output=OUTPUT.replace(
            "# ok 2 view.two\n", "").replace(
            "ok 1 selftests: namespacefs: a_test",
            "not ok 1 selftests: namespacefs: a_test # exit=139"))

    def test_failed(self):
        self.assert_fails("FAIL view.two", output=OUTPUT.replace(
            "# ok 2 view.two", "# not ok 2 view.two").replace(
            "ok 1 selftests: namespacefs: a_test",
            "not ok 1 selftests: namespacefs: a_test # exit=1"))
        self.assert_fails("FAIL order", output=OUTPUT.replace(
            "    ok 2 order\nok 1 ns_idr", "    not ok 2 order\nnot ok 1 ns_idr"))

    def test_lost(self):
        self.assert_fails("b_test: did not run", names=NAMES + " namespacefs:b_test")
        self.assert_fails("no kselftests", names="proc:another")

    def test_guest_status(self):
        self.assert_fails("status 1", output=OUTPUT.replace("end 0", "end 1"))

    def launch(self, machine, *files, output="guest: end 0\n", then="exit 0", **more):
        """Status, output and the arguments of QEMU when that machine runs."""
        for name, text in (("output", output), ("log", LOG), ("then", then + "\n"),
                           ("image", ""), ("program", ""), ("arguments", "")):
            self.write("bin/" + name, text)
        status, text = self.call(["ci/guest/run.sh", machine, "what", f"{self.tmp}/bin/image",
                                  *files], **more)
        with open(f"{self.tmp}/bin/arguments", encoding="ascii") as f:
            return status, text, f.read()

    def test_machines(self):
        program = f"{self.tmp}/bin/program"
        for machine, wanted, more in (("busybox", "-smp 2", {}), ("count", "-icount", {}),
                                      ("debian", "root=/dev/vda", {"DISK": "disk"}),
                                      ("debian", "-initrd ramfs", {"DISK": "disk", "INITRD": "ramfs"}),
                                      ("alone", "end=restart", {"GUEST_ARGS": "types=mnt"})):
            with self.subTest(machine=machine):
                status, text, arguments = self.launch(machine, program, **more)
                self.assertEqual(status, 0, text)
                self.assertIn(wanted, arguments)
                self.assertIn(more.get("GUEST_ARGS", ""), arguments)
                status, text, _ = self.launch(machine, program, output="guest: end 1\n", **more)
                self.assertNotEqual(status, 0, text)
                status, text, _ = self.launch(machine, program, output="", then="exec sleep 60",
                                              GUEST_TIMEOUT="1", **more)
                self.assertNotEqual(status, 0, text)
                self.assertIn("GUEST_TIMEOUT=", text)

    def test_machine_without_kernel(self):
        self.assertIn("there is no kernel", self.call(["ci/guest/run.sh", "busybox", "what",
                                                       "/nonexistent"])[1])
        self.launch("busybox")
        status, text, _ = self.launch("nosuch")
        self.assertNotEqual(status, 0)
        self.assertIn("no machine", text)

    def test_one_guest(self):
        """A second guest waits for the first, but one that counts does not."""
        self.launch("busybox")
        lock = ["flock", f"{self.tmp}/cache/namespacefs/guest.lock"]
        run = ["ci/guest/run.sh", "busybox", "what", f"{self.tmp}/bin/image"]
        self.assertIn("waiting for another guest", self.call([*lock, "timeout", "2", *run])[1])
        run[1] = "count"
        self.assertEqual(self.call([*lock, *run])[0], 0)

    def test_record(self):
        """make results has the last pass, and a failure since."""
        self.make_test()
        self.make_test(output="")
        lines = self.call(["make", "results"])[1].splitlines()
        at = [i for i, line in enumerate(lines) if line.startswith("test ")]
        self.assertEqual(len(at), 1, lines)
        self.assertIn("5 passed, 0 failed", lines[at[0]])
        self.assertIn("FAILED", lines[at[0] + 1])
        self.make_test(then="exit 0")
        self.assertNotIn("FAILED", self.call(["make", "results"])[1])


if __name__ == "__main__":
    unittest.main()
