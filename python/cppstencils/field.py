"""Fields: arrays by name, and accesses to their elements."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import sympy as sp

from . import _core
from .errors import FieldError
from .stencil import direction_string_to_offset, offset_to_direction_string
from .sympyextensions.typed_symbols import assumptions_of
from .types import DynamicType, ScalarType, UserTypeSpec, create_type

__all__ = ["Field", "FieldAccess"]


class Field:
    """An array of the user's, known by name, that kernels read and write.

    It has 1 to 4 spatial dimensions, followed by index dimensions for fields with several values per cell. ``f[1, 0]``
    is the value of the neighbour cell one up the first dimension, ``f[0, 0](3)`` or ``f(3)`` value 3 of the cell
    itself. Make fields with :func:`fields`, or with the ``create_*`` functions below.

    Attributes:
        name: the name under which the array is passed to a kernel.
        dtype: the element type; :attr:`DynamicType.NUMERIC_TYPE` where the kernel's ``default_dtype`` decides.
        spatial_dimensions: number of spatial dimensions.
        index_shape: extents of the index dimensions; ``()`` for one value per cell.
        fixed_shape: spatial extents where they are fixed, else None.
        layout: all dimensions (spatial, then index) from the slowest to the fastest in memory. It fixes the order of
            the loops, never the strides of the arrays that may be passed.
    """

    name: str
    spatial_dimensions: int
    dtype: ScalarType | DynamicType
    index_shape: tuple[int, ...]
    fixed_shape: tuple[int, ...] | None
    layout: tuple[int, ...]
    latex_name: str | None
    Access: type[FieldAccess]

    def __init__(
        self,
        name: str,
        spatial_dimensions: int,
        dtype: UserTypeSpec,
        index_shape: Sequence[int] = (),
        layout: str | Sequence[int] = "numpy",
        fixed_shape: Sequence[int] | None = None,
    ):
        self.name = str(name)
        self.spatial_dimensions = _extent(self.name, "number of spatial dimensions", spatial_dimensions)
        self.dtype = create_type(dtype)
        self.index_shape = _extents(self.name, "index shape", index_shape)
        self.fixed_shape = None if fixed_shape is None else _extents(self.name, "shape", fixed_shape)
        self.layout = _layout_order(self.name, layout, self.spatial_dimensions, len(self.index_shape))
        self.latex_name = None
        _core.check_field(
            self.name,
            self.spatial_dimensions,
            list(self.index_shape),
            None if self.fixed_shape is None else list(self.fixed_shape),
            list(self.layout),
        )
        shape = self.fixed_shape or ()
        self._key = (self.name, self.dtype.name, self.spatial_dimensions, self.index_shape, shape, self.layout)
        self._accesses: dict[tuple[tuple[int, ...], tuple[int, ...]], FieldAccess] = {}

    @staticmethod
    def create_generic(
        name: str,
        spatial_dimensions: int,
        dtype: UserTypeSpec = DynamicType.NUMERIC_TYPE,
        index_dimensions: int = 0,
        layout: str | Sequence[int] = "numpy",
        index_shape: int | Sequence[int] | None = None,
    ) -> Field:
        """A field for arrays of any spatial shape.

        Args:
            name: the name under which the array is passed.
            spatial_dimensions: 1 to 4.
            dtype: element type.
            index_dimensions: number of index dimensions, if ``index_shape`` says no more; it must then be 0.
            layout: ``"numpy"``/``"c"``, ``"f"``, ``"soa"``/``"fzyx"``, ``"aos"``/``"zyxf"``, or the dimensions from the
                slowest to the fastest.
            index_shape: extents of the index dimensions.

        Raises:
            FieldError (ValueError): there can be no such field.
        """
        if index_shape is None:
            if index_dimensions != 0:
                raise FieldError(
                    f"Field '{name}' has {index_dimensions} index dimensions of unknown extent.",
                    code="field-index",
                    hints=["Give index_shape, for example index_shape=(9,)."],
                )
            index_shape = ()
        elif isinstance(index_shape, (int, np.integer, sp.Integer)):
            index_shape = (int(index_shape),)
        if index_dimensions not in (0, len(index_shape)):
            raise FieldError(
                f"Field '{name}' has {index_dimensions} index dimensions, but index_shape has {len(index_shape)}.",
                code="field-index",
                hints=["Leave index_dimensions away; index_shape says it all."],
            )
        return Field(name, spatial_dimensions, dtype, index_shape, layout)

    @staticmethod
    def create_fixed_size(
        name: str,
        shape: Sequence[int],
        index_dimensions: int = 0,
        dtype: UserTypeSpec = np.float64,
        layout: str | Sequence[int] = "numpy",
    ) -> Field:
        """A field for arrays of exactly this shape, spatial and index dimensions together.

        Raises:
            FieldError (ValueError): there can be no such field.
        """
        shape = _extents(name, "shape", shape)
        spatial = len(shape) - _extent(name, "number of index dimensions", index_dimensions)
        return Field(name, spatial, dtype, shape[spatial:], layout, fixed_shape=shape[:spatial])

    @staticmethod
    def create_from_numpy_array(name: str, array: np.ndarray, index_dimensions: int = 0) -> Field:
        """A field like this array: its dtype, shape and order of dimensions. The array itself is not kept.

        Raises:
            FieldError (ValueError): the array leaves no spatial dimension, or more than four.
            TypeMismatch (TypeError): kernels do not know its dtype.
        """
        if not isinstance(array, np.ndarray):
            raise FieldError(
                f"Field '{name}' cannot be declared like an object of type '{type(array).__name__}'.",
                code="invalid-description",
                hints=["Pass a NumPy array; numpy.asarray(object) makes one."],
            )
        spatial = array.ndim - _extent(name, "number of index dimensions", index_dimensions)
        # From the largest stride to the smallest; dimensions of equal stride keep their order.
        layout = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
        return Field(name, spatial, array.dtype, array.shape[spatial:], layout, fixed_shape=array.shape[:spatial])

    # -- facts ---------------------------------------------------------------------------------------------------------

    @property
    def index_dimensions(self) -> int:
        """Number of index dimensions."""
        return len(self.index_shape)

    @property
    def ndim(self) -> int:
        """Number of dimensions of the array, spatial and index together."""
        return self.spatial_dimensions + self.index_dimensions

    @property
    def has_fixed_shape(self) -> bool:
        return self.fixed_shape is not None

    @property
    def values_per_cell(self) -> int:
        """Number of values that a cell has."""
        return int(np.prod(self.index_shape, dtype=int))

    def new_field_with_different_name(self, new_name: str) -> Field:
        return Field(new_name, self.spatial_dimensions, self.dtype, self.index_shape, self.layout, self.fixed_shape)

    # -- accesses ------------------------------------------------------------------------------------------------------

    def access(self, offsets: tuple[int, ...], index: tuple[int, ...] = ()) -> FieldAccess:
        """The element at these offsets from the updated cell, with this index. The same object for the same place.

        Raises:
            FieldError (ValueError): wrong number of offsets or indices, or an index outside ``index_shape``.
        """
        key = (offsets, index)
        known = self._accesses.get(key)
        if known is None:
            known = self._accesses[key] = FieldAccess(self, offsets, index)
        return known

    def __getitem__(self, offset: int | str | Sequence[int]) -> FieldAccess:
        if isinstance(offset, str):
            return self.access(direction_string_to_offset(offset, self.spatial_dimensions))
        values = offset if isinstance(offset, (tuple, list, np.ndarray)) else (offset,)
        offsets = tuple(_constant_integer(value, self, "offset") for value in values)
        if len(offsets) != self.spatial_dimensions:
            raise FieldError(
                f"Field '{self.name}' has {self.spatial_dimensions} spatial dimensions, but {len(offsets)} offsets were"
                " given.",
                code="field-rank",
                hints=["Give one offset per spatial dimension; values of a cell come behind it: f[0, 0](2)."],
            )
        return self.access(offsets)

    def __call__(self, *index: int) -> FieldAccess:
        return self.center(*index)

    @property
    def center(self) -> FieldAccess:
        """The element of the updated cell itself."""
        return self.access((0,) * self.spatial_dimensions)

    @cached_property
    def center_vector(self) -> sp.Matrix:
        """The values of the updated cell as a SymPy matrix: 1x1, a column, or a matrix.

        Raises:
            FieldError (ValueError): more than two index dimensions.
        """
        return self.neighbor_vector((0,) * self.spatial_dimensions)

    def neighbor_vector(self, offset: Sequence[int]) -> sp.Matrix:
        """The values of a neighbour as a SymPy matrix.

        Raises:
            FieldError (ValueError): more than two index dimensions.
        """
        if self.index_dimensions == 0:
            return sp.Matrix([self[offset]])
        if self.index_dimensions == 1:
            return sp.Matrix([self[offset](i) for i in range(self.index_shape[0])])
        if self.index_dimensions == 2:
            rows, columns = self.index_shape
            return sp.Matrix(rows, columns, lambda i, j: self[offset](int(i), int(j)))
        raise FieldError(
            f"Field '{self.name}' has {self.index_dimensions} index dimensions, which make no matrix.",
            code="field-index",
            hints=["Write the accesses one by one."],
        )

    def neighbor(self, coordinate: int, offset: int) -> FieldAccess:
        """The element ``offset`` cells away along one dimension."""
        return self.center.neighbor(coordinate, offset)

    def neighbors(self, stencil: Sequence[Sequence[int]]) -> list[FieldAccess]:
        """The elements at all offsets of a stencil."""
        return [self[tuple(offset)] for offset in stencil]

    # -- Python --------------------------------------------------------------------------------------------------------

    #: A field has no number of cells that a loop could go through.
    __iter__ = None

    def __setattr__(self, name, value):
        # What a field is called and how it is laid out is part of the kernels that use it.
        if name in self.__dict__ and name != "latex_name":
            raise AttributeError(f"Attribute '{name}' of field '{self.name}' cannot be changed; declare another field.")
        object.__setattr__(self, name, value)

    def __eq__(self, other):
        return isinstance(other, Field) and self._key == other._key

    def __hash__(self):
        return hash(self._key)

    def __reduce__(self):
        arguments = (self.name, self.spatial_dimensions, self.dtype, self.index_shape, self.layout, self.fixed_shape)
        return Field, arguments

    def __repr__(self):
        index = f"({', '.join(map(str, self.index_shape))})" if self.index_shape else ""
        size = ",".join(map(str, self.fixed_shape)) if self.fixed_shape else f"{self.spatial_dimensions}D"
        dtype = "" if isinstance(self.dtype, DynamicType) else str(self.dtype)
        return f"{self.name}{index}: {dtype}[{size}]"

    def _repr_latex_(self):
        return f"$${self.latex_name or self.name}$$"


class FieldAccess(sp.Symbol):
    """An element of a field relative to the updated cell: a SymPy symbol, so that it can stand in any expression.

    Attributes:
        field: the :class:`Field`.
        offsets: offsets from the updated cell, one per spatial dimension.
        index: one number per index dimension; ``()`` for a field with one value per cell.
    """

    __slots__ = ("_field", "_offsets", "_index")

    # access[1, 0] would make it a sequence for SymPy's matrices.
    __iter__ = None

    def __new__(cls, field, offsets, index=()):
        if index or not field.index_shape:
            _check_index(field, index)
        name = field.name + "_" + offset_to_direction_string(offsets)
        if index:
            name += "^" + "_".join(map(str, index))
        self = sp.Symbol.__xnew__(cls, name, **assumptions_of(field.dtype))
        self._field = field
        self._offsets = offsets
        self._index = index
        return self

    @property
    def field(self) -> Field:
        return self._field

    @property
    def offsets(self) -> tuple[int, ...]:
        return self._offsets

    @property
    def index(self) -> tuple[int, ...]:
        return self._index

    @property
    def dtype(self) -> ScalarType | DynamicType:
        return self._field.dtype

    @property
    def required_ghost_layers(self) -> int:
        """The largest offset in any direction."""
        return max((abs(offset) for offset in self._offsets), default=0)

    def __call__(self, *index):
        if self._index or not self._field.index_shape:
            # f(0) is accepted for the only value of a cell.
            if not (self._field.index_shape == () and index in ((), (0,))):
                raise FieldError(
                    f"Access '{self}' has its index already.",
                    code="field-index",
                    hints=[f"Write {self._field.name}[...](i) once, with one number per index dimension."],
                )
            return self
        return self._field.access(self._offsets, tuple(_constant_integer(i, self._field, "index") for i in index))

    def __getitem__(self, offset):
        """The same value, ``offset`` cells further."""
        if not isinstance(offset, tuple):
            offset = (offset,)
        return self.get_shifted(*offset)

    def get_shifted(self, *shift: int) -> FieldAccess:
        """The same value, ``shift`` cells further.

        Raises:
            FieldError (ValueError): wrong number of offsets.
        """
        shifts = self._field[tuple(shift)].offsets
        return self._field.access(tuple(a + b for a, b in zip(self._offsets, shifts)), self._index)

    def neighbor(self, coordinate, offset):
        """The same value, ``offset`` cells further along one dimension."""
        shift = [0] * len(self._offsets)
        if coordinate not in range(len(shift)):
            raise FieldError(
                f"Field '{self._field.name}' has no dimension {coordinate!r}.",
                code="field-rank",
                hints=[f"Its spatial dimensions are 0 to {len(shift) - 1}."],
            )
        shift[coordinate] = offset
        return self.get_shifted(*shift)

    def at_index(self, *index: int) -> FieldAccess:
        """Another value of the same cell."""
        return self._field.access(self._offsets, tuple(_constant_integer(i, self._field, "index") for i in index))

    @property
    def offset_name(self) -> str:
        """The offset as a compass direction, such as ``"NE"`` or ``"2W"``."""
        return offset_to_direction_string(self._offsets)

    def _hashable_content(self):
        return super()._hashable_content() + (self._field._key, self._offsets, self._index)

    def __getnewargs_ex__(self):
        return (self._field, self._offsets, self._index), {}

    def __getstate__(self):
        return None

    def _sympystr(self, printer):
        text = f"{self._field.name}[{','.join(map(str, self._offsets))}]"
        return text + (f"({','.join(map(str, self._index))})" if self._index else "")

    def _latex(self, printer):
        name = self._field.latex_name or self._field.name
        offset = offset_to_direction_string(self._offsets)
        index = ",".join(map(str, self._index))
        return rf"{{{name}}}_{{({offset})}}" + (rf"^{{{index}}}" if index else "")


Field.Access = FieldAccess


def _check_index(field, index):
    if len(index) != len(field.index_shape):
        raise FieldError(
            f"Field '{field.name}' has {len(field.index_shape)} index dimensions, but {len(index)} indices were given.",
            code="field-index",
            hints=["Give one index per index dimension behind the offset: f[0, 0](2)."],
        )
    for number, extent in zip(index, field.index_shape):
        if not 0 <= number < extent:
            raise FieldError(
                f"Index {number} of field '{field.name}' is outside its range of 0 to {extent - 1}.",
                code="field-index",
                hints=["Indices count from 0; negative ones do not count from the end."],
            )


def _constant_integer(value, field, what):
    if isinstance(value, (int, np.integer, sp.Integer)) and not isinstance(value, bool):
        if -(2**62) < value < 2**62:
            return int(value)
        raise FieldError(
            f"Field '{field.name}' was given the {what} {value}, which no array can have.",
            code="field-index",
            hints=["Use offsets of neighbour cells, such as 1 or -2."],
        )
    raise FieldError(
        f"Field '{field.name}' was given the {what} {value!r}, which is no integer constant.",
        code="field-index",
        hints=["Use integers; a kernel knows the neighbours of a cell when it is created."],
    )


def _extent(name, what, value):
    if isinstance(value, (int, np.integer, sp.Integer)) and not isinstance(value, bool):
        return int(value)
    raise FieldError(
        f"The {what} of field '{name}' is {value!r}, which is no integer.",
        code="field-rank",
        hints=["Use positive integers; nothing is rounded."],
    )


def _extents(name, what, values):
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise FieldError(
            f"The {what} of field '{name}' is {values!r}, which is no sequence of integers.",
            code="field-rank",
            hints=["Give one extent per dimension, for example (20, 30)."],
        )
    return tuple(_extent(name, what, value) for value in values)


def _layout_order(name, layout, spatial_dimensions, index_dimensions):
    """All dimensions from the slowest to the fastest."""
    if isinstance(layout, str):
        text = {"numpy": "c", "reverse_numpy": "f"}.get(layout.lower(), layout.lower())
        return tuple(_core.layout_order(text, spatial_dimensions, index_dimensions))
    order = _extents(name, "layout", layout)
    if len(order) == spatial_dimensions:  # the spatial dimensions alone; values of a cell are then the fastest
        order += tuple(range(spatial_dimensions, spatial_dimensions + index_dimensions))
    return order
