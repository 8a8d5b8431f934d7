"""Compares the speed of kernels with pystencils in its best mode, Numba and Devito.

usage: peers.py [--rounds N] [--output PATH] [--fast] [--peer NAME=ENGINE:PYTHON ...] [--kernels TEXT]
                [--levels L2 memory] [--threads 1 2] [--dtypes float64 float32]

ENGINE is pystencils, numba or devito; PYTHON is the interpreter of a virtual environment with that package.
cppstencils is imported by the interpreter that runs this script. Each package has a process of its own, which waits
until it is told to run, so that rounds interleave. Every result is checked with NumPy before it is timed. Where a
package has several modes (pystencils: default, constant shapes and strides, explicit AVX-512 with unit stride, the same
with non-temporal stores and alignment; Numba: with and without parallel), the fastest of them stands for it.

The environments, with the versions that the figures in docs/performance.md are from:

  python3 -m venv /tmp/pystencils1 && /tmp/pystencils1/bin/pip install 'pystencils==1.4' 'sympy<1.13' 'numpy<2'
  python3 -m venv /tmp/pystencils2 && /tmp/pystencils2/bin/pip install --pre 'pystencils==2.0'
  python3 -m venv /tmp/numba && /tmp/numba/bin/pip install 'numba==0.68.1' 'numpy==2.4.6' 'sympy==1.14.0'
  python3 -m venv /tmp/devito && /tmp/devito/bin/pip install 'devito==4.8.23'
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))

from kernels import KERNELS, shape_for  # noqa: E402

LEVELS = {"L2": 1 << 20, "L3": 12 << 20, "memory": 768 << 20, "tiny": 1 << 16}


class Worker:
    """A package in a process."""

    def __init__(self, name, engine, python):
        self.name = name
        command = [python, str(HERE / "peers" / "worker.py"), engine]
        environment = dict(os.environ)
        if not engine.startswith("cppstencils"):
            environment.pop("PYTHONPATH", None)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"fault": "the process has ended"}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(workers, kernel, dtype, level, threads, rounds, seconds):
    """One line of the report."""
    shape = shape_for(KERNELS[kernel], dtype, LEVELS[level])
    line = {"kernel": kernel, "dtype": dtype, "level": level, "threads": threads, "shape": shape, "packages": {}}
    ready = []
    for worker in workers:
        reply = worker.ask(prepare=kernel, dtype=dtype, shape=shape, threads=threads)
        line["packages"][worker.name] = reply
        if "mode" in reply:
            ready.append(worker)
            reply["rounds"] = []
    for _ in range(rounds):
        for worker in ready:
            time.sleep(0.02)  # threads of OpenMP spin for some milliseconds after a call
            line["packages"][worker.name]["rounds"].append(worker.ask(go=seconds)["seconds"])
    cells = math.prod(shape)
    own = line["packages"]["cppstencils"]
    for entry in line["packages"].values():
        if not entry.get("rounds"):
            continue
        entry["mlups"] = cells / statistics.median(entry["rounds"]) / 1e6
        if own.get("rounds"):
            entry["ratio"] = statistics.median(t / o for t, o in zip(entry["rounds"], own["rounds"]))
    return line


def markdown(lines, names):
    peers = [name for name in names if name != "cppstencils"]
    text = ["| kernel | cells | numbers | threads | cppstencils, MLUP/s | " + " | ".join(peers) + " |"]
    text.append("| --- " * (5 + len(peers)) + "|")
    for line in lines:
        own = line["packages"]["cppstencils"]
        cells = [line["kernel"], " x ".join(map(str, line["shape"])), line["dtype"], str(line["threads"])]
        cells.append(f"{own['mlups']:.0f}" if "mlups" in own else f"failed: {own['fault']}")
        for peer in peers:
            entry = line["packages"][peer]
            cells.append(f"{entry['ratio']:.2f} ({entry['mode']})" if "ratio" in entry else "does not run")
        text.append("| " + " | ".join(cells) + " |")
    text.append("")
    for peer in peers:
        ratios = [line["packages"][peer]["ratio"] for line in lines if "ratio" in line["packages"][peer]]
        if ratios:
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
            text.append(
                f"* Against {peer}: geometric mean {mean:.2f}, least {min(ratios):.2f}, {len(ratios)} of {len(lines)}."
            )
    faults = {}
    for line in lines:
        for name, entry in line["packages"].items():
            if "fault" in entry:
                faults.setdefault(f"{name}: {entry['fault']}", []).append(line["kernel"])
    for fault, kernels in sorted(faults.items()):
        text.append(f"* {fault.splitlines()[0]} ({', '.join(sorted(set(kernels)))})")
    return "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.02, help="of one sample, at least")
    parser.add_argument("--output", type=pathlib.Path, default=None, help="writes PATH.md and PATH.json")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=ENGINE:PYTHON")
    parser.add_argument("--fast", action="store_true", help="beside it, cppstencils with fast arithmetic, as -Ofast is")
    parser.add_argument("--kernels", default="", help="only kernels whose name contains this text")
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=["L2", "memory"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--dtypes", nargs="+", choices=["float64", "float32"], default=["float64", "float32"])
    options = parser.parse_args()
    workers = [Worker("cppstencils", "cppstencils", sys.executable)]
    if options.fast:
        workers.append(Worker("cppstencils, fast", "cppstencils_fast", sys.executable))
    for peer in options.peer:
        name, _, rest = peer.partition("=")
        engine, _, python = rest.partition(":")
        workers.append(Worker(name, engine, python))
    names = [worker.name for worker in workers]
    lines = []
    for level in options.levels:
        for dtype in options.dtypes:
            for kernel in KERNELS:
                if options.kernels not in kernel:
                    continue
                for threads in options.threads:
                    lines.append(measure(workers, kernel, dtype, level, threads, options.rounds, options.seconds))
                    print(markdown(lines[-1:], names).splitlines()[2], flush=True)
    for worker in workers:
        worker.close()
    parts = [
        f"#### In {level}\n\n" + markdown([x for x in lines if x["level"] == level], names) for level in options.levels
    ]
    text = "\n".join(
        ["Ratios: how many times longer the package takes than cppstencils; its fastest mode in parentheses.\n", *parts]
    )
    print(text)
    if options.output is not None:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.with_suffix(".json").write_text(json.dumps(lines, indent=1))
        options.output.with_suffix(".md").write_text(text)
    if any("fault" in line["packages"]["cppstencils"] for line in lines):
        sys.exit("cppstencils failed, see above")


if __name__ == "__main__":
    main()
