"""Runs every code block of docs/python.md, from top to bottom, and compares what is printed with what is shown.

A block of Python runs in the same module as the ones before it. A block without a language behind it shows what it
prints, or, where it raises, the last lines of the traceback. A block of shell commands runs if its commands start with
``python``; the others install software and are listed here, so that a new one is noticed.
"""

import builtins
import contextlib
import io
import linecache
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cppstencils

GUIDE = Path(__file__).parents[2] / "docs" / "python.md"
ROOT = GUIDE.parents[1]

INSTALLATION = """
sudo apt-get install -y g++ python3-dev python3-venv llvm-19-dev libfmt-dev libxxhash-dev
python3 -m venv environment && . environment/bin/activate
pip install .
pip install ".[plot]"
"""


def blocks():
    """Yields (language, text, line number of its first line)."""
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for match in found:
        yield match[1], match[2], match.string.count("\n", 0, match.start()) + 2


def run_python(text, line, module):
    """What a block prints; where it raises, also the last lines of the traceback."""
    name = f"<docs/python.md, line {line}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)  # for those who read their own source
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(text, name, "exec"), module)
        except Exception as error:
            kind = type(error)
            prefix = "" if kind.__module__ == "builtins" else kind.__module__ + "."
            print(f"{prefix}{kind.__qualname__}: {error}")
    return output.getvalue()


def run_shell(text):
    output = ""
    environment = {**os.environ, "PYTHONPATH": str(Path(cppstencils.__file__).parents[1]), "PYTHONWARNINGS": "error"}
    for line in text.splitlines():
        command = shlex.split(line, comments=True)
        if command[:1] != ["python"]:
            assert line in INSTALLATION.splitlines(), f"{line!r} is neither run nor known"
            continue
        done = subprocess.run(
            [sys.executable, *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        output += done.stdout
    return output


def test_guide():
    module = {"__name__": "guide"}
    entries = list(blocks())
    differences = []
    for i, (language, text, line) in enumerate(entries):
        if language == "":
            assert i > 0 and entries[i - 1][0] in ("python", "sh"), f"line {line}: output of nothing"
            continue
        assert language in ("python", "sh"), f"line {line}: a block of '{language}' is not tested"
        printed = run_python(text, line, module) if language == "python" else run_shell(text)
        shown = entries[i + 1][1] if i + 1 < len(entries) and entries[i + 1][0] == "" else ""
        if printed.rstrip() != shown.rstrip() and not (language == "sh" and shown == ""):
            differences.append(f"line {line}\n--- shown\n{shown}--- printed\n{printed}")
    assert not differences, "\n".join(differences)
    assert len(entries) > 20


def test_public_names_that_the_guide_uses_exist():
    text = GUIDE.read_text(encoding="utf-8")
    names = set(re.findall(r"\bps((?:\.\w+)+)", text))
    assert len(names) > 20
    for name in sorted(names):
        value = cppstencils
        for part in name[1:].split("."):
            value = getattr(value, part)


def table(heading):
    """The rows of the first table behind a heading or text, each as a list of cells, without the header."""
    text = GUIDE.read_text(encoding="utf-8")
    assert text.count(heading) == 1
    lines = text[text.index(heading) :].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| ---"))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def code_in(cell):
    return re.findall(r"`([^`]*)`", cell)


def test_error_classes_are_the_built_in_ones_of_the_table():
    rows = table("## Errors")
    listed = set()
    for names, bases, _ in rows:
        for name in code_in(names):
            listed.add(name)
            for base in code_in(bases):
                assert issubclass(getattr(cppstencils.errors, name), getattr(builtins, base)), (name, base)
    assert set(cppstencils.errors.__all__) - listed == {"Error", "UserError", "UnknownName"}


def test_options_and_defaults_are_those_of_the_table():
    config = cppstencils.CreateKernelConfig()
    listed = set()
    for names, default, _ in table("## Kernels"):
        for name in code_in(names):
            name = "cpu.openmp" + name if name.startswith(".") else name
            value = config
            for part in name.split("."):
                value = getattr(value, part)
            listed.add(name.split(".")[0])
            expected = (code_in(default) or ["None"])[0].strip('"')
            assert str(value) == ("None" if expected == "AUTO" else expected), name  # AUTO is kept as None
    assert listed == {*config._options, *config._categories}


def test_names_that_are_the_same_in_pystencils_exist():
    places = [cppstencils, cppstencils.Field, cppstencils.jit, cppstencils.KernelFunction, cppstencils.jit.JitBase]
    for _, names in table("import cppstencils as ps  # instead"):
        for name in code_in(names):
            for word in name.split():
                word = re.sub(r"\(.*|^@|^ps\.|^kernel\.(?=get)|^jit\.(?=compile)|^Field\.", "", word)
                if word not in ("CpuJit", "layout"):
                    assert any(hasattr(place, word) for place in places), word


def test_accesses_of_the_table_work():
    module = {"u": cppstencils.fields("u: [2D]"), "f": cppstencils.fields("f(9): [3D]")}
    for codes, _ in table("Brackets make an access"):
        for code in code_in(codes):
            eval("u[1, 0]" + code if code.startswith(".") else code, module)
