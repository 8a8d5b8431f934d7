"""Options: names that do not exist are errors, values are checked, copies are copies, and each does what it says."""

import copy
import pickle

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import CreateKernelConfig, create_kernel, make_slice
from cppstencils.errors import ConfigError, TypeMismatch, UnknownOption

f, g = ps.fields("f, g: double[2D]")
SHIFT = ps.Assignment(g[0, 0], f[1, 0])
COPY = ps.Assignment(g[0, 0], f[0, 0])

UNKNOWN = {
    "constructor": lambda: CreateKernelConfig(foo=1),
    "misspelt": lambda: CreateKernelConfig(ghost_layer=1),
    "attribute": lambda: setattr(CreateKernelConfig(), "foo", 1),
    "a method": lambda: CreateKernelConfig(copy=1),
    "category": lambda: setattr(CreateKernelConfig().cpu, "thread", 1),
    "category in a dictionary": lambda: CreateKernelConfig(cpu={"foo": 1}),
    "nested category": lambda: setattr(CreateKernelConfig().cpu.openmp, "enabled", True),
    "keyword of create_kernel": lambda: create_kernel(SHIFT, foo=1),
    "keyword of create_kernel with a config": lambda: create_kernel(SHIFT, CreateKernelConfig(), foo=1),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_options(name):
    with pytest.raises(UnknownOption, match="There is no option '") as caught:
        UNKNOWN[name]()
    assert isinstance(caught.value, (AttributeError, TypeError)) and "The options are" in caught.value.hints[0]


def test_unknown_attributes_cannot_be_read():
    with pytest.raises(AttributeError):
        _ = CreateKernelConfig().foo


BAD_VALUES = {
    "cpu": [3, None, "cpu", CreateKernelConfig()],
    "target": ["cpu", None, 0],
    "jit": [3, object(), "llvm", ps.jit.LlvmJit],
    "function_name": [3, None, b"kernel"],
    "default_dtype": [bool, ps.DynamicType.NUMERIC_TYPE, ps.DynamicType.INDEX_TYPE, "x", None, complex, np.float16],
    "index_dtype": ["float64", ps.DynamicType.INDEX_TYPE, bool, "x", None],
    "ghost_layers": [1.0, True, "1", ((1, 2, 3), 1), (1.5, 1), [None, 1], 2**70, {1, 2}, np.ones(2)],
    "iteration_slice": [
        "x",
        make_slice[0.5:, :],
        make_slice[sp.Symbol("n") :, :],
        make_slice[..., 0],
        2**70,
        (None, 0),
    ],
    "fp_mode": ["Fast", None, "", True],
    "allow_double_writes": [1, None, "yes"],
    "skip_independence_check": [0, None, "no"],
}


@pytest.mark.parametrize("option", BAD_VALUES)
def test_bad_values(option):
    for value in BAD_VALUES[option]:
        config = CreateKernelConfig()
        with pytest.raises((ConfigError, TypeMismatch)) as caught:
            setattr(config, option, value)
        assert caught.value.hints, str(caught.value)
        assert config == CreateKernelConfig(), f"{option} has changed to {value!r}"
        with pytest.raises((ConfigError, TypeMismatch)):
            create_kernel(SHIFT, **{option: value})


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "2", 2**40])
def test_bad_thread_counts(value):
    for change in ({"threads": value}, {"openmp": {"num_threads": value}}):
        with pytest.raises(ConfigError, match="a number of threads from 1"):
            CreateKernelConfig(cpu=change)


def test_streaming_stores_are_chosen_or_left_to_each_call():
    for value in (None, True, False):
        kernel = create_kernel(SHIFT, cpu={"streaming_stores": value}).compile()
        source, shifted = np.arange(20.0).reshape(4, 5), np.zeros((4, 5))
        kernel(f=source, g=shifted)
        assert shifted.any()
    with pytest.raises(ConfigError, match="True or False"):
        CreateKernelConfig(cpu={"streaming_stores": "always"})


@pytest.mark.parametrize("vector_bytes", [0, 16])
def test_vectors_are_chosen_and_explained(vector_bytes):
    if ps.jit.LlvmJit.unavailable_reason():
        pytest.skip(ps.jit.LlvmJit.unavailable_reason())
    call = create_kernel(SHIFT, cpu={"vector_bytes": vector_bytes, "unroll": 2}).compile()
    source, shifted = np.arange(200.0).reshape(4, 50), np.zeros((4, 50))
    bound = call.bind(f=source, g=shifted)
    bound()
    assert (shifted[1:-1, 1:-1] == source[2:, 1:-1]).all()
    explanation = bound.explain()
    assert explanation.lanes == max(vector_bytes // 8, 1)
    assert any("as 'cpu." in reason for reason in explanation.reasons)


@pytest.mark.parametrize("options", [{"vector_bytes": 24}, {"vector_bytes": True}, {"unroll": 3}, {"unroll": "2"}])
def test_bad_vectors(options):
    with pytest.raises(ConfigError, match="None, "):
        CreateKernelConfig(cpu=options)


BAD_KERNELS = {
    "function_name": ["a b", "", "1x", "ä"],
    "ghost_layers": [-1, ((0, -1), 0), (1,), (1, 2, 3), ()],
    "iteration_slice": [make_slice[1:-1], make_slice[1, 2, 3], make_slice[::0, :], make_slice[::-1, :], ()],
    "cpu": [{"threads": 2, "openmp": {"enable": True}}, {"openmp": {"num_threads": 2}}],
}


@pytest.mark.parametrize("option", BAD_KERNELS)
def test_values_that_do_not_fit_the_kernel(option):
    for value in BAD_KERNELS[option]:
        with pytest.raises(ConfigError):
            create_kernel(SHIFT, **{option: value})


def test_ghost_layers_and_a_slice_contradict_each_other():
    with pytest.raises(ConfigError, match="are both set"):
        create_kernel(SHIFT, ghost_layers=1, iteration_slice=make_slice[1:-1, 1:-1])


def test_configuration_that_is_none():
    for wrong in (3, {"ghost_layers": 1}, "config", CreateKernelConfig):
        with pytest.raises(ConfigError, match="as its configuration"):
            create_kernel(SHIFT, wrong)


def test_values_are_normalised():
    config = CreateKernelConfig(
        ghost_layers=[1, (np.int64(2), sp.Integer(3))], default_dtype=np.float32, index_dtype=int
    )
    assert config.ghost_layers == ((1, 1), (2, 3))
    assert config.default_dtype.name == "float32" and config.index_dtype.name == "int64"
    assert CreateKernelConfig(iteration_slice=3).iteration_slice == (3,)
    assert CreateKernelConfig(ghost_layers=ps.AUTO) == CreateKernelConfig()
    assert CreateKernelConfig(cpu={"openmp": {"enable": True}}).cpu.openmp.enable is True
    assert CreateKernelConfig(target=ps.Target.GenericCPU) == CreateKernelConfig()


def test_copies_are_apart():
    config = CreateKernelConfig(ghost_layers=1, jit=ps.no_jit)
    config.cpu.openmp.enable = True
    config.cpu.openmp.num_threads = 3
    for again in (config.copy(), copy.copy(config), copy.deepcopy(config), config.override()):
        assert again == config and repr(again) == repr(config)
        again.ghost_layers = 2
        again.cpu.openmp.num_threads = 5
        again.cpu.processor = "x86-64"
        assert again != config and config.cpu.openmp.num_threads == 3 and config.ghost_layers == 1
    restored = pickle.loads(pickle.dumps(config))
    assert restored.cpu == config.cpu and restored.ghost_layers == 1 and isinstance(restored.jit, ps.jit.NoJit)
    options = ps.CpuOptions(threads=2)
    config.cpu = options
    options.threads = 7
    assert config.cpu.threads == 2
    with pytest.raises(TypeError):
        hash(config)


def test_kernels_keep_a_copy():
    config = CreateKernelConfig(ghost_layers=1)
    kernel = create_kernel(SHIFT, config)
    config.ghost_layers = 3
    kernel.config.ghost_layers = 4
    assert kernel.config.ghost_layers == 1 and kernel.ghost_layers == ((1, 1), (1, 1))
    overridden = create_kernel(SHIFT, config, ghost_layers=2, function_name="other")
    assert overridden.ghost_layers == ((2, 2), (2, 2)) and overridden.name == "other"
    assert config.ghost_layers == 3 and config.function_name == "kernel"


def test_options_can_be_taken_back():
    config = CreateKernelConfig(ghost_layers=1)
    del config.ghost_layers
    assert config == CreateKernelConfig()


# -- what the options do -----------------------------------------------------------------------------------------------


def updated(shape, kernel):
    """Which cells a kernel writes."""
    out = np.zeros(shape)
    kernel.compile()(f=np.ones(shape), g=out)
    return out


@pytest.mark.parametrize("layers", [0, 1, 2, (1, 2), [(1, 0), (0, 2)], (0, (3, 1)), ((2, 2), 0)])
@pytest.mark.parametrize("shape", [(6, 7), (3, 5), (1, 1), (2, 9)])
def test_ghost_layers(layers, shape):
    sides = [layers] * 2 if isinstance(layers, int) else layers
    sides = [(side, side) if isinstance(side, int) else side for side in sides]
    wanted = np.zeros(shape)
    wanted[tuple(slice(low, max(low, n - high)) for (low, high), n in zip(sides, shape))] = 1
    assert (updated(shape, create_kernel(COPY, ghost_layers=layers)) == wanted).all()


@pytest.mark.parametrize("offsets, layers", [([(0, 0)], 0), ([(1, 0)], 1), ([(0, -2), (1, 0)], 2), ([(3, 3)], 3)])
def test_automatic_ghost_layers(offsets, layers):
    kernel = create_kernel(ps.Assignment(g[0, 0], sum(f[offset] for offset in offsets)))
    assert kernel.ghost_layers == ((layers, layers),) * 2
    written = updated((9, 8), kernel)
    assert (written[layers : 9 - layers, layers : 8 - layers] != 0).all()
    assert (written != 0).sum() == (9 - 2 * layers) * (8 - 2 * layers)


BOUNDS = [None, 0, 2, 5, 50, -1, -3, -50]


@pytest.mark.parametrize("start", BOUNDS)
def test_iteration_slices(start):
    cases = [slice(start, stop, step) for stop in BOUNDS for step in (None, 3)]
    for item in cases:
        wanted = np.zeros((8, 3))
        wanted[item, 1] = 1
        assert (updated((8, 3), create_kernel(COPY, iteration_slice=make_slice[item, 1])) == wanted).all(), item


@pytest.mark.parametrize("index", [0, 1, 2, -1, -3])
def test_slices_of_one_layer(index):
    wanted = np.zeros((5, 3))
    wanted[1:, index] = 1
    assert (updated((5, 3), create_kernel(COPY, iteration_slice=make_slice[1:, index])) == wanted).all()


@pytest.mark.parametrize("index", [3, -4])
def test_a_layer_that_is_not_there_has_no_cells(index):
    assert not updated((5, 3), create_kernel(COPY, iteration_slice=make_slice[:, index])).any()


def test_offsets_must_stay_inside():
    kernel = create_kernel(SHIFT, iteration_slice=make_slice[:, :]).compile()
    with pytest.raises(ps.errors.ArgumentError) as caught:
        kernel(f=np.ones((5, 3)), g=np.zeros((5, 3)))
    assert caught.value.code == "out-of-bounds"


@pytest.mark.parametrize("mode", ["strict", "contract", "fast"])
def test_floating_point_modes(mode):
    a, b, c = ps.fields("a, b, c: double[1D]")
    kernel = create_kernel(ps.Assignment(g1[0], a[0] * b[0] + c[0]), fp_mode=mode)
    x, y, z = np.random.default_rng(5).normal(size=(3, 1000))
    results = []
    for jit in (ps.jit.LlvmJit(), ps.jit.InterpreterJit()):
        results.append(np.zeros(1000))
        jit.compile(kernel)(a=x, b=y, c=z, out=results[-1])
    assert results[0].tobytes() == results[1].tobytes()
    assert (results[0] == x * y + z).all() == (mode == "strict")
    np.testing.assert_allclose(results[0], x * y + z, rtol=1e-10)
    assert ("fma(" in kernel.source()) == (mode != "strict")


g1 = ps.fields("out: double[1D]")


def test_default_dtype():
    u, w = ps.fields("u, w: [1D]")
    a = sp.Symbol("a")
    kernel = create_kernel(ps.Assignment(w[0], u[0] * a + sp.Rational(1, 3)), default_dtype="float32")
    assert {p.name: p.dtype.name for p in kernel.parameters} == dict.fromkeys("uwa", "float32")
    given, out = np.linspace(0, 1, 50, dtype=np.float32), np.zeros(50, np.float32)
    kernel.compile()(u=given, w=out, a=0.1)
    assert (out == given * np.float32(0.1) + np.float32(1) / np.float32(3)).all()
    with pytest.raises(TypeError):
        kernel.compile()(u=given.astype(float), w=out.astype(float), a=0.1)
    with pytest.raises(TypeMismatch):  # g is float64, a has the default
        create_kernel(ps.Assignment(g[0, 0], a * f[0, 0]), default_dtype="float32")


def test_integers_as_default():
    u, w = ps.fields("u, w: [1D]")
    out = np.zeros(3, np.int32)
    create_kernel(ps.Assignment(w[0], u[0] * sp.Symbol("n") + 1), default_dtype="int32").compile()(
        u=np.arange(3, dtype=np.int32), w=out, n=7
    )
    assert out.tolist() == [1, 8, 15]


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint16"])
def test_coordinates(dtype):
    i, j = (ps.sympyextensions.SpatialCounter(dimension) for dimension in (0, 1))
    value = ps.tcast(i, "float64") + 10 * ps.tcast(j, "float64")
    out = np.zeros((4, 5))
    create_kernel(ps.Assignment(g[0, 0], value), index_dtype=dtype, ghost_layers=((1, 0), 0)).compile()(g=out)
    x, y = np.indices(out.shape)
    assert (out[1:] == (x + 10 * y)[1:]).all() and (out[0] == 0).all()
    numbers = ps.fields(f"n: {dtype}[2D]")
    indices = np.zeros((4, 5), dtype)
    create_kernel(ps.Assignment(numbers[0, 0], i * 3 - j + 7), index_dtype=dtype).compile()(n=indices)
    assert (indices == (3 * x - y + 7).astype(dtype)).all()
    dynamic = ps.fields("n: dynidx[2D]")
    create_kernel(ps.Assignment(dynamic[0, 0], i), index_dtype=dtype).compile()(n=indices)
    assert (indices == x).all()


def test_coordinates_do_not_mix_with_floats():
    with pytest.raises(TypeMismatch):
        create_kernel(ps.Assignment(g[0, 0], f[0, 0] + ps.sympyextensions.SpatialCounter(0)))


def test_checks_can_be_switched_off():
    in_place = ps.Assignment(f[0, 0], f[-1, 0] + 1)
    with pytest.raises(ps.KernelConstraintsError) as caught:
        create_kernel(in_place)
    assert caught.value.code == "dependent-iterations"
    array = np.zeros((5, 2))
    create_kernel(in_place, skip_independence_check=True, ghost_layers=((1, 0), 0)).compile()(f=array)
    assert (array == np.arange(5)[:, None]).all()
    twice = [ps.Assignment(g[0, 0], 1), ps.Assignment(g[0, 0], 2)]
    with pytest.raises(ps.KernelConstraintsError) as caught:
        create_kernel(twice)
    assert caught.value.code == "double-write"
    create_kernel(twice, allow_double_writes=True).compile()(g=array)
    assert (array == 2).all()


def test_thread_options():
    names = [
        {"threads": 1},
        {"threads": 2},
        {"openmp": {"enable": True}},
        {"openmp": {"enable": True, "num_threads": 2}},
        {"openmp": {"enable": False}},
    ]
    given = np.random.default_rng(0).random((300, 400))
    results = []
    for options in names:
        results.append(np.zeros_like(given))
        create_kernel(SHIFT, cpu=options).compile()(f=given, g=results[-1])
    assert all((result == results[0]).all() for result in results)
    assert (results[0][1:-1, 1:-1] == given[2:, 1:-1]).all()
