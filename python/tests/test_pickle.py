"""Everything public can be copied and pickled, or says why not; processes share kernels through the cache."""

import copy
import multiprocessing
import pickle

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.jit import CacheOptions, InterpreterJit, JitBase, LegacyCpuJit, LlvmJit, NoJit

f, g, v = ps.fields("f, g, v(3): double[2D]")
a = ps.TypedSymbol("a", "float64")
ASSIGNMENT = ps.Assignment(g[0, 0], a * f[1, 0] + sp.Symbol(r"\rho"))

EQUAL = {
    "field": f,
    "fixed field": ps.fields("w(2): float32[3,4]", layout="soa"),
    "access": v[1, -1](2),
    "typed symbol": a,
    "dynamic symbol": ps.TypedSymbol("n", ps.DynamicType.INDEX_TYPE),
    "coordinate": ps.sympyextensions.SpatialCounter(1),
    "cast": ps.tcast(f[0, 0], "int32"),
    "dynamic cast": ps.tcast.as_numeric(a),
    "expression": sp.Piecewise((v(1) * a, f[0, 0] > 0), (ps.tcast(a, "float64"), True)),
    "assignment": ASSIGNMENT,
    "collection": ps.AssignmentCollection([ASSIGNMENT], {sp.Symbol(r"\rho"): f[0, 0]}),
    "config": ps.CreateKernelConfig(
        ghost_layers=((1, 2), 0), default_dtype="float32", cpu={"openmp": {"enable": True}}
    ),
    "type": ps.create_type("float32"),
    "dynamic type": ps.DynamicType.NUMERIC_TYPE,
    "target": ps.Target.CPU,
    "AUTO": ps.AUTO,
    "slice": ps.make_slice[3, -1],
    "cache options": CacheOptions(mode="read_only", directory="/tmp/x"),
}

WAYS = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "oldest pickle": lambda thing: pickle.loads(pickle.dumps(thing, protocol=2)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", EQUAL)
def test_copies_are_equal(name, way):
    thing = EQUAL[name]
    again = WAYS[way](thing)
    assert type(again) is type(thing) and again == thing and repr(again) == repr(thing)
    if getattr(type(thing), "__hash__", None):
        assert hash(again) == hash(thing)


@pytest.mark.parametrize("way", WAYS)
def test_types_are_one_object_each(way):
    for name in ("bool", "int8", "uint64", "float64"):
        assert WAYS[way](ps.create_type(name)) is ps.create_type(name)
    assert WAYS[way](ps.AUTO) is ps.AUTO and WAYS[way](ps.Target.CPU) is ps.Target.CPU


class MyJit(JitBase):
    def __init__(self):
        self.options = {"level": 3}

    def compile(self, kernel):
        return LlvmJit().compile(kernel)


def check(compiled):
    given, out = np.random.default_rng(4).random((5, 6)), np.zeros((5, 6))
    compiled(f=given, g=out, a=2.0, **{r"\rho": 1.0})
    assert (out[1:-1, 1:-1] == 2 * given[2:, 1:-1] + 1).all()


JITS = [LlvmJit(), InterpreterJit(), LegacyCpuJit(flags=["-g"], optimization="-O1"), MyJit()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("jit", [None, *JITS], ids=lambda jit: type(jit).__name__)
def test_kernels(jit, way):
    kernel = ps.create_kernel(ASSIGNMENT, jit=jit, function_name="shift", ghost_layers=1)
    kernel.compile()
    again = WAYS[way](kernel)
    assert again.ir() == kernel.ir() and again.source() == kernel.source() and again.parameters == kernel.parameters
    assert again.name == "shift" and type(again.jit) is type(jit)
    check(again.compile())


@pytest.mark.parametrize("jit", [*JITS, NoJit()], ids=repr)
def test_jits(jit):
    for again in (pickle.loads(pickle.dumps(jit)), copy.copy(jit), copy.deepcopy(jit)):
        assert type(again) is type(jit)
        if isinstance(jit, NoJit):
            with pytest.raises(ps.jit.JitDisabled):
                again.compile(ps.create_kernel(ASSIGNMENT))
        else:
            check(again.compile(ps.create_kernel(ASSIGNMENT)))
    cached = pickle.loads(pickle.dumps(LlvmJit(cache=CacheOptions.off())))
    assert cached.cache == CacheOptions.off()


def test_machine_code_says_that_it_cannot_be_pickled():
    compiled = ps.create_kernel(ASSIGNMENT).compile()
    bound = compiled.bind(f=np.zeros((3, 3)), g=np.zeros((3, 3)), a=1.0, **{r"\rho": 1.0})
    for thing in (compiled, bound):
        with pytest.raises(TypeError, match="cannot be pickled") as caught:
            pickle.dumps(thing)
        assert isinstance(caught.value, ps.Error)
    assert copy.copy(compiled) is compiled and copy.deepcopy(compiled) is compiled
    for way in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            way(bound)
    check(copy.deepcopy({"kernel": compiled})["kernel"])


ERRORS = {
    "missing": lambda: ps.create_kernel(ASSIGNMENT).compile()(),
    "config": lambda: ps.CreateKernelConfig(foo=1),
    "constraints": lambda: ps.create_kernel(ps.Assignment(f[0, 0], f[1, 0])),
    "no jit": lambda: ps.create_kernel(ASSIGNMENT, jit=ps.no_jit).compile(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ERRORS)
def test_errors(name, way):
    with pytest.raises(ps.Error) as caught:
        ERRORS[name]()
    error = caught.value
    again = WAYS[way](error)
    assert type(again) is type(error) and str(again) == str(error)
    for attribute in ("code", "message", "where", "notes", "hints"):
        assert getattr(again, attribute) == getattr(error, attribute)


def work(kernel, values):
    """What a worker process does."""
    out = np.zeros_like(values)
    try:
        kernel.compile()(f=values, g=out, a=2.0)
    except KeyError:
        kernel.compile()(f=values, g=out, a=2.0, **{r"\rho": 1.0})
        return out
    raise AssertionError("an argument was missing")


def fail(kernel):
    kernel.compile()(f=1)


def test_worker_processes():
    values = np.arange(30.0).reshape(5, 6)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        out = pool.apply(work, (ps.create_kernel(ASSIGNMENT), values))
        with pytest.raises(KeyError, match="Argument 'f?g?a?"):
            pool.apply(fail, (ps.create_kernel(ASSIGNMENT),))
    assert (out[1:-1, 1:-1] == 2 * values[2:, 1:-1] + 1).all()


PROGRAM = """
import pathlib, sys
import numpy as np
import cppstencils as ps
f, g = ps.fields("f, g: double[2D]")
kernel = ps.create_kernel(ps.Assignment(g[0, 0], 3 * f[1, 0] + f[0, 1]), function_name="two_processes")
x, y = np.arange(30.0).reshape(5, 6), np.zeros((5, 6))
kernel.compile()(f=x, g=y)
entries = sorted(p for p in pathlib.Path(sys.argv[1]).rglob("*") if p.is_file() and not p.name.startswith("."))
print(y.sum(), [(p.name, p.stat().st_ino, p.stat().st_mtime_ns) for p in entries])
"""


def test_a_second_process_uses_what_the_first_has_compiled(run_python, tmp_path):
    cold, warm = (run_python(PROGRAM, tmp_path, env={"CPPSTENCILS_CACHE_DIR": tmp_path}) for _ in range(2))
    assert cold == warm and "[]" not in cold
