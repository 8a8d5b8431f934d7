"""Ranks, extents, index dimensions, fixed shapes, empty and small arrays."""

import numpy as np

from .cases import BYTE_ORDER, DTYPE, EXTENT, OK, OUT_OF_BOUNDS, RANK, READ_ONLY, Row, numbers, pair


def of(*shape, dtype="float64"):
    return lambda: numbers(shape, dtype)


def both(*shape):
    return pair(of(*shape), of(*shape))


def rows():
    yield from ranks()
    yield from unequal()
    yield from index_dimensions()
    yield from fixed()
    yield from small()
    yield from cells()


def ranks():
    yield Row("0-d input", "five", pair(of(), of(5, 6)), RANK)
    yield Row("0-d output", "five", pair(of(5, 6), of()), RANK)
    yield Row("1-d input", "five", pair(of(6), of(5, 6)), RANK)
    yield Row("1-d output", "five", pair(of(5, 6), of(6)), RANK)
    yield Row("1-d both", "five", both(6), RANK)
    yield Row("1-d array of the right size", "five", pair(of(30), of(5, 6)), RANK)
    yield Row("3-d input", "five", pair(of(2, 5, 6), of(5, 6)), RANK)
    yield Row("leading extent 1", "five", pair(of(1, 5, 6), of(5, 6)), RANK)
    yield Row("trailing extent 1", "five", pair(of(5, 6, 1), of(5, 6)), RANK)
    yield Row("trailing extent 1 of the output", "five", pair(of(5, 6), of(5, 6, 1)), RANK)
    yield Row("one field, too few", "bump", lambda: {"g": numbers(6)}, RANK)
    yield Row("one field, 0-d", "bump", lambda: {"g": numbers(())}, RANK)
    yield Row("one field, too many", "bump", lambda: {"g": numbers((2, 2, 2))}, RANK)
    yield Row("3-d kernel, 2-d arrays", "three_d", both(5, 6), RANK)
    yield Row("1-d kernel, 2-d arrays", "one_d", both(1, 6), RANK)
    yield Row("1-d kernel, 0-d arrays", "one_d", both(), RANK)
    yield Row("1-d kernel", "one_d", both(9), OK)
    yield Row("3-d kernel", "three_d", both(4, 5, 6), OK)
    yield Row("8 dimensions", "five", pair(of(*[2] * 8), of(5, 6)), RANK)
    yield Row("20 dimensions", "five", pair(of(*[1] * 20), of(5, 6)), RANK)
    yield Row("32 dimensions", "five", pair(of(5, 6), of(*[1] * 32)), RANK)


def unequal():
    for given in ((5, 7), (6, 6), (6, 7), (6, 5), (1, 6), (5, 1), (1, 1), (0, 6), (5, 0)):
        yield Row(f"input {given}, output (5, 6)", "five", pair(of(*given), of(5, 6)), EXTENT)
        yield Row(f"input (5, 6), output {given}", "five", pair(of(5, 6), of(*given)), EXTENT)
    yield Row("larger by the offset", "five", pair(of(7, 8), of(5, 6)), EXTENT)
    yield Row("3-d, last axis differs", "three_d", pair(of(4, 5, 6), of(4, 5, 7)), EXTENT)
    yield Row(
        "third array differs",
        "two_outputs",
        lambda: {"f": numbers((3, 4)), "g": numbers((3, 4)), "h": numbers((4, 3))},
        EXTENT,
    )
    yield Row("unequal and empty", "five", pair(of(0, 6), of(0, 5)), EXTENT)


def index_dimensions():
    yield Row("three values per cell", "vector", both(5, 6, 3), OK)
    yield Row("index dimension missing in the input", "vector", pair(of(5, 6), of(5, 6, 3)), RANK)
    yield Row("index dimension missing in the output", "vector", pair(of(5, 6, 3), of(5, 6)), RANK)
    yield Row("index extent too small", "vector", pair(of(5, 6, 2), of(5, 6, 3)), EXTENT)
    yield Row("index extent too large", "vector", pair(of(5, 6, 4), of(5, 6, 3)), EXTENT)
    yield Row("index extent of the output", "vector", pair(of(5, 6, 3), of(5, 6, 4)), EXTENT)
    yield Row("index extent 1", "vector", pair(of(5, 6, 1), of(5, 6, 3)), EXTENT)
    yield Row("index extent 0", "vector", pair(of(5, 6, 0), of(5, 6, 3)), EXTENT)
    yield Row("index dimension in front", "vector", both(3, 5, 6), EXTENT)
    in_front = lambda: np.moveaxis(numbers((3, 5, 6)), 0, -1)  # noqa: E731
    yield Row("index dimension moved from the front", "vector", pair(in_front, in_front), OK)
    yield Row("index dimension too many", "vector", pair(of(5, 6, 3, 1), of(5, 6, 3)), RANK)
    yield Row("values and a single value", "vector_to_scalar", pair(of(5, 6, 3), of(5, 6)), OK)
    yield Row("values and a single value in a third axis", "vector_to_scalar", pair(of(5, 6, 3), of(5, 6, 1)), RANK)
    yield Row("values, other cells", "vector_to_scalar", pair(of(6, 5, 3), of(5, 6)), EXTENT)
    yield Row("matrix of values", "matrix", pair(of(5, 6, 2, 3), of(5, 6)), OK)
    yield Row("matrix of values, transposed", "matrix", pair(of(5, 6, 3, 2), of(5, 6)), EXTENT)
    yield Row("matrix of values, flattened", "matrix", pair(of(5, 6, 6), of(5, 6)), RANK)
    yield Row(
        "matrix of values, transposed view", "matrix", pair(lambda: numbers((5, 6, 3, 2)).swapaxes(2, 3), of(5, 6)), OK
    )


def fixed():
    yield Row("fixed shape", "fixed", both(6, 5), OK)
    yield Row("fixed shape, Fortran order", "fixed", pair(lambda: np.asfortranarray(numbers((6, 5))), of(6, 5)), OK)
    yield Row("fixed shape, transposed", "fixed", both(5, 6), EXTENT)
    yield Row("fixed shape, too large", "fixed", both(7, 5), EXTENT)
    yield Row("fixed shape, too small", "fixed", both(6, 4), EXTENT)
    yield Row("fixed shape, empty", "fixed", both(0, 5), EXTENT)
    yield Row("fixed shape, one differs", "fixed", pair(of(6, 5), of(6, 6)), EXTENT)
    yield Row("fixed shape, rank", "fixed", both(30), RANK)
    yield Row("fixed shape with values", "fixed_vector", both(6, 5, 2), OK)
    yield Row("fixed shape with values, index extent", "fixed_vector", both(6, 5, 3), EXTENT)
    yield Row("fixed shape with values, missing", "fixed_vector", both(6, 5), RANK)
    yield Row("fixed shape with values, cells", "fixed_vector", both(5, 5, 2), EXTENT)


def small():
    for shape in ((0, 0), (0, 5), (5, 0), (1, 1), (1, 5), (5, 1), (2, 2), (2, 5), (5, 2), (3, 3), (3, 4)):
        yield Row(f"shape {shape} with one ghost layer", "five", both(*shape), OK)
        yield Row(f"shape {shape} without ghost layers", "double", both(*shape), OK)
    for shape in ((0, 3, 3), (3, 0, 3), (3, 3, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3)):
        yield Row(f"shape {shape}", "three_d", both(*shape), OK)
    for extent in (0, 1, 2, 3):
        yield Row(f"shape ({extent},)", "one_d", both(extent), OK)
    # What can be told without touching an element is told of empty arrays, too.
    yield Row("empty, wrong type", "five", pair(of(0, 5, dtype="float32"), of(0, 5)), DTYPE)
    swapped = lambda: np.zeros((0, 5), dtype=np.dtype("f8").newbyteorder(">"))  # noqa: E731
    yield Row("empty, wrong byte order", "five", pair(swapped, of(0, 5)), BYTE_ORDER)
    yield Row("empty, wrong rank", "five", pair(of(0), of(0, 5)), RANK)
    frozen = lambda: np.broadcast_to(np.zeros(5), (0, 5))  # noqa: E731
    yield Row("empty, read-only output", "five", pair(of(0, 5), frozen), READ_ONLY)
    yield Row("empty values", "vector", both(0, 5, 3), OK)
    yield Row("empty values, index extent", "vector", both(0, 5, 2), EXTENT)


def cells():
    yield Row("offset without ghost layers", "no_ghosts", both(5, 6), OUT_OF_BOUNDS)
    yield Row("offset without ghost layers, one cell", "no_ghosts", both(1, 1), OUT_OF_BOUNDS)
    yield Row("ghost layers of one side", "asymmetric", both(5, 6), OK)
    yield Row("ghost layers of one side, just too small", "asymmetric", both(2, 6), OK)
    yield Row("ghost layers of one side, one cell", "asymmetric", both(3, 2), OK)
    yield Row("slice of one column", "columns", both(5, 6), OK)
    yield Row("slice of one column, the last", "columns", both(5, 4), OK)
