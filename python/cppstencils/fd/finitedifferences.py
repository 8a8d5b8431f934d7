"""Partial differential equations and their explicit discretisation in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import sympy as sp

from ..errors import ExpressionError, UnsupportedError
from ..field import Field, FieldAccess
from .derivative import Diff, _center_of, diff_terms
from .spatial import SpatialDiscretization, discretize_all

__all__ = ["transient", "diffusion", "advection", "Discretization2ndOrder"]

T = TypeVar("T")

_TIME = sp.Symbol("t")


def _access(scalar, index) -> FieldAccess:
    """The value in the updated cell; ``index`` selects one of several values."""
    if isinstance(scalar, (Field, FieldAccess)):
        return _center_of(scalar if index is None else scalar(*(index if isinstance(index, tuple) else (index,))))
    raise ExpressionError(
        f"'{scalar}' is neither a field nor an access.",
        code="invalid-expression",
        hints=["Give the field that the equation is about."],
    )


def transient(scalar: Field | FieldAccess, idx: int | tuple[int, ...] | None = None) -> sp.Expr:
    """The derivative of a field in time, ``Diff(scalar, t)``.

    Args:
        scalar: a field or an access.
        idx: which value of a field with several values per cell.

    Raises:
        ExpressionError (ValueError): neither a field nor an access.
    """
    return Diff(_access(scalar, idx), _TIME)


def diffusion(
    scalar: Field | FieldAccess,
    diffusion_coeff: Field | sp.Expr | sp.Matrix | float,
    idx: int | tuple[int, ...] | None = None,
) -> sp.Expr:
    """The diffusion term div(D grad c), as derivatives: the sum of ``Diff(D * Diff(c, i), i)`` over the dimensions i.

    Where D varies it is discretised conservatively, with the mean of D at the faces of the cell; see
    :func:`discretize_spatial`.

    Args:
        scalar: the field c or an access.
        diffusion_coeff: the coefficient D: a number, a symbol, a field, any expression; or a matrix of them, for the
            sum of ``Diff(D[i, j] * Diff(c, j), i)``.
        idx: which value of a field c with several values per cell.

    Raises:
        ExpressionError (ValueError): c is neither a field nor an access, or the matrix has another size.
    """
    access = _access(scalar, idx)
    rank = access.field.spatial_dimensions
    if isinstance(diffusion_coeff, Field):
        diffusion_coeff = _access(diffusion_coeff, None)
    diffusion_coeff = sp.sympify(diffusion_coeff)
    if not isinstance(diffusion_coeff, sp.MatrixBase):
        return sum((Diff(diffusion_coeff * Diff(access, i), i) for i in range(rank)), sp.Integer(0))
    if diffusion_coeff.shape != (rank, rank):
        raise ExpressionError(
            f"The diffusion coefficient is a matrix of shape {diffusion_coeff.shape}, the field has {rank} dimensions.",
            code="invalid-expression",
            hints=[f"Give one coefficient, or a matrix of shape {(rank, rank)}."],
        )
    return sum(
        (Diff(sum(diffusion_coeff[i, j] * Diff(access, j) for j in range(rank)), i) for i in range(rank)), sp.Integer(0)
    )


def advection(
    advected_scalar: Field | FieldAccess,
    velocity_field: Field | Sequence[sp.Expr | float] | sp.Matrix,
    idx: int | tuple[int, ...] | None = None,
) -> sp.Expr:
    """The advection term div(c v), as derivatives: the sum of ``Diff(c * v[i], i)`` over the dimensions i.

    Args:
        advected_scalar: the field c or an access.
        velocity_field: a field with one value per dimension, or a list or matrix of expressions.
        idx: which value of a field c with several values per cell.

    Raises:
        ExpressionError (ValueError): c is neither a field nor an access, or the velocity has another size.
    """
    access = _access(advected_scalar, idx)
    rank = access.field.spatial_dimensions
    if isinstance(velocity_field, Field):
        velocity = list(velocity_field.center_vector)
    elif isinstance(velocity_field, FieldAccess) and velocity_field.field.index_shape and not velocity_field.index:
        velocity = [velocity_field(i) for i in range(velocity_field.field.index_shape[0])]
    elif isinstance(velocity_field, (list, tuple, sp.MatrixBase)):
        velocity = [sp.sympify(component) for component in velocity_field]
    else:
        velocity = [sp.sympify(velocity_field)]
    if len(velocity) != rank:
        raise ExpressionError(
            f"The velocity has {len(velocity)} components, the field has {rank} dimensions.",
            code="invalid-expression",
            hints=["Give one component per dimension."],
        )
    return sum((Diff(access * velocity[i], i) for i in range(rank)), sp.Integer(0))


class Discretization2ndOrder:
    """Discretises equations: second order in space, see :func:`discretize_spatial`, and explicit Euler in time.

    Args:
        dx: the distance of two cells, a number or symbol, or one per dimension. None for the symbol ``dx``.
        dt: the time step. None for the symbol ``dt``.
        stencil: ``"standard"`` or ``"isotropic"``.

    >>> c = Field.create_generic("c", 1)
    >>> dx, dt, D = sp.symbols("dx dt D")
    >>> Discretization2ndOrder(dx, dt)(transient(c) - diffusion(c, D))
    c[0] + D*dt*(-2*c[0] + c[1] + c[-1])/dx**2
    """

    def __init__(
        self,
        dx: sp.Expr | float | Sequence[sp.Expr | float] | None = None,
        dt: sp.Expr | float | None = None,
        stencil: str = "standard",
    ):
        self.dt = sp.Symbol("dt") if dt is None else sp.sympify(dt)
        self.spatial = SpatialDiscretization(sp.Symbol("dx") if dx is None else dx, stencil)

    def __call__(self, expr: T) -> T:
        """Discretises an equation ``expr = 0``, or expressions.

        Args:
            expr: an expression, an assignment, an ``AssignmentCollection``, or a list, tuple or matrix of these.

        Returns:
            The same with discretised right sides. An expression with the time derivative of a value becomes that value
            after a time step, from the equation that the expression is 0.

        Raises:
            ExpressionError (ValueError): see :func:`discretize_spatial`; or the equation is not linear in the time
                derivative.
            UnsupportedError (NotImplementedError): several time derivatives, or one of higher order.
        """
        return discretize_all(expr, self._expression)

    def _expression(self, expr):
        transients = [derivative for derivative in expr.atoms(Diff) if derivative.target == _TIME]
        if not transients:
            return self.spatial(expr)
        time_derivative = transients[0]
        if len(transients) > 1 or not isinstance(time_derivative.arg, FieldAccess):
            raise UnsupportedError(
                f"An explicit step needs one time derivative, of a field, and not {', '.join(map(str, transients))}.",
                code="unsupported",
                hints=["Write one equation per field, each with one transient term."],
            )
        unknown = sp.Dummy()
        equation = expr.xreplace({time_derivative: unknown})
        factor = equation.diff(unknown)
        if factor.has(unknown) or any(d.has(unknown) for d in diff_terms(equation)):
            raise ExpressionError(
                f"'{expr}' is not linear in the time derivative.",
                code="invalid-expression",
                hints=["Write the equation as the time derivative plus other terms."],
            )
        rest = self.spatial(-equation.xreplace({unknown: sp.Integer(0)}))
        return time_derivative.arg + self.dt * rest / self.spatial(factor)
