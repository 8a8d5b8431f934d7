"""JITs: the user's, hooked in and free-standing, and the engine's with their options."""

import os
import re
import stat
import sys
import threading

import numpy as np
import pytest

import cppstencils as ps
from cppstencils.jit import (
    BoundKernel,
    CacheOptions,
    CompiledKernel,
    CompileError,
    InterpreterJit,
    JitBase,
    JitDisabled,
    JitError,
    LegacyCpuJit,
    LlvmJit,
    NoJit,
    no_jit,
)

f, g = ps.fields("f, g: double[2D]")
ASSIGNMENT = ps.Assignment(g[0, 0], (f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1]) / 4)


def check(function):
    given, out = np.random.default_rng(1).random((6, 7)), np.zeros((6, 7))
    assert function(f=given, g=out) is None
    wanted = (given[2:, 1:-1] + given[:-2, 1:-1] + given[1:-1, 2:] + given[1:-1, :-2]) / 4
    np.testing.assert_allclose(out[1:-1, 1:-1], wanted, rtol=1e-15)
    assert not out[0].any() and not out[:, -1].any()


class Recording(JitBase):
    """Keeps the kernels that it was asked to compile, and hands them on."""

    def __init__(self, inner=None):
        self.inner = inner or LlvmJit()
        self.seen = []

    def compile(self, kernel):
        self.seen.append(kernel)
        return self.inner.compile(kernel)


# -- the user's --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inner", [LlvmJit, LegacyCpuJit, InterpreterJit], ids=lambda kind: kind.__name__)
def test_hooked_in_and_free_standing(inner):
    my_jit = Recording(inner())
    kernel = ps.create_kernel(ASSIGNMENT, ps.CreateKernelConfig(jit=my_jit))
    assert kernel.jit is my_jit
    check(kernel.compile())
    other = ps.create_kernel(ASSIGNMENT)
    check(my_jit.compile(other))
    assert my_jit.seen == [kernel, other] and my_jit.seen[0] is kernel


def test_what_a_jit_sees():
    v = ps.fields("v(3): float32[2D]")
    a = ps.TypedSymbol("a", "float32")
    kernel = ps.create_kernel(ps.Assignment(v(1), v(0) * a), jit=Recording(), function_name="scale")
    compiled = kernel.compile()
    (seen,) = kernel.jit.seen
    assert seen is kernel and compiled.kernel is kernel
    assert seen.name == "scale" and seen.target is ps.Target.CPU and seen.fields == (v,)
    assert [(p.name, p.dtype.name, p.role, p.field, p.access) for p in seen.parameters] == [
        ("v", "float32", "field", v, "read_write"),
        ("a", "float32", "scalar", None, "read"),
    ]
    assert [p.is_field_parameter for p in seen.parameters] == [True, False]
    assert "kernel scale(rank 2" in seen.ir() and "cs_scale" in seen.source() and str(seen) == seen.source()
    assert seen.ghost_layers == ((0, 0), (0, 0)) and len(seen.assignments) == 1


def test_a_function_of_the_users():
    class NumpyJit(JitBase):
        def compile(self, kernel):
            names = [parameter.name for parameter in kernel.parameters]

            def run(**arrays):
                assert sorted(arrays) == names
                arrays["g"][1:-1, 1:-1] = 42

            return run

    out = np.zeros((3, 3))
    function = ps.create_kernel(ASSIGNMENT, jit=NumpyJit()).compile()
    function(f=np.zeros((3, 3)), g=out)
    assert out[1, 1] == 42 and out.sum() == 42 and type(function).__name__ == "function"


def test_an_object_with_compile_is_a_jit():
    class Duck:
        def compile(self, kernel):
            return LlvmJit().compile(kernel)

    check(ps.create_kernel(ASSIGNMENT, jit=Duck()).compile())


def test_what_is_no_jit():
    class Empty:
        pass

    class Constant:
        compile = 3

    for wrong in (Empty(), Constant(), 3, "llvm", LlvmJit, Recording):
        with pytest.raises(ps.errors.ConfigError, match="Option jit is"):
            ps.create_kernel(ASSIGNMENT, jit=wrong)


def test_a_subclass_without_compile_cannot_be_made():
    class Lazy(JitBase):
        pass

    with pytest.raises(TypeError, match="compile"):
        Lazy()
    with pytest.raises(TypeError):
        JitBase()


@pytest.mark.parametrize(
    "error", [RuntimeError("mine"), KeyError("k"), KeyboardInterrupt(), SystemExit(3), GeneratorExit()]
)
def test_exceptions_pass_through_unharmed(error):
    class Failing(JitBase):
        def compile(self, kernel):
            raise error from cause

    cause = ZeroDivisionError("why")
    with pytest.raises(BaseException) as caught:
        ps.create_kernel(ASSIGNMENT, jit=Failing()).compile()
    assert caught.value is error and error.__cause__ is cause and error.__traceback__.tb_next is not None


def test_exceptions_of_callables_pass_through():
    error = ValueError("in the call")

    class Failing(JitBase):
        def compile(self, kernel):
            def run(**arrays):
                raise error

            return run

    with pytest.raises(ValueError) as caught:
        ps.create_kernel(ASSIGNMENT, jit=Failing()).compile()()
    assert caught.value is error


def test_a_jit_may_compile_other_kernels_while_it_compiles():
    class Nested(JitBase):
        def compile(self, kernel):
            check(ps.create_kernel(ASSIGNMENT).compile())
            return LlvmJit().compile(ps.create_kernel(kernel.assignments, fp_mode="fast"))

    check(ps.create_kernel(ASSIGNMENT, jit=Nested()).compile())


@pytest.mark.parametrize("jit", [LlvmJit(), InterpreterJit(), LegacyCpuJit(), no_jit], ids=repr)
def test_jits_compile_kernels_only(jit):
    for wrong in (ASSIGNMENT, None, 3, [ASSIGNMENT], "f"):
        with pytest.raises(TypeError) as caught:
            jit.compile(wrong)
        assert isinstance(caught.value, ps.Error)


# -- the engine's ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jit", [None, LlvmJit(), InterpreterJit(), LegacyCpuJit(optimization="-O1")], ids=repr)
def test_engine_jits(jit):
    kernel = ps.create_kernel(ASSIGNMENT, jit=jit)
    compiled = kernel.compile()
    assert isinstance(compiled, CompiledKernel) and compiled.kernel is kernel
    check(compiled)
    check(kernel.compile())
    out, given = np.zeros((4, 4)), np.ones((4, 4))
    bound = compiled.bind(f=given, g=out)
    assert isinstance(bound, BoundKernel) and bound.cells == 4 and bound.kernel is kernel
    assert bound() is None and out.sum() == 4
    given *= 2
    bound()
    assert out.sum() == 8
    with pytest.raises(TypeError, match="takes no arguments"):
        bound(f=given)
    with pytest.raises(TypeError, match="by name"):
        bound(given)
    assert "kernel" in repr(compiled) and "4 cells" in repr(bound)


def test_bound_kernels_keep_their_arrays():
    out = np.zeros((4, 4))
    bound = ps.create_kernel(ASSIGNMENT).compile().bind(f=np.full((4, 4), 3.0), g=out)
    waste = [np.full((4, 4), 9.0) for _ in range(100)]
    bound()
    assert out[1, 1] == 3.0 and len(waste) == 100


def test_internal_types_cannot_be_made():
    for kind in (CompiledKernel, BoundKernel):
        with pytest.raises(TypeError):
            kind()
        with pytest.raises(TypeError):
            kind.__new__(kind)()


def test_no_jit():
    kernel = ps.create_kernel(ASSIGNMENT, jit=no_jit)
    assert isinstance(no_jit, NoJit) and "store" in kernel.ir() and kernel.source()
    for attempt in (
        kernel.compile,
        lambda: no_jit.compile(ps.create_kernel(ASSIGNMENT)),
        lambda: NoJit().compile(kernel),
    ):
        with pytest.raises(JitDisabled) as caught:
            attempt()
        assert isinstance(caught.value, (JitError, RuntimeError)) and caught.value.code == "jit-disabled"
    check(LlvmJit().compile(kernel))


def test_availability():
    assert LlvmJit.unavailable_reason() == ""
    assert os.path.isabs(LegacyCpuJit().compiler)


@pytest.mark.parametrize(
    "flag", ["-ffast-math", "-o/tmp/x", "-include/etc/passwd", "x.cpp", "", "-O3 -g", "-fno-such-flag", "-Wl,-x"]
)
def test_flags_that_are_not_accepted(flag):
    with pytest.raises(ps.errors.ConfigError) as caught:
        LegacyCpuJit(flags=[flag])
    assert caught.value.code in ("compiler-option", "invalid-config") and repr(flag) in caught.value.message


def test_flags_that_are():
    check(LegacyCpuJit(flags=["-g"], optimization="-O2", time_limit=100).compile(ps.create_kernel(ASSIGNMENT)))


BAD_OPTIONS = {
    "optimization": [{"optimization": "-O9"}, {"optimization": "fast"}, {"optimization": 3}, {"optimization": None}],
    "flags": [{"flags": "-g"}, {"flags": [3]}, {"flags": 3}, {"flags": None}],
    "time_limit": [
        {"time_limit": 0},
        {"time_limit": -1},
        {"time_limit": "x"},
        {"time_limit": 2.5},
        {"time_limit": 2**70},
    ],
    "cache": [{"cache": "off"}, {"cache": None}, {"cache": {"mode": "off"}}],
    "compiler": [{"compiler": 3}, {"compiler": None}, {"compiler": b"g++"}],
}


@pytest.mark.parametrize("option", BAD_OPTIONS)
def test_bad_options(option):
    for options in BAD_OPTIONS[option]:
        with pytest.raises(ps.errors.ConfigError):
            LegacyCpuJit(**options)


def test_a_compiler_that_is_missing(monkeypatch):
    kernel = ps.create_kernel(ASSIGNMENT, function_name="missing_compiler")
    with pytest.raises(CompileError, match="no-such-compiler") as caught:
        LegacyCpuJit(compiler="no-such-compiler").compile(kernel)
    assert caught.value.code == "compiler-not-found" and isinstance(caught.value, RuntimeError) and caught.value.hints
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    jit = LegacyCpuJit(cache=CacheOptions.off())
    with pytest.raises(CompileError) as caught:
        jit.compile(kernel)
    assert caught.value.code == "compiler-not-found"
    with pytest.raises(CompileError):
        _ = jit.compiler
    check(LlvmJit().compile(kernel))  # which needs none


@pytest.fixture
def fake_compiler(tmp_path):
    """Makes an executable that does what a line of shell says."""

    def make(line):
        path = tmp_path / "fake++"
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def test_a_compiler_that_fails(fake_compiler):
    jit = LegacyCpuJit(compiler=fake_compiler("echo a strange fault >&2; exit 1"), cache=CacheOptions.off())
    with pytest.raises(CompileError) as caught:
        jit.compile(ps.create_kernel(ASSIGNMENT, function_name="failing_compiler"))
    assert isinstance(caught.value, JitError) and "fake++" in str(caught.value)


def test_environment_variable_for_the_compiler(fake_compiler, monkeypatch):
    monkeypatch.setenv("CXX", str(fake_compiler("exit 7")))
    assert LegacyCpuJit().compiler.endswith("fake++")


# -- cache -------------------------------------------------------------------------------------------------------------


def files(directory):
    return sorted(path.name for path in directory.rglob("*") if path.is_file() and not path.name.startswith("."))


@pytest.mark.parametrize("kind", [LlvmJit, LegacyCpuJit])
def test_cache_options(kind, tmp_path):
    kernel = ps.create_kernel(ASSIGNMENT, function_name="cached")
    directory = tmp_path / "cache"
    check(kind(cache=CacheOptions(mode="read_only", directory=directory)).compile(kernel))
    assert not directory.exists() or not files(directory)
    check(kind(cache=CacheOptions(directory=directory)).compile(kernel))
    kept = files(directory)
    assert kept
    check(kind(cache=CacheOptions(directory=str(directory))).compile(kernel))
    check(kind(cache=CacheOptions(mode="read_only", directory=directory)).compile(kernel))
    check(kind(cache=CacheOptions.off()).compile(kernel))
    assert files(directory) == kept


def test_the_cache_serves_the_host_compiler(tmp_path, fake_compiler):
    kernel = ps.create_kernel(ASSIGNMENT, function_name="served")
    compiler, log = LegacyCpuJit().compiler, tmp_path / "log"
    path = fake_compiler(f'echo call >> {log}; exec {compiler} "$@"')
    cache = CacheOptions(directory=tmp_path / "cache")
    check(LegacyCpuJit(compiler=path, cache=cache).compile(kernel))
    calls = log.read_text().count("call")
    check(LegacyCpuJit(compiler=path, cache=cache).compile(kernel))
    again = log.read_text().count("call")
    check(LegacyCpuJit(compiler=path, cache=CacheOptions.off()).compile(kernel))
    # It may be asked for its version each time, and compiles only once.
    assert again - calls < calls and log.read_text().count("call") > again


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-7], lambda data: b"x" * len(data)])
def test_damaged_entries_are_compiled_again(damage, tmp_path):
    kernel = ps.create_kernel(ASSIGNMENT, function_name="damaged")
    cache = CacheOptions(directory=tmp_path)
    check(LlvmJit(cache=cache).compile(kernel))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(damage(path.read_bytes()))
    check(LlvmJit(cache=cache).compile(kernel))


def test_bad_cache_options(tmp_path):
    for options in (
        {"mode": "on"},
        {"mode": None},
        {"directory": 3},
        {"max_bytes": -1},
        {"max_bytes": "1"},
        {"max_bytes": 2**70},
    ):
        with pytest.raises(ps.errors.ConfigError):
            LlvmJit(cache=CacheOptions(**options))
    with pytest.raises(TypeError):
        CacheOptions(dir=tmp_path)
    with pytest.raises(ps.errors.ConfigError):
        LlvmJit(cache="off")


PROGRAM = """
import pathlib, sys
import numpy as np
import cppstencils as ps
f, g = ps.fields("f, g: double[1D]")
out = np.zeros(5)
ps.create_kernel(ps.Assignment(g[0], f[1] + f[-1])).compile()(f=np.arange(5.0), g=out)
print(out.tolist())
"""
RESULT = "[0.0, 2.0, 4.0, 6.0, 0.0]\n"


def test_cache_directory_of_the_environment(run_python, tmp_path):
    assert run_python(PROGRAM, env={"CPPSTENCILS_CACHE_DIR": tmp_path / "a"}) == RESULT
    assert files(tmp_path / "a")


@pytest.mark.parametrize("home", ["read-only", "a file"])
def test_homes_that_nothing_can_be_written_to(home, run_python, tmp_path):
    place = tmp_path / "home"
    if home == "read-only":
        place.mkdir(mode=0o500)
    elif home == "a file":
        place.write_text("no directory")
    env = {"CPPSTENCILS_CACHE_DIR": None, "XDG_CACHE_HOME": None, "HOME": place}
    assert run_python(PROGRAM, env=env) == RESULT
    env = {"CPPSTENCILS_CACHE_DIR": place / "cache", "HOME": place}
    assert run_python(PROGRAM, env=env) == RESULT


INFO = """
import contextlib, runpy, sys
sys.argv = ["cppstencils", "--info"]
with contextlib.suppress(SystemExit):
    runpy.run_module("cppstencils", run_name="__main__")
"""


def test_info(run_python):
    text = run_python(INFO, env={"PATH": "", "CXX": None})
    assert re.search(r"LlvmJit\s+available", text) and re.search(r"LegacyCpuJit\s+unavailable", text)
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in text


def test_jits_are_shared_by_threads():
    jit, failures = LlvmJit(), []

    def work(i):
        try:
            check(jit.compile(ps.create_kernel(ASSIGNMENT, function_name=f"thread_{i}")))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
