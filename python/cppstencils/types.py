"""Element types of arrays, scalars and expressions."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias, overload

import numpy as np

from . import _core
from .errors import TypeMismatch

__all__ = ["ScalarType", "DynamicType", "create_type", "create_numeric_type", "UserTypeSpec"]


class ScalarType:
    """The type of a number in a kernel, such as ``float64``. There is one object per type.

    Attributes:
        name: the canonical name, for example ``"float64"`` or ``"bool"``.
        numpy_dtype: the same type in NumPy.
        itemsize: size of one element in bytes.
    """

    __slots__ = ("name", "numpy_dtype", "itemsize")
    name: str
    numpy_dtype: np.dtype
    itemsize: int
    _instances: dict[str, "ScalarType"] = {}

    def __new__(cls, name: ScalarType | str | type | np.dtype) -> ScalarType:
        known = cls._instances.get(name) if isinstance(name, str) else None
        if known is not None:
            return known
        return create_type(name)

    def is_float(self) -> bool:
        return self.numpy_dtype.kind == "f"

    def is_int(self) -> bool:
        return self.numpy_dtype.kind in "iu"

    def is_uint(self) -> bool:
        return self.numpy_dtype.kind == "u"

    def is_sint(self) -> bool:
        return self.numpy_dtype.kind == "i"

    def is_bool(self) -> bool:
        return self.numpy_dtype.kind == "b"

    def is_numeric(self) -> bool:
        return not self.is_bool()

    @property
    def width(self) -> int:
        """Number of bits."""
        return 8 * self.itemsize

    def __repr__(self):
        return f"ScalarType({self.name!r})"

    def __str__(self):
        return self.name

    def __reduce__(self):
        return create_type, (self.name,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def _make_scalar_types():
    for name in "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split():
        scalar = object.__new__(ScalarType)
        scalar.name = name
        scalar.numpy_dtype = np.dtype(name)
        scalar.itemsize = scalar.numpy_dtype.itemsize
        ScalarType._instances[name] = scalar


_make_scalar_types()


class DynamicType(Enum):
    """A type that the configuration of a kernel decides."""

    #: ``CreateKernelConfig.default_dtype``
    NUMERIC_TYPE = "numeric"
    #: ``CreateKernelConfig.index_dtype``
    INDEX_TYPE = "index"

    @property
    def name(self):  # the engine knows types by their names
        return self.value

    def __str__(self):
        return self.value


#: What functions accept where they ask for a type: a type, its name, or what Python and NumPy call it.
UserTypeSpec: TypeAlias = "ScalarType | DynamicType | str | type | np.dtype"


@overload
def create_type(spec: DynamicType) -> DynamicType: ...
@overload
def create_type(spec: ScalarType | str | type | np.dtype) -> ScalarType: ...
def create_type(spec: UserTypeSpec) -> ScalarType | DynamicType:
    """The element type that ``spec`` names.

    Args:
        spec: a :class:`ScalarType` or :class:`DynamicType` (returned as it is); a name such as ``"float64"``,
            ``"double"``, ``"float"`` (32 bits), ``"int"`` (64 bits), ``"uint8_t"``; the Python types ``float``
            (64 bits), ``int`` (64 bits) and ``bool``; a NumPy scalar type or dtype.

    Raises:
        TypeMismatch (TypeError): there is no such type.
    """
    if isinstance(spec, (ScalarType, DynamicType)):
        return spec
    name = None
    if isinstance(spec, str):
        name = _core.parse_dtype(spec.strip())
    elif spec is float:
        name = "float64"
    elif spec is int:
        name = "int64"
    elif spec is bool:
        name = "bool"
    elif isinstance(spec, np.dtype) or (isinstance(spec, type) and issubclass(spec, np.generic)):
        dtype = np.dtype(spec)
        if dtype.isnative:
            name = _core.parse_dtype(dtype.name)
    if name is None:
        raise TypeMismatch(
            f"There is no element type {spec!r}.",
            code="unsupported-type",
            hints=["Use bool, int8 to int64, uint8 to uint64, float32 or float64."],
        )
    return ScalarType._instances[name]


def create_numeric_type(spec: UserTypeSpec) -> ScalarType | DynamicType:
    """As :func:`create_type`, for types that one can compute with: everything but ``bool``.

    Raises:
        TypeMismatch (TypeError): there is no such type.
    """
    result = create_type(spec)
    if isinstance(result, ScalarType) and not result.is_numeric():
        raise TypeMismatch(
            f"Type '{result}' is no numeric type.",
            code="unsupported-type",
            hints=["Use an integer or floating-point type."],
        )
    return result
