#!/usr/bin/env python3
"""Checks that every public header compiles alone, without a warning, with nothing but the include folder.

usage: check_headers.py INCLUDE_FOLDER COMPILER
clang++-19 checks them too where it is installed.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

folder, compilers = pathlib.Path(sys.argv[1]), [sys.argv[2]]
if shutil.which("clang++-19") and "clang" not in sys.argv[2]:
    compilers.append("clang++-19")
headers = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.hpp"))


def check(task):
    compiler, header = task
    # Twice, because a header must also stand being included again.
    program = f'#include "{header}"\n#include "{header}"\n'
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
               f"-I{folder}", "-x", "c++", "-"]
    result = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
    return f"{compiler}: {header} does not compile alone:\n{result.stderr}" if result.returncode else ""


tasks = [(compiler, header) for compiler in compilers for header in headers]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    problems = [problem for problem in pool.map(check, tasks) if problem]
print(*problems, sep="\n")
print(f"{len(headers)} headers, compilers: {', '.join(compilers)}; {len(problems)} problems")
sys.exit(1 if problems or not headers else 0)
