"""Just-in-time compilers.

A JIT is an object with a method ``compile(kernel)``. Give it to ``CreateKernelConfig(jit=...)``, and
``kernel.compile()`` goes through it; or call ``jit.compile(kernel)`` yourself.
"""

from __future__ import annotations

import abc
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _core
from .errors import ArgumentTypeError, CompileError, ConfigError, JitDisabled, JitError

if TYPE_CHECKING:
    from .kernelcreation import KernelFunction

__all__ = [
    "JitBase",
    "LlvmJit",
    "LegacyCpuJit",
    "LegacyGpuJit",
    "CudaJit",
    "GpuAvailability",
    "InterpreterJit",
    "NoJit",
    "no_jit",
    "CacheOptions",
    "CompiledKernel",
    "BoundKernel",
    "JitError",
    "JitDisabled",
    "CompileError",
]

CompiledKernel = _core.CompiledKernel
BoundKernel = _core.BoundKernel


class JitBase(abc.ABC):
    """A just-in-time compiler. Derive from it to plug in your own.

    ``compile`` gets a :class:`cppstencils.KernelFunction`, with its name, parameters, fields, IR and C++ source, and
    returns any callable that takes the arrays and numbers by name. It may hand kernels on to another JIT.
    """

    @abc.abstractmethod
    def compile(self, kernel: KernelFunction) -> Callable[..., Any]:
        """Compiles a kernel."""


def _require(fits: bool, option: str, value: object, expected: str) -> None:
    if not fits:
        raise ConfigError(
            f"Option {option} is {value!r}, but {expected} is expected.",
            code="invalid-config",
            hints=["help(cppstencils.jit) lists the options of every JIT."],
        )


def _is_path(value: object) -> bool:
    return isinstance(value, (str, os.PathLike)) and isinstance(os.fspath(value), str)


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**62


@dataclass(frozen=True)
class CacheOptions:
    """Where compiled kernels are kept between processes.

    Whatever goes wrong with the cache, kernels compile and run.

    Attributes:
        mode: ``"read_write"``, ``"read_only"`` or ``"off"``.
        directory: None for the environment variable ``CPPSTENCILS_CACHE_DIR``, else ``$XDG_CACHE_HOME/cppstencils``,
            else ``~/.cache/cppstencils``.
        max_bytes: the oldest entries are removed above this size.

    Raises:
        ConfigError (ValueError): a value that cannot work.
    """

    mode: str = "read_write"
    directory: str | os.PathLike | None = None
    max_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        modes = ("read_write", "read_only", "off")
        _require(self.mode in modes, "mode of the cache", self.mode, "'read_write', 'read_only' or 'off'")
        _require(self.directory is None or _is_path(self.directory), "directory of the cache", self.directory, "a path")
        _require(_is_count(self.max_bytes, 0), "max_bytes of the cache", self.max_bytes, "a number of bytes")

    @staticmethod
    def off() -> CacheOptions:
        """No cache."""
        return CacheOptions(mode="off")

    def _engine_options(self) -> dict[str, Any]:
        directory = None if self.directory is None else os.fspath(self.directory)
        return {"cache_mode": self.mode, "cache_directory": directory, "cache_max_bytes": self.max_bytes}


def _engine_kernel_of(kernel: KernelFunction) -> _core.Kernel:
    engine_kernel = getattr(kernel, "_engine_kernel", None)
    if engine_kernel is None:
        raise ArgumentTypeError(
            f"A JIT compiles kernels, but an object of type '{type(kernel).__name__}' was given.",
            code="argument-kind",
            hints=["Pass what cppstencils.create_kernel() returns."],
        )
    return engine_kernel


class _EngineJit(JitBase):
    """A JIT of the engine."""

    def __init__(self, engine_jit):
        self._engine_jit = engine_jit

    def compile(self, kernel: KernelFunction) -> _core.CompiledKernel:
        """Compiles a kernel; returns a :class:`CompiledKernel`.

        Raises:
            JitError (RuntimeError): the kernel cannot be compiled.
            ArgumentTypeError (TypeError): something else than what ``create_kernel`` returns.
        """
        return self._engine_jit.compile(_engine_kernel_of(kernel), kernel)

    def __copy__(self):  # it does not change
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f"{type(self).__name__}()"


class LlvmJit(_EngineJit):
    """Compiles in the running process with LLVM: no compiler, no child process, milliseconds per kernel. The default
    JIT on the CPU.

    Raises:
        UnsupportedError (NotImplementedError): the package was built without LLVM; see :meth:`unavailable_reason`.
    """

    def __init__(self, *, cache: CacheOptions = CacheOptions()):
        self.cache = _checked(cache)
        super().__init__(_core.llvm_jit(**cache._engine_options()))

    def __reduce__(self):
        return _make, (LlvmJit, {"cache": self.cache})

    @staticmethod
    def unavailable_reason() -> str:
        """Empty when this JIT works here, else the reason why not."""
        return _core.llvm_unavailable_reason()


class LegacyCpuJit(_EngineJit):
    """Compiles with the host's C++ compiler into a shared object and loads it. A bare compiler is enough; no header is
    included.

    Args:
        compiler: name or path of a GCC- or Clang-compatible compiler. Empty for the environment variable ``CXX``, else
            the first of c++, g++, clang++.
        flags: further flags, each one text. Only flags that are known to change speed, size or debugging are accepted.
        optimization: ``"-O0"`` to ``"-O3"``, ``"-Os"``, ``"-Og"``. No level changes a result.
        time_limit: seconds after which the compiler is killed.
        cache: a :class:`CacheOptions`.

    Raises:
        ConfigError (ValueError): a flag that is not accepted, or another option that cannot work.
    """

    def __init__(
        self,
        compiler: str | os.PathLike = "",
        flags: Sequence[str] = (),
        optimization: str = "-O3",
        *,
        time_limit: int = 300,
        cache: CacheOptions = CacheOptions(),
    ):
        _require(_is_path(compiler), "compiler", compiler, "a name or path")
        are_texts = isinstance(flags, (list, tuple)) and all(isinstance(flag, str) for flag in flags)
        _require(are_texts, "flags", flags, "a list of texts, one per flag,")
        _require(isinstance(optimization, str), "optimization", optimization, "a text such as '-O2'")
        _require(_is_count(time_limit, 1), "time_limit", time_limit, "a number of seconds from 1")
        self._options: dict[str, Any] = {
            "compiler": os.fspath(compiler),
            "flags": list(flags),
            "optimization": optimization,
            "time_limit": time_limit,
        }
        self.cache = _checked(cache)
        super().__init__(_core.legacy_cpu_jit(**self._options, **cache._engine_options()))

    def __reduce__(self):
        return _make, (LegacyCpuJit, {**self._options, "cache": self.cache})

    @property
    def compiler(self) -> str:
        """Absolute path of the compiler in use.

        Raises:
            CompileError (RuntimeError): there is none.
        """
        return _core.host_compiler(self._engine_jit)


class GpuAvailability(NamedTuple):
    """What :class:`LegacyGpuJit` found on this machine. True where kernels can run."""

    #: Such as ``"NVRTC 13.0"``; empty where there is none.
    compiler: str
    #: Such as ``"NVIDIA H200, sm_90"``; empty where there is none.
    device: str
    #: Why kernels cannot run here; empty where they can.
    reason: str

    def __bool__(self) -> bool:
        return not self.reason


def _wheel_directories() -> list[str]:
    """Where Python packages of NVIDIA keep NVRTC; none is imported."""
    spec = importlib.util.find_spec("nvidia")
    roots = [] if spec is None else list(spec.submodule_search_locations or ())
    places = [os.path.join(root, *part) for root in roots for part in (("cu13", "lib"), ("cuda_nvrtc", "lib"))]
    return [place for place in places if os.path.isdir(place)]


class LegacyGpuJit(_EngineJit):
    """Compiles kernels of :attr:`cppstencils.Target.CUDA` with NVRTC and runs them on a GPU of NVIDIA. Both NVRTC and
    the driver are looked for when they are first needed; ``available()`` says what was found.

    The arrays of a call must be on the GPU: objects with ``__cuda_array_interface__`` or ``__dlpack__``, such as those
    of CuPy, PyTorch and Numba. A call takes ``stream=`` and does not wait.

    Args:
        device: number of the GPU; None for the one whose context is current, else 0.
        architecture: what to compile for, such as ``"sm_90"``; empty for what suits the GPU.
        nvrtc_directories: folders where NVRTC is looked for; those of NVIDIA's Python packages come after them.
        line_info: lets profilers show lines of the kernel's text.
        cache: a :class:`CacheOptions`.

    Raises:
        ConfigError (ValueError): an option that cannot work.
    """

    def __init__(
        self,
        device: int | None = None,
        architecture: str = "",
        *,
        nvrtc_directories: Sequence[str | os.PathLike] = (),
        line_info: bool = False,
        cache: CacheOptions = CacheOptions(),
    ):
        _require(device is None or _is_count(device, 0) and device < 2**31, "device", device, "None or a number")
        _require(isinstance(architecture, str), "architecture", architecture, "a text such as 'sm_90'")
        are_paths = isinstance(nvrtc_directories, (list, tuple)) and all(map(_is_path, nvrtc_directories))
        _require(are_paths, "nvrtc_directories", nvrtc_directories, "a list of paths")
        _require(isinstance(line_info, bool), "line_info", line_info, "True or False")
        self._options: dict[str, Any] = {
            "device": device,
            "architecture": architecture,
            "nvrtc_directories": [os.fspath(place) for place in nvrtc_directories],
            "line_info": line_info,
        }
        self.cache = _checked(cache)
        engine_options = {**self._options, **cache._engine_options()}
        engine_options["nvrtc_directories"] = [*self._options["nvrtc_directories"], *_wheel_directories()]
        super().__init__(_core.legacy_gpu_jit(**engine_options))

    def __reduce__(self):
        return _make, (LegacyGpuJit, {**self._options, "cache": self.cache})

    def available(self) -> GpuAvailability:
        """What there is, and why kernels cannot run where they cannot. Raises nothing."""
        return GpuAvailability(*_core.gpu_availability(self._engine_jit))

    def compile_to_code(self, kernel: KernelFunction, architecture: str = "") -> bytes:
        """The code of a kernel, also without a GPU: machine code for ``"sm_90"``, PTX for ``"compute_90"``.

        Raises:
            CompileError (RuntimeError): there is no NVRTC, or it refuses the kernel.
            UnsupportedError (NotImplementedError): no architecture was given, and there is no GPU.
        """
        return _core.compile_to_gpu_code(self._engine_jit, _engine_kernel_of(kernel), architecture)


#: The same under a plain name.
CudaJit = LegacyGpuJit


class InterpreterJit(_EngineJit):
    """Runs kernels by walking their IR cell by cell: slow, simple, needs nothing. The reference for every other JIT."""

    def __init__(self):
        super().__init__(_core.interpreter_jit())

    def __reduce__(self):
        return InterpreterJit, ()


class NoJit(_EngineJit):
    """Refuses to compile: for programs that only create and print kernels."""

    def __init__(self):
        super().__init__(_core.no_jit())

    def __reduce__(self):
        return NoJit, ()


def _checked(cache):
    if not isinstance(cache, CacheOptions):
        raise ConfigError(
            f"Option cache is {cache!r}, but CacheOptions are expected.",
            code="invalid-config",
            hints=["Write cache=CacheOptions(mode=..., directory=...), or cache=CacheOptions.off()."],
        )
    return cache


def _make(cls, options):
    return cls(**options)


#: A ready :class:`NoJit` for ``CreateKernelConfig(jit=no_jit)``.
no_jit = NoJit()
