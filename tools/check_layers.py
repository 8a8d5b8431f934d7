#!/usr/bin/env python3
"""Checks the shape of the house: who may include whom, how long a file may be, and that every layer explains itself.

usage: check_layers.py [ROOT]
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()

# A layer includes itself and what is listed here: what is left of it in the pipeline.
LAYERS = {
    "support": set(),
    "sym": {"support"},
    "field": {"support", "sym"},
    "ir": {"support"},
    "kernel": {"support", "sym", "field", "ir"},
    "passes": {"support", "ir"},
    "emit": {"support", "ir", "passes"},
    "jit": {"support", "sym", "field", "ir", "kernel", "passes", "emit"},
    "runtime": {"support", "sym", "field", "ir", "kernel", "passes", "emit", "jit"},
    "explain": {"support", "sym", "field", "ir", "kernel", "passes", "emit", "jit", "runtime"},
}
# Headers of others, and the only places that may include them.
FOREIGN = [
    (r"llvm(-c)?/", r"src/emit/ir_to_llvm|src/emit/README|src/jit/llvm/"),
    (r"(cuda|nvrtc|cuda_runtime|nvJitLink)[\w]*\.h", r"src/jit/cuda/"),
    (r"(Python\.h|pybind11/|nanobind/|numpy/)", r"python/src/"),
    (r"fmt/", r"src/|bench/|tests/|tools/|python/src/"),  # never in a public header: users need no fmt
]
LINE_LIMIT, README_LIMIT = 500, 15
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
problems = []


def layer_of(path):
    """The layer of a project path such as src/ir/x.hpp or cppstencils/ir/x.hpp; None for the top level."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[1] in LAYERS else None


def check_include(file, number, included):
    for pattern, allowed in FOREIGN:
        if re.match(pattern, included) and not re.match(allowed, file):
            problems.append(f"{file}:{number}: '{included}' may not be included here")
    name = included if included.startswith("cppstencils/") else "src/" + included
    if file.startswith(("examples/", "tools/")) and (ROOT / "src" / included).exists():
        problems.append(f"{file}:{number}: '{included}' is not a public header")
    ours = layer_of(re.sub(r"^include/", "", file)) if file.startswith(("src/", "include/")) else None
    if ours and name == "cppstencils/cppstencils.hpp":
        problems.append(f"{file}:{number}: the umbrella header is for users")
    theirs = layer_of(name)
    if ours and theirs and theirs != ours and theirs not in LAYERS[ours]:
        problems.append(f"{file}:{number}: layer '{ours}' may not include '{included}' of layer '{theirs}'")


files = sorted(p for folder in ("include", "src", "tests", "bench", "examples", "tools", "python", "cmake")
               for p in (ROOT / folder).rglob("*") if p.suffix in (".hpp", ".cpp", ".h", ".py", ".cmake"))
for path in files:
    file = path.relative_to(ROOT).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > LINE_LIMIT:
        problems.append(f"{file}: {len(lines)} lines; split it by concept at {LINE_LIMIT}")
    if path.suffix in (".hpp", ".h") and "#pragma once" not in lines:
        problems.append(f"{file}: '#pragma once' is missing")
    for number, line in enumerate(lines, 1):
        if match := INCLUDE.match(line):
            check_include(file, number, match[1])
for layer in LAYERS:
    readme = ROOT / "src" / layer / "README.md"
    count = len(readme.read_text(encoding="utf-8").splitlines()) if readme.exists() else 0
    if not 1 <= count <= README_LIMIT:
        problems.append(f"src/{layer}/README.md: {count} lines; wanted are 1 to {README_LIMIT}")
listed = (ROOT / "cmake/CppstencilsInstall.cmake").read_text(encoding="utf-8")
for path in sorted((ROOT / "include/cppstencils").rglob("*.hpp")):
    name = path.relative_to(ROOT / "include/cppstencils").as_posix()
    if not re.search(rf"^\s+{re.escape(name)}\)?$", listed, re.MULTILINE):
        problems.append(f"include/cppstencils/{name}: not listed in cmake/CppstencilsInstall.cmake")

print(*problems, sep="\n")
print(f"{len(files)} files, {len(problems)} problems")
sys.exit(1 if problems or not files else 0)
