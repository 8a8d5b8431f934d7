"""Finite differences: derivatives as symbols, and the stencils that approximate them."""

from .derivation import FiniteDifferenceStencilDerivation
from .derivative import (
    Diff,
    DiffOperator,
    collect_diffs,
    diff,
    diff_terms,
    evaluate_diffs,
    expand_diff_full,
    expand_diff_linear,
    expand_diff_products,
    functional_derivative,
    normalize_diff_order,
    zero_diffs,
)
from .finitedifferences import Discretization2ndOrder, advection, diffusion, transient
from .spatial import discretize_spatial

__all__ = [
    "Diff",
    "DiffOperator",
    "diff",
    "diff_terms",
    "collect_diffs",
    "zero_diffs",
    "evaluate_diffs",
    "expand_diff_full",
    "expand_diff_linear",
    "expand_diff_products",
    "normalize_diff_order",
    "functional_derivative",
    "advection",
    "diffusion",
    "transient",
    "Discretization2ndOrder",
    "discretize_spatial",
    "FiniteDifferenceStencilDerivation",
]
