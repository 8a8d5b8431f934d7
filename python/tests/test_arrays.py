"""Arrays of our own: zeroed, padded where it pays, and good for NumPy and for kernels."""

import gc
import sys

import numpy as np
import pytest

import cppstencils as ps


def address(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int32", "uint64", "float32", "float64"])
def test_zeroed_of_every_type(dtype):
    array = ps.create_array((3, 700), dtype)
    assert array.dtype == np.dtype(dtype)
    assert array.shape == (3, 700)
    assert not array.any()
    array[...] = 1
    assert array.all()


def test_types_and_shapes_as_elsewhere():
    assert ps.create_array(5).shape == (5,)
    assert ps.create_array((4, 5), float).dtype == np.float64
    assert ps.create_array((4, 5), ps.create_type("float32")).dtype == np.float32
    assert ps.create_array((np.int64(4), 5), np.dtype("int16")).dtype == np.int16
    assert ps.create_array((4, 5), ps.numeric_t).dtype == np.float64
    assert ps.create_array((0, 5)).size == 0


def test_rows_are_padded_to_lines():
    array = ps.create_array((20, 101))
    assert array.strides == (13 * 64, 8)
    assert (address(array) + 8) % 64 == 0  # the first cell behind one ghost layer
    assert address(ps.create_array((20, 101), ghost_layers=0)) % 64 == 0
    assert (address(ps.create_array((20, 201), "float32", ghost_layers=3)) + 12) % 64 == 0
    # Short rows would waste more than they gain.
    assert ps.create_array((20, 33)).strides == (33 * 8, 8)


def test_components_are_at_different_places_of_their_pages():
    array = ps.create_array((16, 16, 16, 19), layout="fzyx", index_dimensions=1)
    assert array.strides[:3] == (8, 16 * 8, 16 * 16 * 8)
    places = {(address(array) + i * array.strides[3]) % 4096 // 64 for i in range(19)}
    assert len(places) == 19


def test_no_padding_is_contiguous():
    assert ps.create_array((20, 101), padding="none").flags.c_contiguous
    assert ps.create_array((20, 101), layout="f", padding="none").flags.f_contiguous
    assert not ps.create_array((20, 101)).flags.c_contiguous


def test_lives_as_long_as_it_is_used():
    view = ps.create_array((50, 101))[1:-1, 1:-1]
    gc.collect()
    view[...] = 7
    assert view.sum() == 7 * view.size
    array = ps.create_array((50, 101))
    assert sys.getrefcount(array) == 2
    copy = np.array(array)
    assert copy.flags.c_contiguous


def test_kernels_run_on_them():
    u, v = ps.fields("u, v: double[2D]")
    kernel = ps.create_kernel(ps.Assignment(v[0, 0], (u[1, 0] + u[-1, 0] + u[0, 1] + u[0, -1]) / 4)).compile()
    values = np.random.default_rng(1).random((40, 101))
    a, b, expected = ps.create_array((40, 101)), ps.create_array((40, 101)), np.zeros((40, 101))
    a[...] = values
    kernel(u=a, v=b)
    kernel(u=values, v=expected)
    assert np.array_equal(b, expected)


def test_large_arrays_are_zero_on_any_number_of_threads():
    for threads in (1, 2, 5, None):
        array = ps.create_array((5, 1001, 1001), threads=threads)
        assert not array.any()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"shape": (2, -1)}, "argument-size"),
        ({"shape": (2**40, 2**40)}, "argument-size"),
        ({"shape": (2, 2.5)}, "argument-size"),
        ({"shape": "ab"}, "argument-size"),
        ({"shape": (1,) * 17}, "argument-rank"),
        ({"shape": (2, 2), "index_dimensions": 2}, "argument-rank"),
        ({"shape": (2, 2), "padding": True}, "argument-kind"),
        ({"shape": (2, 2), "threads": 0}, "argument-size"),
    ],
)
def test_refuses_what_cannot_be(arguments, code):
    with pytest.raises(ps.errors.ArgumentError) as caught:
        ps.create_array(**arguments)
    assert caught.value.code == code


def test_refuses_layouts_and_types_that_do_not_fit():
    with pytest.raises(ps.errors.FieldError):
        ps.create_array((2, 2), layout="diagonal")
    with pytest.raises(ps.errors.FieldError):
        ps.create_array((2, 2), layout=(0, 0))
    with pytest.raises(ps.errors.TypeMismatch):
        ps.create_array((2, 2), "complex128")
