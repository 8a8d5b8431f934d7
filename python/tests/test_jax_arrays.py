"""JAX arrays are read where they are, and never written: JAX relies on arrays that do not change."""

import jax
import numpy as np
import pytest

import cppstencils as ps

u, v = ps.fields("u, v: float32[2D]")
DOUBLE = ps.create_kernel(ps.Assignment(v[0, 0], 2 * u[0, 0])).compile()


def numbers():
    return jax.numpy.arange(12, dtype="float32").reshape(3, 4)


def test_input_is_read_where_it_is():
    out = np.zeros((3, 4), "float32")
    DOUBLE(u=numbers(), v=out)
    assert np.array_equal(out, 2 * np.arange(12).reshape(3, 4))


def test_bound_kernel_keeps_the_array():
    out = np.zeros((3, 4), "float32")
    bound = DOUBLE.bind(u=numbers(), v=out)
    bound()
    assert out[2, 3] == 22


def test_output_is_refused_and_stays():
    target = numbers()
    for call in (DOUBLE, DOUBLE.bind):
        with pytest.raises(ps.errors.ArgumentError) as caught:
            call(u=np.ones((3, 4), "float32"), v=target)
        assert caught.value.code == "argument-read-only"
    assert np.array_equal(np.asarray(target), np.arange(12).reshape(3, 4))


def test_wrong_type_is_refused():
    with pytest.raises(TypeError):
        DOUBLE(u=jax.numpy.arange(12).reshape(3, 4), v=np.zeros((3, 4), "float32"))
