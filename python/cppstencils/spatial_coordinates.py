"""The integer coordinates of the updated cell."""

from __future__ import annotations

import sympy as sp

from .errors import ExpressionError
from .sympyextensions.typed_symbols import SpatialCounter

__all__ = ["x_", "y_", "z_", "x_vector"]

#: Coordinate of the updated cell in the first, second and third dimension, counted from 0 at the border of the array.
#: An integer: compute with ``tcast.as_numeric(x_)`` in floating point.
x_, y_, z_ = (SpatialCounter(dimension) for dimension in range(3))


def x_vector(ndim: int) -> sp.Matrix:
    """The coordinates of the updated cell as a column of ``ndim`` entries.

    Raises:
        ExpressionError (ValueError): not 1 to 4 dimensions.
    """
    if not isinstance(ndim, int) or not 1 <= ndim <= 4:
        raise ExpressionError(
            f"There is no cell with {ndim!r} coordinates.",
            code="invalid-expression",
            hints=["Kernels have 1 to 4 dimensions."],
        )
    return sp.Matrix([SpatialCounter(dimension) for dimension in range(ndim)])
