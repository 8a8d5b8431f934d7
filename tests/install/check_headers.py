#!/usr/bin/env python3
"""Checks that every public header compiles alone, without a warning, with nothing but the include folder.

usage: check_headers.py INCLUDE_FOLDER COMPILER
Where clang++-19 is installed, it checks all of them together.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

folder, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]
headers = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.hpp"))
tasks = [(compiler, header) for header in headers]
if shutil.which("clang++-19") and "clang" not in compiler:
    tasks.append(("clang++-19", "cppstencils/cppstencils.hpp"))


def check(task):
    compiler, header = task
    # Twice, because a header must also stand being included again.
    program = f'#include "{header}"\n#include "{header}"\n'
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
               f"-I{folder}", "-x", "c++", "-"]
    result = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
    return f"{compiler}: {header} does not compile alone:\n{result.stderr}" if result.returncode else ""


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    problems = [problem for problem in pool.map(check, tasks) if problem]
print(*problems, sep="\n")
print(f"{len(headers)} headers, {len(tasks)} compilations, {len(problems)} problems")
sys.exit(1 if problems or not headers else 0)
