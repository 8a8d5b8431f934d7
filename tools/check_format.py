#!/usr/bin/env python3
"""Checks that the C++ sources are formatted; with --fix, formats them.

usage: check_format.py [--fix] [ROOT]
"""
import pathlib
import shutil
import subprocess
import sys

arguments = [a for a in sys.argv[1:] if a != "--fix"]
fix = "--fix" in sys.argv
root = pathlib.Path(arguments[0] if arguments else ".")
files = sorted(str(path) for folder in ("include", "src", "tests", "bench", "examples", "tools", "python")
               for path in (root / folder).rglob("*") if path.suffix in (".hpp", ".cpp", ".h"))

# Another version would format some places differently.
for name in ("clang-format-14", "clang-format"):
    tool = shutil.which(name)
    if tool and " 14." in subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout:
        break
else:
    sys.exit("clang-format 14 was not found. On Debian 12: apt-get install clang-format-14")

mode = ["-i"] if fix else ["--dry-run", "-Werror"]
result = subprocess.run([tool, "--style=file", *mode, *files], check=False)
print(f"{len(files)} files {'formatted' if fix else 'checked'}")
if result.returncode:
    print("Run 'make format'.")
sys.exit(1 if result.returncode or not files else 0)
