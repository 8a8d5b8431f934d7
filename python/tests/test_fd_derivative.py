"""The rules of calculus for unevaluated derivatives, checked against SymPy's own derivatives."""

import pickle

import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.fd import (
    Diff,
    DiffOperator,
    collect_diffs,
    diff,
    diff_terms,
    evaluate_diffs,
    expand_diff_full,
    expand_diff_linear,
    expand_diff_products,
    functional_derivative,
    normalize_diff_order,
    zero_diffs,
)

a, b, c, x, y = sp.symbols("a b c x y")
f, g = ps.fields("f, g: [2D]")


def truth(expr):
    """What the expression means if a, b and c are functions of x and y, and dimension 0 is x, 1 is y."""
    functions = {a: sp.Function("a")(x, y), b: sp.Function("b")(x, y), c: sp.Function("c")(x, y)}
    expr = expr.xreplace(functions)
    while expr.has(Diff):
        inner = next(d for d in expr.atoms(Diff) if not d.arg.has(Diff))
        expr = expr.xreplace({inner: inner.arg.diff((x, y)[int(inner.target)])})
    return sp.expand(expr.doit())


SAMPLES = [
    Diff(a * b, 0),
    Diff(a**2 * b / c, 0),
    Diff(sp.sqrt(1 + a**2), 1),
    Diff(sp.exp(a) * sp.sin(b), 0),
    Diff(a * Diff(b, 0), 0),
    Diff(Diff(a * b, 0), 1),
    Diff(Diff(a * b * c, 0) ** 2, 1),
    3 * Diff(2 * a + b * c, 0) ** 2 - a * Diff(Diff(a**3, 1), 1),
    Diff(a ** sp.Rational(1, 3), 0),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
@pytest.mark.parametrize(
    "rule", [expand_diff_full, expand_diff_products, expand_diff_linear, collect_diffs, normalize_diff_order]
)
def test_rules_do_not_change_the_meaning(rule, sample):
    assert sp.simplify(truth(rule(sample)) - truth(sample)) == 0


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_after_full_expansion_only_symbols_are_differentiated(sample):
    for derivative in expand_diff_full(sample).atoms(Diff):
        assert isinstance(derivative.arg, (sp.Symbol, Diff))


def test_arguments_of_derivatives():
    d = Diff(f, 0)
    assert d.arg == f[0, 0] and d.target == 0 and d == diff(f[0, 0], 0)
    assert diff(f, 0, 1) == Diff(Diff(f[0, 0], 1), 0)
    assert diff(f) == f[0, 0]
    assert Diff(7, 0) == 0 and Diff(sp.pi, 0) == 0
    assert diff(f, 0, 1).get_arg_recursive() == f[0, 0]
    assert diff(f, 0, 1).change_arg_recursive(g[0, 0]) == diff(g, 0, 1)
    assert Diff(a, 0, 1) != Diff(a, 0, 2)
    assert pickle.loads(pickle.dumps(d)) == d
    with pytest.raises(ps.errors.FieldError):
        Diff(ps.fields("v(2): [2D]"), 0)


def test_text_and_formula():
    assert str(Diff(f, 0)) == "Diff(f[0,0], 0)"
    assert str(Diff(a)) == "Diff(a)"
    assert str(Diff(a, x, 1)) == "Diff(a, x, 1)"
    assert sp.latex(Diff(a, 0)) == r"{\partial_{0} a}"
    assert sp.latex(Diff(a + b, x, 2)) == r"{\partial_{x}^{(2)} \left(a + b\right)}"


def test_constants_come_out():
    expr = Diff(a * b + 3 * c, 0)
    assert expand_diff_linear(expr) == Diff(a * b, 0) + 3 * Diff(c, 0)
    assert expand_diff_linear(expr, constants=[a]) == a * Diff(b, 0) + 3 * Diff(c, 0)
    assert expand_diff_linear(expr, functions=[c]) == 3 * Diff(c, 0)
    assert expand_diff_linear(Diff(a * f[0, 0], 0), functions=[f]) == a * Diff(f, 0)
    assert expand_diff_full(Diff(a * f[0, 0] ** 2, 0), functions=[f[0, 0]]) == 2 * a * f[0, 0] * Diff(f, 0)
    assert expand_diff_full(Diff(a**2, 0), constants=[a]) == 0
    with pytest.raises(ps.errors.ExpressionError, match="Both functions and constants"):
        expand_diff_linear(expr, functions=[a], constants=[b])


def test_order_of_nested_derivatives():
    assert normalize_diff_order(diff(a, 2, 0, 1)) == diff(a, 0, 1, 2)
    assert normalize_diff_order(diff(a, x, 0)) == diff(a, 0, x)
    assert normalize_diff_order(diff(a, 0, 1) - diff(a, 1, 0)) == 0
    assert normalize_diff_order(diff(b * a, 1, 0), constants=[b]) == b * diff(a, 0, 1)
    assert normalize_diff_order(diff(a, 0, 1), sort_key=lambda target: -target) == diff(a, 1, 0)


def test_collecting():
    assert collect_diffs(a * Diff(c, 0) + b * Diff(c, 0) + 1) == (a + b) * Diff(c, 0) + 1
    assert collect_diffs((a + Diff(c, 0)) * Diff(c, 0) - a * Diff(c, 0)) == Diff(c, 0) ** 2


def test_terms_and_zero():
    nested = diff(a, 0, 1)
    expr = b * nested + sp.sin(Diff(c, 1)) + 4
    assert diff_terms(expr) == {nested, Diff(c, 1)}
    assert zero_diffs(expr, 1) == 4
    assert zero_diffs(expr, 0) == sp.sin(Diff(c, 1)) + 4
    assert zero_diffs(Diff(a, x) + b, x) == b


def test_evaluation():
    assert evaluate_diffs(Diff(x**3, x) + Diff(sp.sin(x), x)) == 3 * x**2 + sp.cos(x)
    assert evaluate_diffs(Diff(Diff(x**3)), x) == 6 * x
    with pytest.raises(ps.errors.ExpressionError, match="no symbol"):
        evaluate_diffs(Diff(x**3, 0))


def test_operators():
    dx, dy = DiffOperator(0), DiffOperator(1)
    assert DiffOperator.apply(dx**2 + dy**2, f) == diff(f, 0, 0) + diff(f, 1, 1)
    assert DiffOperator.apply((dx + a) * dy, c) == diff(c, 0, 1) + a * Diff(c, 1)
    assert DiffOperator.apply(dx + a, c, apply_to_constants=False) == Diff(c, 0) + a
    with pytest.raises(ps.errors.ExpressionError, match="no polynomial"):
        DiffOperator.apply(sp.sin(dx), c)
    with pytest.raises(ps.errors.ExpressionError, match="no polynomial"):
        DiffOperator.apply(1 / dx, c)


def euler_lagrange(density, variables):
    """SymPy's own functional derivative of a density of c(x, y)."""
    from sympy.calculus.euler import euler_equations

    function = sp.Function("c")(x, y)
    return euler_equations(density, [function], variables)[0].lhs.doit()


@pytest.mark.parametrize(
    "density",
    [
        c**2 * (1 - c) ** 2,
        Diff(c, 0) ** 2 / 2,
        x * Diff(c, 0) ** 2 + Diff(c, 1) ** 2 * c,
        (1 + Diff(c, 0) ** 2 + Diff(c, 1) ** 2) ** 2 / (1 + c**2),
        diff(c, 0, 0) ** 2 * c + diff(c, 0, 1) * diff(c, 1, 0),
        Diff(c**2, 0) ** 2,
    ],
    ids=str,
)
def test_functional_derivative_is_that_of_euler_lagrange(density):
    expected = euler_lagrange(truth(density), [x, y])
    assert sp.simplify(truth(functional_derivative(density, c)) - expected) == 0


def test_chemical_potential_of_a_field():
    kappa = sp.Symbol("kappa")
    energy = f[0, 0] ** 2 + kappa / 2 * (Diff(f, 0) ** 2 + Diff(f, 1) ** 2)
    potential = functional_derivative(energy, f)
    expected = 2 * f[0, 0] - kappa * diff(f, 0, 0) - kappa * diff(f, 1, 1)
    assert expand_diff_full(potential, functions=[f]) == expected
