"""``python -m cppstencils --info`` prints what this installation can do."""

from __future__ import annotations

import argparse
import os
import platform
import sys

import numpy as np
import sympy as sp

from . import __version__, _core
from .errors import Error
from .jit import LegacyCpuJit, LegacyGpuJit


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.lower().startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _jits():
    reason = _core.llvm_unavailable_reason()
    yield "LlvmJit", f"unavailable: {reason}" if reason else "available, the default"
    try:
        yield "LegacyCpuJit", f"available, uses {LegacyCpuJit().compiler}"
    except Error as error:
        yield "LegacyCpuJit", f"unavailable: {error.message} {' '.join(error.hints)}"
    found = LegacyGpuJit().available()
    parts = ", ".join(part for part in (found.compiler, found.device) if part)
    yield "LegacyGpuJit", f"available, {parts}" if found else f"unavailable: {found.reason}"
    yield "InterpreterJit", "available"
    yield "NoJit", "available"


def _cache():
    try:
        report = _core.inspect_cache(None)
        return f"{report['directory'] or 'none'}, {report['entries']} entries, {report['bytes'] / 2**20:.1f} MiB"
    except Error as error:
        return f"unusable: {error.message}"


def info():
    """The lines that ``--info`` prints."""
    yield f"cppstencils {__version__}"
    yield f"  Python     {platform.python_version()} ({sys.executable})"
    yield f"  NumPy      {np.__version__}"
    yield f"  SymPy      {sp.__version__}"
    yield f"  processor  {_processor()}, {len(os.sched_getaffinity(0))} usable"
    yield f"  cache      {_cache()}"
    yield "  JITs"
    for name, state in _jits():
        yield f"    {name:<15}{state}"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m cppstencils", description="Stencil kernels, in process.")
    parser.add_argument("--info", action="store_true", help="print versions, the processor, and which JITs work here")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    if not options.info:
        parser.print_help()
        return 2
    print("\n".join(info()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
