"""Every element type of kernels against every element type of NumPy, and byte orders."""

import datetime

import ml_dtypes
import numpy as np

from .cases import BYTE_ORDER, DTYPE, KERNEL_DTYPES, OK, Row, numbers, pair

SHAPE = (5, 6)
NAMES = {"i": "int", "u": "uint", "f": "float"}

# Further types of NumPy; none is ever taken for one of a kernel.
FOREIGN = {
    "float16": lambda: numbers(SHAPE).astype(np.float16),
    "longdouble": lambda: numbers(SHAPE).astype(np.longdouble),
    "complex64": lambda: numbers(SHAPE).astype(np.complex64),
    "complex128": lambda: numbers(SHAPE).astype(np.complex128),
    "clongdouble": lambda: numbers(SHAPE).astype(np.clongdouble),
    "datetime64": lambda: numbers(SHAPE, "int64").astype("M8[ns]"),
    "timedelta64": lambda: numbers(SHAPE, "int64").astype("m8[ns]"),
    "object": lambda: np.full(SHAPE, datetime.date(2000, 1, 1), dtype=object),
    "structured": lambda: numbers(SHAPE).view([("x", "f8")]),
    "bytes": lambda: np.full(SHAPE, b"abc"),
    "str": lambda: np.full(SHAPE, "ab"),
    "void": lambda: np.zeros(SHAPE, dtype="V8"),
    "bfloat16": lambda: numbers(SHAPE).astype(ml_dtypes.bfloat16),
    "int4": lambda: numbers(SHAPE, "int8").astype(ml_dtypes.int4),
}
if hasattr(np.dtypes, "StringDType"):
    FOREIGN["variable-width str"] = lambda: np.full(SHAPE, "ab", dtype=np.dtypes.StringDType())


def plain(dtype):
    return lambda: numbers(SHAPE, dtype)


def rows():
    for wanted in KERNEL_DTYPES:
        kernel = f"add:{wanted}"
        for given in KERNEL_DTYPES:
            expected = OK if given == wanted else DTYPE
            yield Row(f"{wanted} kernel reads {given}", kernel, pair(plain(given), plain(wanted)), expected)
            if given != wanted:
                yield Row(f"{wanted} kernel writes {given}", kernel, pair(plain(wanted), plain(given)), DTYPE)
        for name, make in FOREIGN.items():
            yield Row(f"{wanted} kernel reads {name}", kernel, pair(make, plain(wanted)), DTYPE)
        yield from byte_orders(wanted, kernel)
    for name, make in FOREIGN.items():
        yield Row(f"float64 kernel writes {name}", "add:float64", pair(plain("float64"), make), DTYPE)
    yield from names_of_c()


def byte_orders(dtype, kernel):
    swapped = np.dtype(dtype).newbyteorder(">")
    # One byte has no order.
    expected = OK if swapped.itemsize == 1 else BYTE_ORDER
    yield Row(f"{dtype} read big-endian", kernel, pair(lambda: plain(dtype)().astype(swapped), plain(dtype)), expected)
    yield Row(
        f"{dtype} written big-endian", kernel, pair(plain(dtype), lambda: plain(dtype)().astype(swapped)), expected
    )
    yield Row(
        f"{dtype} with explicit native order",
        kernel,
        pair(lambda: plain(dtype)().astype(np.dtype(dtype).newbyteorder("=")), plain(dtype)),
        OK,
    )


def names_of_c():
    """NumPy has several integer types of one size; a kernel knows one."""
    for code in "?bBhHiIlLqQfd":
        dtype = np.dtype(code)
        # The name of longlong is "longlong" in one release of NumPy and "int64" in the next.
        kernel = f"add:{'bool' if dtype.kind == 'b' else NAMES[dtype.kind] + str(8 * dtype.itemsize)}"
        build = pair(lambda dtype=dtype: numbers(SHAPE, dtype), lambda dtype=dtype: numbers(SHAPE, dtype, 2))
        yield Row(f"type code {code}", kernel, build, OK)
