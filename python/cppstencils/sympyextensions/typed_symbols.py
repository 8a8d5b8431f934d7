"""Symbols with a type, cell coordinates, and conversions between types."""

from __future__ import annotations

import sympy as sp

from ..errors import ExpressionError
from ..types import DynamicType, ScalarType, create_type

__all__ = ["TypedSymbol", "SpatialCounter", "tcast", "DynamicType"]


def assumptions_of(dtype):
    """What SymPy may assume of a value of this type."""
    if dtype is DynamicType.INDEX_TYPE:
        return {"integer": True}
    if dtype is DynamicType.NUMERIC_TYPE:
        return {"real": True}
    if dtype.is_float():
        return {"real": True}
    if dtype.is_uint():
        return {"integer": True, "nonnegative": True}
    if dtype.is_int():
        return {"integer": True}
    return {}


class TypedSymbol(sp.Symbol):
    """A symbol with a type: a parameter of the kernel, or the name of a sub-expression.

    Args:
        name: any text; a parameter is passed under this name.
        dtype: a type or its name, see :func:`cppstencils.types.create_type`, or a :class:`DynamicType`.
    """

    __slots__ = ("_dtype",)

    def __new__(cls, name, dtype):
        dtype = create_type(dtype)
        self = sp.Symbol.__xnew__(cls, str(name), **assumptions_of(dtype))
        self._dtype = dtype
        return self

    @property
    def dtype(self):
        return self._dtype

    def _hashable_content(self):
        return super()._hashable_content() + (self._dtype.name,)

    def __getnewargs_ex__(self):
        return (self.name, self._dtype), {}

    def __getstate__(self):
        return None


class SpatialCounter(TypedSymbol):
    """The integer coordinate of the updated cell in one dimension. Use :class:`tcast` to compute with it in floating
    point."""

    __slots__ = ("dimension",)

    def __new__(cls, dimension):
        dimension = int(dimension)
        if not 0 <= dimension < 4:
            raise ExpressionError(
                f"There is no coordinate {dimension}.",
                code="invalid-expression",
                hints=["Coordinates are numbered from 0 to 3."],
            )
        self = super().__new__(cls, f"ctr_{dimension}", DynamicType.INDEX_TYPE)
        self.dimension = dimension
        return self

    def __getnewargs_ex__(self):
        return (self.dimension,), {}


class _TypeAtom(sp.Atom):
    """A type as an operand of :class:`tcast`, so that casts to different types are different expressions."""

    __slots__ = ("dtype",)

    def __new__(cls, dtype):
        self = super().__new__(cls)
        self.dtype = create_type(dtype)
        return self

    def _hashable_content(self):
        return (self.dtype.name,)

    def __getnewargs_ex__(self):
        return (self.dtype,), {}

    def __getstate__(self):
        return None

    def _sympystr(self, printer):
        return str(self.dtype)

    def _latex(self, printer):
        return r"\mathrm{%s}" % self.dtype


class tcast(sp.Function):
    """``tcast(expr, dtype)``: the value of ``expr`` converted to ``dtype``.

    Floats round to nearest, floats to integers truncate towards zero and saturate (NaN gives 0), integers wrap. The
    argument is evaluated in its own type. ``tcast.as_numeric(expr)`` and ``tcast.as_index(expr)`` convert to the
    default and to the index type of the kernel.
    """

    nargs = 2

    def __new__(cls, expr, dtype):
        if not isinstance(dtype, _TypeAtom):
            dtype = _TypeAtom(dtype)
        return super().__new__(cls, sp.sympify(expr), dtype)

    @classmethod
    def eval(cls, expr, dtype):
        return None

    @staticmethod
    def as_numeric(expr):
        return tcast(expr, DynamicType.NUMERIC_TYPE)

    @staticmethod
    def as_index(expr):
        return tcast(expr, DynamicType.INDEX_TYPE)

    @property
    def expr(self):
        return self.args[0]

    @property
    def dtype(self):
        return self.args[1].dtype

    def _eval_is_real(self):
        dtype = self.dtype
        return not (isinstance(dtype, ScalarType) and dtype.is_bool())

    def _eval_is_integer(self):
        return assumptions_of(self.dtype).get("integer")
