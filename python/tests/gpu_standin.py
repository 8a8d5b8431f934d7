"""Arrays on a GPU for tests: the stand-ins of tests/standin, and objects like those of CuPy and PyTorch around them."""

import ctypes
import os
import pathlib

import numpy as np

import cppstencils


def library(name):
    """The path of a stand-in; None where they have not been built."""
    default = pathlib.Path(cppstencils.__file__).resolve().parents[2] / "standin"
    path = pathlib.Path(os.environ.get("CPPSTENCILS_STANDIN_FOLDER", default)) / f"lib{name}.so"
    return path if path.exists() else None


class Driver:
    """The stand-in for the driver, as another library in this process uses it."""

    def __init__(self):
        self.functions = ctypes.CDLL(str(library("standin_cuda")))
        assert self.functions.cuInit(0) == 0
        self.context = ctypes.c_void_p()
        assert self.functions.cuDevicePrimaryCtxRetain(ctypes.byref(self.context), 0) == 0
        self.functions.standin_last_stream.restype = ctypes.c_void_p
        self.functions.standin_launches.restype = ctypes.c_long
        self.functions.standin_synchronisations.restype = ctypes.c_long

    def __enter__(self):
        assert self.functions.cuCtxPushCurrent_v2(self.context) == 0
        return self.functions

    def __exit__(self, *_):
        assert self.functions.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p())) == 0

    def create_stream(self):
        stream = ctypes.c_void_p()
        with self as functions:
            assert functions.cuStreamCreate(ctypes.byref(stream), 0) == 0
        return stream.value

    last_stream = property(lambda self: self.functions.standin_last_stream())
    launches = property(lambda self: self.functions.standin_launches())
    synchronisations = property(lambda self: self.functions.standin_synchronisations())


class DeviceMemory:
    """The elements of a NumPy array in memory of the stand-in; `numpy` looks through to them."""

    def __init__(self, driver, values):
        address = ctypes.c_uint64()
        with driver as functions:
            assert functions.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(max(values.nbytes, 1))) == 0
        memory = (ctypes.c_char * max(values.nbytes, 1)).from_address(address.value)
        self.numpy = np.ndarray(values.shape, values.dtype, memory)
        self.numpy[...] = values


class CudaInterfaceArray(DeviceMemory):
    """As CuPy and Numba show an array; `changes` are entries that differ."""

    def __init__(self, driver, values, **changes):
        super().__init__(driver, values)
        self.changes = changes

    @property
    def __cuda_array_interface__(self):
        return {
            "shape": self.numpy.shape,
            "typestr": self.numpy.dtype.str,
            "data": (self.numpy.ctypes.data, False),
            "version": 3,
            "strides": None,
            "stream": 1,
        } | self.changes


class DlpackArray(DeviceMemory):
    """As packages without the CUDA array interface hand out an array: a DLPack capsule that names the GPU."""

    device = (2, 0)

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, *, stream=None):
        assert stream == -1, "The exporter need not wait for anything."
        capsule = self.numpy.__dlpack__()
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        device = (ctypes.c_int32 * 2).from_address(pointer(capsule, b"dltensor") + 8)
        device[0], device[1] = self.device
        return capsule
