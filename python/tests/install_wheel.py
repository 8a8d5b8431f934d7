"""Builds the wheel as pip does, installs it into an empty folder, and uses it from there.

usage: install_wheel.py SOURCE_DIR WORK_DIR
"""

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

PROGRAM = """
import pathlib, sys
import numpy as np
import cppstencils as ps

assert pathlib.Path(ps.__file__).is_relative_to(sys.argv[1]), ps.__file__
u, v = ps.fields("u, v: [2D]")
kernel = ps.create_kernel(ps.Assignment(v[0, 0], u[1, 0] + u[-1, 0])).compile()
a, b = np.random.default_rng(1).random((2, 40, 50))
kernel(u=a, v=b)
assert (b[1:-1, 1:-1] == a[2:, 1:-1] + a[:-2, 1:-1]).all()
print("the installed package works")
"""

source, work = map(pathlib.Path, sys.argv[1:])
shutil.rmtree(work / "site", ignore_errors=True)
for old in work.glob("*.whl"):
    old.unlink()
work.mkdir(parents=True, exist_ok=True)


def run(*command, **options):
    subprocess.run([*map(str, command)], check=True, cwd=work, **options)


pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", work]
run(*build, f"--config-settings=build-dir={work / 'build'}", source)
(wheel,) = work.glob("*.whl")
names = zipfile.ZipFile(wheel).namelist()
for wanted in ("cppstencils/__init__.py", "cppstencils/_core.pyi", "cppstencils/py.typed"):
    assert wanted in names, f"{wanted} is not in the wheel, which has {names}"
strangers = [n for n in names if not n.startswith(("cppstencils/", "cppstencils-"))]
assert not strangers, f"the wheel brings files of others: {strangers}"

run(*pip, "install", "--quiet", "--no-deps", "--target", work / "site", wheel)
environment = {**os.environ, "PYTHONPATH": str(work / "site"), "CPPSTENCILS_CACHE_DIR": str(work / "cache")}
run(sys.executable, "-c", PROGRAM, work / "site", env=environment)
run(sys.executable, "-m", "cppstencils", "--info", env=environment)
