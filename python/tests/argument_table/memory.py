"""Strides, alignment, shared memory, read-only memory."""

import mmap
import tempfile

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from .cases import ALIGNMENT, OK, OVERLAP, READ_ONLY, STRIDE, Row, numbers, pair

SHAPE = (6, 7)
N, M = SHAPE


def plain():
    return numbers(SHAPE)


def read_only(array):
    array.flags.writeable = False
    return array


def unaligned(offset=1, shape=SHAPE):
    memory = np.zeros(8 * int(np.prod(shape)) + 16, dtype=np.uint8)
    array = memory[offset : offset + 8 * int(np.prod(shape))].view(np.float64).reshape(shape)
    array[...] = numbers(shape)
    return array


def member(dtype, name, shape=SHAPE):
    records = np.zeros(shape, dtype=dtype)
    records[name] = numbers(shape)
    return records[name]


PACKED = np.dtype([("flag", "u1"), ("x", "f8")])  # stride 9, x at 1
ALIGNED = np.dtype([("flag", "u1"), ("x", "f8"), ("y", "f8")], align=True)  # stride 24, x at 8
PADDED = np.dtype({"names": ["x"], "formats": ["f8"], "offsets": [0], "itemsize": 12})
SHIFTED = np.dtype({"names": ["x"], "formats": ["f8"], "offsets": [4], "itemsize": 16})

# Arrays of shape SHAPE that are good for reading and for writing.
LAYOUTS = {
    "C order": plain,
    "Fortran order": lambda: np.asfortranarray(plain()),
    "transposed": lambda: numbers((M, N)).T,
    "first axis reversed": lambda: plain()[::-1],
    "second axis reversed": lambda: plain()[:, ::-1],
    "both axes reversed": lambda: plain()[::-1, ::-1],
    "transposed and reversed": lambda: numbers((M, N)).T[::-1],
    "every second row": lambda: numbers((2 * N, M))[::2],
    "every third column": lambda: numbers((N, 3 * M))[:, ::3],
    "every second row, backwards": lambda: numbers((2 * N, M))[::-2],
    "middle of a larger array": lambda: numbers((N + 4, M + 5))[2:-2, 3:-2],
    "plane of a 3D array": lambda: numbers((3, N, M))[1],
    "last plane of a 3D array": lambda: numbers((N, M, 3))[:, :, 2],
    "axis moved": lambda: np.moveaxis(numbers((M, 2, N)), 0, -1)[1],
    "axis inserted and dropped": lambda: plain()[:, None, :][:, 0],
    "real part of complex": lambda: (numbers(SHAPE) * (1 + 2j)).real,
    "imaginary part of complex": lambda: (numbers(SHAPE) * (1 + 2j)).imag,
    "member of an aligned struct": lambda: member(ALIGNED, "x"),
    "row padding": lambda: numbers((N, 16))[:, :M],
    "view of bytes": lambda: np.frombuffer(bytearray(plain().tobytes())).reshape(SHAPE),
    "at an odd multiple of 8": lambda: unaligned(8),
    "as_strided": lambda: as_strided(numbers((N * M,)), SHAPE, (8 * M, 8)),
    "on a memory map": lambda: mapped(),
}


def mapped():
    array = np.frombuffer(mmap.mmap(-1, 8 * N * M), dtype=np.float64).reshape(SHAPE)
    array[...] = plain()
    return array


def rows():
    for name, make in LAYOUTS.items():
        yield Row(f"read {name}", "five", pair(make, plain), OK)
        yield Row(f"written {name}", "five", pair(plain, make), OK)
    yield from strides()
    yield from overlaps()
    yield from in_place()
    yield from permissions()


def strides():
    yield Row("read broadcast row", "five", pair(lambda: np.broadcast_to(numbers((M,)), SHAPE), plain), OK)
    yield Row("read broadcast column", "five", pair(lambda: np.broadcast_to(numbers((N, 1)), SHAPE), plain), OK)
    yield Row("read broadcast number", "five", pair(lambda: np.broadcast_to(np.float64(3), SHAPE), plain), OK)
    yield Row("read sliding window", "five", pair(lambda: sliding_window_view(numbers((N + M - 1,)), M), plain), OK)
    zero = lambda: as_strided(numbers((M,)), SHAPE, (0, 8))  # noqa: E731
    yield Row("written stride 0, first axis", "five", pair(plain, zero), OVERLAP)
    zero = lambda: as_strided(numbers((N,)), SHAPE, (8, 0))  # noqa: E731
    yield Row("written stride 0, second axis", "five", pair(plain, zero), OVERLAP)
    window = lambda: sliding_window_view(numbers((N + M - 1,)), M, writeable=True)  # noqa: E731
    yield Row("written sliding window", "five", pair(plain, window), OVERLAP)
    rows_share = lambda: as_strided(numbers((N * M,)), SHAPE, (8 * (M - 1), 8))  # noqa: E731
    yield Row("written rows that share one element", "five", pair(plain, rows_share), OVERLAP)
    one = lambda: as_strided(numbers((M,)), (1, M), (0, 8))  # noqa: E731
    yield Row("written stride 0 along one element", "double", pair(lambda: numbers((1, M)), one), OK)
    odd = lambda: as_strided(numbers((M,)), (1, M), (5, 8))  # noqa: E731
    yield Row("stride of 5 bytes along one element", "double", pair(odd, lambda: numbers((1, M))), OK)
    packed = lambda name: pair(lambda: member(PACKED, name), plain)  # noqa: E731
    yield Row("read member of a packed struct", "five", packed("x"), ALIGNMENT)
    yield Row("written member of a packed struct", "five", pair(plain, lambda: member(PACKED, "x")), ALIGNMENT)
    yield Row("read member of a 12-byte struct", "five", pair(lambda: member(PADDED, "x"), plain), STRIDE)
    yield Row("written member of a 12-byte struct", "five", pair(plain, lambda: member(PADDED, "x")), STRIDE)
    yield Row("member 4 bytes into a struct", "five", pair(lambda: member(SHIFTED, "x"), plain), ALIGNMENT)
    nine = np.dtype([("x", "f4"), ("flag", "u1")])
    build = pair(lambda: member(nine, "x"), lambda: numbers(SHAPE, "float32"))
    yield Row("float32 member of a 5-byte struct", "add:float32", build, STRIDE)
    twelve = np.dtype([("x", "f4"), ("y", "f8")])
    build = pair(lambda: member(twelve, "x"), lambda: numbers(SHAPE, "float32"))
    yield Row("float32 member of a 12-byte struct", "add:float32", build, OK)
    bytes_of = np.dtype([("x", "u1"), ("y", "f8")])
    build = pair(lambda: member(bytes_of, "x"), lambda: numbers(SHAPE, "uint8"))
    yield Row("uint8 member of a 9-byte struct", "add:uint8", build, OK)
    for offset in (1, 2, 4):
        make = lambda offset=offset: unaligned(offset)  # noqa: E731
        yield Row(f"read {offset} bytes past alignment", "five", pair(make, plain), ALIGNMENT)
        yield Row(f"written {offset} bytes past alignment", "five", pair(plain, make), ALIGNMENT)


def shared(shape, first, second, dtype="float64", second_name="g"):
    """Two views of one array."""

    def build():
        base = numbers(shape, dtype)
        return {"f": first(base), second_name: second(base)}

    return build


def overlaps():
    tall, wide = (2 * N, M), (N, 2 * M)
    apart = {
        "rows interleaved": (tall, lambda a: a[::2], lambda a: a[1::2]),
        "rows interleaved, one backwards": (tall, lambda a: a[::2], lambda a: a[::-2]),
        "columns interleaved": (wide, lambda a: a[:, ::2], lambda a: a[:, 1::2]),
        "checkerboard of rows and columns": ((2 * N, 2 * M), lambda a: a[::2, ::2], lambda a: a[1::2, 1::2]),
        "upper and lower half": (tall, lambda a: a[:N], lambda a: a[N:]),
        "left and right half": (wide, lambda a: a[:, :M], lambda a: a[:, M:]),
        "two planes": ((2, N, M), lambda a: a[0], lambda a: a[1]),
        "two planes of the last axis": ((N, M, 2), lambda a: a[..., 1], lambda a: a[..., 0]),
        "diagonal quarters": ((2 * N, 2 * M), lambda a: a[:N, :M], lambda a: a[N:, M:]),
        "touching ends": ((2 * N * M,), lambda a: a[: N * M].reshape(SHAPE), lambda a: a[N * M :].reshape(SHAPE)),
    }
    for name, (shape, first, second) in apart.items():
        yield Row(f"disjoint: {name}", "five", shared(shape, first, second), OK)
        yield Row(f"disjoint, swapped: {name}", "five", shared(shape, second, first), OK)
    whole = lambda a: a  # noqa: E731
    together = {
        "the same array": (SHAPE, whole, whole),
        "two views of the same": (SHAPE, lambda a: a[:], lambda a: a[:]),
        "one row shared": ((2 * N - 1, M), lambda a: a[:N], lambda a: a[N - 1 :]),
        "one column shared": ((N, 2 * M - 1), lambda a: a[:, :M], lambda a: a[:, M - 1 :]),
        "one corner shared": ((2 * N - 1, 2 * M - 1), lambda a: a[:N, :M], lambda a: a[N - 1 :, M - 1 :]),
        "shifted by a row": ((N + 1, M), lambda a: a[:-1], lambda a: a[1:]),
        "shifted by a column": ((N, M + 1), lambda a: a[:, 1:], lambda a: a[:, :-1]),
        "shifted by one element": ((N * M + 1,), lambda a: a[1:].reshape(SHAPE), lambda a: a[:-1].reshape(SHAPE)),
        "reversed": (SHAPE, whole, lambda a: a[::-1]),
        "reversed columns": (SHAPE, lambda a: a[:, ::-1], whole),
        "every second row of the same rows": (tall, lambda a: a[::2], lambda a: a[:N]),
        "crossing rows and columns": ((3 * N, 3 * M), lambda a: a[: 3 * N : 3, :M], lambda a: a[:N, : 3 * M : 3]),
    }
    for name, (shape, first, second) in together.items():
        yield Row(f"shared: {name}", "five", shared(shape, first, second), OVERLAP)
    yield Row("shared: transposed square", "five", shared((N, N), whole, lambda a: a.T), OVERLAP)
    halves = lambda a: a.view(np.float64)[:, : a.shape[1]]  # noqa: E731
    yield Row("shared: other type, same bytes", "reinterpreted", shared(SHAPE, whole, halves, "int64"), OVERLAP)
    yield Row("shared: only inputs", "two_inputs", inputs_shared(whole), OK)
    yield Row("shared: only inputs, reversed", "two_inputs", inputs_shared(lambda a: a[::-1]), OK)
    yield Row("shared: two outputs", "two_outputs", outputs_shared(SHAPE, whole, whole), OVERLAP)
    shifted = outputs_shared((N + 1, M), lambda a: a[1:], lambda a: a[:-1])
    yield Row("shared: two outputs, shifted", "two_outputs", shifted, OVERLAP)
    interleaved = outputs_shared(tall, lambda a: a[1::2], lambda a: a[::2])
    yield Row("disjoint: two outputs, interleaved", "two_outputs", interleaved, OK)
    split = shared((N, M, 6), lambda a: a[..., :3], lambda a: a[..., 3:])
    yield Row("disjoint: halves of the index axis", "vector", split, OK)
    split = shared((N, M, 5), lambda a: a[..., :3], lambda a: a[..., 2:])
    yield Row("shared: one index value", "vector", split, OVERLAP)
    split = shared((N, M, 4), lambda a: a[..., :3], lambda a: a[..., 3])
    yield Row("disjoint: value 3 beside values 0 to 2", "vector_to_scalar", split, OK)
    split = shared((N, M, 3), whole, lambda a: a[..., 1])
    yield Row("shared: one of the values read", "vector_to_scalar", split, OVERLAP)
    # No kernel may rely on the ghost cells being the only ones in common.
    yield Row(
        "shared: below what the slice updates",
        "columns",
        shared((N + 1, M), lambda a: a[:-1], lambda a: a[1:]),
        OVERLAP,
    )


def inputs_shared(view):
    def build():
        f = plain()
        return {"f": f, "h": view(f), "g": numbers(SHAPE, seed=2)}

    return build


def outputs_shared(shape, first, second):
    def build():
        base = numbers(shape)
        return {"f": plain(), "g": first(base), "h": second(base)}

    return build


def in_place():
    whole = lambda a: a  # noqa: E731
    yield Row("in place: the same object", "double", shared(SHAPE, whole, whole), OK)
    yield Row("in place: two views of the same", "double", shared(SHAPE, lambda a: a[:], lambda a: a[:]), OK)
    reverse = lambda a: a[::-1]  # noqa: E731
    yield Row("in place: both reversed", "double", shared(SHAPE, reverse, reverse), OK)
    yield Row("in place: one reversed", "double", shared(SHAPE, whole, reverse), OVERLAP)
    yield Row("in place: shifted", "double", shared((N + 1, M), lambda a: a[1:], lambda a: a[:-1]), OVERLAP)
    yield Row("in place: transposed square", "double", shared((N, N), whole, lambda a: a.T), OVERLAP)
    yield Row("in place: one field", "bump", lambda: {"g": plain()}, OK)
    yield Row("in place: one field, reversed", "bump", lambda: {"g": plain()[::-1]}, OK)
    yield Row(
        "in place: an output of two", "two_outputs", lambda: (lambda a: {"f": a, "g": a, "h": plain()})(plain()), OK
    )


def permissions():
    frozen = lambda: read_only(plain())  # noqa: E731
    yield Row("read-only input", "five", pair(frozen, plain), OK)
    yield Row("read-only output", "five", pair(plain, frozen), READ_ONLY)
    yield Row("read-only both", "five", pair(frozen, frozen), READ_ONLY)
    yield Row("read-only, read and written", "bump", lambda: {"g": frozen()}, READ_ONLY)
    yield Row("read-only second output", "two_outputs", lambda: {"f": plain(), "g": plain(), "h": frozen()}, READ_ONLY)
    constant = lambda: np.frombuffer(plain().tobytes()).reshape(SHAPE)  # noqa: E731
    yield Row("bytes as input", "five", pair(constant, plain), OK)
    yield Row("bytes as output", "five", pair(plain, constant), READ_ONLY)
    broadcast = lambda: np.broadcast_to(numbers((M,)), SHAPE)  # noqa: E731
    yield Row("broadcast as output", "five", pair(plain, broadcast), READ_ONLY)
    diagonal = lambda: numbers((9, 9)).diagonal()  # noqa: E731
    line = lambda: numbers((9,), seed=3)  # noqa: E731
    yield Row("diagonal as input", "one_d", pair(diagonal, line), OK)
    yield Row("diagonal as output", "one_d", pair(line, diagonal), READ_ONLY)
    writable = lambda: np.einsum("ii->i", numbers((9, 9)))  # noqa: E731
    yield Row("writable diagonal as output", "one_d", pair(line, writable), OK)
    for mode, expected in (("r", READ_ONLY), ("r+", OK), ("c", OK), ("w+", OK)):
        make = lambda mode=mode: memmap(mode)  # noqa: E731
        yield Row(f"memmap {mode} as input", "five", pair(make, plain), OK)
        yield Row(f"memmap {mode} as output", "five", pair(plain, make), expected)
    part = lambda: memmap("r+", (N + 2, M))[1:-1]  # noqa: E731
    yield Row("part of a memmap as output", "five", pair(plain, part), OK)


def memmap(mode, shape=SHAPE):
    with tempfile.NamedTemporaryFile() as file:
        file.write(numbers(shape).tobytes())
        file.flush()
        return np.memmap(file.name, dtype=np.float64, mode=mode, shape=shape)
