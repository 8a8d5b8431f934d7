"""Reduction assignments: the values of all cells become one number."""

from __future__ import annotations

from enum import Enum
from typing import Any

from .assignment import Assignment
from .errors import ExpressionError
from .field import FieldAccess

__all__ = [
    "ReductionOp",
    "ReductionAssignment",
    "AddReductionAssignment",
    "SubReductionAssignment",
    "MulReductionAssignment",
    "MinReductionAssignment",
    "MaxReductionAssignment",
    "reduction_assignment",
]


class ReductionOp(Enum):
    """How values become one number."""

    Add = "add"
    Sub = "subtract"
    Mul = "multiply"
    Min = "minimum"
    Max = "maximum"


class ReductionAssignment(Assignment):
    """Combines ``rhs`` of all cells and the number that the caller passes into that number.

    The left side is a symbol. The kernel gets an argument of its name: a writable array with one element, of the
    symbol's type if it is a ``TypedSymbol``, else of the type of ``rhs``. The result has the same bits for any number
    of threads, any vectors and every JIT of the CPU. Use one of the subclasses, or :func:`reduction_assignment`.

    Raises:
        ExpressionError (ValueError): the left side is no symbol.
    """

    __slots__ = ()

    #: What the subclass does.
    reduction_op: ReductionOp

    def __new__(cls, lhs, rhs):
        if not hasattr(cls, "reduction_op"):
            raise ExpressionError(
                "A ReductionAssignment needs an operation.",
                code="invalid-expression",
                hints=["Use AddReductionAssignment(w, value), or reduction_assignment(w, ReductionOp.Add, value)."],
            )
        if isinstance(lhs, FieldAccess):
            raise ExpressionError(
                f"'{lhs}' cannot be reduced into.",
                code="invalid-expression",
                hints=["Reduce into a symbol; its argument is an array with one element."],
            )
        made = super().__new__(cls, lhs, rhs)
        if isinstance(made, tuple):
            raise ExpressionError(
                f"A reduction has one target, but '{lhs}' was given.",
                code="invalid-expression",
                hints=["Write one reduction assignment for each."],
            )
        return made

    def __str__(self):
        return f"{self.lhs} ← {self.reduction_op.value}({self.rhs})"

    __repr__ = __str__

    def _latex(self, printer):
        operation = rf"\mathrm{{{self.reduction_op.value}}}"
        return rf"{printer.doprint(self.lhs)} \leftarrow_{{{operation}}} {printer.doprint(self.rhs)}"

    def _repr_latex_(self):
        from sympy import latex

        return f"$${latex(self)}$$"


class AddReductionAssignment(ReductionAssignment):
    """The caller's number plus the sum of all values. See :class:`ReductionAssignment`."""

    __slots__ = ()
    reduction_op = ReductionOp.Add


class SubReductionAssignment(ReductionAssignment):
    """The caller's number minus the sum of all values. See :class:`ReductionAssignment`."""

    __slots__ = ()
    reduction_op = ReductionOp.Sub


class MulReductionAssignment(ReductionAssignment):
    """The caller's number times the product of all values. See :class:`ReductionAssignment`."""

    __slots__ = ()
    reduction_op = ReductionOp.Mul


class MinReductionAssignment(ReductionAssignment):
    """The least of all values and the caller's number; NaN if one of them is. See :class:`ReductionAssignment`."""

    __slots__ = ()
    reduction_op = ReductionOp.Min


class MaxReductionAssignment(ReductionAssignment):
    """The largest of all values and the caller's number; NaN if one of them is. See :class:`ReductionAssignment`."""

    __slots__ = ()
    reduction_op = ReductionOp.Max


def reduction_assignment(lhs: Any, op: ReductionOp, rhs: Any) -> ReductionAssignment:
    """The reduction assignment of an operation.

    >>> import cppstencils as ps
    >>> f = ps.fields("f: [2D]")
    >>> ps.reduction_assignment(ps.TypedSymbol("w", "float64"), ps.ReductionOp.Max, f[0, 0])
    w ← maximum(f[0,0])

    Raises:
        ExpressionError (ValueError): ``op`` is no :class:`ReductionOp`, or ``lhs`` no symbol.
    """
    for kind in ReductionAssignment.__subclasses__():
        if kind.reduction_op is op:
            return kind(lhs, rhs)
    raise ExpressionError(
        f"{op!r} is no operation of a reduction.",
        code="invalid-expression",
        hints=[f"Use one of {', '.join(f'ReductionOp.{known.name}' for known in ReductionOp)}."],
    )
