"""Options that check themselves, and those of the CPU and the GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from .errors import ConfigError, UnknownOption

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["CpuOptions", "GpuOptions", "OpenMpOptions"]


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


def _is_integer(value):
    if not isinstance(value, (int, np.integer, sp.Integer)) or isinstance(value, (bool, np.bool_)):
        return False
    return -(2**62) < value < 2**62  # what the engine can add up


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


def _tuning(option, value):
    if value not in ("off", "saved"):
        _fail(option, value, "'off' or 'saved'")
    return value


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
        tuning: ``"saved"``: calls use what :meth:`BoundKernel.tune` has chosen for calls of their size, on this
            machine, also in other processes; ``"off"`` (default): they do not. No result depends on it.
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
    tuning: str
    checks: tuple[str, ...]
    openmp: OpenMpOptions
    _options = {
        "processor": ("native", _text),
        "threads": (None, _count),
        "streaming_stores": (None, _optional_boolean),
        "block_rows": (None, _count_or_zero),
        "vector_bytes": (None, _one_of(0, 16, 32, 64)),
        "unroll": (None, _one_of(1, 2, 4, 8)),
        "tuning": ("off", _tuning),
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
    """Options of GPU code. No result depends on them; so kernels with reductions take none of them.

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
