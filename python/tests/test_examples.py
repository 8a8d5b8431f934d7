"""Every example runs alone, finds its own result right and draws its picture; and its check notices a wrong result."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

import cppstencils

FOLDER = Path(__file__).parents[2] / "examples" / "python"
PACKAGE = Path(cppstencils.__file__).parents[1]

PICTURES = {
    "01_quick_start": "laplace.png",
    "02_heat": "heat.png",
    "03_gray_scott": "gray_scott.png",
    "04_lattice_boltzmann": "taylor_green.png",
    "05_terrain": "terrain.png",
    "06_mri": "mri.png",
}

# A mistake in the mathematics of each example: what is written there, and what is put in its place.
MISTAKES = {
    "01_quick_start": ("u[0, 1] + u[0, -1]) / 4", "u[0, 1] + u[0, -1]) / 4.001"),
    "02_heat": ("ps.fd.diffusion(T, D)", "ps.fd.diffusion(T, sp.Rational(99, 100) * D)"),
    "03_gray_scott": ("dt * u[0, 0] * v[0, 0] ** 2)]", "dt * u[0, 0] * v[0, 0] ** 2 * sp.Rational(99, 100))]"),
    "04_lattice_boltzmann": ("(1 + 3 * cu", "(1 + 3 * cu * sp.Rational(98, 100)"),
    "05_terrain": ("2 * sum(weights)", "2 * sum(weights) + sp.Rational(1, 1000)"),
    "06_mri": ("d**2 / K**2", "d**2 / (K**2 + 1)"),
}


def run(script, folder):
    """Runs a script in an empty folder. Returns its exit status, the last line it printed, and all it printed."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, str(script), "--quick", "--output", str(folder / "pictures")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = done.stdout.splitlines()
    return done.returncode, lines[-1] if lines else "", done.stdout + done.stderr


def test_every_example_is_listed():
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == sorted(PICTURES) == sorted(MISTAKES)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[(\w+)\.py\]\(\1\.py\)", readme, re.MULTILINE) == sorted(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_example(name, tmp_path):
    status, last_line, printed = run(FOLDER / f"{name}.py", tmp_path)
    assert status == 0, printed
    assert last_line.startswith("OK: "), printed
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.png")) == [Path("pictures", PICTURES[name])]
    pixels = imread(tmp_path / "pictures" / PICTURES[name])
    colours = np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)
    assert min(pixels.shape[:2]) >= 300
    assert len(colours) >= 200, "The picture is nearly blank."


@pytest.mark.parametrize("name", MISTAKES)
def test_its_check_notices_a_mistake(name, tmp_path):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    right, wrong = MISTAKES[name]
    assert text.count(right) == 1
    script = tmp_path / "wrong.py"
    script.write_text(text.replace(right, wrong), encoding="utf-8")
    status, last_line, printed = run(script, tmp_path)
    assert status == 1, printed
    assert last_line.startswith("FAILED: "), printed
