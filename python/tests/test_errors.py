"""Exceptions: one base, the built-in that a Python user expects, a stable code, and a text that helps."""

import inspect
import traceback

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import errors

f, g, v = ps.fields("f, g, v(3): double[2D]")
n = ps.fields("n: int32[2D]")
a = sp.Symbol("a")
SHIFT = ps.Assignment(g[0, 0], f[1, 0])
KERNEL = ps.create_kernel(ps.Assignment(g[0, 0], a * f[1, 0]), function_name="shift").compile()


def arrays(**changes):
    return {"f": np.zeros((4, 5)), "g": np.zeros((4, 5)), "a": 1.0, **changes}


# What is done, the class, built-in classes that catch it, and the code.
CASES = {
    "missing argument": (lambda: KERNEL(f=1), errors.MissingArgument, (KeyError, LookupError), "missing-argument"),
    "unknown argument": (lambda: KERNEL(**arrays(h=1)), errors.UnknownArgument, (TypeError,), "unknown-argument"),
    "kind": (lambda: KERNEL(**arrays(f=None)), errors.ArgumentTypeError, (TypeError,), "argument-kind"),
    "dtype": (
        lambda: KERNEL(**arrays(f=np.zeros((4, 5), "f4"))),
        errors.ArgumentTypeError,
        (TypeError,),
        "argument-dtype",
    ),
    "rank": (lambda: KERNEL(**arrays(f=np.zeros(4))), errors.ArgumentError, (ValueError,), "argument-rank"),
    "extent": (lambda: KERNEL(**arrays(f=np.zeros((5, 5)))), errors.ArgumentError, (ValueError,), "argument-extent"),
    "scalar": (lambda: KERNEL(**arrays(a=2**80)), errors.ScalarOverflow, (OverflowError,), "scalar-out-of-range"),
    "field": (lambda: ps.Field("f", 9, "double"), errors.FieldError, (ValueError,), "field-rank"),
    "description": (lambda: ps.fields("f: ["), errors.FieldError, (ValueError,), "invalid-description"),
    "index": (lambda: v(5), errors.FieldError, (ValueError,), "field-index"),
    "type": (lambda: ps.create_type("quad"), errors.TypeMismatch, (TypeError,), "unsupported-type"),
    "expression": (
        lambda: ps.create_kernel(ps.Assignment(g[0, 0], sp.I)),
        errors.ExpressionError,
        (ValueError,),
        "invalid-expression",
    ),
    "assignment": (lambda: ps.Assignment(1, 2), errors.ExpressionError, (ValueError,), "invalid-expression"),
    "mixed types": (
        lambda: ps.create_kernel(ps.Assignment(g[0, 0], n[0, 0])),
        errors.TypeMismatch,
        (TypeError,),
        "type-mismatch",
    ),
    "dependent cells": (
        lambda: ps.create_kernel(ps.Assignment(f[0, 0], f[1, 0])),
        errors.KernelConstraintsError,
        (ValueError,),
        "dependent-iterations",
    ),
    "no store": (lambda: ps.create_kernel([]), errors.KernelConstraintsError, (ValueError,), "empty-kernel"),
    "option": (lambda: ps.create_kernel(SHIFT, ghost_layers="x"), errors.ConfigError, (ValueError,), "invalid-config"),
    "unknown option": (
        lambda: ps.create_kernel(SHIFT, foo=1),
        errors.UnknownOption,
        (AttributeError, TypeError, ValueError),
        "invalid-config",
    ),
    "no jit": (
        lambda: ps.create_kernel(SHIFT, jit=ps.no_jit).compile(),
        errors.JitDisabled,
        (RuntimeError,),
        "jit-disabled",
    ),
    "no compiler": (
        lambda: ps.jit.LegacyCpuJit("no-compiler").compile(ps.create_kernel(SHIFT)),
        errors.CompileError,
        (RuntimeError,),
        "compiler-not-found",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_class_and_code(name):
    work, kind, builtin, code = CASES[name]
    with pytest.raises(ps.Error) as caught:
        work()
    error = caught.value
    assert type(error) is kind and error.code == code
    assert all(isinstance(error, base) for base in builtin)
    assert error.message.endswith(".") and (error.message[0].isupper() or error.message[0] == "'")
    assert all(text.endswith((".", "?")) for text in [*error.hints, *error.notes]), error
    assert str(error) == error.args[0] and str(error).startswith(f"error[{code}]: {error.message}")
    for text in (*error.hints, *error.notes, error.where):
        assert text in str(error)


def test_every_class_is_an_error_and_most_are_built_in():
    classes = [getattr(errors, name) for name in errors.__all__]
    assert all(issubclass(kind, ps.Error) and inspect.getdoc(kind) for kind in classes)
    builtin = (TypeError, ValueError, LookupError, RuntimeError, OverflowError, NotImplementedError)
    assert [kind for kind in classes if not issubclass(kind, builtin)] == [errors.Error, errors.UserError]
    assert ps.KernelConstraintsError is errors.KernelConstraintsError


def test_a_key_error_is_not_quoted():
    with pytest.raises(KeyError) as caught:
        KERNEL(f=np.zeros((4, 5)))
    assert str(caught.value).startswith("error[missing-argument]: Argument 'g' of kernel 'shift' is missing.\n")
    assert "\\n" not in "".join(traceback.format_exception_only(caught.value))


def test_messages_name_what_was_given_and_what_was_expected():
    with pytest.raises(TypeError) as caught:
        KERNEL(**arrays(f=np.zeros((4, 5), "f4")))
    assert all(word in str(caught.value) for word in ("'f'", "float32", "float64", "never converted"))
    with pytest.raises(ValueError) as caught:
        KERNEL(**arrays(g=np.zeros((4, 6))))
    assert all(word in str(caught.value) for word in ("'f'", "'g'", "5", "6", "dimension 1"))
    with pytest.raises(TypeError) as caught:
        KERNEL(**{**arrays(), "ff": 1})
    assert "Did you mean 'f'?" in caught.value.hints


def test_place_of_an_error():
    with pytest.raises(TypeError) as caught:
        ps.create_kernel([ps.Assignment(a, f[0, 0]), ps.Assignment(g[0, 0], a + n[0, 0])])
    assert "g[0,0]" in str(caught.value) and caught.value.notes


def test_errors_of_ones_own():
    facts = {"code": "invalid-config", "where": "here", "notes": ["A note."], "hints": ["Mend it."]}
    lines = str(errors.ConfigError("It is wrong.", **facts)).splitlines()
    assert lines == ["error[invalid-config]: It is wrong.", "  in here", "  note: A note.", "  hint: Mend it."]
    with pytest.raises(ValueError):
        errors.ConfigError("It is wrong.", code="no-such-code")


def test_exceptions_of_other_libraries_pass_through():
    class Odd(sp.Symbol):
        @property
        def dtype(self):
            raise ZeroDivisionError("in a property")

    odd = Odd("odd")
    with pytest.raises(ZeroDivisionError, match="in a property"):
        ps.create_kernel(ps.Assignment(g[0, 0], f[0, 0] + odd))
    assert "store" in ps.create_kernel(SHIFT).ir()
