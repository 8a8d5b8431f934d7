"""One package in one process. Waits for commands, one JSON object per line, and answers in kind:

{"prepare": kernel, "dtype": d, "shape": [...], "threads": n} -> {"mode": m} or {"fault": text}
{"go": seconds} -> {"seconds": of one call}
"""

import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from engines import ENGINES  # noqa: E402
from kernels import KERNELS  # noqa: E402


def sample(call, seconds):
    """Seconds of one call, on average over at least `seconds`. A call may return its own time."""
    call()  # wakes the threads
    calls, own, start = 0, 0.0, time.perf_counter()
    while True:
        took = call()
        own += took or 0.0
        calls += 1
        now = time.perf_counter()
        if now - start >= seconds:
            return (own if took is not None else now - start) / calls


def main():
    engine = ENGINES[sys.argv[1]]
    # Compilers and packages may print; answers go where nothing else does.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    call = work = None
    for line in sys.stdin:
        command = json.loads(line)
        if "prepare" in command:
            call = work = None
            try:
                kernel = KERNELS[command["prepare"]]
                work, candidates = engine(kernel, command["dtype"], tuple(command["shape"]), command["threads"])
                times = []
                for name, candidate in candidates:
                    candidate()
                    times.append((min(sample(candidate, 0.01) for _ in range(3)), name, candidate))
                _, mode, call = min(times, key=lambda entry: entry[0])
                if sys.argv[1].startswith("cppstencils"):
                    call()
                    work.check()
                reply = {"mode": mode}
            except Exception as fault:
                reply = {"fault": f"{type(fault).__name__}: {str(fault)[:400]}"}
        elif "go" in command:
            reply = {"seconds": sample(call, command["go"])}
        print(json.dumps(reply), file=answers, flush=True)


main()
