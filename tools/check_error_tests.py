#!/usr/bin/env python3
"""Checks that every error code has its rendered message pinned by a test under tests/error.

usage: check_error_tests.py [ROOT]
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
header = (root / "include/cppstencils/support/error.hpp").read_text(encoding="utf-8")
block = re.search(r"#define CPPSTENCILS_ERROR_CODES\(X\)(.*?)\n\n", header, re.DOTALL)[1]
codes = re.findall(r"X\((\w+)\)", block)
tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "tests/error").rglob("*.*"))
                  if path.suffix in (".cpp", ".hpp", ".txt"))

missing = [code for code in codes if f"error[{code.replace('_', '-')}]" not in tests]
for code in missing:
    print(f"No test in tests/error pins the message of '{code}': the text 'error[{code.replace('_', '-')}]' is not there.")
print(f"{len(codes)} error codes, {len(missing)} without a test")
sys.exit(1 if missing or not codes else 0)
