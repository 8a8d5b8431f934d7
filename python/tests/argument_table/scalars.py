"""Numbers for scalar parameters of every type."""

import decimal
import enum
import fractions

import numpy as np
import sympy as sp

from .cases import DTYPE, KERNEL_DTYPES, KIND, OK, SCALAR_RANGE, Row, numbers

SHAPE = (3, 4)
INTEGERS = [name for name in KERNEL_DTYPES if "int" in name]
FLOATS = ["float32", "float64"]

inf, nan = float("inf"), float("nan")


class Count(enum.IntEnum):
    THREE = 3


class Length(float):
    """A float of the user's."""

    def __repr__(self):
        return f"Length({float(self)})"


class Index:
    def __index__(self):
        return 3


class Floats:
    def __float__(self):
        return 3.0


# Objects that have a value, but are no number of Python or NumPy that a kernel knows.
NO_NUMBERS = {
    "None": None,
    "str": "2",
    "bytes": b"2",
    "list": [2],
    "complex": 2 + 0j,
    "Decimal": decimal.Decimal(2),
    "Fraction": fractions.Fraction(2),
    "sympy.Integer": sp.Integer(2),
    "sympy.Rational": sp.Rational(1, 2),
    "sympy.Float": sp.Float(2),
    "sympy.pi": sp.pi,
    "sympy.true": sp.true,
    "sympy.Symbol": sp.Symbol("x"),
    "np.complex64": np.complex64(2),
    "np.complex128": np.complex128(2),
    "np.longdouble": np.longdouble(2),
    "np.datetime64": np.datetime64(2, "s"),
    "np.timedelta64": np.timedelta64(2, "s"),
    "np.timedelta64 without a unit": np.timedelta64(2),
    "np.str_": np.str_("2"),
    "np.bytes_": np.bytes_(b"2"),
    "np.void": np.void(b"12345678"),
    "__index__": Index(),
    "__float__": Floats(),
    "0-d array": np.array(2),
    "array of one": np.array([2]),
}


def row(dtype, name, value, expected):
    kernel = f"scalar:{dtype}"
    build = lambda: {"f": numbers(SHAPE, dtype), "g": numbers(SHAPE, dtype, 2), "a": value}  # noqa: E731
    return Row(f"{dtype} scalar is {name}", kernel, build, expected)


def rows():
    for dtype in KERNEL_DTYPES:
        for name, value in NO_NUMBERS.items():
            yield row(dtype, name, value, KIND)
    yield from truth_values()
    yield from integers()
    yield from floats()


def truth_values():
    for value in (True, False, np.True_, np.False_):
        yield row("bool", repr(value), value, OK)
        for dtype in (*INTEGERS, *FLOATS):
            yield row(dtype, repr(value), value, DTYPE)
    for value in (0, 1, 1.0, np.int8(1), np.uint64(1), np.float32(1), 2**70):
        yield row("bool", repr(value), value, SCALAR_RANGE if value == 2**70 else DTYPE)


def integers():
    for dtype in INTEGERS:
        limits = np.iinfo(dtype)
        for value in [*sorted({0, limits.min, limits.max}), Count.THREE]:
            yield row(dtype, repr(value), value, OK)
        for value in sorted({limits.min - 1, limits.max + 1, 2**64, -(2**63) - 1, 10**30, -(10**30), 10**5000}):
            name = "10**5000" if value > 10**40 else repr(value)
            yield row(dtype, name, value, SCALAR_RANGE)
        for given in INTEGERS:
            yield row(dtype, f"np.{given}(5)", np.dtype(given).type(5), OK)
        for value in (2.0, 2.9, nan, inf, -inf, Length(2.0), np.float16(2), np.float32(2), np.float64(2)):
            yield row(dtype, repr(value), value, DTYPE)
    yield row("uint64", "np.int8(-1)", np.int8(-1), SCALAR_RANGE)
    yield row("int8", "np.uint8(200)", np.uint8(200), SCALAR_RANGE)
    yield row("int64", "np.uint64(2**63)", np.uint64(2**63), SCALAR_RANGE)
    yield row("int32", "np.int64(2**31)", np.int64(2**31), SCALAR_RANGE)


def floats():
    for dtype in FLOATS:
        for value in (0.0, -0.0, 0.1, 2.9, nan, inf, -inf, 1e-300, 5e-324, Length(0.25), 3, -7, Count.THREE):
            yield row(dtype, repr(value), value, OK)
        for value in (np.float16(0.1), np.float32(0.1), np.float64(0.25)):
            yield row(dtype, repr(value), value, OK)
        for given in INTEGERS:
            yield row(dtype, f"np.{given}(5)", np.dtype(given).type(5), OK)
        for value in (2**64, 10**30, -(10**30), 10**400):
            yield row(dtype, "10**400" if value > 10**40 else repr(value), value, SCALAR_RANGE)
    for value in (1e300, -1e300, 3.5e38, 2**24 + 1):
        yield row("float32", repr(value), value, SCALAR_RANGE)
    for value in (1e300, 3.5e38, 2**53, -(2**53), 2**63, 2**24 + 1):
        yield row("float64", repr(value), value, OK)
    for value in (2**53 + 1, 2**63 - 1, 2**64 - 1, np.int64(2**63 - 1)):
        yield row("float64", repr(value), value, SCALAR_RANGE)
