#!/usr/bin/env python3
"""Checks that the first program in the README is the example of that name, and that it prints what the README shows.

usage: check_readme.py README SOURCE PROGRAM
"""
import pathlib
import re
import subprocess
import sys

readme, source, program = (pathlib.Path(argument) for argument in sys.argv[1:])
text = readme.read_text(encoding="utf-8")
match = re.search(r"```cpp\n(.*?)```\s+```\w*\n(.*?)```", text, re.DOTALL)
if not match:
    sys.exit(f"{readme}: no C++ block that is followed by its output.")

problems = 0
output = subprocess.run([program], capture_output=True, text=True, check=True).stdout
for what, shown, real in ((f"the program {source.name}", match[1], source.read_text(encoding="utf-8")),
                          ("its output", match[2], output)):
    if shown.rstrip() != real.rstrip():
        problems += 1
        print(f"{readme.name} differs from {what}.\n--- {readme.name}\n{shown}\n--- {what}\n{real}")
print("README and example agree" if not problems else f"{problems} differences")
sys.exit(1 if problems else 0)
