"""Objects that are no plain arrays."""

import array
import ctypes
import enum

import numpy as np

from .cases import BYTE_ORDER, DTYPE, KIND, OK, RANK, READ_ONLY, Row, numbers, pair

SHAPE = (5, 6)


def plain():
    return numbers(SHAPE)


class Tagged(np.ndarray):
    """A subclass of the user's."""


class TaggedMemmap(np.memmap):
    """A subclass of what is taken as a plain array."""


class Impostor(np.ndarray):
    """A subclass that has the name of what is taken as a plain array."""


Impostor.__name__ = Impostor.__qualname__ = "memmap"
Impostor.__module__ = "numpy"


class HasArray:
    """Like a data frame: NumPy could make an array of it, which would be a copy."""

    def __array__(self, dtype=None, copy=None):
        return plain()


class HasInterface:
    def __init__(self):
        self.held = plain()

    @property
    def __array_interface__(self):
        return self.held.__array_interface__


class HasDlpack:
    def __init__(self, array):
        self.base = array

    def __dlpack__(self, **options):
        return self.base.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.base.__dlpack_device__()


class OnDevice(HasDlpack):
    def __dlpack_device__(self):
        return (2, 0)  # CUDA

    def __dlpack__(self, **options):
        raise BufferError("The array is on a device.")


class FailingDlpack(HasDlpack):
    def __dlpack__(self, **options):
        raise BufferError("The array is locked.")


class Color(enum.Enum):
    RED = 1


def ctypes_array(kind, size=30):
    return (kind * size)(*range(size))


class Pair(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


def released():
    view = memoryview(bytearray(8))
    view.release()
    return view


def as_input(make):
    return pair(make, plain)


def as_output(make):
    return pair(plain, make)


OBJECTS = {
    "None": lambda: None,
    "list": lambda: plain().tolist(),
    "tuple": lambda: tuple(map(tuple, plain().tolist())),
    "list of arrays": lambda: list(plain()),
    "empty list": lambda: [],
    "dict": lambda: {"data": plain()},
    "set": lambda: {1.0, 2.0},
    "range": lambda: range(30),
    "generator": lambda: (row for row in plain()),
    "str": lambda: "f",
    "function": lambda: plain,
    "class": lambda: np.ndarray,
    "module": lambda: np,
    "object": lambda: object(),
    "enumeration": lambda: Color.RED,
    "slice": lambda: slice(1, -1),
    "Ellipsis": lambda: ...,
    "__array__ (a data frame)": HasArray,
    "__array_interface__": HasInterface,
    "np.dtype": lambda: np.dtype("f8"),
    "np.flatiter": lambda: plain().flat,
    "np.nditer": lambda: np.nditer(plain()),
    "float": lambda: 1.0,
    "int": lambda: 1,
    "bool": lambda: True,
    "complex": lambda: 1j,
    "np.float64": lambda: np.float64(1),
    "np.float32": lambda: np.float32(1),
    "np.int64": lambda: np.int64(1),
    "np.str_": lambda: np.str_("f"),
    "np.void": lambda: np.void(b"1234"),
    "np.datetime64": lambda: np.datetime64(1, "s"),
    "masked array": lambda: np.ma.masked_array(plain(), mask=plain() > 5),
    "masked array without a mask": lambda: np.ma.masked_array(plain()),
    "matrix": lambda: plain().view(np.matrix),
    "recarray": lambda: plain().view(np.recarray),
    "chararray": lambda: np.full(SHAPE, b"abcdefgh").view(np.char.chararray),
    "subclass": lambda: plain().view(Tagged),
    "subclass of memmap": lambda: plain().view(TaggedMemmap),
    "subclass that is called memmap": lambda: plain().view(Impostor),
    "__dlpack__ of a device": lambda: OnDevice(plain()),
    "__dlpack__ that fails": lambda: FailingDlpack(plain()),
}


def rows():
    for name, make in OBJECTS.items():
        yield Row(f"{name} as input", "five", as_input(make), KIND)
        yield Row(f"{name} as output", "five", as_output(make), KIND)
    yield from exporters()


def exporters():
    """Objects with the buffer protocol or DLPack are arrays."""
    viewed = lambda: memoryview(plain())  # noqa: E731
    yield Row("memoryview as input", "five", as_input(viewed), OK)
    yield Row("memoryview as output", "five", as_output(viewed), OK)
    frozen = lambda: memoryview(plain()).toreadonly()  # noqa: E731
    yield Row("read-only memoryview as input", "five", as_input(frozen), OK)
    yield Row("read-only memoryview as output", "five", as_output(frozen), READ_ONLY)
    cast = lambda: memoryview(bytearray(plain().tobytes())).cast("d", SHAPE)  # noqa: E731
    yield Row("cast memoryview as output", "five", as_output(cast), OK)
    line = lambda: numbers(30)  # noqa: E731
    doubles = lambda: array.array("d", range(30))  # noqa: E731
    yield Row("array.array as input", "one_d", pair(doubles, line), OK)
    yield Row("array.array as output", "one_d", pair(line, doubles), OK)
    yield Row("array.array of a 2-d kernel", "five", as_input(doubles), RANK)
    yield Row("array.array of float32", "one_d", pair(lambda: array.array("f", range(30)), line), DTYPE)
    yield Row("ctypes array as input", "one_d", pair(lambda: ctypes_array(ctypes.c_double), line), OK)
    yield Row("ctypes array as output", "one_d", pair(line, lambda: ctypes_array(ctypes.c_double)), OK)
    yield Row("ctypes array of float", "one_d", pair(lambda: ctypes_array(ctypes.c_float), line), DTYPE)
    rows_of = lambda: (ctypes.c_double * 6 * 5)(*[tuple(row) for row in plain()])  # noqa: E731
    yield Row("ctypes array of arrays as output", "five", as_output(rows_of), OK)
    octets = lambda: bytearray(range(30))  # noqa: E731
    yield Row("bytearray of a float kernel", "one_d", pair(octets, line), DTYPE)
    matrix = lambda: memoryview(bytearray(range(30))).cast("B", SHAPE)  # noqa: E731
    yield Row("bytearray as uint8", "add:uint8", pair(matrix, lambda: numbers(SHAPE, "uint8")), OK)
    yield Row(
        "bytes as uint8, output", "add:uint8", pair(matrix, lambda: memoryview(bytes(30)).cast("B", SHAPE)), READ_ONLY
    )
    half = lambda: memoryview(np.zeros(SHAPE, np.float16))  # noqa: E731
    yield Row("memoryview of half", "five", as_input(half), DTYPE)
    big = lambda: memoryview(plain().astype(">f8"))  # noqa: E731
    yield Row("big-endian memoryview as input", "five", as_input(big), BYTE_ORDER)
    yield Row("big-endian memoryview as output", "five", as_output(big), BYTE_ORDER)
    big = lambda: ctypes_array(ctypes.c_double.__ctype_be__)  # noqa: E731
    yield Row("big-endian ctypes array", "one_d", pair(line, big), BYTE_ORDER)
    yield Row("ctypes array of characters", "one_d", pair(lambda: ctypes.create_string_buffer(30), line), DTYPE)
    yield Row("ctypes number", "one_d", pair(lambda: ctypes.c_double(1), line), RANK)
    yield Row("ctypes structure", "one_d", pair(Pair, line), DTYPE)
    yield Row("bytes of a float kernel", "one_d", pair(lambda: bytes(240), line), DTYPE)
    yield Row("released memoryview", "one_d", pair(released, line), KIND)
    turned = lambda: memoryview(numbers((6, 5)).T[::-1])  # noqa: E731
    yield Row("memoryview with strides as input", "five", as_input(turned), OK)
    yield Row("memoryview with strides as output", "five", as_output(turned), OK)
    dlpack = lambda: HasDlpack(plain())  # noqa: E731
    yield Row("__dlpack__ as input", "five", as_input(dlpack), OK)
    yield Row("__dlpack__ as output", "five", as_output(dlpack), OK)
    strided = lambda: HasDlpack(numbers((10, 12))[::2, ::-2])  # noqa: E731
    yield Row("__dlpack__ with strides as output", "five", as_output(strided), OK)
    yield Row("__dlpack__ of float32", "five", as_input(lambda: HasDlpack(numbers(SHAPE, "float32"))), DTYPE)
    yield Row("__dlpack__ of complex", "five", as_input(lambda: HasDlpack(numbers(SHAPE, "complex64"))), DTYPE)
    yield Row("__dlpack__ of half", "five", as_output(lambda: HasDlpack(numbers(SHAPE, "float16"))), DTYPE)
    yield Row("__dlpack__ of a 3-d array", "five", as_output(lambda: HasDlpack(numbers((2, 5, 6)))), RANK)
