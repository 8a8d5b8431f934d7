"""Simplification rules: they keep the meaning, which kernels on arrays show, and do what their names say."""

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import Assignment, AssignmentCollection, simp
from cppstencils.errors import ExpressionError
from cppstencils.simp import subexpression_insertion

a, b, c, d, p, q, r, s = sp.symbols("a b c d p q r s")
f = ps.fields("f(3): [2D]")
g = ps.fields("g(3): [2D]")
xi = sp.symbols("xi_:10")

RULES = [
    *(getattr(simp, name) for name in simp.__all__ if name.startswith(("add_", "insert_", "subexpression_"))),
    simp.sympy_cse,
    simp.expand,
    simp.create_simplification_strategy(),
    simp.apply_to_all_assignments(sp.factor),
    simp.apply_on_all_subexpressions(sp.expand),
    lambda ac: simp.add_subexpressions_for_field_reads(ac, data_type="float64"),
    lambda ac: AssignmentCollection(simp.sympy_cse_on_assignment_list(ac.all_assignments)),
]

COLLECTIONS = {
    "plain": AssignmentCollection(
        [
            Assignment(g(0), a * b + c / d + f(0) ** 2 + 3 * (a + b)),
            Assignment(g(1), a * b - f[1, 0](0) + sp.sqrt(a * b + 2) / sp.sqrt(d)),
            Assignment(g(2), (a + b) * c / d - 5 / d**2),
        ]
    ),
    "chain": AssignmentCollection(
        [Assignment(g(0), p * q + r + s), Assignment(g(1), -r + s * p + a * b * 4), Assignment(g(2), p)],
        [
            Assignment(p, f(0)),
            Assignment(q, 0),
            Assignment(r, p**2),
            Assignment(s, -p + 2 * a * b),
        ],
    ),
    # Later assignments read what earlier ones have written, as a field and as a symbol.
    "in place": AssignmentCollection(
        [
            Assignment(g(0), f(0) * a + f(1) / d),
            Assignment(f(0), g(0) * f(0) + sp.sin(f(0)) * p),
            Assignment(r, f(0) * a + g(0) + 7),
            Assignment(f(1), f(0) * a + f(1) / d + r / g(0) + sp.sin(f(0)) * p),
            Assignment(g(2), p * r + f(0) * f(1) + q + s + 1 / f(0)),
        ],
        [Assignment(p, f(0)), Assignment(q, 2 * f(1)), Assignment(s, f(0) ** 2)],
    ),
    "conditions": AssignmentCollection(
        [
            Assignment(g(0), sp.Piecewise((a * b, (f(0) > b * c) & (f(0) < 2)), (a * b / d, True))),
            Assignment(g(1), sp.Piecewise((1, f(0) > b * c), (sp.Max(a * b, 3), True))),
            Assignment(g(2), ps.tcast.as_numeric(ps.x_ + 1) * 2 + ps.tcast.as_numeric(ps.x_ + 1) ** 2),
        ]
    ),
}


def run(collection):
    random = np.random.default_rng(7)
    arrays = {"f": random.random((5, 6, 3)) + 0.5, "g": random.random((5, 6, 3)) + 0.5}
    kernel = ps.create_kernel(collection, skip_independence_check=True)
    arguments = {name: value for name, value in {"a": 1.25, "b": 0.75, "c": 1.5, "d": 3.7}.items()}
    used = {
        parameter.name: arguments.get(parameter.name, arrays.get(parameter.name)) for parameter in kernel.parameters
    }
    kernel.compile()(**used)
    return arrays


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("number", range(len(RULES)))
def test_rules_keep_the_meaning(number, name):
    collection = COLLECTIONS[name]
    before = list(collection.all_assignments)
    simplified = RULES[number](collection)
    assert collection.all_assignments == before
    expected, result = run(collection), run(simplified)
    np.testing.assert_allclose(result["g"], expected["g"], rtol=1e-13)
    np.testing.assert_allclose(result["f"], expected["f"], rtol=1e-13)


def collection_of(*values, subexpressions=()):
    return AssignmentCollection([Assignment(g(i), value) for i, value in enumerate(values)], list(subexpressions))


def facts(collection):
    return collection.subexpressions_dict, [assignment.rhs for assignment in collection.main_assignments]


def test_common_subexpressions():
    assert facts(simp.sympy_cse(collection_of(a * b + c, sp.sin(a * b)))) == (
        {xi[0]: a * b},
        [xi[0] + c, sp.sin(xi[0])],
    )
    taken = collection_of(a * b + xi[0], sp.sin(a * b))
    assert facts(simp.sympy_cse(taken)) == ({xi[1]: a * b}, [xi[0] + xi[1], sp.sin(xi[1])])
    listed = simp.sympy_cse_on_assignment_list([Assignment(g(0), a * b + c), Assignment(g(1), sp.sin(a * b))])
    assert [assignment.lhs for assignment in listed] == [xi[0], g(0), g(1)]
    in_sub = collection_of(p + a * b, subexpressions=[Assignment(p, sp.exp(a * b))])
    assert facts(simp.sympy_cse(in_sub)) == ({xi[0]: a * b, p: sp.exp(xi[0])}, [p + xi[0]])


def test_values_behind_a_write_are_not_those_before_it():
    collection = collection_of(sp.sin(a) + sp.sin(g(0)), sp.cos(a) + sp.sin(g(0)), sp.cos(g(0)) + sp.cos(a))
    subexpressions, main = facts(simp.sympy_cse(collection))
    [(cosine, value)] = subexpressions.items()
    assert value == sp.cos(a)
    assert main == [sp.sin(a) + sp.sin(g(0)), cosine + sp.sin(g(0)), sp.cos(g(0)) + cosine]
    reads = simp.add_subexpressions_for_field_reads(collection)
    assert facts(reads)[0] == {next(iter(facts(reads)[0])): g(0)}
    assert facts(reads)[1][1] == sp.cos(a) + sp.sin(g(0))


def test_divisions():
    assert facts(simp.add_subexpressions_for_divisions(collection_of(a / c + b / c, d / c**2))) == (
        {xi[0]: 1 / c},
        [a * xi[0] + b * xi[0], d * xi[0] ** 2],
    )
    result = simp.add_subexpressions_for_divisions(collection_of(1 / (a + 1 / sp.sqrt(c))))
    assert facts(result) == ({xi[0]: 1 / sp.sqrt(c), xi[1]: 1 / (a + xi[0])}, [xi[1]])
    assert result.operation_count["divs"] == 2


def test_constants():
    result = simp.add_subexpressions_for_constants(collection_of(3 * a - b + a**3, 3 * c + 1, sp.Rational(1, 3) * a))
    assert facts(result) == ({xi[0]: 3, xi[1]: sp.Rational(1, 3)}, [xi[0] * a - b + a**3, xi[0] * c + 1, xi[1] * a])


def test_sums():
    result = simp.add_subexpressions_for_sums(collection_of(a * b + c + 3, 2 * (a * b + d)))
    subexpressions, main = facts(result)
    assert set(subexpressions.values()) == {a * b, 2 * a * b, 2 * d}
    assert all(term.is_Atom for rhs in main for term in sp.Add.make_args(rhs))


def test_field_reads():
    collection = collection_of(f(0) * p, f(0) + f[1, 0](0), subexpressions=[Assignment(p, f(1))])
    subexpressions, main = facts(simp.add_subexpressions_for_field_reads(collection))
    assert set(subexpressions.values()) >= {f(0), f(1), f[1, 0](0)} and len(subexpressions) == 4
    assert not any(rhs.has(ps.Field.Access) for rhs in main)
    only_main = simp.add_subexpressions_for_field_reads(collection, subexpressions=False)
    assert only_main.subexpressions_dict[p] == f(1)
    only_sub = simp.add_subexpressions_for_field_reads(collection, main_assignments=False)
    assert [assignment.rhs for assignment in only_sub.main_assignments] == [f(0) * p, f(0) + f[1, 0](0)]


def test_reads_of_another_type():
    half = ps.fields("half: float32[2D]")
    collection = AssignmentCollection([Assignment(g(0), half[0, 0] / 3)])
    converted = simp.add_subexpressions_for_field_reads(collection, data_type="float64")
    symbol = converted.subexpressions[0].lhs
    assert symbol.dtype == ps.create_type("float64")
    assert converted.subexpressions[0].rhs == ps.tcast(half[0, 0], "float64")
    array, out = np.full((2, 2), 0.1, dtype=np.float32), np.zeros((2, 2, 3))
    ps.create_kernel(converted).compile()(half=array, g=out)
    assert (out[..., 0] == np.float64(np.float32(0.1)) / 3).all()


def test_substitution_of_known_values():
    definitions = [Assignment(p, a * b), Assignment(q, c + d + a * b)]
    collection = collection_of(a * b + sp.exp(c + d), subexpressions=definitions)
    existing = simp.subexpression_substitution_in_existing_subexpressions(collection)
    assert facts(existing) == ({p: a * b, q: c + d + p}, [a * b + sp.exp(c + d)])
    in_main = simp.subexpression_substitution_in_main_assignments(collection)
    assert facts(in_main) == ({p: a * b, q: c + d + a * b}, [p + sp.exp(c + d)])


INSERTIONS = [
    # rule, values that are inserted, values that are not
    ("insert_aliases", [f(1), a], [2 * a, sp.Integer(0), a + 1]),
    ("insert_zeros", [sp.Integer(0)], [sp.Integer(1), a]),
    ("insert_constants", [sp.Integer(0), sp.Rational(1, 3), sp.pi, sp.Float(0.5)], [a, 2 * a]),
    ("insert_squares", [a**2, f(1) ** 2], [a**3, (a + b) ** 2, 2 * a**2]),
    ("insert_symbol_times_minus_one", [-a], [2 * a, -a * b, -(a**2)]),
    ("insert_constant_multiples", [-a, 2 * a, sp.Float(0.5) * f(1)], [a * b, 2 * a * b, a]),
    ("insert_constant_additions", [a + 1, f(1) - sp.Rational(1, 2)], [a + b, 2 * a + 1, a + b + 1]),
]


@pytest.mark.parametrize("name, cheap, others", INSERTIONS, ids=[row[0] for row in INSERTIONS])
def test_insertion(name, cheap, others):
    rule = getattr(simp, name)
    for value in cheap:
        # c keeps the second one from being cheap, too.
        collection = collection_of(
            sp.exp(p) + q, subexpressions=[Assignment(p, value), Assignment(q, c * sp.cos(p) + d)]
        )
        assert facts(rule(collection)) == ({q: c * sp.cos(value) + d}, [sp.exp(value) + q])
        assert rule(collection, skip=[p]) == collection
    for value in others:
        collection = collection_of(sp.exp(p), subexpressions=[Assignment(p, value)])
        assert rule(collection) == collection
    assert set(subexpression_insertion.__all__) == {row[0] for row in INSERTIONS}


def test_old_values_of_written_elements_are_not_inserted():
    collection = collection_of(a, p, subexpressions=[Assignment(p, g(0))])
    assert simp.insert_aliases(collection) == collection


def test_expansion_in_the_engine():
    expr = (a + f(0)) ** 3 * (b - 2)
    assert sp.expand(simp.expand(expr) - expr) == 0 and isinstance(simp.expand(expr), sp.Add)
    collection = collection_of((a + p) * b, subexpressions=[Assignment(p, (a + b) * c)])
    assert facts(simp.expand(collection)) == ({p: a * c + b * c}, [a * b + p * b])
    with pytest.raises(ExpressionError):
        simp.expand(sp.gamma(a))


# -- strategies --------------------------------------------------------------------------------------------------------


def test_strategies():
    strategy = simp.SimplificationStrategy()
    strategy.add(simp.apply_to_all_assignments(sp.expand))
    strategy.add(simp.sympy_cse)
    collection = collection_of((a + b) * c, sp.sin(a * c) / (a * c))
    expected = simp.sympy_cse(simp.apply_to_all_assignments(sp.expand)(collection))
    assert facts(strategy(collection))[1][0].atoms() and len(strategy.rules) == 2
    assert strategy(collection).operation_count == expected.operation_count
    assert repr(strategy) == "SimplificationStrategy: expand, sympy_cse"
    with pytest.raises(TypeError):
        strategy.rules[0] = None


def test_reports():
    strategy = simp.SimplificationStrategy()
    strategy.add(simp.add_subexpressions_for_divisions)
    report = strategy.create_simplification_report(collection_of(a / c + b / c))
    assert [row[0] for row in report.rows] == ["initial", "add_subexpressions_for_divisions"]
    assert [row[2:] for row in report.rows] == [(1, 0, 2, 3), (1, 2, 1, 4)]
    assert report.rows[0][1] is None and report.rows[1][1] > 0
    lines = str(report).splitlines()
    assert lines[0].split() == ["rule", "ms", "adds", "muls", "divs", "all"] and len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["initial", "-", "1", "0", "2", "3"]
    assert report._repr_html_().count("<tr>") == 3 and "<td>initial</td>" in report._repr_html_()


def test_intermediate_results():
    strategy = simp.SimplificationStrategy()
    strategy.add(simp.sympy_cse)
    collection = collection_of(a * b + sp.exp(a * b))
    results = strategy.show_intermediate_results(collection)
    assert results.stages == (("initial", collection), ("sympy_cse", simp.sympy_cse(collection)))
    assert str(results).startswith("initial\n") and "sympy_cse\n" in str(results)
    assert "<h4>sympy_cse</h4>" in results._repr_html_()


def test_wrong_rules():
    strategy = simp.SimplificationStrategy()
    with pytest.raises(ExpressionError, match="no simplification rule"):
        strategy.add(3)
    strategy.add(lambda collection: None)
    with pytest.raises(ExpressionError, match="returned None"):
        strategy(collection_of(a))


def test_standard_strategy():
    collection = collection_of(p * q + a * b, sp.sin(a * b), subexpressions=[Assignment(p, f(0)), Assignment(q, 0)])
    assert facts(simp.create_simplification_strategy()(collection)) == ({xi[0]: a * b}, [xi[0], sp.sin(xi[0])])
