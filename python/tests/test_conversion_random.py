"""Random expressions: the engine returns them as they were, and kernels compute what NumPy computes."""

import os
import random

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import _core

ROUNDS = int(os.environ.get("CPPSTENCILS_FUZZ_ROUNDS", "6"))
PER_KERNEL = 12

f, g = ps.fields("f, g: double[1D]")
F, G = f[0], g[0]
a = sp.Symbol("a", real=True)
LEAVES = [F, G, a]


class Expressions:
    """Makes random expressions of bounded values, so that two ways to round them stay close."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        kind = self.random.randrange(3)
        if kind == 0:
            return sp.Integer(self.random.randint(-4, 4))
        if kind == 1:
            return sp.Rational(self.random.randint(-9, 9), self.random.randint(2, 9))
        return sp.Float(self.random.choice([0.5, -1.25, 0.1, 2.7, 1e-3]))

    def condition(self):
        left, right = self.random.sample(LEAVES, 2)
        relations = [sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.Eq, sp.Ne]
        simple = self.random.choice(relations)(left, self.random.choice([right, self.number()]))
        kind = self.random.randrange(5)
        if kind == 0:
            return sp.And(simple, self.condition())
        if kind == 1:
            return sp.Or(simple, self.condition())
        if kind == 2:
            return sp.Not(simple)
        return simple

    def expr(self, depth):
        if depth == 0:
            return self.random.choice([*LEAVES, self.number()])
        first, second = self.expr(depth - 1), self.expr(self.random.randrange(depth))
        choice = self.random.randrange(14)
        if choice < 3:
            return first + second
        if choice < 6:
            return first * second
        if choice == 6:
            return first - second / (1 + second**2)
        if choice == 7:
            return self.random.choice([sp.sin, sp.cos, sp.tanh, sp.atan, sp.Abs])(first)
        if choice == 8:
            return self.random.choice([sp.exp(-sp.Abs(first)), sp.log(1 + first**2), sp.atan2(first, 1 + second**2)])
        if choice == 9:
            return sp.sqrt(1 + first**2) ** self.random.choice([1, 3, -1])
        if choice == 10:
            return (2 + sp.cos(first)) ** self.random.choice([2, -1, -3, sp.Rational(1, 3), sp.Rational(-5, 2)])
        if choice == 11:
            return self.random.choice([sp.Min, sp.Max])(first, second)
        if choice == 12:
            return sp.Piecewise((first, self.condition()), (second, self.condition()), (self.number(), True))
        return self.random.choice([sp.floor, sp.ceiling, sp.sign])(self.random.choice(LEAVES)) * first


def expressions(seed, count):
    """Expressions that SymPy has not folded into a number or something complex."""
    make = Expressions(seed)
    found = []
    while len(found) < count:
        expr = make.expr(3)
        if expr.free_symbols and not expr.has(sp.nan, sp.zoo, sp.I, sp.oo, sp.re, sp.im, sp.arg):
            found.append(expr)
    return found


@pytest.mark.parametrize("seed", range(100, 100 + ROUNDS))
def test_round_trip_is_equal(seed):
    for expr in expressions(seed, 2 * PER_KERNEL):
        if not expr.has(sp.sign):  # which comes back as the Piecewise that it stands for
            back = _core.round_trip(expr)
            # A factor that was drawn out of a sum may end up in a product around it.
            assert back == expr or sp.expand(back - expr) == 0, f"seed {seed}: {expr} came back as {back}"


def values_of(array):
    """The bits of an array, with one NaN instead of many."""
    return np.where(np.isnan(array), np.nan, array).tobytes()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_kernels_compute_what_numpy_computes(seed):
    exprs = expressions(seed, PER_KERNEL)
    outputs = [ps.fields(f"out_{i}: double[1D]") for i in range(len(exprs))]
    kernel = ps.create_kernel([ps.Assignment(out[0], expr) for out, expr in zip(outputs, exprs)])
    rng = np.random.default_rng(seed)
    arrays = {"f": rng.uniform(-3, 3, 37), "g": rng.integers(-4, 5, 37).astype(float)}
    numbers = {"a": float(rng.uniform(-2, 2))}
    inputs = {**arrays, **numbers}
    given = {p.name: inputs[p.name] for p in kernel.parameters if p.name in inputs}

    def run(jit):
        results = {out.name: np.full(37, 77.0) for out in outputs}
        jit.compile(kernel)(**given, **results)
        return results

    compiled, interpreted = run(ps.jit.LlvmJit()), run(ps.jit.InterpreterJit())
    for out, expr in zip(outputs, exprs):
        context = f"seed {seed}: {expr}"
        assert values_of(compiled[out.name]) == values_of(interpreted[out.name]), context
        names = sp.symbols("f_ g_ a_", real=True)
        function = sp.lambdify(names, expr.xreplace(dict(zip(LEAVES, names))), "numpy")
        with np.errstate(all="ignore"):
            wanted = function(arrays["f"], arrays["g"], np.full(37, numbers["a"]))
        np.testing.assert_allclose(compiled[out.name], wanted, rtol=1e-9, atol=1e-9, err_msg=context)


def test_high_precision_reference():
    """One expression in which float64 loses nothing, against 50 digits."""
    import mpmath

    expr = sp.exp(-(F**2)) * sp.sin(3 * F) / (1 + sp.Abs(G)) + sp.sqrt(F**2 + G**2) ** 3 / 7
    out = ps.fields("out: double[1D]")
    arrays = {"f": np.linspace(-2, 2, 41), "g": np.linspace(3, -1, 41)}
    result = np.zeros(41)
    ps.create_kernel(ps.Assignment(out[0], expr)).compile()(**arrays, out=result)
    x, y = sp.symbols("x y", real=True)
    with mpmath.workdps(50):
        function = sp.lambdify((x, y), expr.xreplace({F: x, G: y}), "mpmath")
        wanted = [float(function(mpmath.mpf(p), mpmath.mpf(q))) for p, q in zip(*arrays.values())]
    np.testing.assert_allclose(result, wanted, rtol=4e-15)
