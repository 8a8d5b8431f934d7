"""The same program makes the same bytes, whatever the process."""

import sympy as sp

import cppstencils as ps

PROGRAM = """
import hashlib
import sympy as sp
import cppstencils as ps

def kernels():
    f, g = ps.fields("f, g: double[2D]")
    yield [ps.Assignment(g[0, 0], (f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1]) / 4)]
    names = [r"\\\\rho", "a b", "x", "alpha", "x_1", "u_{0}", "Ω"]
    symbols = [sp.Symbol(name) for name in names] + [sp.Dummy("d"), sp.Dummy("d")]
    products = [a * b / (a + b + 1) for a in symbols for b in symbols]
    yield [ps.Assignment(g[0, 0], sp.Add(*products) * f[0, 0])]
    choice = sp.Piecewise(*[(s, sp.And(s > 0, f[0, 0] < s)) for s in symbols], (sp.Max(*symbols), True))
    yield [ps.Assignment(g[0, 0], choice + sp.Min(*symbols))]
    p, q = ps.fields("p(19), q(19): double[3D]")
    rho = sum(p(i) for i in range(19))
    yield [ps.Assignment(q(i), p[i % 3 - 1, 0, 0](i) * rho ** -1 + i) for i in range(19)]
    subexpressions, main = sp.cse([f[1, 0] ** 2 + sp.sin(f[0, 1]), f[1, 0] ** 2 * sp.sin(f[0, 1])])
    h = ps.fields("h: double[2D]")
    yield ps.AssignmentCollection({g[0, 0]: main[0], h[0, 0]: main[1]}, dict(subexpressions))

texts = []
for assignments in kernels():
    kernel = ps.create_kernel(assignments)
    texts += [kernel.ir(), kernel.source(), repr(kernel.parameters)]
print("\\n".join(texts))
"""


def test_text_does_not_depend_on_the_hash_seed(run_python):
    texts = {run_python(PROGRAM, env={"PYTHONHASHSEED": seed}) for seed in ("1", "424242")}
    assert len(texts) == 1
    assert "kernel kernel(rank 3" in texts.pop()


def test_text_does_not_depend_on_what_was_before():
    f, g = ps.fields("f, g: double[2D]")
    a, b = sp.symbols("a b")

    def text():
        kernel = ps.create_kernel(ps.Assignment(g[0, 0], a * f[1, 0] + b * f[-1, 0] + a * b))
        return kernel.ir(), kernel.source()

    first = text()
    for i in range(50):
        ps.create_kernel(ps.Assignment(g[0, 0], sp.Symbol(f"a b {i}") * f[0, i % 3]))
    assert text() == first


def test_order_of_equations_and_terms_is_kept():
    f, g, h = ps.fields("f, g, h: double[2D]")
    lines = ps.create_kernel([ps.Assignment(h[0, 0], f[0, 0]), ps.Assignment(g[0, 0], f[0, 0] + 1)]).ir()
    assert lines.index("store h") < lines.index("store g")
