"""Rows, and the kernels that they call together with the same computation in NumPy."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy as sp

import cppstencils as ps

KERNEL_DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split()


@dataclass(frozen=True)
class Refused:
    """The call raises this exception with this code, and no array has changed."""

    exception: type
    code: str


#: The call writes what NumPy computes, and nothing else.
OK = "ok"

KIND = Refused(TypeError, "argument-kind")
DTYPE = Refused(TypeError, "argument-dtype")
BYTE_ORDER = Refused(ValueError, "argument-byte-order")
READ_ONLY = Refused(ValueError, "argument-read-only")
OVERLAP = Refused(ValueError, "argument-overlap")
STRIDE = Refused(ValueError, "argument-stride")
ALIGNMENT = Refused(ValueError, "argument-alignment")
RANK = Refused(ValueError, "argument-rank")
EXTENT = Refused(ValueError, "argument-extent")
SIZE = Refused(ValueError, "argument-size")
OUT_OF_BOUNDS = Refused(ValueError, "out-of-bounds")
MISSING = Refused(KeyError, "missing-argument")
UNKNOWN = Refused(TypeError, "unknown-argument")
SCALAR_RANGE = Refused(OverflowError, "scalar-out-of-range")


@dataclass(frozen=True)
class Row:
    """One call.

    Attributes:
        name: what is special about it.
        kernel: a name in :data:`KERNELS`, possibly with a type behind a colon.
        build: makes the keyword arguments; equal ones, in new memory, every time.
        expected: :data:`OK` or a :class:`Refused`.
        positional: what is passed without a name.
    """

    name: str
    kernel: str
    build: Callable[[], dict]
    expected: object
    positional: tuple = ()


def numbers(shape, dtype="float64", seed=1):
    """Small whole numbers of any type, so that no sum depends on its order."""
    values = np.random.default_rng(seed).integers(0, 12, shape)
    return (values % 2 == 0) if np.dtype(dtype) == bool else values.astype(dtype)


def pair(f, g):
    """Builds ``f`` and ``g`` from functions without arguments."""
    return lambda: {"f": f(), "g": g()}


INNER = (slice(1, -1), slice(1, -1))


def _add(dtype):
    f, g = ps.fields(f"f, g: {dtype}[2D]")
    value = sp.And(f[1, 0], f[0, 1]) if dtype == "bool" else f[1, 0] + f[0, 1]

    def oracle(f, g):
        combine = np.logical_and if dtype == "bool" else np.add
        g[INNER] = combine(f[2:, 1:-1], f[1:-1, 2:])

    return ps.create_kernel(ps.Assignment(g[0, 0], value)), oracle


def _scalar(dtype):
    f, g = ps.fields(f"f, g: {dtype}[2D]")
    a = ps.TypedSymbol("a", dtype)
    value = sp.And(f[0, 0], a) if dtype == "bool" else f[0, 0] + a

    def oracle(f, g, a):
        g[...] = np.logical_and(f, a) if dtype == "bool" else f + np.dtype(dtype).type(a)

    return ps.create_kernel(ps.Assignment(g[0, 0], value)), oracle


def _five():
    f, g = ps.fields("f, g: double[2D]")

    def oracle(f, g):
        g[INNER] = f[2:, 1:-1] + f[:-2, 1:-1] + f[1:-1, 2:] + f[1:-1, :-2]

    return ps.create_kernel(ps.Assignment(g[0, 0], f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1])), oracle


def _double():
    f, g = ps.fields("f, g: double[2D]")

    def oracle(f, g):
        g[...] = 2 * f

    return ps.create_kernel(ps.Assignment(g[0, 0], 2 * f[0, 0])), oracle


def _bump():
    g = ps.fields("g: double[2D]")

    def oracle(g):
        g += 1

    return ps.create_kernel(ps.AddAugmentedAssignment(g[0, 0], 1)), oracle


def _fill():
    g = ps.fields("g: double[2D]")

    def oracle(g):
        g[...] = 7

    return ps.create_kernel(ps.Assignment(g[0, 0], 7)), oracle


def _two_outputs():
    f, g, h = ps.fields("f, g, h: double[2D]")

    def oracle(f, g, h):
        g[...], h[...] = f + 1, 2 * f.copy()

    return ps.create_kernel([ps.Assignment(g[0, 0], f[0, 0] + 1), ps.Assignment(h[0, 0], 2 * f[0, 0])]), oracle


def _two_inputs():
    f, g, h = ps.fields("f, g, h: double[2D]")

    def oracle(f, h, g):
        g[:, 1:-1] = f[:, 2:] - h[:, :-2]

    kernel = ps.create_kernel(ps.Assignment(g[0, 0], f[0, 1] - h[0, -1]), ghost_layers=(0, 1))
    return kernel, oracle


def _one_d():
    f, g = ps.fields("f, g: double[1D]")

    def oracle(f, g):
        g[1:-1] = f[2:] + f[:-2]

    return ps.create_kernel(ps.Assignment(g[0], f[1] + f[-1])), oracle


def _three_d():
    f, g = ps.fields("f, g: double[3D]")

    def oracle(f, g):
        g[1:-1, 1:-1, 1:-1] = f[2:, 1:-1, 1:-1] + f[1:-1, :-2, 1:-1] + f[1:-1, 1:-1, 2:]

    return ps.create_kernel(ps.Assignment(g[0, 0, 0], f[1, 0, 0] + f[0, -1, 0] + f[0, 0, 1])), oracle


def _vector():
    f, g = ps.fields("f(3), g(3): double[2D]")

    def oracle(f, g):
        g[1:-1, 1:-1] = f[2:, 1:-1, ::-1]

    return ps.create_kernel([ps.Assignment(g[0, 0](i), f[1, 0](2 - i)) for i in range(3)]), oracle


def _vector_to_scalar():
    f, g = ps.fields("f(3), g: double[2D]")

    def oracle(f, g):
        g[...] = f[..., 0] + f[..., 1] + f[..., 2]

    return ps.create_kernel(ps.Assignment(g[0, 0], f(0) + f(1) + f(2))), oracle


def _matrix():
    f, g = ps.fields("f(2, 3), g: double[2D]")

    def oracle(f, g):
        g[...] = f[..., 1, 2]

    return ps.create_kernel(ps.Assignment(g[0, 0], f(1, 2))), oracle


def _fixed():
    f, g = ps.fields("f, g: double[6, 5]")

    def oracle(f, g):
        g[INNER] = f[2:, 1:-1]

    return ps.create_kernel(ps.Assignment(g[0, 0], f[1, 0])), oracle


def _fixed_vector():
    f, g = ps.fields("f(2), g(2): double[6, 5]")

    def oracle(f, g):
        g[...] = f[..., ::-1]

    return ps.create_kernel([ps.Assignment(g(i), f(1 - i)) for i in range(2)]), oracle


def _no_ghosts():
    f, g = ps.fields("f, g: double[2D]")

    def oracle(f, g):
        raise AssertionError("no array fits this kernel")

    return ps.create_kernel(ps.Assignment(g[0, 0], f[1, 0]), ghost_layers=0), oracle


def _asymmetric():
    f, g = ps.fields("f, g: double[2D]")

    def oracle(f, g):
        g[2:, :-1] = f[:-2, 1:]

    return ps.create_kernel(ps.Assignment(g[0, 0], f[-2, 1]), ghost_layers=((2, 0), (0, 1))), oracle


def _columns():
    f, g = ps.fields("f, g: double[2D]")

    def oracle(f, g):
        g[:, 3] = f[:, 3] + 1

    return ps.create_kernel(ps.Assignment(g[0, 0], f[0, 0] + 1), iteration_slice=ps.make_slice[:, 3]), oracle


def _converted():
    f, g = ps.fields("f: float32[2D]"), ps.fields("g: double[2D]")

    def oracle(f, g):
        g[...] = f.astype(np.float64)

    return ps.create_kernel(ps.Assignment(g[0, 0], ps.tcast(f[0, 0], "float64"))), oracle


def _reinterpreted():
    f, g = ps.fields("f: int64[2D]"), ps.fields("g: double[2D]")

    def oracle(f, g):
        g[...] = f.astype(np.float64)

    return ps.create_kernel(ps.Assignment(g[0, 0], ps.tcast(f[0, 0], "float64"))), oracle


def _weighted():
    f, g = ps.fields("f, g: double[2D]")
    a, b = sp.symbols("a b")

    def oracle(f, g, a, b):
        g[...] = f * a + b

    return ps.create_kernel(ps.Assignment(g[0, 0], a * f[0, 0] + b)), oracle


KERNELS = {
    "add": _add,
    "scalar": _scalar,
    "five": _five,
    "double": _double,
    "bump": _bump,
    "fill": _fill,
    "two_outputs": _two_outputs,
    "two_inputs": _two_inputs,
    "one_d": _one_d,
    "three_d": _three_d,
    "vector": _vector,
    "vector_to_scalar": _vector_to_scalar,
    "matrix": _matrix,
    "fixed": _fixed,
    "fixed_vector": _fixed_vector,
    "no_ghosts": _no_ghosts,
    "asymmetric": _asymmetric,
    "columns": _columns,
    "converted": _converted,
    "reinterpreted": _reinterpreted,
    "weighted": _weighted,
}


@functools.cache
def kernel_and_oracle(name):
    """The compiled kernel, and a function that writes into the same arguments what NumPy computes."""
    family, _, dtype = name.partition(":")
    kernel, oracle = KERNELS[family](dtype) if dtype else KERNELS[family]()
    return kernel.compile(), oracle
