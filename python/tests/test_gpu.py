"""Kernels on a GPU: calls with arrays and streams of other packages, over the stand-ins for NVRTC and the driver."""

import copy
import ctypes
import pickle
import types

import gpu_standin
import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.jit import CacheOptions, CudaJit, LegacyGpuJit

needs_standin = pytest.mark.skipif(
    gpu_standin.library("standin_cuda") is None, reason="The stand-ins for the CUDA libraries have not been built."
)


@pytest.fixture
def driver(monkeypatch):
    monkeypatch.setenv("CPPSTENCILS_NVRTC", str(gpu_standin.library("standin_nvrtc")))
    monkeypatch.setenv("CPPSTENCILS_CUDA_DRIVER", str(gpu_standin.library("standin_cuda")))
    monkeypatch.setenv("CPPSTENCILS_STANDIN", "")
    return gpu_standin.Driver()


def smooth(target=ps.Target.CUDA, **options):
    u, v = ps.fields("u, v: double[2D]")
    mean = (u[1, 0] + u[-1, 0] + u[0, 1] + u[0, -1]) / 4
    return ps.create_kernel(ps.Assignment(v[0, 0], mean), function_name="smooth", target=target, **options)


def smoothed(values):
    result = np.zeros_like(values)
    inner = values[2:, 1:-1] + values[:-2, 1:-1] + values[1:-1, 2:] + values[1:-1, :-2]
    result[1:-1, 1:-1] = inner / 4
    return result


@pytest.fixture
def compiled(driver):
    return LegacyGpuJit(cache=CacheOptions.off()).compile(smooth())


@pytest.fixture
def values():
    return np.random.default_rng(1).random((9, 21))


@needs_standin
@pytest.mark.parametrize("kind", [gpu_standin.CudaInterfaceArray, gpu_standin.DlpackArray])
def test_arrays_of_other_packages(driver, compiled, values, kind):
    u, v = kind(driver, values), kind(driver, np.zeros_like(values))
    compiled(u=u, v=v)
    np.testing.assert_allclose(v.numpy, smoothed(values), rtol=1e-15)
    again = kind(driver, np.zeros_like(values))
    bound = compiled.bind(u=u, v=again)
    assert bound.cells == 7 * 19
    bound()
    np.testing.assert_array_equal(again.numpy, v.numpy)


@needs_standin
def test_strides_of_the_interface(driver, compiled, values):
    # Every second element of wider rows.
    wide = gpu_standin.CudaInterfaceArray(driver, np.repeat(values, 2, axis=1), shape=(9, 21), strides=(42 * 8, 16))
    v = gpu_standin.CudaInterfaceArray(driver, np.zeros_like(values))
    compiled(u=wide, v=v)
    np.testing.assert_allclose(v.numpy, smoothed(values), rtol=1e-15)


@needs_standin
def test_arrays_on_the_wrong_side(driver, compiled, values):
    there = gpu_standin.CudaInterfaceArray(driver, values)
    with pytest.raises(
        ps.errors.ArgumentError, match="'v' is in the memory of the host, but kernel 'smooth' runs on GPU"
    ) as info:
        compiled(u=there, v=values)
    assert info.value.code == "argument-device"
    with pytest.raises(
        ps.errors.ArgumentError, match="'u' is in the memory of a GPU, but kernel 'smooth' runs on the CPU"
    ):
        ps.jit.InterpreterJit().compile(smooth(ps.Target.CPU))(u=there, v=values)
    lie = gpu_standin.CudaInterfaceArray(driver, values, data=(values.ctypes.data, False))
    with pytest.raises(
        ps.errors.ArgumentError, match="'u' is said to be in the memory of GPU 0, but its pointer is not"
    ):
        compiled(u=lie, v=there)
    other = gpu_standin.DlpackArray(driver, values)
    other.device = (2, 1)
    with pytest.raises(
        ps.errors.ArgumentError, match="'u' is in the memory of GPU 1, but kernel 'smooth' runs on GPU 0"
    ):
        compiled(u=other, v=there)
    other.device = (8, 0)  # Metal
    with pytest.raises(TypeError, match="lives on another kind of device"):
        compiled(u=other, v=there)


@needs_standin
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"typestr": "<f2"}, TypeError, "elements of the type '<f2', which kernels do not know"),
        ({"typestr": "<f4"}, TypeError, "elements of float32, but field 'u' has float64"),
        ({"typestr": ">f8"}, ValueError, "byte order"),
        ({"mask": object()}, TypeError, "Masked arrays cannot be passed"),
        ({"shape": (1,) * 20}, ValueError, "20 dimensions"),
        ({"shape": None}, TypeError, "is not one of version 2 or 3"),
        ({"shape": (9, 20)}, ValueError, "extents"),
    ],
)
def test_interfaces_that_no_kernel_can_use(driver, compiled, values, changes, error, message):
    u = gpu_standin.CudaInterfaceArray(driver, values, **changes)
    v = gpu_standin.CudaInterfaceArray(driver, values)
    with pytest.raises(error, match=message):
        compiled(u=u, v=v)


@needs_standin
def test_read_only_arrays(driver, compiled, values):
    u = gpu_standin.CudaInterfaceArray(driver, values)
    u.changes["data"] = (u.numpy.ctypes.data, True)
    v = gpu_standin.CudaInterfaceArray(driver, values)
    compiled(u=u, v=v)
    with pytest.raises(ValueError, match="read-only"):
        compiled(u=v, v=u)


@needs_standin
def test_an_object_that_refuses(compiled):
    class Refusing:
        @property
        def __cuda_array_interface__(self):
            raise RuntimeError("it records gradients")

    with pytest.raises(TypeError, match="neither a number nor an array") as info:
        compiled(u=Refusing(), v=Refusing())
    assert "Its __cuda_array_interface__ says: it records gradients" in str(info.value)


@needs_standin
def test_every_call_takes_a_stream_and_nothing_waits(driver, compiled, values):
    u, v = (gpu_standin.CudaInterfaceArray(driver, values) for _ in range(2))
    address = driver.create_stream()
    waits = driver.synchronisations
    streams = [
        address,
        types.SimpleNamespace(ptr=address),  # CuPy
        types.SimpleNamespace(cuda_stream=address),  # PyTorch
        types.SimpleNamespace(handle=ctypes.c_void_p(address)),  # Numba
        types.SimpleNamespace(__cuda_stream__=lambda: (0, address)),
    ]
    for stream in streams:
        compiled(u=u, v=v)
        assert driver.last_stream is None
        compiled(u=u, v=v, stream=stream)
        assert driver.last_stream == address
        bound = compiled.bind(u=u, v=v)
        bound()
        assert driver.last_stream is None
        bound(stream=stream)
        assert driver.last_stream == address
    compiled(u=u, v=v, stream=None)
    assert driver.last_stream is None
    assert driver.synchronisations == waits
    with pytest.raises(TypeError, match="'str', which is no stream"):
        compiled(u=u, v=v, stream="mine")
    with pytest.raises(TypeError, match="A stream is not bound"):
        compiled.bind(u=u, v=v, stream=address)


def test_streams_are_for_the_gpu(values):
    compiled = ps.jit.InterpreterJit().compile(smooth(ps.Target.CPU))
    result = np.zeros_like(values)
    compiled(u=values, v=result, stream=None)
    with pytest.raises(ps.errors.ArgumentError, match="Kernel 'smooth' runs on the CPU and takes no stream."):
        compiled(u=values, v=result, stream=1)
    with pytest.raises(ps.errors.ArgumentError, match="takes no stream"):
        compiled.bind(u=values, v=result)(stream=1)


def test_a_parameter_called_stream_stays_one():
    v = ps.fields("v: double[1D]")
    kernel = ps.create_kernel(ps.Assignment(v[0], ps.TypedSymbol("stream", "double")))
    result = np.zeros(3)
    ps.jit.InterpreterJit().compile(kernel)(v=result, stream=2.5)
    np.testing.assert_array_equal(result, 2.5)


@needs_standin
def test_what_there_is_and_why_not(driver, monkeypatch):
    jit = LegacyGpuJit()
    assert jit.available() and jit.available() == ("NVRTC 13.0", "Stand-in GPU 0, sm_90", "")
    assert ps.Target.available_targets() == [ps.Target.CPU, ps.Target.CUDA]
    monkeypatch.setenv("CPPSTENCILS_STANDIN", "init=100")
    found = LegacyGpuJit().available()
    assert not found and found.compiler == "NVRTC 13.0" and found.reason == "The CUDA driver finds no GPU."
    assert ps.Target.available_targets() == [ps.Target.CPU]
    monkeypatch.setenv("CPPSTENCILS_NVRTC", "/nowhere")
    assert "CPPSTENCILS_NVRTC names '/nowhere'" in LegacyGpuJit().available().reason


@needs_standin
def test_code_without_a_gpu(driver, monkeypatch):
    monkeypatch.setenv("CPPSTENCILS_STANDIN", "init=100")
    jit = CudaJit(cache=CacheOptions.off())
    assert jit.compile_to_code(smooth(), "sm_90").startswith(b"cubin 90 ")
    assert jit.compile_to_code(smooth(), "compute_80").startswith(b"ptx 80 ")
    with pytest.raises(ps.errors.UnsupportedError, match="The CUDA driver finds no GPU."):
        jit.compile(smooth())
    with pytest.raises(ps.errors.ConfigError, match="'sm' is no architecture"):
        jit.compile_to_code(smooth(), "sm")


@needs_standin
def test_the_default_jit_of_the_target(driver, values):
    u, v = gpu_standin.CudaInterfaceArray(driver, values), gpu_standin.CudaInterfaceArray(driver, 0 * values)
    smooth().compile()(u=u, v=v)
    np.testing.assert_allclose(v.numpy, smoothed(values), rtol=1e-15)


def test_targets_and_options():
    assert ps.Target.GPU is ps.Target.CUDA and ps.Target.CUDA.is_gpu() and not ps.Target.CUDA.is_cpu()
    assert ps.Target.CPU.is_cpu() and not ps.Target.CPU.is_gpu()
    cuda, hip = smooth(), smooth(ps.Target.HIP)
    assert "__global__" in cuda.source() and cuda.target is ps.Target.CUDA and "__global__" in hip.source()
    config = ps.CreateKernelConfig(target=ps.Target.CUDA, gpu={"block_size": (64, 2, 1), "indexing_scheme": "linear1d"})
    assert copy.copy(config) == config == pickle.loads(pickle.dumps(config))
    kernel = smooth(gpu={"block_size": (64, 2, 1), "cells_per_thread": (1, 1)})
    assert "__launch_bounds__(128)" in kernel.source()
    for wrong in (
        {"block_size": (64, 2)},
        {"indexing_scheme": "4d"},
        {"cells_per_thread": 2},
        {"block_size": (0, 1, 1)},
        {"launch_grid": "mine"},
    ):
        with pytest.raises(ps.errors.ConfigError, match="Option gpu."):
            ps.CreateKernelConfig(gpu=wrong)
    with pytest.raises(ps.errors.ConfigError, match="block_size"):
        smooth(gpu={"block_size": (2048, 1, 1)})
    with pytest.raises(ps.errors.UnsupportedError, match="'hip'"):
        hip.compile()
    with pytest.raises(ps.errors.UnsupportedError, match="this JIT makes code for the target 'cpu'"):
        ps.jit.InterpreterJit().compile(cuda)


def test_launch_configuration():
    kernel = smooth(gpu={"block_size": (64, 4, 1), "cells_per_thread": (1, 2)})
    rule = kernel.launch_configuration()
    assert (rule.indexing_scheme, rule.block_size, rule.cells_per_thread) == ("linear3d", (64, 4, 1), (1, 2))
    begin, end = (sp.symbols(f"{side}_0 {side}_1", integer=True) for side in ("begin", "end"))
    assert rule.work_items == (end[0] - begin[0], end[1] - begin[1])
    assert rule.grid == (sp.ceiling((end[1] - begin[1]) / 64), sp.ceiling((end[0] - begin[0]) / 8), 1)
    assert rule.block == (64, 4, 1)
    values = {begin[0]: 1, end[0]: 100, begin[1]: 1, end[1]: 200}
    launch = rule.configuration([(1, 100), (1, 200)])
    assert launch == ((4, 13, 1), (64, 4, 1)) and launch.grid == tuple(size.subs(values) for size in rule.grid)
    assert rule.configuration([(1, 100), (1, 200)], grid=(5, 13)).grid == (5, 13, 1)
    with pytest.raises(ps.errors.ArgumentError, match="has 12 blocks along y, but its cells need 13"):
        rule.configuration([(1, 100), (1, 200)], grid=(5, 12))
    for box in ([(1, 100)], [(1, 100), (5, 5)]):
        with pytest.raises(ps.errors.ArgumentTypeError, match="A box of cells"):
            rule.configuration(box)
    strided = smooth(gpu={"indexing_scheme": "gridstrided_linear3d"}).launch_configuration()
    assert strided.grid[1].has(sp.Min) and "gridstrided_linear3d" in repr(strided)
    blocks = smooth(gpu={"indexing_scheme": "blockwise4d"}).launch_configuration()
    assert blocks.block[0].subs({begin[1]: 0, end[1]: 33}) == 64
    with pytest.raises(ps.errors.UnsupportedError, match="which has no launches"):
        smooth(ps.Target.CPU).launch_configuration()


def summed(target, **options):
    u, v = ps.fields("u, v: double[2D]")
    return ps.create_kernel(
        [
            ps.Assignment(v[0, 0], 2 * u[0, 0]),
            ps.AddReductionAssignment(ps.TypedSymbol("total", "float64"), u[0, 0] ** 2),
            ps.MaxReductionAssignment(ps.TypedSymbol("most", "float64"), u[0, 0]),
        ],
        function_name="summed",
        target=target,
        **options,
    )


@needs_standin
@pytest.mark.parametrize("kind", [gpu_standin.CudaInterfaceArray, gpu_standin.DlpackArray])
def test_reductions_have_the_bits_of_the_cpu(driver, kind):
    values = np.random.default_rng(2).random((300, 130))
    doubled, total, most = np.zeros_like(values), np.array([5.0]), np.zeros(1)
    ps.jit.InterpreterJit().compile(summed(ps.Target.CPU))(u=values, v=doubled, total=total, most=most)
    compiled = LegacyGpuJit(cache=CacheOptions.off()).compile(summed(ps.Target.CUDA))
    there = {"u": kind(driver, values), "v": kind(driver, np.zeros_like(values))}
    numbers = {"total": kind(driver, np.array([5.0])), "most": kind(driver, np.zeros(1))}
    compiled(**there, **numbers)
    assert numbers["total"].numpy[0] == total[0] and numbers["most"].numpy[0] == values.max() == most[0]
    np.testing.assert_array_equal(there["v"].numpy, doubled)
    bound = compiled.bind(**there, **numbers)
    bound()
    bound(stream=driver.create_stream())
    for _ in range(2):
        ps.jit.InterpreterJit().compile(summed(ps.Target.CPU))(u=values, v=doubled, total=total, most=most)
    assert numbers["total"].numpy[0] == total[0]


@needs_standin
def test_numbers_of_reductions_are_checked(driver, values):
    compiled = LegacyGpuJit(cache=CacheOptions.off()).compile(summed(ps.Target.CUDA))
    there = {name: gpu_standin.CudaInterfaceArray(driver, values) for name in "uv"}
    most = gpu_standin.CudaInterfaceArray(driver, np.zeros(1))
    with pytest.raises(ps.errors.ArgumentError, match="'total' is in the memory of the host, but kernel 'summed' runs"):
        compiled(**there, total=np.zeros(1), most=most)
    with pytest.raises(ps.errors.ArgumentError, match="but reduction 'total' is one number"):
        compiled(**there, total=gpu_standin.CudaInterfaceArray(driver, np.zeros(2)), most=most)
    with pytest.raises(TypeError, match="but reduction 'total' has float64"):
        compiled(**there, total=gpu_standin.CudaInterfaceArray(driver, np.zeros(1, np.float32)), most=most)
    with pytest.raises(ps.errors.ArgumentError, match="its grid has a block for each tile"):
        compiled(**there, total=gpu_standin.CudaInterfaceArray(driver, np.zeros(1)), most=most, launch_grid=(1,))


def test_launches_of_reductions():
    rule = summed(ps.Target.CUDA).launch_configuration()
    assert rule.indexing_scheme == "tiles" and rule.block_size == (64, 1, 1)
    begin, end = (sp.symbols(f"{side}_0 {side}_1", integer=True) for side in ("begin", "end"))
    for box in ([(0, 300), (0, 130)], [(1, 2), (5, 40000)], [(0, 70000), (0, 3)], [(0, 5), (0, 16384)]):
        values = dict(zip(begin + end, [sides[0] for sides in box] + [sides[1] for sides in box], strict=True))
        launch = rule.configuration(box)
        assert launch.grid == tuple(size.subs(values) for size in rule.grid) and launch.block == (64, 1, 1)
    for option in ({"indexing_scheme": "linear1d"}, {"block_size": (64, 1, 1)}, {"launch_grid": "manual"}):
        with pytest.raises(ps.errors.ConfigError, match="kernel 'summed' has reductions"):
            summed(ps.Target.CUDA, gpu=option)


@needs_standin
def test_grids_and_blocks_of_the_caller(driver, values):
    kernel = smooth(gpu={"launch_grid": "manual", "block_size": (8, 2, 1), "cells_per_thread": (1, 1)})
    compiled = LegacyGpuJit(cache=CacheOptions.off()).compile(kernel)
    u, v = gpu_standin.CudaInterfaceArray(driver, values), gpu_standin.CudaInterfaceArray(driver, 0 * values)
    compiled(u=u, v=v, launch_grid=(3, 4))
    np.testing.assert_allclose(v.numpy, smoothed(values), rtol=1e-15)
    v.numpy[...] = 0
    compiled.bind(u=u, v=v, launch_grid=[3, np.int64(4), 1], block_size=(16, 2, 1))()
    np.testing.assert_allclose(v.numpy, smoothed(values), rtol=1e-15)
    with pytest.raises(ps.errors.ArgumentError, match="has 2 blocks along x, but its cells need 3"):
        compiled(u=u, v=v, launch_grid=(2, 4))
    with pytest.raises(ps.errors.MissingArgument, match="asks for a grid with each call, and none was given"):
        compiled(u=u, v=v, launch_grid=None)
    with pytest.raises(ps.errors.ArgumentError, match="The block given to kernel 'smooth' is not possible"):
        compiled(u=u, v=v, launch_grid=(3, 4), block_size=(10**12,))
    for wrong in (3, (), (1, 2, 3, 4), (1.0, 1), (True,), (10**30, 1)):
        with pytest.raises(ps.errors.ArgumentTypeError, match="one to three whole numbers are expected"):
            compiled(u=u, v=v, launch_grid=wrong)
    on_cpu = ps.jit.InterpreterJit().compile(smooth(ps.Target.CPU))
    with pytest.raises(ps.errors.ArgumentError, match="which has no grid and no blocks of threads"):
        on_cpu(u=values, v=0 * values, launch_grid=(1,))


def test_options_of_the_jit():
    jit = LegacyGpuJit(device=0, architecture="sm_90", nvrtc_directories=["/tmp"], cache=CacheOptions.off())
    again = pickle.loads(pickle.dumps(jit))
    assert again._options == jit._options and again.cache == jit.cache and repr(jit) == "LegacyGpuJit()"
    for wrong in (
        {"device": -1},
        {"device": True},
        {"architecture": 90},
        {"nvrtc_directories": "/tmp"},
        {"line_info": 1},
    ):
        with pytest.raises(ps.errors.ConfigError, match="Option"):
            LegacyGpuJit(**wrong)
    with pytest.raises(ps.errors.ConfigError, match="'hopper' is no architecture of a GPU."):
        LegacyGpuJit(architecture="hopper")


def test_info_names_the_gpu_jit(run_python):
    program = (
        "import runpy, sys; sys.argv = ['cppstencils', '--info']; runpy.run_module('cppstencils', run_name='__main__')"
    )
    nothing = {"CPPSTENCILS_NVRTC": "/nowhere", "CPPSTENCILS_CUDA_DRIVER": "/nowhere"}
    text = run_python(program, env=nothing, expect=0)
    line = next(line for line in text.splitlines() if "LegacyGpuJit" in line)
    assert "unavailable: The environment variable CPPSTENCILS_NVRTC names '/nowhere', which cannot be opened." in line
