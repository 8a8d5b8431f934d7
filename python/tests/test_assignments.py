"""Assignments, collections of them, and stencils given as arrays of weights."""

import copy
import pickle

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import (
    AddAugmentedAssignment,
    Assignment,
    AssignmentCollection,
    DivAugmentedAssignment,
    MulAugmentedAssignment,
    SubAugmentedAssignment,
    assignment_from_stencil,
)
from cppstencils.errors import ExpressionError
from cppstencils.sympyextensions.typed_symbols import SpatialCounter

f, g, v = ps.fields("f, g, v(3): double[2D]")
a, b, c, d = sp.symbols("a b c d")


def test_sides():
    assignment = Assignment(g[0, 0], 2 * f[1, 0])
    assert assignment.lhs == g[0, 0] and assignment.rhs == 2 * f[1, 0] and assignment.is_store
    assert not Assignment(a, f[0, 0]).is_store
    assert str(assignment) == "g[0,0] ← 2*f[1,0]" and r"\leftarrow" in assignment._repr_latex_()
    assert assignment == Assignment(g[0, 0], 2 * f[1, 0]) != Assignment(g[0, 0], 2 * f[0, 0])
    assert assignment.atoms(ps.Field.Access) == {g[0, 0], f[1, 0]}
    assert assignment.subs(f[1, 0], 3).rhs == 6 and isinstance(assignment.xreplace({f[1, 0]: a}), Assignment)


@pytest.mark.parametrize(
    "value, wanted", [(2, 2), (2.5, 2.5), (np.float64(2.5), 2.5), (np.int32(2), 2), (True, sp.true)]
)
def test_numbers_are_values(value, wanted):
    assert Assignment(g[0, 0], value).rhs == wanted


def test_lists_and_matrices_make_tuples():
    targets, values = [v(i) for i in range(3)], [f[0, 0], 2, a]
    wanted = tuple(map(Assignment, targets, values))
    assert Assignment(targets, values) == wanted
    assert Assignment(sp.Matrix(targets), sp.Matrix(values)) == wanted
    assert Assignment(v.center_vector, sp.Matrix(values)) == wanted
    assert Assignment(tuple(targets), sp.Matrix(values)) == wanted
    increments = AddAugmentedAssignment(targets, values)
    assert [i.rhs for i in increments] == [t + value for t, value in zip(targets, values)]


BAD = {
    "value is text": lambda: Assignment(g[0, 0], "x + 1"),
    "value is None": lambda: Assignment(g[0, 0], None),
    "value is a list": lambda: Assignment(g[0, 0], [1, 2]),
    "value is an array": lambda: Assignment(g[0, 0], np.ones(3)),
    "value is a matrix": lambda: Assignment(g[0, 0], sp.Matrix([1])),
    "value is an immutable matrix": lambda: Assignment(g[0, 0], sp.ImmutableMatrix([1])),
    "value is a field": lambda: Assignment(g[0, 0], f),
    "value is an object": lambda: Assignment(g[0, 0], object()),
    "value is a function": lambda: Assignment(g[0, 0], sp.sin),
    "value is an assignment": lambda: Assignment(g[0, 0], Assignment(a, 1)),
    "target is a number": lambda: Assignment(3, f[0, 0]),
    "target is text": lambda: Assignment("x", f[0, 0]),
    "target is a sum": lambda: Assignment(f[0, 0] + 1, f[0, 0]),
    "target is a field": lambda: Assignment(g, f[0, 0]),
    "target is a coordinate": lambda: Assignment(SpatialCounter(0), f[0, 0]),
    "more values than targets": lambda: Assignment([g[0, 0], a], [1, 2, 3]),
    "one value for two targets": lambda: Assignment([g[0, 0], a], 1),
    "symbol updated in place": lambda: AddAugmentedAssignment(a, 1),
    "updated by text": lambda: AddAugmentedAssignment(g[0, 0], "1"),
}


@pytest.mark.parametrize("name", BAD)
def test_assignments_that_cannot_be(name):
    with pytest.raises(ExpressionError) as caught:
        BAD[name]()
    assert caught.value.code == "invalid-expression" and caught.value.hints


UPDATES = {
    AddAugmentedAssignment: lambda old, by: old + by,
    SubAugmentedAssignment: lambda old, by: old - by,
    MulAugmentedAssignment: lambda old, by: old * by,
    DivAugmentedAssignment: lambda old, by: old / by,
}


@pytest.mark.parametrize("kind", UPDATES, ids=lambda kind: kind.__name__)
def test_updates_in_place(kind):
    old, by = np.random.default_rng(1).uniform(1, 2, (2, 4, 5))
    wanted = UPDATES[kind](old, by)
    ps.create_kernel(kind(g[0, 0], f[0, 0])).compile()(f=by, g=old)
    assert (old == wanted).all()


# -- weights -----------------------------------------------------------------------------------------------------------


def weights_of(assignment):
    """The weight of each offset."""
    return {access.offsets: assignment.rhs.coeff(access) for access in assignment.rhs.atoms(ps.Field.Access)}


def test_rows_are_as_one_sees_them():
    # The facts of pystencils 2.0: the first row is the one of the largest y.
    three = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert weights_of(assignment_from_stencil(three, f, g)) == {
        (-1, 1): 1, (0, 1): 2, (1, 1): 3,
        (-1, 0): 4, (0, 0): 5, (1, 0): 6,
        (-1, -1): 7, (0, -1): 8, (1, -1): 9,
    }  # fmt: skip
    tall = weights_of(assignment_from_stencil(np.arange(1, 16).reshape(5, 3), f, g))
    assert (tall[-1, 2], tall[1, 2], tall[0, 0], tall[-1, -2], tall[1, -2]) == (1, 3, 8, 13, 15)
    wide = weights_of(assignment_from_stencil(np.arange(1, 16).reshape(3, 5), f, g))
    assert (wide[-2, 1], wide[2, 1], wide[0, 0], wide[-2, -1], wide[2, -1]) == (1, 5, 8, 11, 15)


def test_order_of_numpy():
    found = weights_of(assignment_from_stencil(np.arange(1, 16).reshape(5, 3), f, g, order="numpy"))
    assert found == {(i - 2, j - 1): 3 * i + j + 1 for i in range(5) for j in range(3)}


@pytest.mark.parametrize("order", ["visual", "numpy"])
def test_three_dimensions(order):
    p, q = ps.fields("p, q: double[3D]")
    found = weights_of(assignment_from_stencil(np.arange(1, 28).reshape(3, 3, 3), p, q, order=order))
    # pystencils 2.0: to the eye the first axis is y, downwards, the second x, the third z.
    place = (lambda i, j, k: (j - 1, 1 - i, k - 1)) if order == "visual" else (lambda i, j, k: (i - 1, j - 1, k - 1))
    assert found == {place(i, j, k): 9 * i + 3 * j + k + 1 for i in range(3) for j in range(3) for k in range(3)}


def test_one_dimension():
    p, q = ps.fields("p, q: double[1D]")
    for order in ("visual", "numpy"):
        assert weights_of(assignment_from_stencil([1, 2, 3], p, q, order=order)) == {(-1,): 1, (0,): 2, (1,): 3}


def test_normalised_weights_of_one_value():
    h = sp.Symbol("h")
    laplace = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assignment = assignment_from_stencil(laplace, v(1), g[0, 0], normalization_factor=1 / h**2)
    assert assignment.lhs == g[0, 0]
    neighbours = v[1, 0](1) + v[-1, 0](1) + v[0, 1](1) + v[0, -1](1)
    assert sp.expand(assignment.rhs * h**2 - neighbours + 4 * v(1)) == 0
    assert assignment_from_stencil([[h]], f, g).rhs == h * f[0, 0]


@pytest.mark.parametrize("weights", [[[1, 2], [3, 4]], [[1, 2, 3]] * 2, [1, 2, 3], [[[1]]], 5, []])
def test_weights_that_do_not_fit(weights):
    with pytest.raises(ExpressionError, match="do not fit"):
        assignment_from_stencil(weights, f, g)


def test_other_faults_of_weights():
    with pytest.raises(ExpressionError, match="no order 'c'"):
        assignment_from_stencil([[1]], f, g, order="c")
    with pytest.raises(ExpressionError):
        assignment_from_stencil([["x"]], f, g)


def test_an_image_filter():
    image, out = np.random.default_rng(3).random((20, 30)), np.zeros((20, 30))
    weights = [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]
    ps.create_kernel(assignment_from_stencil(weights, f, g)).compile()(f=image, g=out)
    offsets = weights_of(assignment_from_stencil(weights, f, g))
    wanted = sum(float(w) * np.roll(image, (-x, -y), (0, 1)) for (x, y), w in offsets.items())
    np.testing.assert_allclose(out[1:-1, 1:-1], wanted[1:-1, 1:-1], atol=1e-14)


# -- collections -------------------------------------------------------------------------------------------------------


def collection():
    return AssignmentCollection([Assignment(g[0, 0], a * b)], [Assignment(a, f[1, 0] + c), Assignment(b, a**2)])


def test_facts_of_a_collection():
    ac = collection()
    assert [x.lhs for x in ac.all_assignments] == [a, b, g[0, 0]] and len(ac) == 3 and list(ac) == ac.all_assignments
    assert ac.free_symbols == {f[1, 0], c} and ac.bound_symbols == {a, b, g[0, 0]} and ac.defined_symbols == {g[0, 0]}
    assert ac.free_fields == ac.rhs_fields == {f} and ac.bound_fields == {g}
    assert ac.main_assignments_dict == {g[0, 0]: a * b} and ac.subexpressions_dict[b] == a**2
    assert ac.dependent_symbols([b]) == {a, b, f[1, 0], c}
    assert AssignmentCollection({g[0, 0]: a * b}, {a: f[1, 0] + c, b: a**2}) == ac
    assert ac.atoms(ps.Field.Access) == {f[1, 0], g[0, 0]}
    assert "←" in str(ac) and "AssignmentCollection" in repr(ac) and "<table" in ac._repr_html_()


def test_nested_lists_make_collections():
    ac = AssignmentCollection([Assignment([v(0), v(1)], [a, b]), [(v(2), c)]])
    assert [x.lhs for x in ac] == [v(0), v(1), v(2)]
    for wrong in ([f], [3], 3, "x", [a, b]):
        with pytest.raises(ExpressionError):
            AssignmentCollection(wrong)
    with pytest.raises(ExpressionError, match="assigned to twice"):
        _ = AssignmentCollection([(a, 1), (a, 2)]).bound_symbols


def test_new_subexpressions():
    ac = collection()
    symbol = ac.add_subexpression(c + d)
    assert symbol == sp.Symbol("xi_0") and ac.subexpressions_dict[symbol] == c + d
    assert ac.add_subexpression(symbol * a) == sp.Symbol("xi_1")
    assert ac.add_subexpression(7, lhs=d) == d
    order = [x.lhs for x in ac.subexpressions]
    assert order.index(d) < order.index(symbol) < order.index(sp.Symbol("xi_1"))
    taken = AssignmentCollection([(g[0, 0], sp.Symbol("xi_0"))])
    assert taken.add_subexpression(1) == sp.Symbol("xi_1")


def test_topological_sort():
    ac = AssignmentCollection([(g[0, 0], c)], [(c, b), (b, a), (d, 1), (a, d)])
    ac.topological_sort()
    assert [x.lhs for x in ac.subexpressions] == [d, a, b, c]
    ac = AssignmentCollection([(g[0, 0], a)], [(a, b), (b, c), (c, a)])
    with pytest.raises(ExpressionError, match="depends on itself"):
        ac.topological_sort()
    chain = sp.symbols("s:3000")
    ac = AssignmentCollection([(g[0, 0], chain[0])], [(chain[i], chain[i + 1]) for i in range(2999)])
    ac.topological_sort()
    assert ac.subexpressions[0].lhs == chain[2998]


def test_changed_copies_leave_the_original():
    ac = collection()
    before = str(ac)
    assert ac.subs(c, 0).free_symbols == {f[1, 0]}
    assert ac.xreplace({c: d}).free_symbols == {f[1, 0], d}
    assert ac.replace(sp.Pow, lambda base, exponent: base * exponent).subexpressions_dict[b] == 2 * a
    assert ac.find(sp.Pow) == {a**2}
    assert ac.new_with_substitutions({f[1, 0]: d}).free_symbols == {c, d}
    extended = ac.new_with_substitutions({f[1, 0] + c: d}, add_substitutions_as_subexpressions=True)
    assert extended.subexpressions_dict[d] == f[1, 0] + c and extended.subexpressions_dict[a] == d
    assert ac.new_without_subexpressions().main_assignments_dict[g[0, 0]] == (f[1, 0] + c) ** 3
    assert ac.new_without_subexpressions([a]).main_assignments_dict[g[0, 0]] == a**3
    assert ac.new_with_inserted_subexpression(b).main_assignments_dict[g[0, 0]] == a**3
    assert ac.new_filtered([b]).main_assignments_dict == {b: a**2}
    unused = AssignmentCollection(ac.main_assignments, [*ac.subexpressions, (d, 5)])
    assert unused.new_without_unused_subexpressions() == ac
    ac.copy().add_subexpression(1)
    assert str(ac) == before


def test_merging():
    other = AssignmentCollection([Assignment(v(0), a)], [Assignment(a, 5)])
    merged = collection().new_merged(other)
    renamed = merged.main_assignments_dict[v(0)]
    assert renamed != a and merged.subexpressions_dict[renamed] == 5 and merged.subexpressions_dict[a] == f[1, 0] + c
    same = collection().new_merged(AssignmentCollection([Assignment(v(0), a)], [Assignment(a, f[1, 0] + c)]))
    assert same.main_assignments_dict[v(0)] == a and len(same.subexpressions) == 2
    with pytest.raises(ExpressionError, match="Both collections"):
        collection().new_merged(collection())


def test_lambdify():
    function = collection().lambdify([f[1, 0]], {c: 1})
    assert function(2) == {g[0, 0]: 27}


def test_collections_and_their_copies_make_equal_kernels():
    ac = collection()
    text = ps.create_kernel(ac).ir()
    for again in (copy.copy(ac), copy.deepcopy(ac), pickle.loads(pickle.dumps(ac)), ac.copy()):
        assert again == ac and hash(again) == hash(ac) and ps.create_kernel(again).ir() == text
    assert ps.create_kernel(ac.all_assignments).ir() == text
    # A collection that was added to first goes on counting.
    ac.add_subexpression(1)
    assert pickle.loads(pickle.dumps(ac)).add_subexpression(2) == sp.Symbol("xi_1")


def test_collection_runs():
    out, given = np.zeros((3, 4)), np.arange(12.0).reshape(3, 4)
    ps.create_kernel(collection(), ghost_layers=((0, 1), 0)).compile()(f=given, g=out, c=1.0)
    assert (out[:-1] == (given[1:] + 1) ** 3).all() and (out[-1] == 0).all()
