"""Nothing is kept that nobody needs: arrays, kernels, exceptions, and cycles through a user's JIT."""

import gc
import resource
import sys
import weakref

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import _core
from cppstencils.jit import InterpreterJit, JitBase, LlvmJit, no_jit

f, g = ps.fields("f, g: double[2D]")
a = sp.Symbol("a")
ASSIGNMENT = ps.Assignment(g[0, 0], a * f[1, 0])


@pytest.fixture(autouse=True, scope="module")
def only_new_objects():
    """The collector looks at the objects of these tests only, which is much faster."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Tensor:
    """Anything with DLPack."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def counts(*things):
    return [sys.getrefcount(thing) for thing in things]


def repeat(work, things, times=1000):
    """Runs work often; the reference counts of the things, and of the singletons, stay as they were."""
    work()
    gc.collect()
    singletons = [None, True, sp.true, float, ps.errors.ArgumentError]
    before, single = counts(*things), counts(*singletons)
    for _ in range(times):
        work()
    gc.collect()
    assert counts(*things) == before
    # Other code may take or drop some; a leak would take one per round.
    assert all(abs(now - then) < times / 10 for now, then in zip(counts(*singletons), single))


def refused(error, work):
    def attempt():
        try:
            work()
        except error:
            return
        raise AssertionError("the call was accepted")

    return attempt


x, y = np.zeros((6, 7)), np.zeros((6, 7))
number = 1234.5
kernel = ps.create_kernel(ASSIGNMENT).compile()
MAKERS = {
    "numpy": lambda array: array,
    "memoryview": memoryview,
    "dlpack": Tensor,
    "read-only": lambda array: memoryview(array).toreadonly(),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_calls_keep_nothing(kind):
    given = MAKERS[kind](x)
    things = [given, x, y, number, kernel, kernel.kernel]
    repeat(lambda: kernel(f=given, g=y, a=number), things)
    repeat(lambda: kernel.bind(f=given, g=y, a=number), things)
    repeat(lambda: kernel.bind(f=given, g=y, a=number)(), things)


FAILING = {
    "missing": (KeyError, lambda: kernel(f=x, g=y)),
    "extra": (TypeError, lambda: kernel(f=x, g=y, a=number, b=number)),
    "positional": (TypeError, lambda: kernel(x, y)),
    "dtype": (TypeError, lambda: kernel(f=x, g=y.view(np.int64), a=number)),
    "dtype of dlpack": (TypeError, lambda: kernel(f=Tensor(x.view(np.int64)), g=y, a=number)),
    "dtype of a buffer": (TypeError, lambda: kernel(f=memoryview(x.view(np.int64)), g=y, a=number)),
    "kind": (TypeError, lambda: kernel(f=x, g=[y], a=number)),
    "kind of scalar": (TypeError, lambda: kernel(f=x, g=y, a="1")),
    "second of two exports": (TypeError, lambda: kernel(f=Tensor(x), g=None, a=number)),
    "overlap": (ValueError, lambda: kernel(f=x, g=x, a=number)),
    "huge": (OverflowError, lambda: kernel(f=x, g=y, a=10**40)),
    "bind": (ValueError, lambda: kernel.bind(f=x, g=x[:3], a=number)),
}


@pytest.mark.parametrize("name", FAILING)
def test_refused_calls_keep_nothing(name):
    error, work = FAILING[name]
    repeat(refused(error, work), [x, y, number, kernel, kernel.kernel], times=300)


def test_creating_kernels_keeps_nothing():
    def create():
        ps.create_kernel(ASSIGNMENT).ir()

    things = [f, g, f[1, 0], g[0, 0], a, ASSIGNMENT, ASSIGNMENT.rhs, no_jit]
    repeat(create, things, times=200)
    bad = ps.Assignment(g[0, 0], a * sp.Function("h")(f[1, 0]))
    repeat(refused(ValueError, lambda: ps.create_kernel(bad)), [*things, bad, bad.rhs], times=200)
    typed = ps.Assignment(g[0, 0], ps.TypedSymbol("n", "int32") + f[0, 0])
    repeat(refused(TypeError, lambda: ps.create_kernel(typed)), [*things, typed, typed.rhs], times=200)
    expr = sp.sin(f[1, 0]) * a + sp.Symbol("a b")
    repeat(lambda: _core.round_trip(expr), [expr, f, a], times=200)


@pytest.mark.parametrize("jit", [LlvmJit(), InterpreterJit()], ids=repr)
def test_compiling_keeps_nothing(jit):
    created = ps.create_kernel(ASSIGNMENT)
    repeat(lambda: jit.compile(created), [created, jit, f, g], times=100)
    repeat(refused(RuntimeError, lambda: no_jit.compile(created)), [created, no_jit], times=100)


def test_exceptions_let_go_of_arrays():
    given = np.zeros((6, 7))
    gone = weakref.ref(given)
    try:
        kernel(f=given, g=given, a=1.0)
    except ValueError as caught:
        error = caught
    assert error.__traceback__ is not None and not any(isinstance(arg, np.ndarray) for arg in error.args)
    error.__traceback__ = None
    del given
    gc.collect()
    assert gone() is None


def test_bound_kernels_keep_their_arguments_and_nothing_else():
    given, out = np.ones((6, 7)), np.zeros((6, 7))
    tensor = Tensor(given)
    gone = [weakref.ref(thing) for thing in (given, out, tensor)]
    bound = kernel.bind(f=tensor, g=out, a=2.0)
    del given, out, tensor
    gc.collect()
    assert gone[0]() is not None and gone[1]() is not None
    bound()
    assert gone[1]()[1, 1] == 2.0
    del bound
    gc.collect()
    assert [ref() for ref in gone] == [None, None, None]


def test_buffers_are_released():
    buffer = bytearray(8 * 42)
    view = memoryview(buffer).cast("d", (6, 7))
    kernel(f=view, g=y, a=1.0)
    with pytest.raises(ValueError):
        kernel(f=view, g=y[:3], a=1.0)
    bound = kernel.bind(f=view, g=y, a=1.0)
    with pytest.raises(BufferError):
        view.release()
    del bound
    gc.collect()
    view.release()
    buffer.append(0)  # only possible when nobody looks at it


def test_compiled_kernels_go_with_their_last_reference():
    class Plain(JitBase):
        def compile(self, kernel):
            return LlvmJit().compile(kernel)

    created = ps.create_kernel(ASSIGNMENT, jit=Plain())
    gone = [weakref.ref(created), weakref.ref(created.jit)]
    compiled = created.compile()
    bound = compiled.bind(f=x, g=y, a=1.0)
    del created, compiled
    gc.collect()
    bound()
    assert gone[0]() is not None
    del bound
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_cycles_through_a_jit_are_collected():
    class Keeper(JitBase):
        def __init__(self):
            self.kept = []

        def compile(self, kernel):
            compiled = LlvmJit().compile(kernel)
            self.kept += [kernel, compiled, compiled.bind(f=x, g=y, a=1.0)]
            return compiled

    jit = Keeper()
    compiled = ps.create_kernel(ASSIGNMENT, jit=jit).compile()
    compiled(f=x, g=y, a=1.0)
    gone = [weakref.ref(jit), weakref.ref(jit.kept[0])]
    del jit, compiled
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_cycles_through_a_bound_kernel_are_collected():
    class Simulation:
        """Keeps a bound kernel, whose JIT keeps it."""

        def __del__(self):
            called.append(self.bound)

    called = []
    simulation = Simulation()
    simulation.jit = Wrapping(simulation)
    compiled = ps.create_kernel(ASSIGNMENT, jit=simulation.jit).compile()
    simulation.bound = compiled.bind(f=x, g=y, a=1.0)
    simulation.bound()
    gone = weakref.ref(simulation.jit)
    del simulation, compiled
    gc.collect()
    assert len(called) == 1
    called.pop()()  # was saved by its finaliser, with its arrays
    gc.collect()
    assert gone() is None


class Wrapping(JitBase):
    def __init__(self, owner):
        self.owner = owner

    def compile(self, kernel):
        return LlvmJit().compile(kernel)


def test_cycles_through_a_tensor_are_collected():
    tensor = Tensor(np.zeros((6, 7)))
    tensor.bound = kernel.bind(f=x, g=tensor, a=1.0)
    tensor.bound()
    gone = weakref.ref(tensor)
    del tensor
    gc.collect()
    assert gone() is None


def test_memory_does_not_grow():
    """Coarse: what the counts above cannot see, such as memory of the engine."""

    def work():
        for i in range(60):
            fresh = ps.create_kernel(ps.Assignment(g[0, 0], a * f[1, 0] + i % 7), function_name=f"kernel_{i % 7}")
            compiled = LlvmJit().compile(fresh)
            for _ in range(300):
                compiled(f=x, g=y, a=1.0)
                compiled.bind(f=x, g=y, a=1.0)
                try:
                    compiled(f=x, g=x, a=1.0)
                except ValueError:
                    pass

    work()
    work()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work()
    work()
    # 120 kernels and 36000 calls later: less than a megabyte per ten kernels, or 200 bytes per call.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024
