"""Options of kernels."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from .errors import ConfigError, UnknownOption
from .types import DynamicType, UserTypeSpec, create_numeric_type, create_type

if TYPE_CHECKING:
    from typing_extensions import Self

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


def _fail(option, value, expected):
    raise ConfigError(
        f"Option {option} is {value!r}, but {expected} is expected.",
        code="invalid-config",
        hints=["help(cppstencils.CreateKernelConfig) lists the options."],
    )


def _boolean(option, value):
    if not isinstance(value, (bool, np.bool_)):
        _fail(option, value, "True or False")
    return bool(value)


def _text(option, value):
    if not isinstance(value, str):
        _fail(option, value, "a text")
    return value


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


def _is_integer(value):
    if not isinstance(value, (int, np.integer, sp.Integer)) or isinstance(value, (bool, np.bool_)):
        return False
    return -(2**62) < value < 2**62  # what the engine can add up


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
_NOT_NEEDED = "It is not needed: the variant that suits the processor and the arrays is chosen in each call."
_OTHER_NAMES = {
    "data_type": "Use default_dtype, or declare the fields with a type.",
    "cpu_openmp": "Use cpu.threads; None, the default, uses all processors for large calls.",
    "cpu_vectorize_info": _NOT_NEEDED,
    "cpu.vectorize": _NOT_NEEDED,
    "cpu.loop_blocking": _NOT_NEEDED,
    "cpu.use_cacheline_zeroing": _NOT_NEEDED,
}


class _Options:
    """Attributes with checks: a name that does not exist is an error, and so is a value that cannot work."""

    _options: dict = {}
    _categories: dict = {}

    def __init__(self, **values: Any):
        for name, (default, _) in self._options.items():
            object.__setattr__(self, name, default)
        for name, category in self._categories.items():
            object.__setattr__(self, name, category())
        for name, value in values.items():
            setattr(self, name, value)

    def __setattr__(self, name, value):
        if name in self._categories:
            category = self._categories[name]
            if isinstance(value, dict):
                value = category(**value)
            if not isinstance(value, category):
                _fail(self._path(name), value, f"an object of {category.__name__}, or a dictionary,")
            object.__setattr__(self, name, value.copy())
            return
        if name not in self._options:
            hints = [f"The options are: {', '.join([*self._options, *self._categories])}."]
            if self._path(name) in _OTHER_NAMES:
                hints.insert(0, _OTHER_NAMES[self._path(name)])
            raise UnknownOption(f"There is no option '{self._path(name)}'.", code="invalid-config", hints=hints)
        object.__setattr__(self, name, self._options[name][1](self._path(name), value))

    def __delattr__(self, name):
        setattr(self, name, self._options[name][0])

    @classmethod
    def _path(cls, name):
        return cls._prefix + name

    _prefix = ""

    def copy(self) -> Self:
        """A copy; changing it leaves this object as it is."""
        other = type(self)()
        for name in self._options:
            object.__setattr__(other, name, getattr(self, name))
        for name in self._categories:
            object.__setattr__(other, name, getattr(self, name).copy())
        return other

    def __copy__(self):
        return self.copy()

    def __eq__(self, other):
        names = [*self._options, *self._categories]
        return type(self) is type(other) and all(getattr(self, n) == getattr(other, n) for n in names)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self):
        changed = [
            f"{n}={getattr(self, n)!r}" for n, (default, _) in self._options.items() if getattr(self, n) != default
        ]
        changed += [f"{n}={getattr(self, n)!r}" for n, c in self._categories.items() if getattr(self, n) != c()]
        return f"{type(self).__name__}({', '.join(changed)})"


def _count(option, value):
    if value is None:
        return None
    if not _is_integer(value) or not 1 <= value < 2**31:
        _fail(option, value, "None or a number of threads from 1")
    return int(value)


def _count_or_zero(option, value):
    if value is None:
        return None
    if not _is_integer(value) or not 0 <= value < 2**31:
        _fail(option, value, "None or a number of rows from 0")
    return int(value)


def _one_of(*numbers):
    def check(option, value):
        if value is None:
            return None
        if not _is_integer(value) or value not in numbers:
            _fail(option, value, f"None, {', '.join(map(str, numbers[:-1]))} or {numbers[-1]}")
        return int(value)

    return check


def _optional_boolean(option, value):
    return None if value is None else _boolean(option, value)


def _checks(option, value):
    """The names of checks as a tuple in a fixed order."""
    names = () if value is None else (value,) if isinstance(value, str) else value
    known = ("nan", "finite", "writes")
    try:
        wrong = [name for name in names if name not in known]
    except TypeError:
        wrong = [value]
    if wrong:
        raise ConfigError(
            f"Option {option} asks for {wrong[0]!r}, which is no check.",
            code="invalid-config",
            hints=["Use 'nan' or 'finite', 'writes', a sequence of these, or None."],
        )
    return tuple(name for name in known if name in names)


class OpenMpOptions(_Options):
    """Threads under the names of OpenMP. The library uses threads of its own; these options mean ``cpu.threads``.

    Attributes:
        enable: True for several threads, False for one; None (default) leaves it to ``cpu.threads``.
        num_threads: how many, if enabled; None for as many as there are processors.
    """

    _prefix = "cpu.openmp."
    enable: bool | None
    num_threads: int | None
    _options = {"enable": (None, _optional_boolean), "num_threads": (None, _count)}


class CpuOptions(_Options):
    """Options of CPU code.

    Attributes:
        processor: ``"native"`` (default) is the one the process runs on; else a name that the compiler knows, such as
            ``"x86-64-v3"``.
        threads: how many threads a call may use; None (default) for as many as there are processors. Small calls use
            one. No result depends on it. The environment variable ``CPPSTENCILS_THREADS`` is an upper limit.
        streaming_stores: whether results are stored past the caches. None (default): in calls that touch more memory
            than the caches keep; True: wherever it can be done; False: never. No result depends on it.
        block_rows: how many rows calls in three dimensions run at a time, so that the layers that a stencil reaches
            stay in the cache. None (default): as many as pay; 0: all. No result depends on it.
        vector_bytes: size of the vectors that rows of cells are computed in: 16, 32 or 64, at most what the processor
            has; 0 for one cell at a time; None (default) for the widest. No result depends on it.
        unroll: how many such vectors are computed together: 1, 2, 4 or 8; None (default) for what suits the kernel. No
            result depends on it.
        checks: what calls check when the code has run, for debugging: ``"nan"`` (no result is NaN), ``"finite"`` (nor
            infinite), ``"writes"`` (nothing else has changed; copies all arrays before each call), or several of these.
            A fault is a LaunchError that names field, element and cell. None (default) for none; the attribute is a
            tuple.
        openmp: the same as :class:`OpenMpOptions`.
    """

    _prefix = "cpu."
    processor: str
    threads: int | None
    streaming_stores: bool | None
    block_rows: int | None
    vector_bytes: int | None
    unroll: int | None
    checks: tuple[str, ...]
    openmp: OpenMpOptions
    _options = {
        "processor": ("native", _text),
        "threads": (None, _count),
        "streaming_stores": (None, _optional_boolean),
        "block_rows": (None, _count_or_zero),
        "vector_bytes": (None, _one_of(0, 16, 32, 64)),
        "unroll": (None, _one_of(1, 2, 4, 8)),
        "checks": ((), _checks),
    }
    _categories = {"openmp": OpenMpOptions}

    def _thread_count(self):
        """What the engine is told: a number, or None for automatic."""
        if self.openmp == OpenMpOptions():
            return self.threads
        if self.threads is not None:
            raise ConfigError(
                f"Option cpu.threads is {self.threads}, and cpu.openmp says {self.openmp}.",
                code="invalid-config",
                hints=["Both mean the same; set one of them."],
            )
        if self.openmp.enable:
            return self.openmp.num_threads
        if self.openmp.enable is None:
            raise ConfigError(
                f"Option cpu.openmp.num_threads is {self.openmp.num_threads}, but cpu.openmp.enable is not set.",
                code="invalid-config",
                hints=["Set cpu.openmp.enable to True, or use cpu.threads."],
            )
        return 1


_INDEXING_SCHEMES = ("linear3d", "linear1d", "gridstrided_linear3d", "gridstrided_linear1d", "blockwise4d")


def _indexing_scheme(option, value):
    if value not in _INDEXING_SCHEMES:
        _fail(option, value, "one of " + ", ".join(f"'{name}'" for name in _INDEXING_SCHEMES))
    return value


def _numbers(count, expected):
    def check(option, value):
        if value is None:
            return None
        fits = isinstance(value, (list, tuple)) and len(value) == count
        if not fits or not all(_is_integer(number) and 1 <= number < 2**31 for number in value):
            _fail(option, value, expected)
        return tuple(int(number) for number in value)

    return check


def _launch_grid(option, value):
    if value not in ("automatic", "manual"):
        _fail(option, value, "'automatic' or 'manual'")
    return value


class GpuOptions(_Options):
    """Options of GPU code. No result depends on them.

    Attributes:
        indexing_scheme: which cells a thread updates: ``"linear3d"`` (default), ``"linear1d"``,
            ``"gridstrided_linear3d"``, ``"gridstrided_linear1d"`` or ``"blockwise4d"``.
        block_size: threads of a block along x, y, z; None (default) for a table.
        cells_per_thread: how many cells a thread updates at once, as (inner, outer): along the innermost loop and along
            the outermost one; None (default) for so many that enough loads are under way.
        launch_grid: who says how many blocks a launch has: ``"automatic"`` (default) from the cells to update, or
            ``"manual"``: each call must be given a ``launch_grid``.
    """

    _prefix = "gpu."
    indexing_scheme: str
    block_size: tuple[int, int, int] | None
    cells_per_thread: tuple[int, int] | None
    launch_grid: str
    _options = {
        "indexing_scheme": ("linear3d", _indexing_scheme),
        "block_size": (None, _numbers(3, "None or three numbers of threads")),
        "cells_per_thread": (None, _numbers(2, "None or two numbers of cells")),
        "launch_grid": ("automatic", _launch_grid),
    }


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
            "checks": list(self.cpu.checks),
            "target": self.target.value,
            "indexing_scheme": self.gpu.indexing_scheme,
            "launch_grid": self.gpu.launch_grid,
            "block_size": None if self.gpu.block_size is None else list(self.gpu.block_size),
            "cells_per_thread": None if self.gpu.cells_per_thread is None else list(self.gpu.cells_per_thread),
        }
