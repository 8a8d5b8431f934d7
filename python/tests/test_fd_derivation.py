"""Weights of finite differences, checked against published tables."""

from itertools import product

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.fd import FiniteDifferenceStencilDerivation

R = sp.Rational


def weights(order, offsets):
    derivation = FiniteDifferenceStencilDerivation((0,) * order, [(offset,) for offset in offsets])
    return derivation.get_stencil()


# B. Fornberg, Generation of Finite Difference Formulas on Arbitrarily Spaced Grids, Math. Comp. 51 (1988), tables 1, 3.
FORNBERG = [
    # derivative, offsets, accuracy, weights
    (1, range(-1, 2), 2, [R(-1, 2), 0, R(1, 2)]),
    (1, range(-2, 3), 4, [R(1, 12), R(-2, 3), 0, R(2, 3), R(-1, 12)]),
    (1, range(-3, 4), 6, [R(-1, 60), R(3, 20), R(-3, 4), 0, R(3, 4), R(-3, 20), R(1, 60)]),
    (
        1,
        range(-4, 5),
        8,
        [R(1, 280), R(-4, 105), R(1, 5), R(-4, 5), 0, R(4, 5), R(-1, 5), R(4, 105), R(-1, 280)],
    ),
    (2, range(-1, 2), 2, [1, -2, 1]),
    (2, range(-2, 3), 4, [R(-1, 12), R(4, 3), R(-5, 2), R(4, 3), R(-1, 12)]),
    (2, range(-3, 4), 6, [R(1, 90), R(-3, 20), R(3, 2), R(-49, 18), R(3, 2), R(-3, 20), R(1, 90)]),
    (3, range(-2, 3), 2, [R(-1, 2), 1, 0, -1, R(1, 2)]),
    (3, range(-3, 4), 4, [R(1, 8), -1, R(13, 8), 0, R(-13, 8), 1, R(-1, 8)]),
    (4, range(-2, 3), 2, [1, -4, 6, -4, 1]),
    (4, range(-3, 4), 4, [R(-1, 6), 2, R(-13, 2), R(28, 3), R(-13, 2), 2, R(-1, 6)]),
    (1, range(0, 2), 1, [-1, 1]),
    (1, range(0, 3), 2, [R(-3, 2), 2, R(-1, 2)]),
    (1, range(0, 4), 3, [R(-11, 6), 3, R(-3, 2), R(1, 3)]),
    (2, range(0, 3), 1, [1, -2, 1]),
    (2, range(0, 4), 2, [2, -5, 4, -1]),
    (2, range(0, 5), 3, [R(35, 12), R(-26, 3), R(19, 2), R(-14, 3), R(11, 12)]),
    (3, range(0, 4), 1, [-1, 3, -3, 1]),
    (3, range(0, 5), 2, [R(-5, 2), 9, -12, 7, R(-3, 2)]),
    (4, range(0, 6), 2, [3, -14, 26, -24, 11, -2]),
]


@pytest.mark.parametrize("order, offsets, accuracy, expected", FORNBERG, ids=str)
def test_weights_of_fornberg(order, offsets, accuracy, expected):
    result = weights(order, offsets)
    assert result.weights == tuple(expected)
    assert result.accuracy == accuracy


D2Q9 = list(product((-1, 0, 1), repeat=2))
D3Q27 = list(product((-1, 0, 1), repeat=3))
D3Q19 = [offset for offset in D3Q27 if sum(map(abs, offset)) < 3]


def laplacian(stencil, dim):
    results = [FiniteDifferenceStencilDerivation((i, i), stencil).get_stencil(isotropic=True) for i in range(dim)]
    assert all(result.is_isotropic and result.accuracy == 2 for result in results)
    return sum((np.array(result) for result in results), 0)


def test_isotropic_laplacian_of_nine_points():
    # M. Patra, M. Karttunen, Stencils with isotropic discretization error for differential operators (2006).
    assert (laplacian(D2Q9, 2) * 6 == [[1, 4, 1], [4, -20, 4], [1, 4, 1]]).all()


def test_isotropic_laplacian_of_nineteen_points():
    # W. F. Spotz, G. F. Carey, A high-order compact formulation for the 3D Poisson equation (1996): -24, 2, 1 by 6.
    weights = laplacian(D3Q19, 3) * 6
    for offset in D3Q27:
        assert weights[tuple(o + 1 for o in offset)] == {0: -24, 1: 2, 2: 1, 3: 0}[sum(map(abs, offset))]


def test_isotropic_first_derivative():
    result = FiniteDifferenceStencilDerivation((0,), D2Q9).get_stencil(isotropic=True)
    assert (np.array(result) * 12 == [[-1, -4, -1], [0, 0, 0], [1, 4, 1]]).all()
    assert result.is_isotropic and result.accuracy == 2


def test_without_isotropy_the_weights_lie_on_the_axis():
    result = FiniteDifferenceStencilDerivation((0, 0), D2Q9).get_stencil()
    assert (np.array(result) == [[0, 1, 0], [0, -2, 0], [0, 1, 0]]).all()
    assert not result.is_isotropic
    mixed = FiniteDifferenceStencilDerivation((0, 1), D2Q9).get_stencil()
    assert (np.array(mixed) * 4 == [[1, 0, -1], [0, 0, 0], [-1, 0, 1]]).all()
    assert mixed.is_isotropic


@pytest.mark.parametrize("stencil, coordinates", [(D2Q9, (0, 1)), (D3Q19, (2,)), (D3Q27, (0, 2)), (D2Q9, (1, 1))])
@pytest.mark.parametrize("isotropic", [False, True])
def test_taylor_polynomials_are_differentiated_exactly(stencil, coordinates, isotropic):
    dim = len(stencil[0])
    variables = sp.symbols(f"x:{dim}")
    result = FiniteDifferenceStencilDerivation(coordinates, stencil).get_stencil(isotropic)
    for powers in product(range(3), repeat=dim):
        if sum(powers) < len(coordinates) + result.accuracy:
            polynomial = sp.prod(v**p for v, p in zip(variables, powers))
            expected = polynomial.diff(*[variables[i] for i in coordinates]).subs({v: 0 for v in variables})
            total = sum(
                w * polynomial.subs(dict(zip(variables, offset))) for w, offset in zip(result.weights, result.stencil)
            )
            assert total == expected


def test_distance_of_cells():
    dx = sp.Symbol("dx")
    result = FiniteDifferenceStencilDerivation((0, 0), [(-1,), (0,), (1,)], dx).get_stencil()
    assert result.weights == (1 / dx**2, -2 / dx**2, 1 / dx**2)


def test_application_to_fields():
    f = ps.fields("f: [1D]")
    result = FiniteDifferenceStencilDerivation((0, 0), [(-1,), (0,), (1,)]).get_stencil()
    assert result.apply(f) == f[1] - 2 * f[0] + f[-1]
    assert result.apply(f[2]) == f[3] - 2 * f[2] + f[1]
    assert result.as_array() == sp.Array([1, -2, 1])
    assert "accuracy=2" in repr(result)


def test_symmetries_and_given_weights():
    derivation = FiniteDifferenceStencilDerivation((0, 0), D2Q9)
    derivation.assume_symmetric(0)
    derivation.assume_symmetric(1)
    derivation.set_weight((1, 1), R(1, 12))
    # This weight alone decides for the isotropic one.
    assert derivation.get_stencil().weights == FiniteDifferenceStencilDerivation((0, 0), D2Q9).get_stencil(True).weights
    contradiction = FiniteDifferenceStencilDerivation((0,), [(-1,), (0,), (1,)])
    contradiction.assume_symmetric(0)
    with pytest.raises(ps.errors.ExpressionError, match="too few offsets"):
        contradiction.get_stencil()
    antisymmetric = FiniteDifferenceStencilDerivation((0,), [(-1,), (0,), (1,)])
    antisymmetric.assume_symmetric(0, anti_symmetric=True)
    assert antisymmetric.get_stencil().weights == (R(-1, 2), 0, R(1, 2))


def test_errors():
    with pytest.raises(ps.errors.ExpressionError, match="too few offsets"):
        FiniteDifferenceStencilDerivation((0, 0), [(0,), (1,)]).get_stencil()
    with pytest.raises(ps.errors.ExpressionError, match="cannot be isotropic"):
        FiniteDifferenceStencilDerivation((0,), [(0, 0), (1, 0), (-1, 0)]).get_stencil(isotropic=True)
    with pytest.raises(ps.errors.ExpressionError, match="different lengths"):
        FiniteDifferenceStencilDerivation((0,), [(0,), (1, 0)])
    with pytest.raises(ps.errors.ExpressionError, match="no derivative"):
        FiniteDifferenceStencilDerivation((1,), [(0,), (1,)])
    derivation = FiniteDifferenceStencilDerivation((0,), [(0,), (1,)])
    with pytest.raises(ps.errors.ExpressionError, match="Cannot set"):
        derivation.set_weight((2,), 1)
    derivation.set_weight((0,), 1)
    with pytest.raises(ps.errors.ExpressionError, match="contradict|too few"):
        derivation.get_stencil()
