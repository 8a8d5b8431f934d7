"""SymPy expressions as the engine reads and writes them: exactly, and nothing that kernels cannot evaluate."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import _core
from cppstencils.sympyextensions.typed_symbols import SpatialCounter

x, y, z = sp.symbols("x y z", real=True)
f, g = ps.fields("f, g: double[2D]")
v = ps.fields("v(3): double[2D]")

SAME = [
    sp.Integer(0),
    sp.Integer(-7),
    sp.Integer(2**63 - 1),
    sp.Integer(-(2**63)),
    sp.Rational(1, 3),
    sp.Rational(-(2**62), 2**62 - 1),
    sp.Float(0.1),
    sp.Float(-2.5),
    sp.Float(5e-324),
    sp.Float(1.7976931348623157e308),
    sp.oo,
    -sp.oo,
    sp.true,
    sp.false,
    x,
    sp.Symbol("n", integer=True, positive=True),
    sp.Dummy("d"),
    sp.Symbol(r"\rho"),
    ps.TypedSymbol("t", "int32"),
    ps.TypedSymbol("t", ps.DynamicType.NUMERIC_TYPE),
    SpatialCounter(1),
    f[1, -2],
    v[0, 1](2),
    x + y - 3 * z,
    x / 3 - y / 3,
    (x + y) / 4,
    (x + y) / 4 + z / 4 - x * y,
    -x - y,
    x * y / z,
    1 / x,
    sp.Rational(2, 3) / (x * y**2),
    x**2,
    x**-3,
    x**17,
    x ** sp.Rational(1, 2),
    x ** sp.Rational(-1, 2),
    x ** sp.Rational(3, 2),
    (x + y) ** sp.Rational(-5, 2),
    x ** sp.Rational(1, 3),
    x**y,
    x ** (-y),
    2**x,
    x**0.5,
    sp.sqrt(2),
    1 / sp.sqrt(3),
    sp.sqrt(x + 1) / y,
    *[function(x * y) for function in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh)],
    *[function(x) for function in (sp.asin, sp.acos, sp.atan, sp.Abs, sp.floor, sp.ceiling)],
    sp.atan2(x, y),
    sp.log(x, 2),
    sp.Min(x, y, z),
    sp.Max(x, 0, y),
    x < y,
    x <= y,
    x > y,
    x >= y,
    sp.Eq(x, y),
    sp.Ne(x, 2),
    sp.And(x > 0, y > 0, z > 0),
    sp.Or(x > 0, y > 0),
    sp.Not(sp.Or(x > 0, sp.And(y > 0, z > 1))),
    sp.Nand(x > 0, y > 0),
    sp.Piecewise((x, x > 0), (y, True)),
    sp.Piecewise((x, x > 0), (y, sp.And(y > 1, x < 2)), (z, sp.Eq(z, 0)), (1, True)),
    sp.Piecewise((sp.Piecewise((x, y > 0), (2, True)), x > 0), (y, True)),
    sp.ITE(x > 0, y > 0, z > 0),
    sp.Piecewise((1, sp.ITE(x > 0, y > 0, z > 0)), (0, True)),
    ps.tcast(f[0, 0], "int32"),
    ps.tcast(x + 1, "float32") * 2,
    x
    * ps.random.Philox("rng", "float64", 42, offsets=(ps.TypedSymbol("t", "int64") + 8,)).uniform(SpatialCounter(2))[1],
    sp.log(ps.random.Philox("rng", "float32", ps.TypedSymbol("t", "uint32")).uniform(3, 2)[3]),
    ps.random.Philox("rng", "uint32", 1, periodicity=(False, True), num_cells=(None, 64)).uniform(0)[2],
]


@pytest.mark.parametrize("expr", SAME, ids=str)
def test_comes_back_as_it_was(expr):
    assert _core.round_trip(expr) == expr


def test_casts_to_types_of_the_configuration_name_the_type():
    assert _core.round_trip(ps.tcast.as_numeric(x)) == ps.tcast(x, "float64")
    assert _core.round_trip(ps.tcast.as_index(x)) == ps.tcast(x, "int64")


WORTH = {
    "beyond 64 bits": (sp.Integer(3) ** 50, float(3**50)),
    "negative beyond 64 bits": (-(sp.Integer(7) ** 40), float(-(7**40))),
    "large numerator": (sp.Rational(3**50, 7), float(Fraction(3**50, 7))),
    "large denominator": (sp.Rational(1, 3**50), float(Fraction(1, 3**50))),
    "halfway between two, rounds to even": (sp.Integer(2**70 + 2**17), float(2**70 + 2**17)),
    "a subnormal quotient": (sp.Rational(7, 3 * 2**1073), float(Fraction(7, 3 * 2**1073))),
    "50 digits": (sp.Float("0.1", 50), 0.1),
    "50 digits, above halfway": (sp.Float("0.30000000000000001665334536937735", 50), 0.30000000000000004),
    "50 digits, subnormal": (sp.Float("2.47032822920623272089e-324", 30), 5e-324),
    "too small": (sp.Float("1e-400", 30), 0.0),
    "pi": (sp.pi, float(np.pi)),
    "e": (sp.E, float(np.e)),
    "golden ratio": (sp.GoldenRatio, 1.618033988749895),
    "Euler's constant": (sp.EulerGamma, 0.5772156649015329),
}


@pytest.mark.parametrize("name", WORTH)
def test_other_numbers_are_rounded_once(name):
    expr, value = WORTH[name]
    assert float(_core.to_text(expr)) == value
    out = np.zeros((1, 1))
    ps.create_kernel(ps.Assignment(g[0, 0], expr)).compile()(g=out)
    assert out[0, 0] == value


@pytest.mark.parametrize(
    "expr", [sp.Integer(10) ** 400, sp.Rational(10**400, 3), sp.Float("1e400", 20), sp.Integer(10) ** 5000]
)
def test_numbers_beyond_float64_are_refused(expr):
    with pytest.raises(ps.errors.ExpressionError, match="larger than any float64") as caught:
        _core.to_text(expr * x)
    assert caught.value.code == "number-overflow" and caught.value.hints


# What SymPy has written in its own way, and how a kernel computes it.
TEXTS = {
    (x + y) / 4: "1/4*(x + y)",
    x / 3 - y / 3: "1/3*(-y + x)",
    2 * x + 2 * y + z: "z + 2*(x + y)",
    x / 4 + y / 8 + z / 4: "1/4*(x + z) + 1/8*y",
    x - y: "x - y",
    x * y / z: "x*y/z",
    x / (y * z): "x/(y*z)",
    1 / x: "1/x",
    x**-2: "1/x**2",
    x ** sp.Rational(3, 2): "x*sqrt(x)",
    x ** sp.Rational(-1, 2): "1/sqrt(x)",
    sp.sign(x): "select(x > 0, 1, select(x < 0, -1, 0))",
    sp.Piecewise((x, x > 0), (y, True)): "select(x > 0, x, y)",
}


@pytest.mark.parametrize("expr", TEXTS, ids=str)
def test_order_of_operations(expr):
    symbols = {"x": 2, "y": 3, "z": 5}
    text = _core.to_text(expr)
    assert text.count("/") - text.count("1/") <= 1, f"more than one division in {text}"
    if "select" not in text:
        assert sp.simplify(sp.sympify(text).subs(symbols) - expr.subs({x: 2, y: 3, z: 5})) == 0
    assert text == TEXTS[expr]


def test_sign():
    values = np.array([[-2.0, -0.0, 0.0, 3.0, np.inf, -np.inf, 5e-324]])
    out = np.full_like(values, 9)
    ps.create_kernel(ps.Assignment(g[0, 0], sp.sign(f[0, 0]))).compile()(f=values, g=out)
    assert out.tolist() == np.sign(values).tolist()


h = sp.Function("h")
REFUSED = [
    sp.I,
    sp.I * x,
    sp.zoo,
    sp.nan,
    h(x),
    sp.Derivative(h(x), x),
    sp.Derivative(x**2, x),
    sp.Integral(x, (x, 0, y)),
    sp.Sum(x, (x, 0, 3)),
    sp.Product(x, (x, 1, 3)),
    sp.Limit(x, x, 0),
    sp.Subs(h(x), x, 1),
    sp.Mod(x, y),
    sp.Xor(x > 0, y > 0),
    sp.Implies(x > 0, y > 0),
    sp.Contains(x, sp.Interval(0, 1), evaluate=False),
    sp.Heaviside(x),
    sp.DiracDelta(x),
    sp.KroneckerDelta(x, y),
    sp.erf(x),
    sp.gamma(x),
    sp.frac(x),
    sp.acosh(x),
    sp.re(sp.Symbol("c")),
    sp.conjugate(sp.Symbol("c")),
    sp.IndexedBase("a")[0],
    sp.Matrix([x]),
    sp.ImmutableMatrix([[x, y]]),
    sp.MatrixSymbol("M", 2, 2)[0, 0],
    sp.Tuple(x, y),
    sp.FiniteSet(1, 2),
    sp.Interval(0, 1),
    sp.AccumBounds(0, 1),
    sp.Lambda(x, x),
    sp.Quaternion(1, 2, 3, 4),
    sp.Piecewise((x, x > 0)),
]


@pytest.mark.parametrize("expr", REFUSED, ids=str)
def test_what_kernels_cannot_evaluate_is_refused(expr):
    with pytest.raises(ps.errors.ExpressionError) as caught:
        _core.to_text(expr)
    assert caught.value.code == "invalid-expression"
    assert "'" in caught.value.message and caught.value.hints


def test_refused_inside_a_kernel_says_what_and_leaves_nothing_behind():
    with pytest.raises(ps.errors.ExpressionError, match=r"Derivative\(h\(f\[0,0\]\), f\[0,0\]\)"):
        ps.create_kernel(ps.Assignment(g[0, 0], 1 + sp.Derivative(h(f[0, 0]), f[0, 0])))
    assert "f[0,0]" in ps.create_kernel(ps.Assignment(g[0, 0], 1 + f[0, 0])).ir()


def test_long_expressions_are_cut_in_messages():
    deep = h(sum(sp.Symbol(f"größe_{i}") for i in range(200)))
    with pytest.raises(ps.errors.ExpressionError) as caught:
        _core.to_text(deep)
    assert len(caught.value.message) < 300 and "..." in caught.value.message


def test_deep_expressions_do_not_exhaust_the_stack():
    expr = x
    for _ in range(20_000):
        expr = sp.sin(expr, evaluate=False)
    with pytest.raises(ps.errors.ExpressionError, match="levels deep") as caught:
        _core.to_text(expr)
    assert caught.value.code == "expression-too-deep"
    while expr.args:  # a release of all levels at once would exhaust the stack of Python itself
        (expr,) = expr.args


def test_shared_parts_are_read_once():
    expr = f[0, 0]
    for _ in range(60):  # 2**60 paths, 180 nodes
        expr = sp.Mul(sp.sin(expr), sp.cos(expr), evaluate=False)
    assert ps.create_kernel(ps.Assignment(g[0, 0], expr)).ir().count("sin(") == 60


ODD = [
    r"\rho",
    "u_{0}",
    "Δt",
    "a b",
    "x'",
    "1x",
    "",
    " ",
    "a.b",
    "a\nb",
    "a\0b",
    "😀",
    *"double for class int template auto this new asm static register __builtin_trap main".split(),
    *"begin end begin0 i0 data strides arguments kernel v_x f_f t0 inf nan true false and or not".split(),
    *"select sqrt float64 bool cs_kernel_unit _x __x x__y".split(),
]


@pytest.mark.parametrize("jit", [ps.jit.LlvmJit(), ps.jit.InterpreterJit()], ids=["llvm", "interpreter"])
def test_symbols_of_any_name_are_arguments(jit):
    symbols = [sp.Symbol(name) for name in ODD]
    kernel = ps.create_kernel(ps.Assignment(g[0, 0], sp.Add(*[10 * (i + 1) * s for i, s in enumerate(symbols)])))
    assert {p.name for p in kernel.parameters} == {"g", *ODD}
    values = {name: float(i % 3) for i, name in enumerate(ODD)}
    out = np.zeros((1, 1))
    jit.compile(kernel)(g=out, **values)
    assert out[0, 0] == sum(10 * (i + 1) * values[name] for i, name in enumerate(ODD))


def test_the_host_compiler_takes_any_name(host_compiler):
    test_symbols_of_any_name_are_arguments(host_compiler)


def filled(expr, **arguments):
    """The value that a kernel gives a cell for an expression."""
    out = np.zeros((1, 1))
    ps.create_kernel(ps.Assignment(g[0, 0], expr)).compile()(g=out, **arguments)
    return out[0, 0]


def test_names_that_look_alike_stay_apart():
    a, b, c = map(sp.Symbol, ("a_b", "a b", "a-b"))
    assert filled(a + 10 * b + 100 * c, **{"a_b": 1.0, "a b": 2.0, "a-b": 3.0}) == 321
    # SymPy sorts the backslash before the letters: the symbol is met before the field.
    one = np.ones((1, 1))
    assert filled(sp.Symbol("\\f") + 10 * f[0, 0], f=one, **{"\\f": 2.0}) == 12
    made = [sp.Symbol("\\f"), sp.Symbol("f_1"), sp.Symbol("f_1 ")]
    total = sum(10**i * s for i, s in enumerate(made)) + 1000 * f[0, 0]
    assert filled(total, f=one, **{"\\f": 2.0, "f_1": 3.0, "f_1 ": 4.0}) == 1432


def test_dummies_are_unlike_all_others():
    d, e, plain, named = sp.Dummy("d"), sp.Dummy("d"), sp.Symbol("d"), sp.Symbol("d_0")
    expr = d + 10 * e + 100 * plain + 1000 * named
    assert _core.round_trip(expr) == expr
    kernel = ps.create_kernel(ps.Assignment(g[0, 0], expr))
    names = [p.name for p in kernel.parameters if p.role == "scalar"]
    assert len(set(names)) == 4 and {"d", "d_0"} < set(names)
    first, second = sorted(set(names) - {"d", "d_0"})
    out = np.zeros((1, 1))
    kernel.compile()(g=out, **{first: 1.0, second: 2.0, "d": 3.0, "d_0": 4.0})
    assert out[0, 0] in (4321.0, 4312.0)
    # As names of sub-expressions they need no name at all.
    collection = [ps.Assignment(d, 2), ps.Assignment(e, d + 1), ps.Assignment(g[0, 0], d * 10 + e)]
    ps.create_kernel(collection).compile()(g=out)
    assert out[0, 0] == 23


def test_made_names_are_no_names():
    rho = sp.Symbol(r"\rho")
    with pytest.raises(ps.errors.UnknownArgument, match="no parameter 'rho'") as caught:
        filled(rho, rho=1.0)
    assert r"'\rho'" in caught.value.hints[0]
    with pytest.raises(ps.errors.UnknownArgument):
        filled(rho, rho=1.0, **{r"\rho": 2.0})


def test_messages_call_symbols_as_the_user_does():
    rho = sp.Symbol(r"\rho")
    with pytest.raises(KeyError) as caught:
        filled(rho)
    for text in (caught.value.message, caught.value.hints[0], str(caught.value)):
        assert r"'\rho'" in text and "'rho'" not in text
    with pytest.raises(TypeError) as caught:
        filled(rho, **{r"\rho": np.ones(3)})
    assert r"'\rho'" in caught.value.message
    kernel = ps.create_kernel(ps.Assignment(g[0, 0], rho)).compile()
    with pytest.raises(TypeError, match=r"'\\rho'"):
        kernel.bind(g=np.zeros((1, 1)), **{r"\rho": "1"})
    with pytest.raises(ps.KernelConstraintsError, match=r"'\\rho' is defined twice"):
        ps.create_kernel([ps.Assignment(rho, 1), ps.Assignment(rho, 2), ps.Assignment(g[0, 0], rho)])


def test_symbols_of_one_name_are_one():
    plain, real = sp.Symbol("s"), sp.Symbol("s", real=True)
    assert plain != real
    assert filled(plain + 10 * real, s=2.0) == 22
    with pytest.raises(ps.errors.Error, match="'s'"):
        ps.create_kernel(ps.Assignment(g[0, 0], ps.TypedSymbol("s", "float64") + ps.TypedSymbol("s", "float32")))
    with pytest.raises(ps.KernelConstraintsError, match="'f' is the name of a field and of a symbol"):
        ps.create_kernel(ps.Assignment(g[0, 0], f[0, 0] + sp.Symbol("f")))


def test_engine_algorithms_on_sympy_expressions():
    expr = (f[1, 0] + x) * (f[1, 0] - x)
    assert _core.expand(expr) == f[1, 0] ** 2 - x**2
    assert _core.diff(x**3 * f[1, 0], f[1, 0]) == x**3
    assert _core.diff(x**3 * f[1, 0], x) == 3 * x**2 * f[1, 0]
