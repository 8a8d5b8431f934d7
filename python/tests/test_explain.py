"""explain(), measure() and assembly() of kernels and bound calls."""

import numpy as np
import pytest

import cppstencils as ps
from cppstencils import jit


def smooth(**options):
    u, v = ps.fields("u, v: double[2D]")
    return ps.create_kernel(ps.Assignment(v[0, 0], (u[1, 0] + u[-1, 0] + u[0, 1] + u[0, -1]) / 4), **options)


def test_a_kernel_is_counted():
    cost = smooth().compile().explain()
    assert (cost.bytes_read, cost.bytes_written) == (8, 8)
    assert (cost.bytes_cached, cost.bytes_streaming) == (24, 16)
    assert cost.float64.additions == 3
    assert cost.flops == cost.float64.flops == 4
    assert cost.intensity == pytest.approx(4 / 24)
    assert "24 bytes: 8 read, 8 written" in str(cost)


def test_a_call_is_explained_and_measured():
    u, v = np.ones((100, 200)), np.zeros((100, 200))
    call = smooth().compile().bind(u=u, v=v)
    before = call.explain()
    assert before.cells == 98 * 198
    assert before.share_of_bound is None and before.measurement is None
    assert not v.any(), "explain() runs nothing"
    assert before.bound == min(before.memory_bound, before.arithmetic_bound)
    assert before.threads == 1 and before.threads_reason
    assert before.reasons[0].startswith("Code for unit stride")
    seen = call.measure(seconds=0.001, calls=3)
    assert v[50, 50] == 1
    assert seen.calls >= 3 and seen.rate > 0
    after = call.explain(seen)
    assert after.share_of_bound == pytest.approx(seen.rate / after.bound)
    assert "% of the bound" in str(after)
    assert before.machine.bandwidth()["main memory"][0] > 1e8


def test_the_array_that_breaks_unit_stride_is_named():
    u, v = np.ones((100, 200)), np.zeros((100, 200), order="F")
    assert "'v' are 100 elements apart" in smooth().compile().bind(u=u, v=v).explain().reasons[0]


def test_machine_code_is_text():
    compiled = smooth(function_name="readable").compile()
    assert "readable" in compiled.assembly()
    assert "readable" in compiled.bind(u=np.ones((9, 9)), v=np.ones((9, 9))).assembly()
    with pytest.raises(NotImplementedError, match="has no assembly text"):
        smooth(jit=jit.InterpreterJit()).compile().assembly()
