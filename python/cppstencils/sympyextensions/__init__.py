"""SymPy with types, and tools for expressions of kernels."""

from .math import (
    complete_the_square,
    count_operations,
    extract_most_common_factor,
    fast_subs,
    get_symmetric_part,
    kronecker_delta,
    multidimensional_sum,
    recursive_collect,
    remove_higher_order_terms,
    remove_small_floats,
    scalar_product,
    tanh_step_function_approximation,
)
from .symbol_creation import SymbolCreator
from .typed_symbols import DynamicType, SpatialCounter, TypedSymbol, tcast

__all__ = [
    "DynamicType",
    "SpatialCounter",
    "SymbolCreator",
    "TypedSymbol",
    "tcast",
    "complete_the_square",
    "count_operations",
    "extract_most_common_factor",
    "fast_subs",
    "get_symmetric_part",
    "kronecker_delta",
    "multidimensional_sum",
    "recursive_collect",
    "remove_higher_order_terms",
    "remove_small_floats",
    "scalar_product",
    "tanh_step_function_approximation",
]
