"""Ways to make symbols."""

from __future__ import annotations

import sympy as sp

from ..types import UserTypeSpec, create_type
from .typed_symbols import TypedSymbol

__all__ = ["symbols", "typed_symbols", "SymbolCreator"]


def symbols(names: str, dtype: UserTypeSpec | None = None, **assumptions: bool) -> sp.Symbol | tuple[sp.Symbol, ...]:
    """Symbols from names, as SymPy's ``symbols`` reads them: ``"a b"``, ``"a, b"``, ``"a:3"``.

    Args:
        names: the names.
        dtype: their type, see :func:`cppstencils.create_type`; None for symbols without a type, whose type is the
            ``default_dtype`` of the kernel or that of their definition.
        assumptions: assumptions of SymPy, for symbols without a type. Those of typed symbols follow from the type.

    Returns:
        One symbol for one name, else a tuple of them.

    Raises:
        TypeMismatch (TypeError): there is no such type.

    >>> symbols("a b", "float32")
    (a, b)
    """
    if dtype is None:
        return sp.symbols(names, **assumptions)
    dtype = create_type(dtype)
    return sp.symbols(names, cls=lambda name, **_: TypedSymbol(name, dtype))


def typed_symbols(names: str, dtype: UserTypeSpec) -> TypedSymbol | tuple[TypedSymbol, ...]:
    """Typed symbols from names; see :func:`symbols`.

    Raises:
        TypeMismatch (TypeError): there is no such type.
    """
    return symbols(names, create_type(dtype))


class SymbolCreator:
    """Makes symbols on the fly: ``s.flux`` is ``sympy.Symbol("flux")``.

    >>> s = SymbolCreator()
    >>> s.flux + s.source
    flux + source
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> sp.Symbol:
        if name.startswith(("__", "_repr_", "_ipython_")):  # protocols of Python and Jupyter are no symbols
            raise AttributeError(name)
        return sp.Symbol(name)
