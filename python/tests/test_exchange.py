"""Arrays of other packages are used where they are: what one writes, the other reads."""

import array
import ctypes
import mmap
import shutil
import subprocess
import sys

import numpy as np
import pytest

import cppstencils as ps

f, g = ps.fields("f, g: double[1D]")
KERNEL = ps.create_kernel(ps.Assignment(g[0], f[1] + f[-1])).compile()
N = 7


class Tensor:
    """A tensor of another package: DLPack and nothing else. Old packages know no keyword arguments."""

    def __init__(self, values, old=False):
        self.values = values
        self.old = old
        self.asked = 0

    def __dlpack__(self, *args, **options):
        self.asked += 1
        if self.old and options:
            raise TypeError(f"__dlpack__() got an unexpected keyword argument '{next(iter(options))}'")
        return self.values.__dlpack__(*args, **options)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()


def in_ctypes():
    memory = (ctypes.c_double * N)()
    return memory, memory


def in_array():
    memory = array.array("d", [0.0] * N)
    return memory, memory


def in_bytearray():
    memory = bytearray(8 * N)
    return memoryview(memory).cast("d"), np.frombuffer(memory)


def in_memoryview():
    memory = np.zeros(N)
    return memoryview(memory), memory


def in_map():
    memory = mmap.mmap(-1, 8 * N)
    return memoryview(memory).cast("d"), np.frombuffer(memory)


def in_tensor():
    memory = np.zeros(N)
    return Tensor(memory), memory


def in_old_tensor():
    memory = np.zeros(N)
    return Tensor(memory, old=True), memory


def in_strided_tensor():
    memory = np.zeros(3 * N)[::-3]
    return Tensor(memory), memory


MEMORIES = [in_ctypes, in_array, in_bytearray, in_memoryview, in_map, in_tensor, in_old_tensor, in_strided_tensor]


@pytest.mark.parametrize("make", MEMORIES, ids=lambda make: make.__name__)
def test_no_copies(make):
    (given, given_memory), (out, out_memory) = make(), make()
    for scale in (1, 10):
        for i in range(N):
            given_memory[i] = scale * i
            out_memory[i] = -1
        if scale == 1:
            KERNEL(f=given, g=out)
            bound = KERNEL.bind(f=given, g=out)
        else:
            bound()
        assert list(out_memory) == [-1, *[2 * scale * i for i in range(1, N - 1)], -1]
        assert list(given_memory) == [scale * i for i in range(N)]


@pytest.mark.parametrize("make", MEMORIES, ids=lambda make: make.__name__)
def test_shared_memory_is_seen_through_every_exporter(make):
    exported, memory = make()
    same = memory if isinstance(memory, np.ndarray) else np.asarray(memory)
    with pytest.raises(ps.errors.ArgumentError) as caught:
        KERNEL(f=exported, g=same)
    assert caught.value.code == "argument-overlap"


def test_a_tensor_is_asked_once_when_it_is_bound():
    given, out = Tensor(np.ones(N)), Tensor(np.zeros(N))
    bound = KERNEL.bind(f=given, g=out)
    asked = out.asked
    for _ in range(10):
        bound()
    assert out.asked == asked and out.values.sum() == 2 * (N - 2)


def test_read_only_exporters():
    values = np.zeros(N)
    values.flags.writeable = False
    for frozen in (memoryview(values), memoryview(bytes(8 * N)).cast("d"), Tensor(values)):
        KERNEL(f=frozen, g=np.zeros(N))
        with pytest.raises(ps.errors.ArgumentError) as caught:
            KERNEL(f=np.ones(N), g=frozen)
        assert caught.value.code == "argument-read-only"
    assert not values.any()


@pytest.mark.parametrize("device", [4, 8, 10])
def test_tensors_of_other_devices_are_refused(device):
    class OnDevice(Tensor):
        def __dlpack_device__(self):
            return (device, 0)

        def __dlpack__(self, *args, **options):
            raise BufferError("This memory is not on the CPU.")

    out = np.zeros(N)
    for arguments in ({"f": OnDevice(np.ones(N)), "g": out}, {"f": np.ones(N), "g": OnDevice(out)}):
        with pytest.raises(TypeError) as caught:
            KERNEL(**arguments)
        assert caught.value.code == "argument-kind" and "memory of this process" in caught.value.hints[0]
    assert not out.any()


@pytest.mark.parametrize("device", [2, 3, 13])
def test_tensors_of_cuda_are_asked(device):
    class OnGpu(Tensor):
        def __dlpack_device__(self):
            return (device, 0)

        def __dlpack__(self, *args, **options):
            raise BufferError("not today")

    with pytest.raises(TypeError) as caught:
        KERNEL(f=OnGpu(np.ones(N)), g=np.zeros(N))
    assert caught.value.code == "argument-kind" and caught.value.hints == ["Its __dlpack__ says: not today"]


def test_tensors_that_give_nonsense():
    class Broken(Tensor):
        def __dlpack__(self, *args, **options):
            return 42

    class Raising(Tensor):
        def __dlpack__(self, *args, **options):
            raise RuntimeError("requires grad")

    class Nowhere(Tensor):
        def __dlpack_device__(self):
            return "cpu"

    class Interrupted(Tensor):
        def __dlpack__(self, *args, **options):
            raise KeyboardInterrupt

    for kind in (Broken, Raising, Nowhere):
        with pytest.raises(ps.errors.ArgumentTypeError) as caught:
            KERNEL(f=kind(np.ones(N)), g=np.zeros(N))
        assert ("requires grad" in str(caught.value)) == (kind is Raising)
    with pytest.raises(KeyboardInterrupt):
        KERNEL(f=Interrupted(np.ones(N)), g=np.zeros(N))


def test_a_jax_array_is_read_where_it_is():
    import jax

    with jax.enable_x64(True):
        given = jax.numpy.arange(float(N))
    address = given.unsafe_buffer_pointer()
    memory = np.ctypeslib.as_array((ctypes.c_double * N).from_address(address))
    out = np.zeros(N)
    KERNEL(f=given, g=out)
    assert out.tolist() == [0, *[2 * i for i in range(1, N - 1)], 0]
    # The same memory as an output: no copy has been made of the input, so that this is seen.
    with pytest.raises(ps.errors.ArgumentError) as caught:
        KERNEL(f=given, g=memory)
    assert caught.value.code == "argument-overlap"


TORCH = """
import numpy as np, torch
import cppstencils as ps

f, g = ps.fields("f, g: double[2D]")
kernel = ps.create_kernel(ps.Assignment(g[0, 0], f[1, 0] + f[-1, 0])).compile()
given, out = torch.rand(5, 6, dtype=torch.float64), torch.zeros(5, 6, dtype=torch.float64)
address = out.data_ptr()
kernel(f=given, g=out)
assert out.data_ptr() == address and torch.equal(out[1:-1, 1:-1], given[2:, 1:-1] + given[:-2, 1:-1])
assert not out[0].any() and not out[:, 0].any()
bound = kernel.bind(f=given.t().contiguous().t(), g=out[:, :])
given *= 2
bound()
strided = torch.zeros(10, 12, dtype=torch.float64)
kernel(f=given, g=strided[::2, 1::2])
assert torch.equal(strided[2:-2:2, 3:-2:2], given[2:, 1:-1] + given[:-2, 1:-1]) and not strided[1::2].any()
kernel(f=given.numpy(), g=out)
wrong = [{"f": given.float()}, {"f": out}, {"f": given[:3]}, {"f": given.cfloat()}, {"g": given}]
for bad in ({"f": given, "g": out, **change} for change in wrong):
    before = out.clone()
    try:
        kernel(**bad)
    except (TypeError, ValueError) as error:
        assert isinstance(error, ps.Error), error
    else:
        raise AssertionError(bad)
    assert torch.equal(out, before)
tracked = torch.zeros(5, 6, dtype=torch.float64, requires_grad=True)
try:
    kernel(f=given, g=tracked)
except TypeError as error:
    assert "require gradient" in str(error) and not tracked.detach().any()
else:
    raise AssertionError("a tensor that records its history was written")
print("torch", torch.__version__)
"""


def interpreter_with_torch():
    for candidate in (sys.executable, shutil.which("python3", path="/usr/bin:/usr/local/bin")):
        check = f"import sys, torch, sympy; assert sys.version_info[:2] == {sys.version_info[:2]}"
        if candidate and subprocess.run([candidate, "-c", check], capture_output=True).returncode == 0:
            return candidate
    return None


def test_torch_tensors(run_python):
    interpreter = interpreter_with_torch()
    if interpreter is None:
        pytest.skip("Needs PyTorch: pip install torch, or on Debian apt-get install python3-torch python3-sympy.")
    assert run_python(TORCH, interpreter=interpreter, env={"PYTHONWARNINGS": None}).startswith("torch ")
