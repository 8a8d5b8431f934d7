"""SymPy with types, and tools for expressions of kernels."""

from .typed_symbols import DynamicType, SpatialCounter, TypedSymbol, tcast

__all__ = ["DynamicType", "SpatialCounter", "TypedSymbol", "tcast"]
