"""Stencils as offsets and directions, and slices of arrays. The tables are what pystencils 2.0 gives, too."""

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import make_slice, slicing, stencil
from cppstencils.errors import ConfigError, FieldError

f, g, v = ps.fields("f, g, v(2): double[2D]")
p = ps.fields("p: double[3D]")
ALL = slice(None)

DIRECTIONS = {
    "C": (0, 0, 0),
    "E": (1, 0, 0),
    "W": (-1, 0, 0),
    "N": (0, 1, 0),
    "T": (0, 0, 1),
    "SE": (1, -1, 0),
    "TSW": (-1, -1, 1),
    "BNE": (1, 1, -1),
    "2E": (2, 0, 0),
    "2N3W": (-3, 2, 0),
}


@pytest.mark.parametrize("name", DIRECTIONS)
def test_directions(name):
    offset = DIRECTIONS[name]
    assert stencil.offset_to_direction_string(offset) == name
    assert stencil.direction_string_to_offset(name) == offset
    assert p[name].offsets == offset
    inverse = stencil.inverse_direction_string(name)
    assert stencil.direction_string_to_offset(inverse) == stencil.inverse_direction(offset)
    if offset[2] == 0:
        assert stencil.direction_string_to_offset(name, dim=2) == offset[:2]
        assert stencil.offset_to_direction_string(offset[:2]) == name


def test_other_spellings():
    assert stencil.direction_string_to_offset("NN", 2) == (0, 2) == stencil.direction_string_to_offset(" 2N ", 2)
    assert stencil.direction_string_to_offset("EN", 2) == stencil.direction_string_to_offset("NE", 2)


@pytest.mark.parametrize(
    "name, dim", [("", 2), ("X", 2), ("T", 2), ("N", 1), ("n", 2), ("N2", 2), ("CE", 2), ("N E", 2)]
)
def test_no_directions(name, dim):
    with pytest.raises(FieldError, match=f"no direction '{name}'"):
        stencil.direction_string_to_offset(name, dim)


def test_properties():
    cross = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    assert stencil.is_valid(cross) and stencil.is_valid(cross, 1) and stencil.is_symmetric(cross)
    assert not stencil.is_valid([(1, 0), (1, 0, 0)]) and not stencil.is_valid([(1, 0), (2, 0)], 1)
    assert not stencil.is_valid([]) and not stencil.is_symmetric([(1, 0), (0, 0)])
    assert stencil.have_same_entries(cross, cross[::-1]) and not stencil.have_same_entries([(1, 0)], [(0, 1)])
    assert not stencil.have_same_entries([(1, 0), (1, 0)], [(1, 0)])
    assert stencil.adjacent_directions((1, 1)) == ((0, 1), (1, 0), (1, 1))
    assert stencil.adjacent_directions((1, 0, 0)) == ((1, 0, 0),)
    assert stencil.adjacent_directions((1, 0, -1)) == ((0, 0, -1), (1, 0, -1), (1, 0, 0))
    assert len(stencil.adjacent_directions((1, 1, 1))) == 7


def test_coefficients():
    expr = 3 * f[1, 0] - f[0, 1]
    assert stencil.coefficient_dict(expr) == (f.center, {(0, 1): -1, (1, 0): 3}, 0)
    assert stencil.coefficients(expr) == ([(0, 1), (1, 0)], [-1, 3])
    assert stencil.coefficient_list(expr) == [[0, 0, 0], [0, 0, 3], [0, -1, 0]]
    assert stencil.coefficient_list(expr, matrix_form=True) == sp.Matrix([[0, -1, 0], [0, 0, 3], [0, 0, 0]])
    assert stencil.coefficient_list(3 * f[2, 0] - f[0, 1])[1] == [0, 0, 0, 0, 3]
    one = ps.fields("f: double[1D]")
    assert stencil.coefficient_list(2 * one[1] - one[-1]) == [-1, 0, 2]
    assert stencil.coefficient_list(2 * one[1], matrix_form=True) == sp.Matrix([0, 0, 2])
    solid = stencil.coefficient_list(3 * p[1, 0, 0] - p[0, 1, 0] + 5 * p[0, 0, 1])
    assert solid[2] == [[0, 0, 0], [0, 5, 0], [0, 0, 0]] and solid[1] == [[0, 0, 0], [0, 0, 3], [0, -1, 0]]
    planes = stencil.coefficient_list(3 * p[1, 0, 0] - p[0, 1, 0] + 5 * p[0, 0, 1], matrix_form=True)
    assert planes[1] == sp.Matrix([[0, -1, 0], [0, 0, 3], [0, 0, 0]]) and len(planes) == 3
    h = sp.Symbol("h")
    assert stencil.coefficient_dict(h * (v[1, 0](1) - v(1)))[1] == {(1, 0): h, (0, 0): -h}


def test_coefficients_of_what_is_no_weighted_sum():
    center, factors, rest = stencil.coefficient_dict(2 * v[1, 0](1) + v(1) ** 2 + sp.Symbol("x"))
    assert (center, factors, rest) == (v(1), {(1, 0): 2, (0, 0): 0}, v(1) ** 2 + sp.Symbol("x"))
    for expr in (f[1, 0] ** 2, f[0, 0] + 1, f[0, 0] * f[1, 0], sp.sin(f[0, 0])):
        with pytest.raises(FieldError, match="no weighted sum"):
            stencil.coefficients(expr)
    for expr in (f.center + g.center, v(0) + v(1), sp.Integer(0), sp.Symbol("x")):
        with pytest.raises(FieldError, match="one value of one field"):
            stencil.coefficient_dict(expr)


# -- slices ------------------------------------------------------------------------------------------------------------


def test_make_slice():
    assert make_slice[1:-1, 0] == (slice(1, -1), 0) and make_slice[::2] == (slice(None, None, 2),)


def test_normalize_slice():
    assert slicing.normalize_slice(make_slice[1:-1, 0.5, -1], (10, 20, 30)) == (slice(1, 9), 10, 29)
    assert slicing.normalize_slice(make_slice[:, 0.25:0.75, ::2], (10, 20, 30)) == (
        slice(0, 10),
        slice(5, 15),
        slice(0, 30, 2),
    )
    assert slicing.normalize_slice(make_slice[:-0.25], (10,)) == (slice(0, 8),)
    with pytest.raises(ConfigError, match="2 slices do not fit 1 dimensions"):
        slicing.normalize_slice(make_slice[1, 2], (3,))


@pytest.mark.parametrize("bounds", [(a, b) for a in (None, 0, 2, -3) for b in (None, 5, -1)])
def test_normalized_slices_select_the_same(bounds):
    array = np.arange(9)
    assert (array[slicing.normalize_slice(slice(*bounds), (9,))] == array[slice(*bounds)]).all()


def test_shift_and_intersection():
    assert slicing.shift_slice(make_slice[1:3, 2, :], [1, 2, 3]) == (slice(2, 4), 4, ALL)
    assert slicing.shift_slice(make_slice[1:3, 2], 5) == (slice(6, 8), 7)
    assert slicing.slice_intersection(make_slice[1:5, 2:3], make_slice[3:9, :]) == (slice(3, 5), slice(2, 3))
    assert slicing.slice_intersection(make_slice[1:5, 2], make_slice[2:9, 2]) == (slice(2, 5), slice(2, 3))
    assert slicing.slice_intersection(make_slice[1:5, 2], make_slice[5:9, 2]) is None


SIDES = {
    ("W", 2): (0, ALL),
    ("N", 2): (ALL, -1),
    ("TS", 3): (ALL, 0, -1),
    ("C", 2): (ALL, ALL),
}


@pytest.mark.parametrize("direction, dim", SIDES)
def test_sides(direction, dim):
    assert slicing.slice_from_direction(direction, dim) == SIDES[direction, dim]


def test_sides_with_offsets():
    assert slicing.slice_from_direction("E", 2, normal_offset=1) == (-2, ALL)
    assert slicing.slice_from_direction("W", 2, normal_offset=1) == (1, ALL)
    assert slicing.slice_from_direction("N", 2, tangential_offset=1) == (slice(1, -1), -1)


def test_ghost_slices():
    before, ghost = slicing.get_slice_before_ghost_layer, slicing.get_ghost_region_slice
    assert before((1, 0)) == (slice(-2, -1), slice(1, -1)) and before((1, 0), full_slice=True)[1] == ALL
    assert before((-1, 1), ghost_layers=2, thickness=1) == (slice(2, 3), slice(-3, -2))
    assert ghost((1, 0)) == (slice(-1, None), slice(1, -1))
    assert ghost((-1, 0), ghost_layers=2, thickness=1) == (slice(1, 2), slice(2, -2))
    assert ghost((1, 0), ghost_layers=2, thickness=1) == (slice(-2, -1), slice(2, -2))
    assert ghost((1, 1), ghost_layers=2, full_slice=True) == (slice(-2, None), slice(-2, None))


def test_periodic_pairs():
    assert slicing.get_periodic_boundary_src_dst_slices([(0, 0), (1, 0), (0, -1)]) == [
        ((slice(1, 2), slice(1, -1)), (slice(-1, None), slice(1, -1))),
        ((slice(1, -1), slice(-2, -1)), (slice(1, -1), slice(0, 1))),
    ]


@pytest.mark.parametrize("layers", [1, 2])
def test_periodic_boundaries(layers):
    inner = np.random.default_rng(2).random((6, 7))
    array = slicing.add_ghost_layers(inner, ghost_layers=layers)
    assert array.sum() == pytest.approx(inner.sum()) and (slicing.remove_ghost_layers(array, 0, layers) == inner).all()
    directions = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    slicing.get_periodic_boundary_functor(directions, layers)(array)
    assert (array == np.pad(inner, layers, mode="wrap")).all()


def test_ghost_layers_of_vectors():
    inner = np.ones((3, 4, 2), dtype=np.float32)
    array = slicing.add_ghost_layers(inner, index_dimensions=1, ghost_layers=2, layout="f")
    assert array.shape == (7, 8, 2) and array.dtype == np.float32 and array.flags.f_contiguous
    view = slicing.remove_ghost_layers(array, index_dimensions=1, ghost_layers=2)
    assert (view == inner).all() and view.base is array
    assert slicing.remove_ghost_layers(array, ghost_layers=0) is array
