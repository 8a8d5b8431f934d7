"""SymPy with types, and tools for expressions of kernels."""

from .symbol_creation import SymbolCreator
from .typed_symbols import DynamicType, SpatialCounter, TypedSymbol, tcast

__all__ = ["DynamicType", "SpatialCounter", "SymbolCreator", "TypedSymbol", "tcast"]
