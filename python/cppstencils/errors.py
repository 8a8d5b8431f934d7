"""The exceptions of cppstencils.

Every one derives from :class:`Error` and, where Python has a built-in exception for the case, from that, too:
``except KeyError`` catches a missing argument, ``except TypeError`` an array of the wrong dtype.
"""

from __future__ import annotations

from . import _core

__all__ = [
    "Error",
    "UserError",
    "TypeMismatch",
    "UnknownName",
    "FieldError",
    "ExpressionError",
    "KernelConstraintsError",
    "ConfigError",
    "UnknownOption",
    "ArgumentError",
    "ArgumentTypeError",
    "MissingArgument",
    "UnknownArgument",
    "ScalarOverflow",
    "UnsupportedError",
    "JitError",
    "JitDisabled",
    "CompileError",
    "LaunchError",
    "InternalError",
]


class Error(Exception):
    """Base of every exception of this package.

    Attributes:
        code: what went wrong, as a stable text such as ``"argument-dtype"``.
        message: one sentence.
        where: the place in the kernel; may be empty.
        notes: further facts, one sentence each.
        hints: what to do, one sentence each.
    """

    def __init__(self, message, *, code, where="", notes=(), hints=(), rendered=None):
        self.code = code
        self.message = message
        self.where = where
        self.notes = list(notes)
        self.hints = list(hints)
        if rendered is None:
            rendered = _core.render_error(code, message, where, self.notes, self.hints)
        super().__init__(rendered)

    def __str__(self):  # KeyError would quote the text
        return self.args[0]

    def __reduce__(self):
        facts = {"code": self.code, "where": self.where, "notes": self.notes, "hints": self.hints}
        return _remake, (type(self), self.message, facts, self.args[0])


def _remake(cls, message, facts, rendered):
    return cls(message, rendered=rendered, **facts)


class UserError(Error):
    """The caller can fix it."""


class TypeMismatch(UserError, TypeError):
    """Two types meet that must be equal, or a value has the wrong type."""


class UnknownName(UserError, LookupError):
    """A field or option that does not exist."""


class FieldError(UserError, ValueError):
    """A field is declared or accessed in a way that cannot work."""


class ExpressionError(UserError, ValueError):
    """An expression cannot be built or evaluated."""


class KernelConstraintsError(UserError, ValueError):
    """The assignments do not form a kernel whose cells can be updated independently."""


class ConfigError(UserError, ValueError):
    """An option has a value that cannot work."""


class UnknownOption(ConfigError, AttributeError, TypeError):
    """There is no option of this name."""


class ArgumentError(UserError, ValueError):
    """An argument of a kernel call does not fit the kernel. Nothing has been written."""


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument is of the wrong kind, or an array has the wrong element type. Nothing has been written."""


class MissingArgument(ArgumentError, KeyError):
    """An argument is missing. Nothing has been written."""


class UnknownArgument(ArgumentError, TypeError):
    """The kernel has no argument of this name. Nothing has been written."""


class ScalarOverflow(ArgumentError, OverflowError):
    """A number does not fit into the type of its parameter. Nothing has been written."""


class UnsupportedError(Error, NotImplementedError):
    """Valid, but not for this target or in this build."""


class JitError(Error, RuntimeError):
    """A JIT could not compile a kernel."""


class JitDisabled(JitError):
    """The kernel's JIT refuses to compile: see :class:`cppstencils.jit.NoJit`."""


class CompileError(JitError):
    """A compiler refused generated code, or none was found."""


class LaunchError(Error, RuntimeError):
    """A kernel call failed while it ran."""


class InternalError(Error, RuntimeError):
    """A broken invariant of the library. Never the caller's fault; please report it."""
