"""Runs a program in many different surroundings: its output and the keys of its cache entries never change."""

import os
import shutil
import subprocess
import sys
import tempfile

RUNS = int(os.environ.get("CPPSTENCILS_FUZZ_ROUNDS", "20"))


def surroundings(run):
    """An environment, a command prefix and a working folder that differ from run to run."""
    environment = dict(os.environ)
    environment["LC_ALL"] = ["C", "C.UTF-8", "POSIX", "de_DE.UTF-8"][run % 4]
    environment["TZ"] = ["UTC", "Asia/Tokyo"][run % 2]
    environment["MALLOC_PERTURB_"] = str(run % 256)
    environment["CPPSTENCILS_UNRELATED"] = "x" * (run * 37 % 4096)
    prefix = ["setarch", "-R"] if run % 5 == 4 and shutil.which("setarch") else []
    return environment, prefix, ["/", "/tmp"][run % 2]


def entries(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith(".csk"))


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as cache:
        os.chmod(cache, 0o700)
        first_text = first_entries = None
        for run in range(RUNS):
            environment, prefix, folder = surroundings(run)
            done = subprocess.run([*prefix, program, cache], env=environment, cwd=folder, capture_output=True, check=False)
            if done.returncode != 0:
                sys.exit(f"run {run} failed:\n{done.stderr.decode()}")
            if first_text is None:
                first_text, first_entries = done.stdout, entries(cache)
                if len(first_text) < 1000:
                    sys.exit("the program printed too little to compare")
            if done.stdout != first_text:
                sys.exit(f"run {run} printed another text than run 0")
            if entries(cache) != first_entries:
                sys.exit(f"run {run} made new cache entries: {set(entries(cache)) - set(first_entries)}")
    print(f"{RUNS} runs, {len(first_text)} bytes and {len(first_entries)} cache entries, all the same")


if __name__ == "__main__":
    main()
