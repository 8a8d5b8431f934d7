"""create_kernel: what it takes, what it refuses, and what a created kernel says about itself."""

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import Assignment, KernelConstraintsError, create_kernel
from cppstencils.errors import ExpressionError, FieldError, TypeMismatch

f, g, v = ps.fields("f, g, v(3): double[2D]")
n = ps.fields("n: int32[2D]")
OTHER_F = ps.fields("f: double[2D]", layout="f")
a, b = sp.symbols("a b")
STORE = Assignment(g[0, 0], a * f[1, 0])
SUBEXPRESSION = Assignment(a, f[0, 0] + 1)

FORMS = {
    "list": [SUBEXPRESSION, STORE],
    "tuple": (SUBEXPRESSION, STORE),
    "nested": [[SUBEXPRESSION], (STORE,)],
    "collection": ps.AssignmentCollection([STORE], [SUBEXPRESSION]),
    "list of collections": [ps.AssignmentCollection([STORE], [SUBEXPRESSION])],
    "dictionary": {SUBEXPRESSION.lhs: SUBEXPRESSION.rhs, STORE.lhs: STORE.rhs},
    "assignments of SymPy": [
        sp.codegen.ast.Assignment(a, f[0, 0] + 1),
        sp.codegen.ast.Assignment(g[0, 0], a * f[1, 0]),
    ],
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_assignments(name):
    assert create_kernel(FORMS[name]).ir() == create_kernel(FORMS["list"]).ir()


def test_one_assignment():
    assert create_kernel(STORE).ir() == create_kernel([STORE]).ir()


@pytest.mark.parametrize("wrong", [None, 3, "g = f", f, g[0, 0], [STORE, 3], sp.Eq(g[0, 0], f[0, 0]), {"g": f[0, 0]}])
def test_what_is_no_assignment(wrong):
    with pytest.raises(ExpressionError):
        create_kernel(wrong)


CONSTRAINTS = {
    "nothing": ([], "empty-kernel"),
    "no store": ([SUBEXPRESSION], "empty-kernel"),
    "symbol defined twice": ([SUBEXPRESSION, SUBEXPRESSION, STORE], "not-single-assignment"),
    "symbol used before it is defined": ([STORE, SUBEXPRESSION], "not-single-assignment"),
    "element written twice": ([STORE, STORE], "double-write"),
    "two cells write one element": ([Assignment(g[0, 0], 1), Assignment(g[1, 0], 2)], "double-write"),
    "a neighbour is read and the cell written": ([Assignment(f[0, 0], f[1, 0])], "dependent-iterations"),
    "written, then read elsewhere": ([STORE, Assignment(v(0), g[0, 1])], "dependent-iterations"),
    "in place with another value": ([Assignment(v[0, 0](0), v[1, 0](0))], "dependent-iterations"),
    "field and symbol of one name": ([Assignment(g[0, 0], sp.Symbol("f") + f[0, 0])], "inconsistent-fields"),
    "two fields of one name": ([Assignment(g[0, 0], f[0, 0] + OTHER_F[0, 0])], "inconsistent-fields"),
    "two ranks": ([Assignment(g[0, 0], ps.fields("q: double[3D]")[0, 0, 0])], "inconsistent-fields"),
    "two fixed shapes": (
        [Assignment(ps.fields("p: double[4,5]")[0, 0], ps.fields("q: double[4,6]")[0, 0])],
        "inconsistent-fields",
    ),
}


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints(name):
    assignments, code = CONSTRAINTS[name]
    with pytest.raises(KernelConstraintsError) as caught:
        create_kernel(assignments)
    assert caught.value.code == code


TYPES = {
    "float64 and int32": Assignment(g[0, 0], n[0, 0]),
    "float64 and a coordinate": Assignment(g[0, 0], f[0, 0] + ps.sympyextensions.SpatialCounter(0)),
    "float32 symbol": Assignment(g[0, 0], ps.TypedSymbol("t", "float32")),
    "truth value as number": Assignment(g[0, 0], f[0, 0] > 0),
    "fraction of integers": Assignment(n[0, 0], n[0, 0] * sp.Rational(1, 3)),
    "float in an integer kernel": Assignment(n[0, 0], sp.Float(0.5)),
    "constant that does not fit": Assignment(n[0, 0], 2**40),
    "sine of integers": Assignment(n[0, 0], sp.sin(n[0, 0])),
}


@pytest.mark.parametrize("name", TYPES)
def test_types_are_never_mixed_silently(name):
    with pytest.raises((TypeMismatch, ExpressionError)):
        create_kernel(TYPES[name])


def test_incomplete_accesses():
    for assignment in (Assignment(v[0, 0], 1), Assignment(g[0, 0], v[1, 0])):
        with pytest.raises(FieldError) as caught:
            create_kernel(assignment)
        assert "'v'" in str(caught.value)


def test_values_written_before_are_read_new():
    out, values = np.zeros((3, 4)), np.zeros((3, 4, 3))
    given = np.arange(12.0).reshape(3, 4)
    lines = [Assignment(g[0, 0], f[0, 0] + 1), Assignment(v(0), 2 * g[0, 0]), Assignment(v(1), f[0, 0])]
    create_kernel(lines).compile()(f=given, g=out, v=values)
    assert (values[..., 0] == 2 * (given + 1)).all() and (values[..., 1] == given).all() and not values[..., 2].any()
    # In place: a cell reads everything that it has not written before it writes.
    swap = [Assignment(a, v(0)), Assignment(v(0), v(1)), Assignment(v(1), a)]
    before = values.copy()
    create_kernel(swap).compile()(v=values)
    assert (values[..., :2] == before[..., 1::-1]).all()


def test_facts():
    kernel = create_kernel([SUBEXPRESSION, STORE, Assignment(v(2), b)], function_name="step")
    assert kernel.name == "step" and kernel.get_fields() == {f, g, v} and kernel.fields == (f, g, v)
    assert [(p.name, p.role, p.access) for p in kernel.parameters] == [
        ("f", "field", "read"),
        ("g", "field", "write"),
        ("v", "field", "write"),
        ("b", "scalar", "read"),
    ]
    assert kernel.ghost_layers == ((1, 1), (1, 1)) and len(kernel.assignments) == 3
    assert kernel.get_c_code() == kernel.source() == str(kernel) and kernel.get_ir_code() == kernel.ir()
    assert repr(kernel) == "KernelFunction(step(f, g, v, b))"
    assert create_kernel(STORE, iteration_slice=ps.make_slice[1:-1, 1]).ghost_layers == ()


def test_types_of_kernels():
    for dtype in "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split():
        p, q = ps.fields(f"p, q: {dtype}[1D]")
        given, out = np.arange(20).astype(dtype), np.zeros(20, dtype)
        create_kernel(Assignment(q[0], 3 * p[0] + 7)).compile()(p=given, q=out)
        assert (out == (3 * given + 7)).all() and out.dtype == given.dtype


def test_masks():
    mask = ps.fields("mask: bool[2D]")
    flags, out = np.zeros((3, 4), bool), np.zeros((3, 4))
    given = np.arange(12.0).reshape(3, 4)
    create_kernel(Assignment(mask[0, 0], sp.And(f[0, 0] > 3, sp.Not(f[0, 0] > 9)))).compile()(f=given, mask=flags)
    assert (flags == ((given > 3) & ~(given > 9))).all()
    choice = sp.Piecewise((f[0, 0], mask[0, 0]), (-1, True))
    create_kernel(Assignment(g[0, 0], choice)).compile()(f=given, mask=flags, g=out)
    assert (out == np.where(flags, given, -1)).all()


def test_the_same_kernel_from_every_jit():
    terms = sp.sqrt(f[1, 0] ** 2 + 1) / (3 + f[0, -1]) + sp.Rational(1, 3) * f[0, 0]
    kernel = create_kernel(Assignment(g[0, 0], terms))
    given = np.random.default_rng(7).random((33, 47))
    results = []
    for jit in (ps.jit.LlvmJit(), ps.jit.LegacyCpuJit(), ps.jit.InterpreterJit()):
        results.append(np.zeros_like(given))
        jit.compile(kernel)(f=given, g=results[-1])
    assert results[0].tobytes() == results[1].tobytes() == results[2].tobytes()
    wanted = np.sqrt(given[2:, 1:-1] ** 2 + 1) / (3 + given[1:-1, :-2]) + given[1:-1, 1:-1] / 3
    np.testing.assert_allclose(results[0][1:-1, 1:-1], wanted, rtol=1e-15)
