"""Symbols, coordinates, defaults, and helpers for expressions."""

import dataclasses
import doctest
import importlib
import pickle

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import sympyextensions as se
from cppstencils.errors import ExpressionError

a, b, c, d, n, x, y = sp.symbols("a b c d n x y")
f, g = ps.fields("f, g: [2D]")


# -- symbols -----------------------------------------------------------------------------------------------------------


def test_symbols():
    p, q = ps.symbols("p, q", "float32")
    assert isinstance(p, ps.TypedSymbol) and p.dtype == ps.create_type("float32") and p.name == "p" and q.name == "q"
    assert ps.symbols("p q") == sp.symbols("p q")
    assert ps.symbols("i", positive=True).is_positive
    assert ps.typed_symbols("i", int).is_integer
    assert [s.name for s in ps.typed_symbols("i:3", ps.index_t)] == ["i0", "i1", "i2"]
    assert ps.symbols("p", ps.numeric_t).dtype is ps.DynamicType.NUMERIC_TYPE
    with pytest.raises(ps.errors.TypeMismatch):
        ps.symbols("p", "complex")
    with pytest.raises(ps.errors.TypeMismatch):
        ps.typed_symbols("p", None)


def test_symbol_creator():
    s = ps.SymbolCreator()
    assert s.flux == sp.Symbol("flux") and s._hidden == sp.Symbol("_hidden")
    for protocol in ("__array__", "_repr_html_", "_ipython_display_"):
        assert not hasattr(s, protocol)
    with pytest.raises(AttributeError):
        s.flux = 3


def test_coordinates():
    assert [ps.x_, ps.y_, ps.z_] == list(ps.x_vector(3))
    assert ps.x_vector(4)[3].dimension == 3
    assert pickle.loads(pickle.dumps(ps.y_)) == ps.y_
    for wrong in (0, 5, "2"):
        with pytest.raises(ExpressionError):
            ps.x_vector(wrong)


def test_coordinates_in_kernels():
    out = np.zeros((3, 4))
    rhs = 10 * ps.tcast.as_numeric(ps.x_) + ps.tcast.as_numeric(ps.y_)
    ps.create_kernel(ps.Assignment(f[0, 0], rhs)).compile()(f=out)
    assert (out == 10 * np.arange(3)[:, None] + np.arange(4)).all()


def test_defaults():
    assert ps.DEFAULTS.numeric_dtype == ps.CreateKernelConfig().default_dtype
    assert ps.DEFAULTS.index_dtype == ps.CreateKernelConfig().index_dtype
    assert ps.DEFAULTS.spatial_counters == (ps.x_, ps.y_, ps.z_)
    assert ps.DEFAULTS.spatial_counter_names == ("ctr_0", "ctr_1", "ctr_2")
    with pytest.raises(dataclasses.FrozenInstanceError):
        ps.DEFAULTS.numeric_dtype = None


# -- counting ----------------------------------------------------------------------------------------------------------

COUNTS = [
    (sp.Integer(3), {}),
    (a, {}),
    (a + b - c, {"adds": 2}),
    (-a, {}),
    (-a * b, {"muls": 1}),
    (a * b * c, {"muls": 2}),
    (3 * a, {"muls": 1}),
    (a / 3, {"muls": 1}),
    (a / b, {"divs": 1}),
    (1 / b, {"divs": 1}),
    (a * c / (b * d), {"muls": 2, "divs": 1}),
    (a**2, {"muls": 1}),
    (a**5, {"muls": 3}),
    (a / b**2, {"muls": 1, "divs": 1}),
    (b**-3, {"muls": 2, "divs": 1}),
    (sp.sqrt(a), {"sqrts": 1}),
    (a ** sp.Rational(3, 2), {"sqrts": 1, "muls": 1}),
    (c / sp.sqrt(a), {"sqrts": 1, "divs": 1}),
    (a**b, {"pows": 1}),
    (a ** sp.Rational(1, 3), {"pows": 1}),
    (sp.exp(a * b), {"muls": 1, "functions": 1}),
    (sp.Max(a, b, c), {"functions": 2}),
    (sp.Piecewise((a, (a < b) & (c > 2)), (b + c, True)), {"selects": 1, "comparisons": 3, "adds": 1}),
    (ps.tcast(ps.x_ + 1, "float64"), {"adds": 1}),
    (f[1, 0] * f[0, 0] + f[1, 0], {"muls": 1, "adds": 1}),
    ([a + b, a * b], {"adds": 1, "muls": 1}),
    (sp.Matrix([a + b, a * b]), {"adds": 1, "muls": 1}),
    (ps.Assignment(g[0, 0], a + b), {"adds": 1}),
]


@pytest.mark.parametrize("term, expected", COUNTS, ids=lambda case: str(case)[:40])
def test_operations_are_counted(term, expected):
    counts = se.count_operations(term)
    assert {key: value for key, value in counts.items() if value} == expected
    assert list(counts) == ["adds", "muls", "divs", "sqrts", "pows", "functions", "comparisons", "selects"]


def test_operations_of_collections():
    collection = ps.AssignmentCollection([ps.Assignment(g[0, 0], n * b)], [ps.Assignment(n, a + b)])
    assert collection.operation_count == se.count_operations(collection)
    assert (collection.operation_count["adds"], collection.operation_count["muls"]) == (1, 1)


# -- rewriting ---------------------------------------------------------------------------------------------------------


def test_fast_substitution():
    assert se.fast_subs(a * b + c, {a * b: d}) == c + d
    assert se.fast_subs(a + b + c, {a + b: d}) == a + b + c
    assert se.fast_subs(a + b, {a: b, b: a}) == a + b
    assert se.fast_subs(sp.Matrix([a, b]), {a: 1}) == sp.Matrix([1, b])
    assert se.fast_subs(sp.sin(a) + a, {a: b}, skip=lambda e: isinstance(e, sp.sin)) == sp.sin(a) + b
    assert se.fast_subs(ps.Assignment(g[0, 0], a), {a: b}) == ps.Assignment(g[0, 0], b)


def test_collecting():
    expr = a * b + a * c + b * d + a * b * c
    assert se.recursive_collect(expr, [a, b]) == a * (b * (c + 1) + c) + b * d
    assert se.recursive_collect(expr, [b, a]) == a * c + b * (a * (c + 1) + d)
    assert se.recursive_collect(a * b + b * c + b * d, [a, b], order_by_occurences=True) == b * (a + c + d)
    assert se.recursive_collect(expr, []) == expr


def test_completing_the_square():
    expr, (variable, value) = se.complete_the_square(2 * a**2 + 2 * a * b + c, a, n)
    assert expr == 2 * n**2 - b**2 / 2 + c and (variable, value) == (n, a + b / 2)
    assert sp.expand(expr.subs(variable, value)) == 2 * a**2 + 2 * a * b + c
    assert se.complete_the_square(a * b + c, a, n) == (a * b + c, None)
    assert se.complete_the_square(sp.sin(a) + a**2, a, n) == (sp.sin(a) + a**2, None)


def test_dropping_terms():
    expr = 1 + a + a * b + b**3 + c**5 + a**2 * b * c + a**2 * b**2
    assert se.remove_higher_order_terms(expr, [a, b]) == 1 + a + a * b + b**3 + c**5 + a**2 * b * c
    assert se.remove_higher_order_terms((1 + a) ** 9, [a], 1) == 1 + 9 * a
    with pytest.raises(ExpressionError, match="no polynomial"):
        se.remove_higher_order_terms(sp.sin(a), [a])
    assert se.remove_small_floats(1e-18 * a + 0.5 * b + c / 10**20, 1e-10) == 0.5 * b + c / 10**20


def test_common_factor():
    assert se.extract_most_common_factor(2 * a + 2 * b - 2 * c) == (2, a + b - c)
    assert se.extract_most_common_factor(a / 3 + b / 3 + c) == (sp.Rational(1, 3), a + b + 3 * c)
    assert se.extract_most_common_factor(-a - b - 2 * c) == (1, -a - b - 2 * c)
    assert se.extract_most_common_factor(3 * a + 2 * b) == (2, 3 * a / 2 + b)


def test_symmetric_part():
    assert se.get_symmetric_part(a + a**2 + b**3 + a * b + c, [a, b]) == a**2 + a * b + c


def test_products_and_indices():
    assert se.scalar_product((a, b), (c, d)) == a * c + b * d
    with pytest.raises(ExpressionError, match="scalar product"):
        se.scalar_product((a, b), (c,))
    assert (se.kronecker_delta(1, 1, 1), se.kronecker_delta(1, 1, 2), se.kronecker_delta(a, a)) == (1, 0, 1)
    assert list(se.multidimensional_sum(2, dim=2)) == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize(
    "kind, place, expected", [("right", 1, [0, 0.5, 1]), ("left", 1, [1, 0.5, 0]), ("middle", (1, 3), [0, 0.5, 1])]
)
def test_smooth_steps(kind, place, expected):
    step = se.tanh_step_function_approximation(x, place, kind, steepness=0.05)
    assert [float(step.subs(x, value)) for value in (0, 1, 2)] == pytest.approx(expected, abs=1e-9)


def test_unknown_steps():
    with pytest.raises(ExpressionError, match="no kind"):
        se.tanh_step_function_approximation(x, 1, "up")


# -- the names that users look for -------------------------------------------------------------------------------------

TOP_LEVEL = """
    AUTO AddAugmentedAssignment Assignment AssignmentCollection CreateKernelConfig DEFAULTS DynamicType Field
    KernelConstraintsError SymbolCreator Target TypedSymbol assignment_from_stencil create_kernel create_numeric_type
    create_type fd fields get_code_str index_t inspect kernel kernel_config make_slice no_jit numeric_t show_code simp
    slicing stencil symbols sympyextensions tcast typed_symbols types x_ x_vector y_ z_
""".split()


def test_names_of_the_package():
    assert [name for name in TOP_LEVEL if not hasattr(ps, name)] == []


@pytest.mark.parametrize("module", [ps.fd, ps.simp, ps.sympyextensions], ids=lambda module: module.__name__)
def test_names_of_modules(module):
    assert sorted(set(module.__all__)) == sorted(module.__all__)
    assert all(getattr(module, name).__doc__ for name in module.__all__)


EXAMPLES = [
    "fd.derivation",
    "fd.derivative",
    "fd.finitedifferences",
    "kernel_decorator",
    "simp.simplificationstrategy",
    "sympyextensions.math",
    "sympyextensions.symbol_creation",
]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_in_docstrings(name):
    result = doctest.testmod(importlib.import_module(f"cppstencils.{name}"))
    assert result.attempted > 0 and result.failed == 0
