"""Compares cppstencils with installed releases of pystencils: from assignments to a callable, import, and calls.

usage: compare.py [--rounds N] [--output FOLDER] --peer NAME=PYTHON [--peer NAME=PYTHON]

PYTHON is the interpreter of a virtual environment with that package; cppstencils is imported by the interpreter that
runs this script. Every time is taken in a fresh process, after NumPy and SymPy have been imported; every kernel is
checked against NumPy there. Rounds are interleaved; medians are shown, and ratios of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import stencils

HERE = pathlib.Path(__file__).resolve().parent


def measure(python, package, kernel, cache):
    """The times of one fresh process in milliseconds."""
    environment = {**os.environ, "CPPSTENCILS_CACHE_DIR": cache, "XDG_CACHE_HOME": cache, "HOME": cache}
    # pystencils 2.x finds its own cache entries only if addresses and hashes repeat.
    environment["PYTHONHASHSEED"] = "0"
    command = [python, str(HERE / "child.py"), package, kernel]
    if shutil.which("setarch"):
        command = ["setarch", "-R", *command]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=HERE)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


def collect(contestants, rounds):
    """{kernel: {contestant: {what: [milliseconds of each round]}}}"""
    times = {}
    for round_number in range(rounds):
        for kernel in stencils.KERNELS:
            for name, (python, package) in contestants.items():
                entry = times.setdefault(kernel, {}).setdefault(name, {})
                with tempfile.TemporaryDirectory() as cache:
                    for state in ("cold", "warm"):
                        for what, value in measure(python, package, kernel, cache).items():
                            entry.setdefault(f"{state} {what}", []).append(value)
        print(f"round {round_number + 1} of {rounds} done", file=sys.stderr)
    return times


def table(times, contestants, what, title):
    """One Markdown table: medians, and how many times longer the peers take."""
    own, *peers = contestants
    lines = [f"| {title} | {own} ms | " + " | ".join(f"{peer} ms | ratio" for peer in peers) + " |"]
    lines.append("| --- " * (2 + 2 * len(peers)) + "|")
    for kernel, entries in times.items():
        median = {name: statistics.median(entries[name][what]) for name in contestants}
        cells = [f"{median[own]:.2f}"]
        for peer in peers:
            cells += [f"{median[peer]:.0f}", f"{median[peer] / median[own]:.0f}"]
        lines.append(f"| {kernel} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=pathlib.Path, default=None, help="folder for comparison.json and .md")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    options = parser.parse_args()
    contestants = {"cppstencils": (sys.executable, "cppstencils")}
    for peer in options.peer:
        name, _, python = peer.partition("=")
        contestants[name] = (python, "pystencils")
    times = collect(contestants, options.rounds)
    text = "\n\n".join(
        [
            table(times, contestants, "cold total", "assignments to callable, no cache"),
            table(times, contestants, "warm total", "the same, cached on disk, new process"),
            table(times, contestants, "cold first call", "first call included, no cache"),
            table(times, contestants, "warm import", "import, after NumPy and SymPy"),
            table(times, contestants, "warm call", "call on 8 cells per dimension, in microseconds"),
        ]
    )
    print(text)
    if options.output is not None:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "comparison.json").write_text(json.dumps(times, indent=1))
        (options.output / "comparison.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
