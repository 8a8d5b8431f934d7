#!/usr/bin/env python3
"""Checks that the shared library exports its public names and nothing of what it is built from.

usage: check_symbols.py NM LIBRARY
"""
import re
import subprocess
import sys

nm, library = sys.argv[1:]


def names(*options):
    output = subprocess.run([nm, "-D", "--defined-only", *options, library], capture_output=True, text=True, check=True)
    return [line.split(maxsplit=2)[2] for line in output.stdout.splitlines() if len(line.split(maxsplit=2)) == 3]


mangled, readable = names(), names("--demangle")
# A name of LLVM or fmt inside another one, such as a function of std with an argument of LLVM, counts as well.
foreign = [name for name in mangled if re.search(r"4llvm|3fmt|^LLVM|^llvm|^XXH", name)]
own = re.compile(r"^(vtable for |typeinfo for |typeinfo name for |VTT for |guard variable for )?cppstencils::")
linker = {"__bss_start", "_edata", "_end"}  # some linkers export these from every library
others = [name for name in readable
          if not own.search(name) and name not in linker and "std::" not in name and "__gnu_cxx::" not in name and "[abi:cxx11]" not in name
          and not name.startswith("operator ")]
internal = [name for name in readable if re.match(r"cppstencils::(passes|emit|support|jit)::", name)]
create_kernel = [name for name in readable if name.startswith("cppstencils::create_kernel(")]

for title, found in (("of other libraries", foreign), ("that are not ours", others), ("that are internal", internal)):
    if found:
        print(f"{len(found)} exported names {title}:", *found[:20], sep="\n  ")
if not create_kernel:
    print("cppstencils::create_kernel is not exported.")
print(f"{len(mangled)} exported names")
sys.exit(1 if foreign or others or internal or not create_kernel else 0)
