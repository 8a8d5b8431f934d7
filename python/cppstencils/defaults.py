"""What kernels use where nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass

from .spatial_coordinates import x_, y_, z_
from .sympyextensions.typed_symbols import SpatialCounter
from .types import DynamicType, ScalarType, create_type

__all__ = ["DEFAULTS", "Defaults", "numeric_t", "index_t"]

#: The type that ``CreateKernelConfig.default_dtype`` decides.
numeric_t = DynamicType.NUMERIC_TYPE
#: The type that ``CreateKernelConfig.index_dtype`` decides.
index_t = DynamicType.INDEX_TYPE


@dataclass(frozen=True)
class Defaults:
    """Facts to read; options of a single kernel are set with :class:`CreateKernelConfig`.

    Attributes:
        numeric_dtype: type of fields and symbols that have none.
        index_dtype: type of cell coordinates.
        spatial_counters: coordinates of the updated cell in the first three dimensions, ``(x_, y_, z_)``.
        spatial_counter_names: their names.
    """

    numeric_dtype: ScalarType = create_type("float64")
    index_dtype: ScalarType = create_type("int64")
    spatial_counters: tuple[SpatialCounter, ...] = (x_, y_, z_)
    spatial_counter_names: tuple[str, ...] = (x_.name, y_.name, z_.name)


DEFAULTS = Defaults()
