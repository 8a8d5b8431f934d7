"""Fields from a line of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import FieldError
from .field import Field
from .types import DynamicType, create_type

__all__ = ["fields"]

_NAME = r"[A-Za-z_]\w*"
_INDEX = r"\(\s*\d+\s*(?:,\s*\d+\s*)*,?\s*\)"
_DESCRIPTION = re.compile(
    rf"^\s*(?P<names>{_NAME}\s*(?:{_INDEX})?(?:\s*,\s*{_NAME}\s*(?:{_INDEX})?)*)\s*"
    r"(?P<colon>:\s*(?P<dtype>\w+)?\s*\[(?P<size>[^\]]*)\])?\s*$"
)


def fields(description: str | None = None, layout: str | Sequence[int] = "numpy", **arrays: np.ndarray) -> Any:
    """Declares fields from a description.

    Args:
        description: names with optional index shapes, then a colon, a type and a size: ``"u, v: double[2D]"``,
            ``"f(9): float[3D]"``, ``"g: double[20, 30]"``. Without a type the kernel's ``default_dtype`` decides;
            without a colon the fields are two-dimensional.
        layout: see :meth:`Field.create_generic`.
        arrays: ``name=array`` declares a field like that array; the array itself is not kept.

    Returns:
        The field, or a list of them where there are several.

    Raises:
        FieldError (ValueError): the description cannot be read.

    >>> fields("u, v: float32[2D]")
    [u: float32[2D], v: float32[2D]]
    """
    result = []
    if description is None:
        result = [Field.create_from_numpy_array(name, array) for name, array in arrays.items()]
        if not result:
            raise FieldError(
                "fields() was called without a description.",
                code="invalid-description",
                hints=['Write for example fields("u, v: double[2D]").'],
            )
        return result[0] if len(result) == 1 else result
    match = _DESCRIPTION.match(description) if isinstance(description, str) else None
    if match is None:
        raise FieldError(
            f"Could not parse field description '{description}'.",
            code="invalid-description",
            hints=['Write for example "u, v: double[2D]", "f(9): float[3D]" or "g: double[20, 30]".'],
        )
    dynamic = {"": DynamicType.NUMERIC_TYPE, "dyn": DynamicType.NUMERIC_TYPE, "dynidx": DynamicType.INDEX_TYPE}
    type_name = (match["dtype"] or "").lower()
    dtype = dynamic[type_name] if type_name in dynamic else create_type(type_name)
    rank, shape = _read_size(description, match["size"] if match["colon"] else "2D")
    for name, index in re.findall(rf"({_NAME})\s*({_INDEX})?", match["names"]):
        index_shape = tuple(int(extent) for extent in re.findall(r"\d+", index))
        field = Field(name, rank, dtype, index_shape, layout, shape)
        if name in arrays:
            field = _like_array(description, field, arrays[name], match)
        result.append(field)
    names = [field.name for field in result]
    for name in names:
        if names.count(name) > 1:
            raise FieldError(
                f"The description '{description}' names the field '{name}' twice.",
                code="invalid-description",
                hints=["Give every field a name of its own."],
            )
    unknown = sorted(set(arrays) - {field.name for field in result})
    if unknown:
        raise FieldError(
            f"The description does not name the field '{unknown[0]}'.",
            code="invalid-description",
            hints=["Name every field in the description, or leave the description away."],
        )
    return result[0] if len(result) == 1 else result


def _like_array(description, stated, array, match):
    """The field of the array, if that is what the description says it is."""
    field = Field.create_from_numpy_array(stated.name, array, stated.index_dimensions)
    fits = field.index_shape == stated.index_shape
    if match["colon"]:
        fits &= field.spatial_dimensions == stated.spatial_dimensions
        fits &= isinstance(stated.dtype, DynamicType) or field.dtype is stated.dtype
        fits &= stated.fixed_shape in (None, field.fixed_shape)
    if not fits:
        raise FieldError(
            f"The array for field '{stated.name}' has shape {array.shape} and dtype {array.dtype}, but the description "
            f"'{description}' says otherwise.",
            code="invalid-description",
            hints=["Make both say the same, or leave type and size out of the description."],
        )
    return field


def _read_size(description, size):
    text = size.strip()
    if re.fullmatch(r"[1-9]\d*\s*[dD]", text):
        return int(text[:-1]), None
    if re.fullmatch(r"\d+(\s*,\s*\d+)*\s*,?", text):
        shape = tuple(int(extent) for extent in text.strip(",").split(","))
        return len(shape), shape
    raise FieldError(
        f"Could not parse the size '[{size}]' of field description '{description}'.",
        code="invalid-description",
        hints=["Write [2D] for arrays of any extent, or fixed extents such as [20, 30]."],
    )
