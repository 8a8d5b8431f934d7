"""Reduction assignments."""

import pickle

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.jit import InterpreterJit, LegacyCpuJit, LlvmJit

f, g = ps.fields("f, g: double[2D]")
w, m = ps.TypedSymbol("w", "float64"), sp.Symbol("m")

CASES = [
    (ps.AddReductionAssignment, lambda start, values: start + values.sum()),
    (ps.SubReductionAssignment, lambda start, values: start - values.sum()),
    (ps.MulReductionAssignment, lambda start, values: start * values.prod()),
    (ps.MinReductionAssignment, lambda start, values: min(start, values.min())),
    (ps.MaxReductionAssignment, lambda start, values: max(start, values.max())),
]


@pytest.mark.parametrize("kind, expected", CASES, ids=lambda case: getattr(case, "__name__", ""))
@pytest.mark.parametrize("jit", [LlvmJit(), LegacyCpuJit(), InterpreterJit()], ids=lambda jit: type(jit).__name__)
def test_the_values_of_numpy(kind, expected, jit):
    values = np.random.default_rng(3).random((37, 90)) / 2 + 0.75
    number = np.array([1.5])
    jit.compile(ps.create_kernel(kind(w, f[0, 0])))(f=values, w=number)
    assert number[0] == pytest.approx(expected(1.5, values), rel=1e-12)


def test_sums_are_as_exact_as_those_of_numpy():
    values = np.random.default_rng(4).random((1000, 1000))
    exact = sum(map(int, (values * 2.0**53).ravel())) / 2.0**53
    number = np.zeros(1)
    ps.create_kernel(ps.AddReductionAssignment(w, f[0, 0])).compile()(f=values, w=number)
    assert abs(number[0] - exact) <= 8 * np.spacing(exact)


def test_numbers_take_part_and_calls_add_up():
    values, number = np.ones((4, 5)), np.array(10.0)
    call = ps.create_kernel(ps.AddReductionAssignment(w, 2 * f[0, 0])).compile().bind(f=values, w=number)
    call()
    call()
    assert number == 10 + 2 * 2 * 20


def test_results_and_numbers_of_one_kernel():
    kernel = ps.create_kernel(
        [
            ps.Assignment(g[0, 0], f[1, 0] - f[-1, 0]),
            ps.AddReductionAssignment(w, g[0, 0] ** 2),
            ps.MaxReductionAssignment(m, sp.Abs(g[0, 0])),
        ],
        ghost_layers=1,
    )
    assert [(p.name, p.role, str(p.dtype), p.access) for p in kernel.parameters] == [
        ("f", "field", "float64", "read"),
        ("g", "field", "float64", "write"),
        ("m", "reduction", "float64", "read_write"),
        ("w", "reduction", "float64", "read_write"),
    ]
    a, b = np.random.default_rng(5).random((20, 30)), np.zeros((20, 30))
    norm, largest = np.zeros((1, 1)), np.zeros(1)
    kernel.compile()(f=a, g=b, w=norm, m=largest)
    difference = a[2:, 1:-1] - a[:-2, 1:-1]
    assert np.array_equal(b[1:-1, 1:-1], difference)
    assert norm[0, 0] == pytest.approx((difference**2).sum(), rel=1e-13)
    assert largest[0] == abs(difference).max()


def test_integers_and_conditions():
    i = ps.fields("i: int32[1D]")
    n = ps.TypedSymbol("n", "int32")
    values, number = np.arange(-50, 50, dtype=np.int32), np.zeros(1, dtype=np.int32)
    count = ps.AddReductionAssignment(n, sp.Piecewise((1, i[0] > 10), (0, True)))
    ps.create_kernel(count).compile()(i=values, n=number)
    assert number[0] == (values > 10).sum()


def test_no_cell_leaves_the_number_alone():
    number = np.array([3.0])
    kernel = ps.create_kernel(ps.MaxReductionAssignment(w, f[0, 0]), iteration_slice=ps.make_slice[2:2, :])
    kernel.compile()(f=np.ones((4, 4)), w=number)
    assert number[0] == 3


def test_assignments_in_collections_keep_their_operation():
    x = sp.Symbol("x")
    add = ps.AddReductionAssignment(w, x**2)
    collection = ps.AssignmentCollection([add], [ps.Assignment(x, f[0, 0] + 1)])
    for new in (
        collection,
        collection.copy(),
        collection.subs({x: sp.Symbol("y")}),
        collection.new_without_subexpressions(),
        collection.new_with_inserted_subexpression(x),
        collection.new_merged(ps.AssignmentCollection([ps.Assignment(g[0, 0], 1)])),
        ps.simp.sympy_cse(collection),
        ps.simp.expand(collection),
        ps.simp.insert_symbol_times_minus_one(collection),
        ps.fd.discretize_spatial(collection, 1) if hasattr(ps.fd, "discretize_spatial") else collection,
    ):
        assert isinstance(new.main_assignments[0], ps.AddReductionAssignment)
    values, number = np.full((3, 3), 2.0), np.zeros(1)
    ps.create_kernel(collection).compile()(f=values, w=number)
    assert number[0] == 81


def test_equality_texts_and_pickles():
    add = ps.AddReductionAssignment(w, f[0, 0])
    assert add == ps.reduction_assignment(w, ps.ReductionOp.Add, f[0, 0])
    assert add != ps.MaxReductionAssignment(w, f[0, 0]) and add != ps.Assignment(w, f[0, 0])
    assert pickle.loads(pickle.dumps(add)) == add
    assert str(add) == "w ← add(f[0,0])" and "mathrm{add}" in sp.latex(add)
    kernel = ps.create_kernel(ps.MinReductionAssignment(m, f[0, 0]))
    assert "reduce" in kernel.ir() and "minimum" in kernel.source()
    assert pickle.loads(pickle.dumps(kernel)).ir() == kernel.ir()


def test_wrong_reductions():
    for make, words in [
        (lambda: ps.AddReductionAssignment(f[0, 0], 1), "cannot be reduced into"),
        (lambda: ps.AddReductionAssignment([w], [1]), "one target"),
        (lambda: ps.ReductionAssignment(w, f[0, 0]), "needs an operation"),
        (lambda: ps.reduction_assignment(w, "+", f[0, 0]), "no operation of a reduction"),
        (lambda: ps.create_kernel(ps.AddReductionAssignment(w, 1)), "has no field"),
        (lambda: ps.create_kernel([ps.AddReductionAssignment(w, f[0, 0])] * 2), "reduced into twice"),
        (
            lambda: ps.create_kernel([ps.AddReductionAssignment(w, f[0, 0]), ps.Assignment(g[0, 0], w)]),
            "used in another way",
        ),
    ]:
        with pytest.raises(ValueError, match=words) as error:
            make()
        assert error.value.hints


def test_wrong_arguments():
    kernel = ps.create_kernel(ps.AddReductionAssignment(w, f[0, 0])).compile()
    values, shared = np.ones((3, 4)), np.ones(12)
    read_only = np.zeros(1)
    read_only.flags.writeable = False
    for number, words in [
        (np.zeros(2), "one number"),
        (np.zeros(1, dtype=np.float32), "float32"),
        (0.0, "is a number"),
        (np.zeros(1, dtype=">f8"), "byte order"),
        (read_only, "read-only"),
    ]:
        with pytest.raises(ps.Error, match=words) as error:
            kernel(f=values, w=number)
        assert error.value.hints
    with pytest.raises(ps.Error, match="share memory"):
        kernel(f=shared.reshape(3, 4), w=shared[3:4])
    assert np.array_equal(shared, np.ones(12))
    with pytest.raises(ps.Error, match="'w'"):
        kernel(f=values)


def test_the_number_of_threads_changes_no_bit():
    values = np.random.default_rng(6).random((700, 900))
    results = set()
    for cpu in ({"threads": 1}, {"threads": 2}, {"threads": 5}, {"vector_bytes": 0}, {"vector_bytes": 16, "unroll": 8}):
        number = np.zeros(1)
        ps.create_kernel(ps.AddReductionAssignment(w, f[0, 0]), cpu=cpu).compile()(f=values, w=number)
        results.add(number[0])
    assert len(results) == 1


def test_tuning_leaves_the_number_alone():
    values, number = np.ones((60, 70)), np.array([5.0])
    bound = ps.create_kernel(ps.AddReductionAssignment(w, f[0, 0])).compile().bind(f=values, w=number)
    tuned = bound.tune(seconds=0.05)
    assert number[0] == 5
    tuned.call()
    assert number[0] == 5 + 60 * 70
