"""The Python program of the README runs as it stands."""

import pathlib
import re

import numpy as np

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def test_the_program_computes_the_mean_of_four_neighbours():
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(compile(program, str(README), "exec"), names)
    f, g = names["f_arr"], names["g_arr"]
    mean = (f[2:, 1:-1] + f[:-2, 1:-1] + f[1:-1, 2:] + f[1:-1, :-2]) / 4
    np.testing.assert_allclose(g[1:-1, 1:-1], mean, rtol=1e-15)


def test_every_linked_file_of_the_readme_exists():
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (README.parent / link).exists()] == []
