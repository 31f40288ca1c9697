# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reading C sources for the style checks: which files there are, text without comments, calls.

Nothing here parses C. Comments and the insides of literals are blanked, position for position, so
that what a check finds in the rest can be reported with its line.
"""
import argparse
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


class Report:
    """What a check found; one sentence for each place."""

    def __init__(self):
        self.count = 0

    def say(self, path, line, sentence):
        print(f"{path}:{line}: {sentence}" if line else f"{path}: {sentence}")
        self.count += 1


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return TOKEN.sub(lambda m: blank(m[0]) if m[0][0] == "/" else m[0], text)


def code_only(text):
    """Comments blank, literals empty."""
    def one(m):
        return blank(m[0]) if m[0][0] == "/" else m[0][0] + blank(m[0][1:-1]) + m[0][-1]
    return TOKEN.sub(one, text)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def files(root, folders, suffixes):
    """Paths below root, sorted, relative to it."""
    found = []
    for folder in folders:
        for where, dirs, names in os.walk(os.path.join(root, folder)):
            dirs.sort()
            dirs[:] = [d for d in dirs if not d.startswith(".") and d != "bad"]
            found += [os.path.relpath(os.path.join(where, n), root) for n in names
                      if n.endswith(suffixes) and not n.startswith(".")]
    return sorted(found)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def arguments(text, at):
    """The arguments of a call whose opening bracket is at `at`, split at top-level commas."""
    depth, begin, parts = 0, at + 1, []
    for i in range(at, len(text)):
        c = text[i]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                parts.append(text[begin:i])
                return [p.strip() for p in parts if p.strip() or len(parts) > 1]
        elif c == "," and depth == 1:
            parts.append(text[begin:i])
            begin = i + 1
    return parts


def calls(text, names):
    """(name, position, arguments) of each call, or declaration, of one of the names."""
    for m in re.finditer(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(", text):
        yield m[1], m.start(1), arguments(text, m.end() - 1)


def main(check, doc, folders):
    """Run check(root, report) and end with its result."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--root", default=TOP, help="the tree to check (this one)")
    args = parser.parse_args()
    report = Report()
    seen = check(args.root, report)
    if not seen:
        print(f"nothing to check below {', '.join(folders)}")
        sys.exit(1)
    sys.exit(1 if report.count else 0)
