"""Finite differences for derivatives in space."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, TypeVar

import sympy as sp

from ..assignment import Assignment
from ..assignment_collection import AssignmentCollection
from ..errors import ExpressionError, UnsupportedError
from ..field import FieldAccess
from ..sympyextensions.typed_symbols import SpatialCounter, tcast
from .derivative import Diff, diff_terms

__all__ = ["discretize_spatial"]

T = TypeVar("T")


def discretize_spatial(expr: T, dx: sp.Expr | float | Sequence[sp.Expr | float], stencil: str = "standard") -> T:
    """Replaces derivatives in space by finite differences of second order in dx.

    * A derivative of an expression of accesses: central differences of its values in the neighbour cells. Without dx,
      the first derivative is ``(u[1] - u[-1]) / 2``, the second ``u[1] - 2*u[0] + u[-1]``.
    * A derivative of a flux, an expression with derivatives in the same dimension such as ``Diff(D * Diff(c, 0), 0)``:
      the difference of the flux through the two faces of the cell, which conserves the sum of c. At a face the inner
      derivative is the difference of the two cells, and coefficients are the mean of both cells:
      ``((D[0] + D[1]) * (c[1] - c[0]) - (D[-1] + D[0]) * (c[0] - c[-1])) / 2``.
    * Symbols are constants. In collections and lists of assignments, symbols that earlier assignments define are
      replaced by their definitions inside of derivatives.

    Args:
        expr: an expression, an assignment, an ``AssignmentCollection``, or a list, tuple or matrix of these.
        dx: the distance of two cells, a number or a symbol, or one per dimension.
        stencil: ``"standard"``, or ``"isotropic"`` for first and second derivatives with an error that does not depend
            on the direction: the standard differences along the derivative's dimensions, averaged over the others. In
            2D the sum of the second derivatives is (1, 4, 1; 4, -20, 4; 1, 4, 1) / 6.

    Raises:
        ExpressionError (ValueError): a derivative of something that depends on no field, or in a dimension that the
            field does not have.
        UnsupportedError (NotImplementedError): isotropic differences of a higher derivative or of a flux.
    """
    return discretize_all(expr, lambda e: SpatialDiscretization(dx, stencil)(e))


def discretize_all(expr: Any, discretize: Callable[[sp.Expr], sp.Expr]) -> Any:
    """Applies ``discretize`` to an expression, or to all in an assignment, a collection, a list or a matrix."""
    if isinstance(expr, AssignmentCollection):
        count = len(expr.subexpressions)
        assignments = _discretize_assignments(expr.all_assignments, discretize)
        return expr.copy(assignments[count:], assignments[:count])
    if isinstance(expr, Assignment):
        return expr.func(expr.lhs, discretize(expr.rhs))
    if isinstance(expr, (list, tuple)):
        if expr and all(isinstance(entry, Assignment) for entry in expr):
            return type(expr)(_discretize_assignments(expr, discretize))
        return type(expr)(discretize_all(entry, discretize) for entry in expr)
    if isinstance(expr, sp.MatrixBase):
        return expr.applyfunc(discretize)
    return discretize(sp.sympify(expr))


def _discretize_assignments(assignments, discretize):
    # A symbol in a derivative would count as a constant; its definition depends on the place.
    definitions: dict[sp.Symbol, sp.Expr] = {}
    result = []
    for assignment in assignments:
        inlined = {d: d.func(d.arg.xreplace(definitions), *d.args[1:]) for d in diff_terms(assignment.rhs)}
        result.append(assignment.func(assignment.lhs, discretize(assignment.rhs.xreplace(inlined))))
        if not isinstance(assignment.lhs, FieldAccess):
            definitions[assignment.lhs] = assignment.rhs.xreplace(definitions)
    return result


class SpatialDiscretization:
    """The rules of :func:`discretize_spatial` for one expression."""

    def __init__(self, dx, stencil):
        if stencil not in ("standard", "isotropic"):
            raise ExpressionError(
                f"There is no stencil {stencil!r}.",
                code="invalid-expression",
                hints=["Use 'standard' or 'isotropic'."],
            )
        self._dx = [sp.sympify(entry) for entry in dx] if isinstance(dx, (list, tuple)) else sp.sympify(dx)
        self._isotropic = stencil == "isotropic"

    def __call__(self, expr):
        # From the outside to the inside: a flux needs its inner derivatives as they are.
        return expr.xreplace({derivative: self._derivative(derivative) for derivative in diff_terms(expr)})

    def _derivative(self, derivative):
        axis = self._axis_of(derivative)
        if not _depends_on_place(derivative.arg):
            raise ExpressionError(
                f"'{derivative.arg}' in the derivative '{derivative}' depends on no field.",
                code="invalid-expression",
                hints=["Use accesses of fields in derivatives, or evaluate the derivative with evaluate_diffs()."],
            )
        result = sp.Integer(0)
        for term in filter(_depends_on_place, sp.Add.make_args(derivative.arg)):
            constant, rest = term.as_independent(FieldAccess, SpatialCounter, Diff, as_Add=False)
            result += constant * self._of_term(rest, axis)
        return result

    def _of_term(self, term, axis):
        axes, base = [axis], term
        while isinstance(base, Diff):
            axes.append(self._axis_of(base))
            base = base.arg
        if not base.has(Diff):
            return self._central(base, axes)
        if any(self._axis_of(inner) == axis for inner in diff_terms(term)):
            self._no_isotropic_version(term)
            flux = self._at_face(term, axis)
            return (flux - _shifted(flux, axis, -1)) / self._distance(axis)
        return self._central(self(term), [axis])

    def _central(self, base, axes):
        """Central differences of an expression without derivatives; one axis per order."""
        rank = _rank_of(base)
        orders = [axes.count(axis) for axis in range(rank)]
        if sum(orders) != len(axes):
            raise ExpressionError(
                f"There is no derivative of '{base}' in dimension {max(axes)}.",
                code="invalid-expression",
                hints=[f"The fields have the dimensions 0 to {rank - 1}."],
            )
        weights = _central_weights(orders)
        if self._isotropic:
            if len(axes) > 2:
                self._no_isotropic_version(base)
            if isinstance(self._dx, list) and len(set(self._dx)) > 1:
                raise UnsupportedError(
                    "Isotropic differences need the same distance of cells in all dimensions.",
                    code="unsupported",
                    hints=["Use stencil='standard'."],
                )
            weights = _isotropic_weights(orders)
        total = sum((w * _moved(base, offset) for offset, w in sorted(weights.items())), sp.Integer(0))
        return total / math.prod((self._distance(axis) ** n for axis, n in enumerate(orders) if n), start=sp.Integer(1))

    def _at_face(self, term, axis):
        """The value in the middle between the cell and its upper neighbour."""
        coefficient, value = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(term):
            if not factor.has(Diff):
                coefficient *= factor
                continue
            inner = diff_terms(factor)
            rule = {derivative: self._face_derivative(derivative, axis) for derivative in inner}
            rule.update({part: _mean(part, axis) for part in factor.atoms(FieldAccess, tcast) - inner})
            value *= factor.xreplace(rule)
        return _mean(coefficient, axis) * value

    def _face_derivative(self, derivative, axis):
        if self._axis_of(derivative) == axis:
            inner = self(derivative.arg)
            return (_shifted(inner, axis, 1) - inner) / self._distance(axis)
        return _mean(self(derivative), axis)

    def _axis_of(self, derivative):
        target = derivative.target
        if not target.is_Integer or target < 0:
            raise ExpressionError(
                f"The derivative '{derivative}' is with respect to '{target}', which is no dimension.",
                code="invalid-expression",
                hints=["Derivatives in space have the number of a dimension as target: Diff(c, 0)."],
            )
        return int(target)

    def _distance(self, axis):
        if not isinstance(self._dx, list):
            return self._dx
        if axis >= len(self._dx):
            raise ExpressionError(
                f"dx has {len(self._dx)} entries, and none for dimension {axis}.",
                code="invalid-expression",
                hints=["Give one distance per dimension, or one for all."],
            )
        return self._dx[axis]

    def _no_isotropic_version(self, expr):
        if self._isotropic:
            raise UnsupportedError(
                f"There are no isotropic differences for derivatives of '{expr}'.",
                code="unsupported",
                hints=["Isotropic are first and second derivatives of fields; use stencil='standard' here."],
            )


def _depends_on_place(expr):
    return expr.has(FieldAccess, SpatialCounter, Diff)


def _rank_of(expr):
    ranks = [access.field.spatial_dimensions for access in expr.atoms(FieldAccess)]
    return max(ranks, default=1 + max((counter.dimension for counter in expr.atoms(SpatialCounter)), default=0))


def _moved(expr, offset):
    """The expression in the cell that is ``offset`` away."""
    if not any(offset):
        return expr
    rule = {access: access.get_shifted(*offset) for access in expr.atoms(FieldAccess)}
    for counter in expr.atoms(SpatialCounter):
        if counter.dimension < len(offset):
            rule[counter] = counter + offset[counter.dimension]
    return expr.xreplace(rule)


def _shifted(expr, axis, steps):
    rank = max(_rank_of(expr), axis + 1)
    return _moved(expr, tuple(steps if i == axis else 0 for i in range(rank)))


def _mean(expr, axis):
    return (expr + _shifted(expr, axis, 1)) / 2 if _depends_on_place(expr) else expr


def _along_axis(order):
    """Weights of the narrowest central difference of an order, by offset."""
    half, odd = divmod(order, 2)
    even = {k: (-1) ** (half - k) * math.comb(2 * half, half + k) for k in range(-half, half + 1)}
    if not odd:
        return {k: sp.Integer(w) for k, w in even.items()}
    return {k: sp.Rational(even.get(k - 1, 0) - even.get(k + 1, 0), 2) for k in range(-half - 1, half + 2)}


def _central_weights(orders):
    weights = {}
    for entries in product(*(_along_axis(order).items() for order in orders)):
        weight = math.prod((w for _, w in entries), start=sp.Integer(1))
        if weight:
            weights[tuple(k for k, _ in entries)] = weight
    return weights


# The central difference of order n along an axis is D + c dx^2 d^2D/dx^2 + ..., with c = 1/6 for n = 1 and 1/12 for
# n = 2. Adding c dx^2 d^2/dy^2 in the other dimensions makes the error c dx^2 times the Laplacian of D.
_LEADING_ERROR = {1: sp.Rational(1, 6), 2: sp.Rational(1, 12)}


def _isotropic_weights(orders):
    weights = dict(_central_weights(orders))
    error = _LEADING_ERROR[max(orders)]
    for axis, order in enumerate(orders):
        if order == 0:
            for offset, weight in _central_weights([2 if i == axis else n for i, n in enumerate(orders)]).items():
                weights[offset] = weights.get(offset, 0) + error * weight
    return weights
