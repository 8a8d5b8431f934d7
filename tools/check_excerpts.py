#!/usr/bin/env python3
"""Checks that code which a document shows is code of a program that is tested.

usage: check_excerpts.py ROOT DOCUMENT...

A C++ block whose first line is a comment with the path of a file, such as `// examples/04_executor.cpp`, must appear in
that file: its lines in a row, whatever their indentation; a line `// ...` leaves some out.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
problems = excerpts = 0
for document in sys.argv[2:]:
    text = (root / document).read_text(encoding="utf-8")
    for name, code in re.findall(r"```cpp\n// ((?:examples|tests)/\S+)\n(.*?)```", text, re.DOTALL):
        excerpts += 1
        source = [line.strip() for line in (root / name).read_text(encoding="utf-8").splitlines()]
        start = 0
        for piece in re.split(r"^\s*// \.\.\.\n", code, flags=re.MULTILINE):
            lines = [line.strip() for line in piece.splitlines()]
            places = (i for i in range(start, len(source) - len(lines) + 1) if source[i:i + len(lines)] == lines)
            place = next(places, None)
            if place is None:
                problems += 1
                print(f"{document}: {name} does not contain:\n{piece}")
                break
            start = place + len(lines)
print(f"{excerpts} excerpts, {problems} problems")
sys.exit(1 if problems or not excerpts else 0)
