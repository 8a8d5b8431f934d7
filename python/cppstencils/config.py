"""Options of kernels."""

from __future__ import annotations

from enum import Enum
from typing import Any

from .options import CpuOptions, GpuOptions, OpenMpOptions, _boolean, _fail, _is_integer, _Options, _text
from .types import DynamicType, UserTypeSpec, create_numeric_type, create_type

__all__ = ["CreateKernelConfig", "CpuOptions", "GpuOptions", "OpenMpOptions", "Target", "AUTO"]


class Target(Enum):
    """Where a kernel runs."""

    #: The processor of this process, with the widest vectors that it has.
    CPU = "cpu"
    #: Other names of the same: the engine always generates code for the processor at hand.
    GenericCPU = "cpu"
    CurrentCPU = "cpu"
    #: GPUs of NVIDIA.
    CUDA = "cuda"
    #: The same under another name.
    GPU = "cuda"
    #: GPUs of AMD: source text only.
    HIP = "hip"

    def is_cpu(self) -> bool:
        return self is Target.CPU

    def is_gpu(self) -> bool:
        return self is not Target.CPU

    @staticmethod
    def auto_cpu() -> Target:
        """The target for the processor of this process."""
        return Target.CPU

    @staticmethod
    def available_targets() -> list[Target]:
        """The targets that kernels can run on here."""
        from .jit import LegacyGpuJit

        return [Target.CPU, Target.CUDA] if LegacyGpuJit().available() else [Target.CPU]


class _Auto:
    """The value of an option that the library decides."""

    def __repr__(self):
        return "AUTO"

    def __reduce__(self):
        return "AUTO"


#: For ``ghost_layers``: as many as the largest offset of any access asks for.
AUTO = _Auto()


def _target(option, value):
    if not isinstance(value, Target):
        _fail(option, value, "a member of cppstencils.Target")
    return value


def _jit(option, value):
    if isinstance(value, type):
        _fail(option, value, f"an object and no class, for example {value.__name__}(),")
    if value is not None and not callable(getattr(value, "compile", None)):
        _fail(option, value, "an object with a method compile(kernel), such as a subclass of JitBase,")
    return value


def _float_type(option, value):
    dtype = create_numeric_type(value)
    if isinstance(dtype, DynamicType):
        _fail(option, value, "a type that is the same for all kernels")
    return dtype


def _index_type(option, value):
    dtype = create_type(value)
    if not getattr(dtype, "is_int", lambda: False)():
        _fail(option, value, "an integer type")
    return dtype


def _fp_mode(option, value):
    if value not in ("strict", "contract", "fast"):
        _fail(option, value, "'strict', 'contract' or 'fast'")
    return value


def _ghost_layers(option, value):
    if value is None or value is AUTO:
        return None
    if _is_integer(value):
        return int(value)
    expected = "AUTO, a number, or one number or pair (lower, upper) per dimension"
    if not isinstance(value, (list, tuple)):
        _fail(option, value, expected)
    sides = []
    for entry in value:
        pair = (entry, entry) if _is_integer(entry) else entry
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(map(_is_integer, pair)):
            _fail(option, value, expected)
        sides.append((int(pair[0]), int(pair[1])))
    return tuple(sides)


def _iteration_slice(option, value):
    if value is None:
        return None
    items = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    result = []
    for item in items:
        if isinstance(item, slice):
            parts = []
            for bound in (item.start, item.stop, item.step):
                if bound is not None and not _is_integer(bound):
                    _fail(option, value, "slices with integer bounds")
                parts.append(None if bound is None else int(bound))
            result.append(slice(*parts))
        elif _is_integer(item):
            result.append(int(item))
        else:
            _fail(option, value, "one slice or integer per dimension, as ps.make_slice[1:-1, 0] gives them,")
    return tuple(result)


# Options that users of pystencils know, and what stands for them here.
class CreateKernelConfig(_Options):
    """How :func:`create_kernel` turns assignments into a kernel. Every option has a default. A name that is no option
    is an error, in the constructor and as an attribute.

    Attributes:
        function_name: an identifier; names the function in the source text. Default ``"kernel"``.
        target: default :attr:`Target.CPU`.
        jit: what :meth:`KernelFunction.compile` uses; None for the default of the target.
        default_dtype: type of fields and symbols that have none. Default ``float64``.
        index_dtype: type of cell coordinates. Default ``int64``.
        ghost_layers: cells at the border that the kernel does not update: ``AUTO`` (default) for as many as the largest
            offset; a number; or per dimension a number or a pair (lower, upper).
        iteration_slice: one slice or integer per dimension, of the whole array, instead of ``ghost_layers``; see
            :data:`cppstencils.make_slice`.
        fp_mode: ``"strict"`` (default; IEEE operations in order), ``"contract"`` (fused multiply-adds) or ``"fast"``.
        allow_double_writes: accept that a cell writes an element twice, or that two cells write one element.
        skip_independence_check: accept that a cell reads what another one writes; cells then run one by one.
        cpu: a :class:`CpuOptions`.
        gpu: a :class:`GpuOptions`.

    Raises:
        ConfigError (ValueError): a value that cannot work.
        UnknownOption (AttributeError, TypeError): a name that is no option.
    """

    function_name: str
    target: Target
    jit: Any
    default_dtype: UserTypeSpec
    index_dtype: UserTypeSpec
    ghost_layers: Any
    iteration_slice: Any
    fp_mode: str
    allow_double_writes: bool
    skip_independence_check: bool
    cpu: CpuOptions
    gpu: GpuOptions

    _options = {
        "function_name": ("kernel", _text),
        "target": (Target.CPU, _target),
        "jit": (None, _jit),
        "default_dtype": (create_type("float64"), _float_type),
        "index_dtype": (create_type("int64"), _index_type),
        "ghost_layers": (None, _ghost_layers),
        "iteration_slice": (None, _iteration_slice),
        "fp_mode": ("strict", _fp_mode),
        "allow_double_writes": (False, _boolean),
        "skip_independence_check": (False, _boolean),
    }
    _categories = {"cpu": CpuOptions, "gpu": GpuOptions}

    def override(self, **values: Any) -> CreateKernelConfig:
        """A copy with some options changed."""
        other = self.copy()
        for name, value in values.items():
            setattr(other, name, value)
        return other

    def _engine_options(self):
        return {
            "function_name": self.function_name,
            "default_dtype": self.default_dtype.name,
            "index_dtype": self.index_dtype.name,
            "ghost_layers": self.ghost_layers if not isinstance(self.ghost_layers, tuple) else list(self.ghost_layers),
            "iteration_slice": self.iteration_slice,
            "fp_mode": self.fp_mode,
            "allow_double_writes": self.allow_double_writes,
            "skip_independence_check": self.skip_independence_check,
            "processor": self.cpu.processor,
            "threads": self.cpu._thread_count(),
            "streaming_stores": self.cpu.streaming_stores,
            "block_rows": self.cpu.block_rows,
            "vector_bytes": self.cpu.vector_bytes,
            "unroll": self.cpu.unroll,
            "tuning": self.cpu.tuning,
            "checks": list(self.cpu.checks),
            "target": self.target.value,
            "indexing_scheme": self.gpu.indexing_scheme,
            "launch_grid": self.gpu.launch_grid,
            "block_size": None if self.gpu.block_size is None else list(self.gpu.block_size),
            "cells_per_thread": None if self.gpu.cells_per_thread is None else list(self.gpu.cells_per_thread),
        }
