"""bench.py: judge what ci/bench/bench.sh measured, and write it down.

bench.py table STOCK SERIES DATE COMMIT SVG: print the table of all rows, as a page of
Documentation. Name each row that misses its goal on stderr, with status 1.
bench.py check SERIES RECORD: what CI asks. Create and destroy stay within their goals
against stock, and no listing takes more than a tenth more, both as in RECORD.
bench.py record STOCK SERIES: print what the next check is to compare with.
bench.py data SERIES: print the columns for the plot.
"""

import re
import sys

SLACK = 1.1
SIMPLE = ("uts", "cgroup", "time")
OTHERS = ("ipc", "mnt", "net", "pid", "user")
# What takes per-CPU memory differs by so much from run to run, see disturb() in
# bench.c. A check, which has few runs to go by, allows for it.
NOISY = ("ipc", "mnt", "net")
NOISE = 0.005

# What is measured, the key of it, that of its peer, and the goal: a factor of the
# peer that it may take, or of which the peer must take so many.
ROWS = [
    ("list 10,000, /proc/namespaces, an entry", "list/proc", "list/listns",
     "listns(2)", "max", 2.5),
    ("list 10,000, namespacefs by type, an entry", "list/fs", "list/listns_uts",
     "listns(2)", "max", 2.5),
    ("list 2,000 namespaces, a process in each", "procs/procs_proc", "procs/procs_walk",
     "walk of /proc/*/ns", "fewer", 100),
    ("the same", "procs/procs_proc", "procs/procs_lsns", "lsns", "fewer", 500),
    ("the same", "procs/procs_proc", "procs/procs_newest", "newest lsns", "fewer", 500),
    ("table of 1,000 processes, a line", "table:1000/table_line_1000",
     "table:1000/table_walk_1000", "walk of its /proc/*/ns", "fewer", 20),
    ("table of 1,000 processes, all lines", "table:1000/table_all_1000",
     "table:1000/table_lsns", "lsns", "fewer", 100),
    ("the same", "table:1000/table_all_1000", "table:1000/table_newest", "newest lsns",
     "fewer", 100),
    ("table of 20,000 processes, a line", "table:20000/table_line_20000",
     "table:1000/table_line_1000", "with 1,000", "max", 1.1),
    ("open one of 100,000 by name, cold", "grow/open_proc_100000", "grow/open_proc_10",
     "one of 10", "max", 1.5),
    ("the same, its id in namespacefs", "grow/open_fs_100000", "grow/open_fs_10",
     "one of 10", "max", 1.5),
    ("5,000 tasks of a PID namespace", "tasks/tasks_fs", "tasks/tasks_proc",
     "getdents of its /proc", "fewer", 3),
    ("find every id of 10,000 by a listing, each", "ids/ids_list", "ids/ids_ioctl",
     "fstat + NS_GET_ID", "max", 3.0),
    ("find every id of 10,000 by files, each", "ids/ids_fs", "ids/ids_any_tmpfs",
     "a file in tmpfs that is known", "max", 2.0),
    ("the same, nothing cached", "ids/ids_fs_cold", "ids/ids_any_tmpfs",
     "a file in tmpfs that is known", "max", 3.0),
    ("1,000,000 UTS namespaces: create", "many:1000000/many_create_1000000",
     "many:10000/many_create_10000", "10,000", "max", 1.25),
    ("1,000,000: list, /proc/namespaces", "many:1000000/many_list_1000000",
     "many:10000/many_list_10000", "10,000", "max", 1.25),
    ("1,000,000: list, namespacefs", "many:1000000/many_list_fs_1000000",
     "many:10000/many_list_fs_10000", "10,000", "max", 1.25),
    ("1,000,000: destroy", "many:1000000/many_destroy_1000000",
     "many:10000/many_destroy_10000", "10,000", "max", 1.25),
    ("list while two CPUs churn, an entry", "churn/churn_list_both",
     "churn/churn_list_rest", "at rest", "max", 2.0),
    ("churn while one lists", "churn/churn_each_both", "churn/churn_each_alone",
     "undisturbed", "max", 1.05),
    ("unprivileged listing, 5,000 tasks", "unprivileged/user_proc", "unprivileged/user_walk",
     "its own walk of /proc/*/ns", "fewer", 10),
    ("the same, table of the processes", "unprivileged/user_table", "unprivileged/user_walk",
     "its own walk of /proc/*/ns", "fewer", 20),
    ("a user is refused 400 namespaces, 444 processes", "refused/refused_all",
     "refused/refused_root", "root opens them", "max", 8),
    ("a path of 4,069 bytes through one namespace", "refused/refused_long",
     "refused/refused_short", "the path to it", "max", 20),
    ("a hidden number, namespacefs", "refused/refused_fs_hidden",
     "refused/refused_fs_unused", "never used", "max", 1.05),
    ("one never used, namespacefs", "refused/refused_fs_unused",
     "refused/refused_fs_cached", "hidden, and cached by root", "max", 1.05),
    ("a hidden number, /proc/namespaces", "refused/refused_proc_hidden",
     "refused/refused_proc_unused", "never used", "max", 1.05),
    ("one never used, /proc/namespaces", "refused/refused_proc_unused",
     "refused/refused_proc_cached", "hidden, and cached by root", "max", 1.05),
    ("a hidden number of another user's container", "refused/refused_nested_hidden",
     "refused/refused_nested_unused", "never used", "max", 1.05),
    ("one never used, beside that container", "refused/refused_nested_unused",
     "refused/refused_nested_hidden", "hidden", "max", 1.05),
    ("a number outside a container's view", "refused/refused_view_outside",
     "refused/refused_view_unused", "never used", "max", 1.05),
    ("one never used, in a container's view", "refused/refused_view_unused",
     "refused/refused_view_outside", "outside the view", "max", 1.05),
    ("freezing a task on the path of 4,069 bytes", "refused/refused_freeze", "refused/refused_long",
     "the path", "max", 1.5),
    ("root lists beside six attackers", "attack/attack_six", "attack/attack_rest",
     "undisturbed", "max", 2.0),
]
# Create and destroy while one watches, against the same unwatched. A UTS, cgroup, time
# or mount namespace, the last with one mount, costs little by itself: what two events of
# inotify add to it is compared with what they add to mkdir and rmdir in tmpfs.
for _name, _goal in (("uts", 2.0), ("cgroup", 2.0), ("time", 1.4), ("ipc", 1.1), ("mnt", 1.1),
                     ("net", 1.1), ("pid", 1.1), ("user", 1.1)):
    if _name in SIMPLE + ("mnt",):
        ROWS.append((f"what an inotify watch adds: {_name}", f"watched/{_name}_added",
                     "watched/dirs_added", "to mkdir and rmdir in tmpfs", "max", 1.0))
    else:
        ROWS.append((f"watched by inotify: {_name}", f"watched/{_name}_inotify",
                     f"watched/{_name}", "unwatched", "max", _goal))
    ROWS.append((f"file events open: {_name}", f"watched/{_name}_events",
                 f"watched/{_name}", "unwatched", "max", _goal))
ROWS.append(("create and destroy uts beside a starved watcher",
             "watched/uts_own_starved", "watched/uts_own", "beside one that reads", "max", 1.1))
# Bytes for a namespace after it was listed and looked at, beyond those before.
LEFT_OVER = 2
UNSHRINKABLE = 2


def read(path):
    """The results of a file, by "row/name": the least, if there are several boots."""
    values, row = {}, ""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if match := re.match(r"# (\w+) ?(\d*)$", line.rstrip()):
                # The number of create is no other row, see create() in bench.c.
                row = match[1] + (":" + match[2] if match[2] and match[1] != "create" else "")
            elif match := re.match(r"(\w+)\t(-?[0-9.]+)$", line.rstrip()):
                key, value = f"{row}/{match[1]}", float(match[2])
                values[key] = min(value, values.get(key, value))
    return values


def create_rows(stock, series, which=("create", "views"), noise=0):
    """Rows of create and destroy: text, value, peer, goal, reached."""
    rows = []
    for row, what, factor in (
            ("create", "create and destroy", 1.005),
            ("views", "the same, 10,000 cached in both views", 1.01)):
        for name in SIMPLE + OTHERS if row in which else ():
            key = f"{row}/{name}"
            if key not in series or key not in stock:
                rows.append((f"{what}: {name}", None, None, "stock", "not measured", "", False))
                continue
            value, peer = series[key], stock[key]
            if name in SIMPLE:
                rows.append((f"{what}: {name}", value, peer, "stock", f"{value - peer:+,.0f}",
                             "not more", value <= peer))
            else:
                most = round(factor + (noise if name in NOISY else 0), 4)
                rows.append((f"{what}: {name}", value, peer, "stock", f"{value / peer:.4f}",
                             f"at most {most}", value / peer <= most))
    return rows


def all_rows(stock, series):
    """What the page has."""
    rows = create_rows(stock, series)
    series = dict(series)
    for name in SIMPLE + ("mnt", "dirs"):
        if f"watched/{name}_inotify" in series and f"watched/{name}" in series:
            series[f"watched/{name}_added"] = (series[f"watched/{name}_inotify"] -
                                               series[f"watched/{name}"])
    for text, key, peer_key, peer_name, kind, goal in ROWS:
        if key not in series or peer_key not in series:
            rows.append((text, None, None, peer_name, "not measured", "", False))
            continue
        value, peer = series[key], series[peer_key]
        if kind == "max":
            rows.append((text, value, peer, peer_name, f"{value / peer:.2f}",
                         f"at most {goal}", value / peer <= goal))
        else:
            rows.append((text, value, peer, peer_name, f"1/{peer / value:,.0f}",
                         f"at least {goal} times fewer", peer / value >= goal))
    value, peer = series.get("memory/memory_bytes"), stock.get("memory/memory_bytes")
    if value is None or peer is None:
        rows.append(("memory", None, None, "stock", "not measured", "", False))
        return rows
    rows.append(("memory of a namespace that is not looked at, bytes", value, peer, "stock",
                 f"{value - peer:+.1f}", "at most 24 more", value - peer <= 24))
    for text, key, goal in (
            ("what a listing adds to it, bytes", "memory/memory_listed_bytes", UNSHRINKABLE),
            ("what looking at each by name adds that no shrinker frees",
             "memory/memory_looked_other_bytes", UNSHRINKABLE),
            ("what is left of all that once caches are dropped",
             "memory/memory_dropped_bytes", LEFT_OVER)):
        value = series.get(key, float("inf"))
        rows.append((text, value, 0, "before", f"{value:+.1f}", f"at most {goal}", value <= goal))
    return rows


def number(value):
    """For people."""
    return "-" if value is None else f"{value:,.0f}"


def table(stock, series, date, commit, svg):
    """Print the page."""
    rows = all_rows(stock, series)
    print("# What it costs\n\n## Method and limits\n")
    print("`make bench` boots the kernel with the series, and the same kernel without it (stock), in\n"
          "QEMU's TCG with `-icount`: the clock of the guest advances 1 ns with each instruction, so\n"
          "its time counts the instructions of kernel and program, and other load on the machine does\n"
          "not change it. `selftests/bench/bench.c` describes each row. Two runs differ by up to two\n"
          "percent for types with memory for each CPU (ipc, mnt, net), by less than one for others, and\n"
          "by up to a factor of two where several CPUs create and destroy namespaces: QEMU runs the CPUs\n"
          "in turns, so that one can wait for a lock whose holder does not run.\n\n"
          "Instructions are not time: caches and memory do not count, and locks are not contended as on\n"
          "hardware. They show what is done for an operation, and how that grows.\n\n"
          f"## Results\n\nMeasured on {date} at {commit}.\n")
    # An excerpt for the cover letter, as wide as a mail.
    print("<!-- cover letter -->\n    In instructions, by QEMU's -icount:\n")
    for text, value, peer, peer_name, *_ in rows:
        if value is not None and peer and text == "the same":
            print(f"{'':12}{peer_name}: {number(peer)}")
        elif value is not None and peer and not text.startswith("the same"):
            line = f"    {text.replace('destroy: ', 'destroy, '):44} {number(value):>10},"
            peer_text = f"{peer_name}: {number(peer)}"
            print(line + (" " if len(line + peer_text) < 79 else f"\n{'':12}") + peer_text)
    print("<!-- end of cover letter -->\n")
    print("| work | series | compared with | | |")
    print("| --- | ---: | --- | ---: | --- |")
    for text, value, peer, peer_name, ratio, *_ in rows:
        print(f"| {text} | {number(value)} | {peer_name} | {number(peer)} | {ratio} |")
    print("\nThe cost of an entry of a listing, and of an open by a name that is not cached, by the"
          f"\nnumber of namespaces:\n\n![cost by the number of namespaces]({svg})")
    missed = [row for row in rows if not row[-1]]
    for text, value, peer, peer_name, ratio, goal, _ in missed:
        print(f"missed: {text}: {number(value)}, {peer_name} {number(peer)}, {ratio} ({goal})",
              file=sys.stderr)
    return 1 if missed else 0


def recorded(stock, series):
    """What a check compares with, by key: stock's create and destroy, and the listings."""
    return ({f"stock/{key}": value for key, value in stock.items() if key.startswith("create/")} |
            {key: value for key, value in series.items() if key.startswith("list/")})


def check(series, record):
    """Print what is wrong, and the count."""
    passed = failed = 0
    with open(record, encoding="utf-8") as file:
        was = {key: float(value) for key, value in
               (line.split() for line in file if not line.startswith("#"))}
    stock = {key.removeprefix("stock/"): value for key, value in was.items()
             if key.startswith("stock/")}
    for text, value, peer, _, ratio, goal, good in create_rows(stock, series, ("create",), NOISE):
        print(f"{'PASS' if good else 'FAIL'} {text}: {number(value)}, stock {number(peer)}, "
              f"{ratio} ({goal})")
        passed, failed = passed + good, failed + (not good)
    listings = [key for key in was if key.startswith("list/")]
    for key in listings:
        value = series.get(key)
        good = value is not None and value <= was[key] * SLACK
        print(f"{'PASS' if good else 'FAIL'} {key}: {value}, recorded {was[key]}")
        passed, failed = passed + good, failed + (not good)
    if not listings:
        print(f"FAIL {record} has no listing to compare with")
        failed += 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main(what, *args):
    """As the text above has it."""
    if what == "table":
        return table(read(args[0]), read(args[1]), *args[2:])
    if what == "check":
        return check(read(args[0]), args[1])
    if what == "record":
        print("# Instructions, by make bench: what make bench-check compares with. It allows a tenth\n"
              "# more for an entry of a listing.")
        for key, value in recorded(read(args[0]), read(args[1])).items():
            print(key, value)
    elif what == "data":
        series = read(args[0])
        for n in (10, 100, 1000, 10000, 100000):
            print(n, *(series[f"grow/{key}_{n}"] for key in
                       ("list_listns", "list_proc", "list_fs", "open_proc", "open_fs")))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
