"""Assignments: the lines of a kernel."""

from __future__ import annotations

import numpy as np
import sympy as sp
from sympy.codegen.ast import Assignment as _SympyAssignment
from sympy.logic.boolalg import Boolean

from .errors import ExpressionError
from .field import FieldAccess
from .sympyextensions.typed_symbols import SpatialCounter

__all__ = [
    "Assignment",
    "AddAugmentedAssignment",
    "SubAugmentedAssignment",
    "MulAugmentedAssignment",
    "DivAugmentedAssignment",
    "assignment_from_stencil",
]


class Assignment(_SympyAssignment):
    """``lhs`` takes the value of ``rhs``. The left side is a field access, which is stored, or a symbol, which names a
    sub-expression. Lists or matrices of equal length on both sides give a tuple of assignments.

    Raises:
        ExpressionError (ValueError): the left side is something else, or the lengths differ.
    """

    __slots__ = ()

    def __new__(cls, lhs, rhs):
        if isinstance(lhs, (list, tuple, sp.MatrixBase)):
            lhs, rhs = list(lhs), list(rhs) if isinstance(rhs, (list, tuple, sp.MatrixBase)) else [rhs]
            if len(lhs) != len(rhs):
                raise ExpressionError(
                    f"An assignment has {len(lhs)} targets and {len(rhs)} values.",
                    code="invalid-expression",
                    hints=["Give one value per target."],
                )
            return tuple(cls(target, value) for target, value in zip(lhs, rhs))
        if not isinstance(lhs, sp.Symbol) or isinstance(lhs, SpatialCounter):
            raise ExpressionError(
                f"Cannot assign to '{lhs}'.",
                code="invalid-expression",
                hints=["The left side is a field access, such as f[0, 0], or a symbol."],
            )
        rhs = _value(rhs)
        # SymPy's constructor would compare shapes and kinds, which symbols and accesses do not have.
        return sp.Basic.__new__(cls, lhs, rhs)

    def _hashable_content(self):
        return self._args

    @property
    def is_store(self):
        """True if the left side is a field access."""
        return isinstance(self.lhs, FieldAccess)

    def __str__(self):
        return f"{self.lhs} ← {self.rhs}"

    __repr__ = __str__

    def _latex(self, printer):
        return rf"{printer.doprint(self.lhs)} \leftarrow {printer.doprint(self.rhs)}"

    def _repr_latex_(self):
        return f"$${sp.latex(self.lhs)} \\leftarrow {sp.latex(self.rhs)}$$"


def _value(rhs):
    """What stands on the right side, as a SymPy expression or truth value."""
    try:
        value = sp.sympify(rhs, strict=True)
    except sp.SympifyError:
        value = None
    if not isinstance(value, (sp.Expr, Boolean)) or getattr(value, "is_Matrix", False):
        raise ExpressionError(
            f"An object of type '{type(rhs).__name__}' is no value for an assignment.",
            code="invalid-expression",
            hints=["The right side is a SymPy expression or a number; the value of a field at the cell is f.center."],
        )
    return value


def _augmented(name, symbol, combine):
    def __new__(cls, lhs, rhs):
        if isinstance(lhs, (list, tuple, sp.MatrixBase)):
            return tuple(cls(target, value) for target, value in zip(lhs, rhs, strict=True))
        if not isinstance(lhs, FieldAccess):
            raise ExpressionError(
                f"Cannot update '{lhs}' in place.",
                code="invalid-expression",
                hints=["The left side of an augmented assignment is a field access; a symbol is assigned only once."],
            )
        return Assignment(lhs, combine(lhs, _value(rhs)))

    doc = f"""``lhs {symbol} rhs`` for a field access, as the :class:`Assignment` that it stands for.

    Raises:
        ExpressionError (ValueError): the left side is no field access.
    """
    return type(name, (), {"__new__": __new__, "__doc__": doc, "__module__": __name__})


AddAugmentedAssignment = _augmented("AddAugmentedAssignment", "+=", lambda a, b: a + b)
SubAugmentedAssignment = _augmented("SubAugmentedAssignment", "-=", lambda a, b: a - b)
MulAugmentedAssignment = _augmented("MulAugmentedAssignment", "*=", lambda a, b: a * b)
DivAugmentedAssignment = _augmented("DivAugmentedAssignment", "/=", lambda a, b: a / b)


def assignment_from_stencil(stencil_array, input_field, output_field, normalization_factor=None, order="visual"):
    """The assignment of a weighted sum of neighbours, the weights given as nested lists or an array.

    Args:
        stencil_array: weights with an odd number of entries in every dimension.
        input_field: field, or access without offset, that is read.
        output_field: field, or access without offset, that is written at the cell.
        normalization_factor: multiplies the sum.
        order: ``"visual"``: rows from top to bottom as one sees them, so that the first row has the largest y; in 3D
            each entry of a row is a list along z. ``"numpy"``: index i of an axis stands for offset i - n//2 in that
            dimension.

    Raises:
        ExpressionError (ValueError): wrong order, an even number of entries, or another rank than the fields.
    """
    weights = np.array(stencil_array, dtype=object)
    if order == "visual":
        # The first axis is y, upside down, the second is x.
        if weights.ndim >= 2:
            weights = np.swapaxes(weights, 0, 1)[:, ::-1]
    elif order != "numpy":
        raise ExpressionError(
            f"There is no order {order!r} of stencil weights.",
            code="invalid-expression",
            hints=["Use 'visual' or 'numpy'."],
        )
    source = input_field if isinstance(input_field, FieldAccess) else input_field.center
    target = output_field if isinstance(output_field, FieldAccess) else output_field.center
    if weights.ndim != source.field.spatial_dimensions or any(extent % 2 == 0 for extent in weights.shape):
        raise ExpressionError(
            f"Stencil weights of shape {weights.shape} do not fit field '{source.field.name}'.",
            code="invalid-expression",
            hints=[f"Give an odd number of weights in each of {source.field.spatial_dimensions} dimensions."],
        )
    total = sp.Integer(0)
    for position in np.ndindex(*weights.shape):
        offset = tuple(i - extent // 2 for i, extent in zip(position, weights.shape))
        total += _value(weights[position]) * source.get_shifted(*offset)
    if normalization_factor is not None:
        total *= _value(normalization_factor)
    return Assignment(target, total)
