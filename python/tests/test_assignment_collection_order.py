"""Collections whose main assignments write what others read keep their meaning."""

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps

f, g = ps.fields("f, g: float64[1D]")
p = sp.Symbol("p")
COLLECTION = ps.AssignmentCollection([ps.Assignment(f[0], 7), ps.Assignment(g[0], p + f[0])], [ps.Assignment(p, f[0])])


def run(collection):
    a, b = np.full(4, 3.0), np.zeros(4)
    ps.create_kernel(collection).compile()(f=a, g=b)
    return a.tolist(), b.tolist()


@pytest.mark.parametrize(
    "change", [lambda c: c.new_without_subexpressions(), lambda c: c.new_with_inserted_subexpression(p)]
)
def test_inserting_a_subexpression_does_not_read_a_new_value(change):
    assert run(COLLECTION) == run(change(COLLECTION)) == ([7.0] * 4, [10.0] * 4)


def test_lambdify_reads_old_values_in_subexpressions_and_new_ones_in_main_assignments():
    assert COLLECTION.lambdify([f[0]])(3) == {f[0]: 7, g[0]: 10}


def test_a_subexpression_that_nobody_overwrites_is_inserted():
    collection = ps.AssignmentCollection([ps.Assignment(g[0], p + 1)], [ps.Assignment(p, 2 * f[0])])
    result = collection.new_without_subexpressions()
    assert result.subexpressions == [] and result.main_assignments == [ps.Assignment(g[0], 2 * f[0] + 1)]
