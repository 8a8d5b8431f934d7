"""Random numbers: values, expressions, errors, and what users of pystencils know."""

import pickle

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.errors import ExpressionError, TypeMismatch
from cppstencils.random import Philox, RandomNumber

seed = ps.TypedSymbol("seed", "uint32")
step = ps.TypedSymbol("step", "uint32")


def philox(counter, key):
    """The four words of arrays of counters, written from the paper."""
    c = [np.asarray(word).astype(np.uint64) & 0xFFFFFFFF for word in counter]
    k = [int(word) for word in key]
    for _ in range(10):
        first, second = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
        c = [second >> high ^ c[1] ^ np.uint64(k[0]), second & low, first >> high ^ c[3] ^ np.uint64(k[1]), first & low]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def expected(dtype, counter, key):
    """The values of a draw, along the last axis."""
    w = philox(counter, key)
    if dtype == "uint32":
        values = [word.astype(np.uint32) for word in w]
    elif dtype == "float32":
        scaled = [word.astype(np.float32) * np.float32(2.0**-32) + np.float32(2.0**-33) for word in w]
        values = [np.minimum(value, np.float32(1 - 2.0**-24)) for value in scaled]
    else:
        bits = [w[i] ^ w[i + 1] << np.uint64(21) for i in (0, 2)]
        values = [np.minimum(n.astype(np.float64) * 2.0**-53 + 2.0**-54, 1 - 2.0**-53) for n in bits]
    return np.stack(np.broadcast_arrays(*values), axis=-1)


def drawn(rng, values, shape=(5, 4, 7), **scalars):
    """What a kernel stores of a draw."""
    field = ps.fields(f"r({len(values)}): {rng.dtype}[{len(shape)}D]")
    kernel = ps.create_kernel([ps.Assignment(field(i), value) for i, value in enumerate(values)]).compile()
    result = np.zeros((*shape, len(values)), dtype=str(rng.dtype))
    kernel(r=result, **scalars)
    return result


@pytest.mark.parametrize("dtype", ["float64", "float32", "uint32"])
def test_values(dtype):
    rng = Philox("rng", dtype, seed, offsets=(3, -1, 100))
    result = drawn(rng, rng.uniform(step, 9), seed=2**32 - 1, step=7)
    x, y, z = np.ogrid[3:8, -1:3, 100:107]
    assert np.array_equal(result, expected(dtype, (7, x, y, z), (2**32 - 1, 9)))


def test_published_values():
    # Random123, kat_vectors, philox4x32 with 10 rounds.
    assert [hex(word) for word in philox([0] * 4, [0] * 2)] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    rng = Philox("rng", "uint32", 0xA4093822, offsets=(0x85A308D3, 0x13198A2E, 0x03707344))
    result = drawn(rng, rng.uniform(0x243F6A88, 0x299F31D0), shape=(1, 1, 1))
    assert [hex(word) for word in result.ravel()] == ["0xd16cfe09", "0x94fdcceb", "0x5001e420", "0x24126ea1"]


def test_the_numbers_of_pystencils():
    # Two draws of pystencils 2.0 with seed 42 at counter 3, in the cell (1, 2, 3).
    rng = ps.random.Philox("rng", "float64", 42)
    (vector, draw), (second, second_draw) = rng.get_random_vector(step), rng.get_random_vector(step)
    f = ps.fields("f(2): double[3D]")
    lines = [draw, second_draw, ps.Assignment(f(0), vector[0]), ps.Assignment(f(1), second[1])]
    result = np.zeros((4, 5, 6, 2))
    ps.create_kernel(lines).compile()(f=result, step=3)
    assert result[1, 2, 3].view(np.uint64).tolist() == [4605816205710357922, 4588790101089679048]
    assert draw.lhs == ps.TypedSymbol("rng_0", "float64") and second_draw.lhs.name == "rng_1"
    # Without the assignments, which name values only.
    again = np.zeros_like(result)
    ps.create_kernel(lines[2:]).compile()(f=again, step=3)
    assert np.array_equal(result, again)
    # Offsets and periods, at counter 3.
    rng = ps.random.Philox(
        "rng", "float64", 42, offsets=(1, 2, 3), periodicity=(True, False, True), num_cells=(5, 6, 7)
    )
    (vector, draw), (second, second_draw) = rng.get_random_vector(step), rng.get_random_vector(step)
    lines = [draw, second_draw, ps.Assignment(f(0), vector[0]), ps.Assignment(f(1), second[1])]
    ps.create_kernel(lines).compile()(f=result, step=3)
    assert result[1, 2, 3].view(np.uint64).tolist() == [4599836394612974329, 4594501340137392402]


def test_periods():
    rng = Philox("rng", "float64", 1, offsets=(-7,), periodicity=(True, False), num_cells=(4, None))
    result = drawn(rng, rng.uniform(0), shape=(12, 3))
    assert np.array_equal(result[:4], result[4:8]) and np.array_equal(result[:4], result[8:])
    assert len(np.unique(result[:4])) == 4 * 3 * 2


def test_normal_numbers():
    for dtype, count in (("float64", 2), ("float32", 4)):
        rng = Philox("rng", dtype, 3)
        result = drawn(rng, rng.normal(step), shape=(100, 100), step=1).astype(float)
        assert result.shape == (100, 100, count)
        # Four standard deviations; the numbers are always the same.
        n = result.size
        assert abs(result.mean()) < 4 / n**0.5
        assert abs((result**2).mean() - 1) < 4 * (2 / n) ** 0.5
        assert abs((result**4).mean() - 3) < 4 * (96 / n) ** 0.5
        assert abs(np.corrcoef(result[..., 0].ravel(), result[..., 1].ravel())[0, 1]) < 4 / 100


def test_every_jit_computes_the_same():
    rng = Philox("rng", "float32", seed)
    f = ps.fields("f(4): float[2D]")
    lines = [ps.Assignment(f(i), value) for i, value in enumerate(rng.uniform(step))]
    results = []
    for jit in (None, ps.jit.InterpreterJit(), ps.jit.LegacyCpuJit()):
        config = ps.CreateKernelConfig() if jit is None else ps.CreateKernelConfig(jit=jit)
        results.append(np.zeros((6, 19, 4), dtype=np.float32))
        ps.create_kernel(lines, config).compile()(f=results[-1], seed=5, step=6)
    assert np.array_equal(results[0], results[1]) and np.array_equal(results[0], results[2])
    x, y = np.ogrid[:6, :19]
    assert np.array_equal(results[0], expected("float32", (6, x, y, 0), (5, 0)))


# -- expressions -------------------------------------------------------------------------------------------------------


def test_numbers_are_expressions():
    rng = Philox("rng", "float64", seed)
    first, second = rng.uniform(step)
    assert first == rng.uniform(step)[0] and first != second and hash(first) == hash(rng.uniform(step)[0])
    assert first != rng.uniform(step, 1)[0]
    assert first.free_symbols == {seed, step}
    assert first.subs(step, 3) == rng.uniform(3)[0]
    assert first.is_positive and first.is_real and first.is_integer is None
    assert Philox("rng", "uint32", 1).uniform(0)[0].is_integer
    f = ps.fields("f: double[2D]")
    assert (first * f.center).diff(f.center) == first
    assert sp.expand((first + f.center) ** 2).has(first)
    assert sp.cse([first * 2 + second, first * 2 - second])[0]
    assert pickle.loads(pickle.dumps(first)) == first
    assert isinstance(first, RandomNumber) and first.position == 0 and first.dtype == ps.create_type("double")
    assert rng.vector_size == 2 and repr(rng) == "Philox('rng', 'float64', seed)"


def test_texts():
    assert str(Philox("rng", "float64", 42).uniform(step)[1]) == "random_float64_1(step, 42, 0)"
    number = Philox("rng", "float32", 42, offsets=(0, 8)).uniform(step, 2)[3]
    assert str(number) == "random_float32_3(step, 42, 2, 0, 8)"
    assert sp.latex(number**2) == r"\operatorname{random}^{2}_{3}\left(step, 42, 2, 0, 8\right)"


def test_collections_and_simplification_keep_them():
    rng = Philox("rng", "float64", seed)
    f, g = ps.fields("f, g: double[2D]")
    noise = rng.uniform(step)[0] - sp.Rational(1, 2)
    collection = ps.AssignmentCollection([ps.Assignment(f.center, g.center + noise), ps.Assignment(g.center, noise)])
    assert {symbol.name for symbol in collection.free_symbols} >= {"seed", "step"}
    simplified = ps.simp.sympy_cse(collection)
    results = []
    for lines in (collection, simplified):
        a, b = np.ones((8, 8)), np.ones((8, 8))
        ps.create_kernel(lines).compile()(f=a, g=b, seed=1, step=2)
        results.append((a, b))
    assert np.array_equal(results[0], results[1])
    x, y = np.ogrid[:8, :8]
    assert np.array_equal(results[0][1], expected("float64", (2, x, y, 0), (1, 0))[..., 0] - 0.5)


def test_gpu_text_and_costs():
    rng = Philox("rng", "float64", seed)
    f = ps.fields("f: double[2D]")
    line = ps.Assignment(f.center, rng.uniform(step)[0])
    assert "3528531795" in ps.create_kernel(line, ps.CreateKernelConfig(target=ps.Target.CUDA)).get_c_code()
    explanation = ps.create_kernel(line).compile().explain()
    assert explanation.integer_operations > 80
    assert f"integers    {explanation.integer_operations} operations" in str(explanation)


# -- errors ------------------------------------------------------------------------------------------------------------


def test_types():
    for dtype in ("int32", "float16", "bool", ps.DynamicType.NUMERIC_TYPE):
        with pytest.raises(TypeMismatch) as caught:
            Philox("rng", dtype, 1)
        assert caught.value.code in ("unsupported-type", "invalid-type") and caught.value.hints
    with pytest.raises(TypeMismatch, match="no normally distributed numbers of type uint32"):
        Philox("rng", "uint32", 1).normal(0)


@pytest.mark.parametrize("wrong", [1.5, sp.Rational(1, 2), sp.pi, None, "seed", [1], True])
def test_what_is_no_integer(wrong):
    with pytest.raises(ExpressionError, match="cannot have the seed") as caught:
        Philox("rng", "float64", wrong)
    assert caught.value.code == "invalid-expression" and caught.value.hints
    with pytest.raises(ExpressionError, match="cannot have the counter"):
        Philox("rng", "float64", 1).uniform(wrong)
    with pytest.raises(ExpressionError, match="cannot have the offset"):
        Philox("rng", "float64", 1, offsets=(0, wrong))


def test_dimensions():
    with pytest.raises(ExpressionError, match="given 4 offsets"):
        Philox("rng", "float64", 1, offsets=(1, 2, 3, 4))
    with pytest.raises(ExpressionError, match="Dimension 1 of random numbers is periodic") as caught:
        Philox("rng", "float64", 1, periodicity=(False, True), num_cells=(8,))
    assert caught.value.hints == ["Give num_cells, one per dimension."]
    f = ps.fields("f: double[2D]")
    with pytest.raises(ExpressionError, match="offset or a period in dimension 2"):
        ps.create_kernel(ps.Assignment(f.center, Philox("rng", "float64", 1, offsets=(0, 0, 5)).uniform(0)[0]))


def test_constants_out_of_range():
    f = ps.fields("f: double[2D]")
    for value in (-1, 2**32, 2**70):
        with pytest.raises(ExpressionError, match="cannot have the seed"):
            ps.create_kernel(ps.Assignment(f.center, Philox("rng", "float64", value).uniform(0)[0]))
        with pytest.raises(ExpressionError, match="cannot have the counter"):
            ps.create_kernel(ps.Assignment(f.center, Philox("rng", "float64", 1).uniform(value)[0]))


def test_symbols_without_an_integer_type():
    f = ps.fields("f: double[2D]")
    with pytest.raises(TypeMismatch, match="'time' has type float64, but .* counts with integers") as caught:
        ps.create_kernel(ps.Assignment(f.center, Philox("rng", "float64", 1).uniform(sp.Symbol("time"))[0]))
    assert 'TypedSymbol("step", "uint32") in Python' in caught.value.hints[0]
    with pytest.raises(TypeMismatch, match="has type float32, but"):
        ps.create_kernel(ps.Assignment(f.center, Philox("rng", "float32", 1).uniform(0)[0]))
