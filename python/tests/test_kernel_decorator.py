"""Kernels written as Python functions."""

# What Python takes for a variable of the function may be a symbol of its surroundings.
# ruff: noqa: F823, F841

import linecache
import traceback

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import Assignment

f, g = ps.fields("f, g: [2D]")
v = ps.fields("v(2): [2D]")
a, b = sp.symbols("a b")
SHADOWED = sp.Symbol("of_the_module")
x, y = f[0, 0], f[1, 0]
NAME = sp.Symbol("NAME")


def test_assignments_are_collected_in_order():
    @ps.kernel
    def both(s):
        s.left @= f[-1, 0]
        g[0, 0] @= s.left + f[1, 0]

    assert both == [Assignment(sp.Symbol("left"), f[-1, 0]), Assignment(g[0, 0], sp.Symbol("left") + f[1, 0])]


def test_result_makes_a_kernel():
    @ps.kernel
    def difference():
        g[0, 0] @= f[1, 0] - f[-1, 0]

    array = np.arange(20.0).reshape(4, 5) ** 2
    out = np.zeros_like(array)
    ps.create_kernel(difference).compile()(f=array, g=out)
    assert (out[1:-1, 1:-1] == array[2:, 1:-1] - array[:-2, 1:-1]).all()


def test_vectors_give_several_assignments():
    @ps.kernel
    def vector():
        v.center_vector @= sp.Matrix([a, b])

    assert vector == [Assignment(v(0), a), Assignment(v(1), b)]


def test_loops_conditions_and_helpers_are_python():
    def square(expr):
        return expr**2

    terms = []

    @ps.kernel
    def python():
        total = 0
        for i in range(3):
            total += f[i, 0]
            total *= 2
        if len(terms) == 0:
            g[0, 0] @= square(total)
        else:
            g[0, 0] @= 0
        matrix = np.eye(2)
        matrix -= 1
        terms.append(matrix)

        def inner():
            g[1, 0] @= a

        inner()

    total = ((f[0, 0] * 2) + f[1, 0]) * 2 + f[2, 0]
    assert python == [Assignment(g[0, 0], (total * 2) ** 2), Assignment(g[1, 0], a)]
    assert (terms[0] == [[0, -1], [-1, 0]]).all()


def test_conditional_expressions():
    @ps.kernel
    def choice():
        g[0, 0] @= x if x > y else (y if a < b else 3)
        g[1, 0] @= x if 1 > 0 else 1 / 0
        g[2, 0] @= [x][1] if False else y
        g[3, 0] @= x if sp.Integer(1) > 0 else 1 / 0

    nested = sp.Piecewise((y, a < b), (3, True))
    assert choice == [
        Assignment(g[0, 0], sp.Piecewise((x, x > y), (nested, True))),
        Assignment(g[1, 0], x),
        Assignment(g[2, 0], y),
        Assignment(g[3, 0], x),
    ]


def test_conditions_that_are_none():
    with pytest.raises(ps.errors.ExpressionError, match="'a \\+ b' is no condition"):

        @ps.kernel
        def choice():
            g[0, 0] @= x if a + b else y


def test_variables_of_enclosing_functions():
    local, SHADOWED, unread = sp.symbols("local shadowed unread")

    def make():
        inner = sp.Symbol("inner")

        @ps.kernel
        def closure():
            g[0, 0] @= local + SHADOWED + a + inner

        return closure

    assert make() == [Assignment(g[0, 0], local + SHADOWED + a + inner_symbol())]

    # These names stand only before @=, so that the function closes over none of them.
    @ps.kernel
    def targets():
        unread @= x
        NAME @= y

    assert targets == [Assignment(unread, x), Assignment(NAME, y)]


def inner_symbol():
    return sp.Symbol("inner")


def test_closure_variables_are_shared_not_copied():
    counter = 0

    @ps.kernel
    def counting():
        nonlocal counter
        counter += 1
        g[0, 0] @= counter

    assert counter == 1 and counting == [Assignment(g[0, 0], 1)]


def test_defaults_and_arguments():
    def scaled(factor, shift=b, *, power=2):
        g[0, 0] @= factor * x**power + shift

    assert ps.kernel(scaled, factor=a) == [Assignment(g[0, 0], a * x**2 + b)]
    assert ps.kernel(scaled, factor=a, power=3, shift=0) == [Assignment(g[0, 0], a * x**3)]
    with pytest.raises(TypeError, match="factor"):
        ps.kernel(scaled)

    def with_symbols(s):
        g[0, 0] @= s.flux

    class Creator:
        flux = a

    assert ps.kernel(with_symbols) == [Assignment(g[0, 0], sp.Symbol("flux"))]
    assert ps.kernel(with_symbols, s=Creator()) == [Assignment(g[0, 0], a)]


@ps.kernel
def of_module():
    text = """
no indentation here
"""
    NAME @= len(text)
    g[0, 0] @= NAME


def test_functions_of_the_module():
    assert of_module == [Assignment(NAME, 21), Assignment(g[0, 0], NAME)]


class Holder:
    @ps.kernel
    def in_class():
        text = """a
 b"""
        g[0, 0] @= len(text)


def test_functions_of_classes():
    assert Holder.in_class == [Assignment(g[0, 0], 4)]


def failing():
    g[0, 0] @= x
    g[1, 0] @= undefined_name  # noqa: F821


def test_line_numbers_in_tracebacks():
    line = failing.__code__.co_firstlineno + 2
    with pytest.raises(NameError) as caught:
        ps.kernel(failing)
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno, frame.name) == (__file__, line, "failing")
    assert frame.line.startswith("g[1, 0] @= undefined_name")
    if hasattr(frame, "colno"):  # since Python 3.11
        assert frame.colno == linecache.getline(__file__, line).index("undefined_name")


def test_line_numbers_in_indented_functions():
    def indented():
        g[0, 0] @= x

        g[1, 0] @= 1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        ps.kernel(indented)
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert frame.lineno == indented.__code__.co_firstlineno + 3
    assert frame.line == "g[1, 0] @= 1 / 0"


def test_notebook_cells():
    # IPython registers the text of a cell under a name such as this.
    text = "@ps.kernel\ndef cell():\n    g[0, 0] @= f[1, 0]\n"
    linecache.cache["<ipython-input-1>"] = (len(text), None, text.splitlines(True), "<ipython-input-1>")
    namespace = {"ps": ps, "f": f, "g": g}
    exec(compile(text, "<ipython-input-1>", "exec"), namespace)
    assert namespace["cell"] == [Assignment(g[0, 0], f[1, 0])]


def test_missing_source_text():
    namespace = {"ps": ps, "f": f, "g": g}
    with pytest.raises(ps.errors.ExpressionError, match="source text .* cannot be found") as caught:
        exec("@ps.kernel\ndef text():\n    g[0, 0] @= f[1, 0]\n", namespace)
    assert "notebook cell" in caught.value.hints[0]


def test_future_statements_are_kept():
    text = (
        "from __future__ import annotations\n"
        "@ps.kernel\ndef cell():\n    def inner(x: undefined): return x\n    g[0, 0] @= inner(f[1, 0])\n"
    )
    linecache.cache["<future>"] = (len(text), None, text.splitlines(True), "<future>")
    namespace = {"ps": ps, "f": f, "g": g}
    exec(compile(text, "<future>", "exec", dont_inherit=True), namespace)
    assert namespace["cell"] == [Assignment(g[0, 0], f[1, 0])]


def test_what_is_no_kernel_function():
    with pytest.raises(ps.errors.ExpressionError, match="no plain Python function"):
        ps.kernel(sp.sin)
    with pytest.raises(ps.errors.ExpressionError, match="not its definition"):
        ps.kernel(lambda: None)

    def generator():
        yield

    with pytest.raises(ps.errors.ExpressionError, match="generator"):
        ps.kernel(generator)

    def returning():
        return 3

    with pytest.raises(ps.errors.ExpressionError, match="returned 3"):
        ps.kernel(returning)

    def walrus():
        g[0, 0] @= (n := 2) if x > 0 else n

    with pytest.raises(ps.errors.ExpressionError, match=":="):
        ps.kernel(walrus)

    with pytest.raises(ps.errors.ExpressionError, match="Cannot assign to"):

        @ps.kernel
        def sums():
            total = a + b
            total @= 2


def test_configuration():
    config = ps.CreateKernelConfig(ghost_layers=3)

    @ps.kernel_config(config)
    def smooth(s):
        s.mean @= f[1, 0] / 2 + f[-1, 0] / 2
        g[0, 0] @= s.mean

    assert smooth["assignments"] == [
        Assignment(sp.Symbol("mean"), f[1, 0] / 2 + f[-1, 0] / 2),
        Assignment(g[0, 0], sp.Symbol("mean")),
    ]
    assert smooth["config"] == ps.CreateKernelConfig(ghost_layers=3, function_name="smooth")
    assert config == ps.CreateKernelConfig(ghost_layers=3)
    kernel = ps.create_kernel(**smooth)
    assert kernel.name == "smooth" and kernel.ghost_layers == ((3, 3), (3, 3))

    unread = sp.Symbol("unread")

    @ps.kernel_config(ps.CreateKernelConfig(function_name="named"))
    def other():
        unread @= x

    assert other["config"].function_name == "named" and other["assignments"] == [Assignment(unread, x)]
    with pytest.raises(ps.errors.ConfigError, match="kernel_config"):
        ps.kernel_config(smooth)
