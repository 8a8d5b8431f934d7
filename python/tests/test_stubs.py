"""What type checkers see is what is there."""

import ast
import os
import pathlib
import subprocess
import sys

import cppstencils
from cppstencils import _core

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = pathlib.Path(cppstencils.__file__).resolve().parent


def mypy(tmp_path, *arguments):
    environment = {**os.environ, "MYPYPATH": str(PACKAGE.parent), "MYPY_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "mypy", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent.parent, env=environment)


def members(body):
    names = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return names | {node.target.id for node in body if isinstance(node, ast.AnnAssign)}


def test_the_stub_of_the_module_names_what_is_there_and_nothing_else():
    body = ast.parse((PACKAGE / "_core.pyi").read_text()).body
    assert members(body) == {name for name in vars(_core) if not name.startswith("_")}
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    explanations = {"KernelExplanation", "BoundExplanation", "OperationCounts", "Measurement", "MachineFigures"}
    tuning = {"TuningReport", "TuningChoice", "TuningCandidate"}
    kernels = {"Kernel", "CompiledKernel", "BoundKernel", "Jit"}
    assert {node.name for node in classes} == kernels | explanations | tuning
    for node in classes:
        own = vars(getattr(_core, node.name))
        stated = members(node.body)
        assert {name for name in own if not name.startswith("_")} <= stated <= set(own), node.name


def test_the_package_has_no_type_errors(tmp_path):
    result = mypy(tmp_path, "--package", "cppstencils")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_type_checker_knows_the_public_names_and_finds_mistakes(tmp_path):
    result = mypy(tmp_path, "--no-error-summary", str(HERE / "typed_program.py"))
    found = [line.split("typed_program.py:")[1] for line in result.stdout.splitlines() if "typed_program.py:" in line]
    expected = [
        'note: Revealed type is "tuple[cppstencils.kernelcreation.Parameter, ...]"',
        'note: Revealed type is "cppstencils._core.BoundKernel"',
        'note: Revealed type is "str"',
        'note: Revealed type is "cppstencils.types.ScalarType"',
        'error: Incompatible types in assignment (expression has type "str", variable has type "int | None")',
        'error: Argument 1 to "compile" of "_EngineJit" has incompatible type "str"; expected "KernelFunction"',
        'error: "KernelFunction" has no attribute "compiel"; maybe "compile"?',
    ]
    messages = [line.split(": ", 1)[1].split("  [")[0] for line in found]
    assert messages == expected, result.stdout
