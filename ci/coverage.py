#!/usr/bin/env python3
"""Print which lines of the series the tests reach.

usage: coverage.py OBJ SOURCE OUTPUT

OUTPUT is what the guest wrote, with a line "gcda PATH BASE64" for each object
that counts. OBJ is where the kernel was built, SOURCE its tree.
"""

import base64
import json
import os
import subprocess
import sys

AIM = 95
FILES = ("kernel/ns_idr.c", "kernel/ns_view.c", "kernel/ns_event.c", "fs/proc/namespaces.c",
         "fs/namespacefs/")


def counts(obj, gcda):
    """File, by line how often it ran, of one object."""
    run = subprocess.run(["gcov", "--json-format", "--stdout", gcda], cwd=obj, check=True,
                         text=True, stdout=subprocess.PIPE)
    for text in run.stdout.splitlines():
        for file in json.loads(text)["files"]:
            yield file["file"], [(line["line_number"], line["count"]) for line in file["lines"]]


def main():
    obj, source, output = sys.argv[1:]
    lines = {}
    with open(output, errors="replace", encoding="utf-8") as f:
        for word in (line.split() for line in f if line.startswith("gcda ")):
            # The kernel names it by where it was built.
            name = word[1].split("/obj/", 1)[-1].split("/", 1)[-1]
            gcda = os.path.join(obj, name)
            with open(gcda, "wb") as g:
                g.write(base64.b64decode(word[2]))
            for path, ran in counts(obj, gcda):
                path = os.path.relpath(os.path.normpath(os.path.join(obj, path)),
                                       os.path.realpath(source))
                if not path.startswith(FILES):
                    continue
                of_file = lines.setdefault(path, {})
                for number, count in ran:
                    of_file[number] = of_file.get(number, 0) + count
    missing = [f for f in FILES if not any(path.startswith(f) for path in lines)]
    if missing:
        sys.exit("coverage.py: error: no counters of " + ", ".join(missing))

    print(f"{'file':28} {'lines':>6} {'reached':>8}")
    whole = reached = 0
    for path in sorted(lines):
        n, r = len(lines[path]), sum(1 for count in lines[path].values() if count)
        whole, reached = whole + n, reached + r
        print(f"{path:28} {n:6} {r:8} {100 * r / n:5.1f}%")
    print(f"{'all':28} {whole:6} {reached:8} {100 * reached / whole:5.1f}%")
    print("\nnot reached:")
    for path in sorted(lines):
        with open(os.path.join(source, path), encoding="utf-8") as f:
            text = f.read().splitlines()
        for number in sorted(n for n, count in lines[path].items() if not count):
            print(f"{path}:{number}: {text[number - 1].strip()}")
    return 0 if 100 * reached >= AIM * whole else 1


if __name__ == "__main__":
    sys.exit(main())
