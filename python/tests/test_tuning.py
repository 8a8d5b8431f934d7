"""Bound kernels that are tuned."""

import gc

import numpy as np
import pytest

import cppstencils as ps
from cppstencils.jit import CacheOptions, LlvmJit
from cppstencils.tuning import TunedKernel

u, v = ps.fields("u, v: double[2D]")
UNCACHED = CacheOptions.off()
RULE = ps.Assignment(v[0, 0], (u[1, 0] + u[-1, 0] + u[0, 1] + u[0, -1]) / 4 + v[0, 0])


def arrays():
    random = np.random.default_rng(1)
    return random.random((40, 50)), random.random((40, 50))


def compiled(cache=UNCACHED, **cpu):
    kernel = ps.create_kernel(RULE, function_name="smooth", cpu=cpu)
    return LlvmJit(cache=cache).compile(kernel)


def test_arrays_are_left_as_they_are_and_results_do_not_change():
    a, b = arrays()
    bound = compiled().bind(u=a, v=b)
    tuned = bound.tune(seconds=2, least_gain=0)
    assert isinstance(tuned, TunedKernel)
    call, kernel, report = tuned
    first_a, first_b = arrays()
    assert np.array_equal(a, first_a) and np.array_equal(b, first_b)
    bound()
    expected = b.copy()
    b[:] = first_b
    call()
    assert np.array_equal(b, expected)
    b[:] = first_b
    kernel(u=a, v=b)
    assert np.array_equal(b, expected)
    assert kernel.kernel.name == "smooth" and call.cells == 38 * 48
    assert report.kernel == "smooth" and report.cells == 38 * 48
    assert len(report.candidates) >= 2 and report.candidates[0].relative_time == 1
    assert str(report.candidates[0].choice) == "the library's own choice"
    assert report.candidates[0].choice.unroll is None
    assert str(report).startswith("Tuning of kernel 'smooth', 1824 of 1824 cells, in ")


def test_the_tuned_call_keeps_the_arrays():
    a, b = arrays()
    call = compiled().bind(u=a, v=b).tune(seconds=0).call
    expected = b.copy()
    expected[1:-1, 1:-1] += (a[2:, 1:-1] + a[:-2, 1:-1] + a[1:-1, 2:] + a[1:-1, :-2]) / 4
    del a
    gc.collect()
    call()
    assert np.allclose(b, expected)


def test_pinned_options_stay():
    a, b = arrays()
    bound = compiled(unroll=2, vector_bytes=16, threads=1, streaming_stores=False, block_rows=0).bind(u=a, v=b)
    assert bound.tune(seconds=0.1).report.candidates == []


def test_saved_choices_are_found(tmp_path):
    a, b = arrays()
    report = compiled(cache=CacheOptions(directory=tmp_path)).bind(u=a, v=b).tune(seconds=0.1, least_gain=0).report
    reasons = compiled(cache=CacheOptions(directory=tmp_path), tuning="saved").bind(u=a, v=b).explain().reasons
    assert (f"Tuning has chosen {report.chosen}." in reasons) == (report.gain != 1)


def test_wrong_options():
    a, b = arrays()
    with pytest.raises(ValueError, match="cannot be tuned for -1 s with a least gain of 0.03"):
        compiled().bind(u=a, v=b).tune(seconds=-1)
    with pytest.raises(ValueError, match="Option cpu.tuning is 'on', but 'off' or 'saved' is expected"):
        ps.create_kernel(RULE, cpu={"tuning": "on"})
