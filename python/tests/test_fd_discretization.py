"""Discretised derivatives and equations, checked against closed forms."""

from itertools import product

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.fd import (
    Diff,
    Discretization2ndOrder,
    FiniteDifferenceStencilDerivation,
    advection,
    diff,
    diffusion,
    discretize_spatial,
    transient,
)

dx, dt, D = sp.symbols("dx dt D")
X = sp.symbols("x y z")
c1, d1 = ps.fields("c, d: [1D]")
c2, d2 = ps.fields("c, d: [2D]")
c3 = ps.fields("c: [3D]")
v2 = ps.fields("v(2): [2D]")

POINT = (0.3, 0.7, -0.4)


def value_at_point(expr, functions, h):
    """The value of a discretised expression where the fields are functions of X, at POINT."""
    values = {}
    for access in expr.atoms(ps.Field.Access):
        function = functions[access.field.name]
        function = function[access.index[0]] if access.index else function
        offsets = (*access.offsets, 0, 0)
        values[access] = function.subs({x: p + h * o for x, p, o in zip(X, POINT, offsets)})
    return float(expr.xreplace(values).subs(dx, h).evalf(30))


def exact_at_point(expr):
    return float(expr.subs(dict(zip(X, POINT))).evalf(30))


def convergence_order(expr, functions, exact, h=0.02):
    """The measured power of h in the error."""
    errors = [abs(value_at_point(expr, functions, step) - exact_at_point(exact)) for step in (h, h / 2)]
    return np.log2(errors[0] / errors[1])


u = sp.exp(X[0] / 2) * sp.sin(X[1] + X[0]) * sp.cos(X[2])
w = 2 + sp.sin(X[0] + 2 * X[1])
FUNCTIONS = {"c": u, "d": w, "v": (sp.sin(X[1]) + X[0], sp.exp(X[0] * X[1]))}


@pytest.mark.parametrize("stencil", ["standard", "isotropic"])
@pytest.mark.parametrize(
    "field, targets",
    [(c1, (0,)), (c1, (0, 0)), (c2, (1,)), (c2, (1, 1)), (c2, (0, 1)), (c3, (2,)), (c3, (2, 0)), (c3, (1, 1))],
)
def test_derivatives_converge_with_second_order(field, targets, stencil):
    expr = discretize_spatial(diff(field, *targets), dx, stencil)
    exact = u.diff(*[X[i] for i in targets])
    assert 1.9 < convergence_order(expr, FUNCTIONS, exact) < 2.1


@pytest.mark.parametrize("targets", [(0, 0, 0), (0, 0, 1), (1, 1, 1, 1), (0, 0, 1, 1)])
def test_higher_derivatives_converge_with_second_order(targets):
    expr = discretize_spatial(diff(c2, *targets), dx)
    exact = u.diff(*[X[i] for i in targets])
    assert 1.9 < convergence_order(expr, FUNCTIONS, exact, h=0.1) < 2.1


C, W, V = u, w, FUNCTIONS["v"]
gradient_squared = Diff(c2, 0) ** 2 + Diff(c2, 1) ** 2
CASES = [
    # derivatives of products, of fluxes, and of fluxes that depend on the gradient
    (Diff(c2[0, 0] * d2[0, 0], 0), (C * W).diff(X[0])),
    (diff(c2[0, 0] ** 2 + d2[0, 0], 1, 1), (C**2 + W).diff(X[1], X[1])),
    (Diff(d2[0, 0] * Diff(c2, 0), 0), (W * C.diff(X[0])).diff(X[0])),
    (Diff(d2[0, 0] ** 2 * Diff(c2, 1), 0), (W**2 * C.diff(X[1])).diff(X[0])),
    (Diff(Diff(d2[0, 0] * Diff(c2, 0), 0), 1), (W * C.diff(X[0])).diff(X[0], X[1])),
    (Diff(d2[0, 0] * diff(c2, 0, 0), 0), (W * C.diff(X[0], X[0])).diff(X[0])),
    (
        Diff(Diff(c2, 0) / sp.sqrt(1 + gradient_squared), 0),
        (C.diff(X[0]) / sp.sqrt(1 + C.diff(X[0]) ** 2 + C.diff(X[1]) ** 2)).diff(X[0]),
    ),
    (
        Diff(d2[0, 0] * Diff(c2, 0) / (c2[0, 0] + 3 + gradient_squared) + c2[0, 0], 0),
        (W * C.diff(X[0]) / (C + 3 + C.diff(X[0]) ** 2 + C.diff(X[1]) ** 2) + C).diff(X[0]),
    ),
    (diffusion(c2, d2), (W * C.diff(X[0])).diff(X[0]) + (W * C.diff(X[1])).diff(X[1])),
    (
        diffusion(c2, sp.Matrix([[2, d2[0, 0]], [d2[0, 0], c2[0, 0]]])),
        (2 * C.diff(X[0]) + W * C.diff(X[1])).diff(X[0]) + (W * C.diff(X[0]) + C * C.diff(X[1])).diff(X[1]),
    ),
    (advection(c2, v2), (C * V[0]).diff(X[0]) + (C * V[1]).diff(X[1])),
    (advection(c2, [d2[0, 0], 3]), (C * W).diff(X[0]) + 3 * C.diff(X[1])),
]


@pytest.mark.parametrize("expr, exact", CASES, ids=lambda case: str(case)[:40])
def test_fluxes_converge_with_second_order(expr, exact):
    assert 1.9 < convergence_order(discretize_spatial(expr, dx), FUNCTIONS, exact) < 2.1


def test_weights():
    assert sp.expand(discretize_spatial(Diff(c1, 0), dx) * 2 * dx) == c1[1] - c1[-1]
    assert sp.expand(discretize_spatial(diff(c1, 0, 0), dx) * dx**2) == c1[1] - 2 * c1[0] + c1[-1]
    assert sp.expand(discretize_spatial(diff(c1, 0, 0, 0, 0), 1)) == c1[2] - 4 * c1[1] + 6 * c1[0] - 4 * c1[-1] + c1[-2]
    assert discretize_spatial(Diff(c1[1], 0), 1) == c1[2] / 2 - c1[0] / 2
    laplacian = discretize_spatial(diff(c2, 0, 0) + diff(c2, 1, 1), 1, "isotropic")
    first = discretize_spatial(Diff(c2, 0), 1, "isotropic")
    for i, j in product((-1, 0, 1), repeat=2):
        assert 6 * sp.expand(laplacian).coeff(c2[i, j]) == {0: -20, 1: 4, 2: 1}[abs(i) + abs(j)]
        assert 12 * sp.expand(first).coeff(c2[i, j]) == i * (4 - 3 * abs(j))


@pytest.mark.parametrize("targets", [(0,), (2,), (0, 0), (0, 2), (1, 2)])
def test_isotropic_differences_are_those_of_the_derivation(targets):
    stencil = [tuple(offset) for offset in np.ndindex(3, 3, 3)]
    stencil = [tuple(o - 1 for o in offset) for offset in stencil]
    derived = FiniteDifferenceStencilDerivation(targets, stencil).get_stencil(isotropic=True)
    assert sp.expand(discretize_spatial(diff(c3, *targets), 1, "isotropic") - derived.apply(c3)) == 0


def test_varying_coefficient_is_averaged_at_the_faces():
    expected = ((d1[0] + d1[1]) * (c1[1] - c1[0]) - (d1[-1] + d1[0]) * (c1[0] - c1[-1])) / (2 * dx**2)
    assert sp.expand(discretize_spatial(diffusion(c1, d1), dx) - expected) == 0


@pytest.mark.parametrize("coefficient", [d2[0, 0], c2[0, 0] ** 2, sp.Matrix([[1, d2[0, 0]], [c2[0, 0], 2]])], ids=str)
def test_diffusion_and_advection_conserve_the_sum(coefficient):
    rhs = discretize_spatial(diffusion(c2, coefficient) - advection(c2, v2), 1)
    n = 6
    random = np.random.default_rng(1)
    arrays = {"c": random.random((n, n)), "d": random.random((n, n)), "v": random.random((n, n, 2))}
    accesses = sorted(rhs.atoms(ps.Field.Access), key=str)
    rolled = [np.roll(arrays[a.field.name][(..., *a.index)], [-o for o in a.offsets], axis=(0, 1)) for a in accesses]
    change = sp.lambdify(accesses, rhs, "numpy")(*rolled)
    assert np.abs(change).max() > 0.1
    assert abs(change.sum()) < 1e-11


def test_distance_per_dimension():
    expr = discretize_spatial(diff(c2, 0, 1) + diff(c2, 1, 1), (2, 3))
    expected = (c2[1, 1] - c2[-1, 1] - c2[1, -1] + c2[-1, -1]) / 24 + (c2[0, 1] - 2 * c2[0, 0] + c2[0, -1]) / 9
    assert sp.expand(expr - expected) == 0
    with pytest.raises(ps.errors.UnsupportedError, match="same distance"):
        discretize_spatial(diff(c2, 0, 1), (2, 3), "isotropic")
    with pytest.raises(ps.errors.ExpressionError, match="2 entries"):
        discretize_spatial(Diff(c3, 2), (2, 3))


def test_coordinates_move_along():
    expr = Diff(ps.tcast.as_numeric(ps.x_) ** 2 * c1[0], 0)
    left, right = (ps.tcast.as_numeric(ps.x_ + o) ** 2 * c1[o] for o in (-1, 1))
    assert discretize_spatial(expr, 1) == right / 2 - left / 2


def test_symbols_are_constants():
    assert discretize_spatial(Diff(D * c1[0] + D + 3, 0), 1) == D * discretize_spatial(Diff(c1, 0), 1)


def test_lists_matrices_assignments_and_collections():
    laplacian = diff(c1, 0, 0)
    expected = discretize_spatial(laplacian, dx)
    assert discretize_spatial([laplacian, 1], dx) == [expected, 1]
    assert discretize_spatial(sp.Matrix([laplacian]), dx) == sp.Matrix([expected])
    assert discretize_spatial(ps.Assignment(d1[0], laplacian), dx) == ps.Assignment(d1[0], expected)
    flux, scaled = sp.symbols("flux scaled")
    collection = ps.AssignmentCollection(
        [ps.Assignment(d1[0], Diff(scaled, 0) + flux)],
        [ps.Assignment(flux, Diff(c1, 0)), ps.Assignment(scaled, 2 * flux)],
    )
    result = discretize_spatial(collection, 1)
    assert not any(a.rhs.has(Diff) for a in result.all_assignments)
    main = result.main_assignments[0].rhs
    # A sub-expression inside a derivative depends on the place, and is no constant.
    assert sp.expand(main - flux - 2 * (c1[1] - 2 * c1[0] + c1[-1])) == 0
    assert result.subexpressions_dict[flux] == c1[1] / 2 - c1[-1] / 2


def test_symbols_that_a_list_of_assignments_defines_are_no_constants():
    flux = sp.Symbol("flux")
    defined = [ps.Assignment(flux, D * c1[0]), ps.Assignment(d1[0], Diff(flux * c1[0], 0))]
    result = discretize_spatial(defined, 1)
    assert result[0] == defined[0]
    assert sp.expand(result[1].rhs - D * (c1[1] ** 2 - c1[-1] ** 2) / 2) == 0
    in_collection = discretize_spatial(ps.AssignmentCollection(defined), 1)
    assert in_collection.main_assignments == discretize_spatial(defined, 1)


def test_errors_of_derivatives_in_space():
    with pytest.raises(ps.errors.ExpressionError, match="depends on no field"):
        discretize_spatial(Diff(D, 0), dx)
    with pytest.raises(ps.errors.ExpressionError, match="no dimension"):
        discretize_spatial(Diff(c1, D), dx)
    with pytest.raises(ps.errors.ExpressionError, match="dimension 1"):
        discretize_spatial(Diff(c1, 1), dx)
    with pytest.raises(ps.errors.ExpressionError, match="no stencil"):
        discretize_spatial(Diff(c1, 0), dx, "best")
    with pytest.raises(ps.errors.UnsupportedError, match="isotropic"):
        discretize_spatial(diff(c1, 0, 0, 0), dx, "isotropic")
    with pytest.raises(ps.errors.UnsupportedError, match="isotropic"):
        discretize_spatial(diffusion(c2, d2), dx, "isotropic")


# -- equations in time -------------------------------------------------------------------------------------------------


def test_step_of_the_heat_equation():
    step = Discretization2ndOrder(dx, dt)(transient(c1) - diffusion(c1, D))
    assert sp.expand(step - (c1[0] + dt * D * (c1[1] - 2 * c1[0] + c1[-1]) / dx**2)) == 0
    assert Discretization2ndOrder()(transient(c1) - diffusion(c1, D)) == step
    halved = Discretization2ndOrder(dx, dt)(2 * transient(c1) - diffusion(c1, D))
    assert sp.expand(halved - step.subs(D, D / 2)) == 0
    assert Discretization2ndOrder(dx, dt)(Diff(c1, 0)) == discretize_spatial(Diff(c1, 0), dx)


def test_equations_in_collections():
    equation = transient(c1) - diffusion(c1, D)
    discretize = Discretization2ndOrder(dx, dt)
    collection = discretize(ps.AssignmentCollection([ps.Assignment(d1[0], equation)]))
    assert collection.main_assignments == [ps.Assignment(d1[0], discretize(equation))]


def test_values_of_vector_fields():
    assert transient(v2, idx=1) == transient(v2(1))
    assert diffusion(v2, D, idx=0) == diffusion(v2(0), D)
    assert advection(v2, v2, idx=0) == advection(v2(0), v2)


def test_errors_of_equations():
    discretize = Discretization2ndOrder(dx, dt)
    with pytest.raises(ps.errors.UnsupportedError, match="one time derivative"):
        discretize(transient(c1) + transient(d1))
    with pytest.raises(ps.errors.ExpressionError, match="not linear"):
        discretize(transient(c1) ** 2 - diffusion(c1, D))
    with pytest.raises(ps.errors.ExpressionError, match="not linear"):
        discretize(Diff(transient(c1), 0))
    with pytest.raises(ps.errors.FieldError, match="several values"):
        transient(v2)
    with pytest.raises(ps.errors.ExpressionError, match="neither a field nor an access"):
        transient(D)
    with pytest.raises(ps.errors.ExpressionError, match="components"):
        advection(c1, v2)
    with pytest.raises(ps.errors.ExpressionError, match="shape"):
        diffusion(c1, sp.eye(2))


def test_sine_mode_of_the_heat_equation_decays_at_the_right_rate():
    # A mode sin(k x) is an eigenvector of the scheme; the continuous solution decays with exp(-D k^2 t).
    n, diffusivity, steps = 64, 0.7, 400
    h = 2 * np.pi / n
    step_size = 0.2 * h**2 / diffusivity
    c, d = ps.fields("c, d: [2D]")
    step = Discretization2ndOrder(dx=h, dt=step_size)(transient(c) - diffusion(c, diffusivity))
    kernel = ps.create_kernel(ps.Assignment(d[0, 0], step)).compile()
    x = np.arange(n + 2) * h
    old = np.sin(x)[:, None] * np.cos(2 * x)[None, :]
    start, new = old.copy(), old.copy()
    for _ in range(steps):
        kernel(c=old, d=new)
        old, new = new, old
        for layer, source in ((0, -2), (-1, 1)):
            old[layer, :] = old[source, :]
            old[:, layer] = old[:, source]
    amplitude = np.vdot(start[1:-1, 1:-1], old[1:-1, 1:-1]) / np.vdot(start[1:-1, 1:-1], start[1:-1, 1:-1])
    assert np.abs(old - amplitude * start).max() < 1e-12
    of_scheme = (1 - step_size * diffusivity * 4 / h**2 * (np.sin(h / 2) ** 2 + np.sin(h) ** 2)) ** steps
    assert amplitude == pytest.approx(of_scheme, rel=1e-12)
    rate = -np.log(amplitude) / (steps * step_size)
    assert rate == pytest.approx(diffusivity * (1 + 4), rel=3e-3)
