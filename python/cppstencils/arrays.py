"""Arrays that lie in memory as kernels like it."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from . import _core
from .defaults import DEFAULTS
from .errors import ArgumentError
from .field import _layout_order
from .types import DynamicType, UserTypeSpec, create_type

__all__ = ["create_array"]


def create_array(
    shape: int | Sequence[int],
    dtype: UserTypeSpec = np.float64,
    layout: str | Sequence[int] = "numpy",
    index_dimensions: int = 0,
    *,
    padding: str = "automatic",
    ghost_layers: int = 1,
    threads: int | None = None,
) -> np.ndarray:
    """A zeroed NumPy array with room between its rows and between its components, so that kernels run at full speed.

    Any other array gives the same results; one of these makes large calls faster, above all those on several values per
    cell. Where rows or components are padded, the array is not contiguous: ``array.ravel()`` is a copy then.

    Args:
        shape: extents of the spatial dimensions, then of the index dimensions.
        dtype: element type.
        layout: as for fields: ``"numpy"``/``"c"``, ``"f"``, ``"soa"``/``"fzyx"``, ``"aos"``/``"zyxf"``, or the
            dimensions from the slowest to the fastest.
        index_dimensions: how many of the dimensions, the last ones, are index dimensions.
        padding: ``"automatic"`` where it pays and costs at most an eighth of the memory; ``"none"`` for a contiguous
            array.
        ghost_layers: cells at the beginning of a row that kernels read and do not update; the cell behind them lies at
            the border of a cache line.
        threads: how many threads may write a large array for the first time; ``None`` for all processors.

    Raises:
        ArgumentError (ValueError): there can be no such array.
        FieldError (ValueError): the layout does not fit.
        TypeMismatch (TypeError): there is no such type.
    """
    try:
        extents = [operator.index(shape)] if not isinstance(shape, Sequence) else [operator.index(n) for n in shape]
        counts = [operator.index(index_dimensions), operator.index(ghost_layers)]
        if threads is not None:
            threads = operator.index(threads)
    except TypeError as error:
        raise ArgumentError(
            f"An array cannot have the shape {shape!r}, {index_dimensions!r} index dimensions, {ghost_layers!r} ghost "
            f"layers and {threads!r} threads.",
            code="argument-size",
            hints=["Use integers, and a sequence of integers for the shape."],
        ) from error
    if padding not in ("automatic", "none"):
        raise ArgumentError(
            f"There is no padding {padding!r}.", code="argument-kind", hints=["Use 'automatic' or 'none'."]
        )
    if not 0 <= counts[0] < len(extents):
        raise ArgumentError(
            f"An array with {len(extents)} dimensions cannot have {counts[0]} index dimensions.", code="argument-rank"
        )
    element = create_type(dtype)
    if isinstance(element, DynamicType):
        element = DEFAULTS.index_dtype if element is DynamicType.INDEX_TYPE else DEFAULTS.numeric_dtype
    order = _layout_order("array", layout, len(extents) - counts[0], counts[0])
    return _core.create_array(extents, str(element), list(order), counts[0], padding == "automatic", counts[1], threads)
