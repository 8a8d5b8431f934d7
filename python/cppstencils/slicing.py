"""Slices of arrays and of iteration spaces."""

from __future__ import annotations

from .errors import ConfigError

__all__ = [
    "make_slice",
    "normalize_slice",
    "shift_slice",
    "slice_from_direction",
    "add_ghost_layers",
    "remove_ghost_layers",
    "get_slice_before_ghost_layer",
    "get_ghost_region_slice",
    "get_periodic_boundary_src_dst_slices",
    "get_periodic_boundary_functor",
    "slice_intersection",
]


class _SliceMaker:
    """``make_slice[1:-1, 0]`` is the tuple of slices and integers between the brackets."""

    def __getitem__(self, item):
        return item if isinstance(item, tuple) else (item,)

    def __repr__(self):
        return "make_slice"


make_slice = _SliceMaker()


def normalize_slice(slices, sizes):
    """Slices with non-negative integer bounds for an array of shape ``sizes``.

    Negative bounds count from the end; floats are fractions of the size; an integer becomes itself, counted from 0.

    >>> normalize_slice(make_slice[1:-1, 0.5, -1], (10, 20, 30))
    (slice(1, 9, None), 10, 29)
    """
    slices = make_slice[slices]
    if len(slices) != len(sizes):
        raise ConfigError(
            f"{len(slices)} slices do not fit {len(sizes)} dimensions.",
            code="iteration-space",
            hints=["Give one slice or number per dimension."],
        )

    def position(bound, size, missing):
        if bound is None:
            return missing
        if isinstance(bound, float):
            bound = int(bound * size)
        return bound + size if bound < 0 else bound

    result = []
    for item, size in zip(slices, sizes):
        if isinstance(item, slice):
            result.append(slice(position(item.start, size, 0), position(item.stop, size, size), item.step))
        else:
            result.append(position(item, size, 0))
    return tuple(result)


def shift_slice(slices, offset):
    """The slices moved by ``offset``, one number or one per dimension. Open bounds stay open."""
    slices = make_slice[slices]
    offsets = offset if isinstance(offset, (list, tuple)) else [offset] * len(slices)

    def moved(bound, by):
        return None if bound is None else bound + by

    return tuple(
        slice(moved(s.start, by), moved(s.stop, by), s.step) if isinstance(s, slice) else s + by
        for s, by in zip(slices, offsets)
    )


def add_ghost_layers(array, index_dimensions=0, ghost_layers=1, layout="C"):
    """A new array with ``ghost_layers`` cells of zero around the spatial dimensions of ``array``."""
    import numpy as np

    spatial = array.ndim - index_dimensions
    shape = [n + 2 * ghost_layers for n in array.shape[:spatial]] + list(array.shape[spatial:])
    result = np.zeros(shape, dtype=array.dtype, order="F" if layout in ("F", "f") else "C")
    result[(slice(ghost_layers, -ghost_layers or None),) * spatial] = array
    return result


def remove_ghost_layers(array, index_dimensions=0, ghost_layers=1):
    """A view of ``array`` without the outer ``ghost_layers`` cells of its spatial dimensions."""
    if ghost_layers <= 0:
        return array
    spatial = array.ndim - index_dimensions
    return array[(slice(ghost_layers, -ghost_layers),) * spatial]


def slice_from_direction(direction, dim, normal_offset=0, tangential_offset=0):
    """The cells at one side of the domain: ``"W"`` is the first layer of x, ``"N"`` the last of y, ``"T"`` of z.

    Args:
        direction: letters as in :mod:`cppstencils.stencil`.
        dim: number of dimensions.
        normal_offset: layers to leave away, towards the inside.
        tangential_offset: cells to leave away at both ends of the other dimensions.
    """
    from .stencil import direction_string_to_offset

    inner = slice(tangential_offset or None, -tangential_offset or None)
    result = []
    for offset in direction_string_to_offset(direction, dim):
        result.append(inner if offset == 0 else normal_offset if offset < 0 else -normal_offset - 1)
    return tuple(result)


def _side(offset, lower, upper, inner):
    return inner if offset == 0 else lower if offset < 0 else upper


def get_slice_before_ghost_layer(direction, ghost_layers=1, thickness=None, full_slice=False):
    """The inner cells next to the ghost layer in ``direction``, a tuple of -1, 0 and 1.

    ``thickness`` is the number of layers (default: as many as ghost layers). With ``full_slice`` the dimensions with 0
    include the ghost layers.
    """
    thickness = thickness or ghost_layers
    inner = slice(None) if full_slice else slice(ghost_layers, -ghost_layers)
    lower = slice(ghost_layers, ghost_layers + thickness)
    upper = slice(-ghost_layers - thickness, -ghost_layers)
    return tuple(_side(offset, lower, upper, inner) for offset in direction)


def get_ghost_region_slice(direction, ghost_layers=1, thickness=None, full_slice=False):
    """The ghost cells in ``direction``; see :func:`get_slice_before_ghost_layer`."""
    thickness = thickness or ghost_layers
    inner = slice(None) if full_slice else slice(ghost_layers, -ghost_layers)
    lower = slice(ghost_layers - thickness, ghost_layers)
    upper = slice(-ghost_layers, -ghost_layers + thickness or None)
    return tuple(_side(offset, lower, upper, inner) for offset in direction)


def get_periodic_boundary_src_dst_slices(stencil, ghost_layers=1, thickness=None):
    """Pairs (source, destination) of slices that copy the inner border to the opposite ghost layers."""
    pairs = []
    for direction in stencil:
        if any(direction):
            opposite = tuple(-offset for offset in direction)
            source = get_slice_before_ghost_layer(opposite, ghost_layers, thickness)
            pairs.append((source, get_ghost_region_slice(direction, ghost_layers, thickness)))
    return pairs


def get_periodic_boundary_functor(stencil, ghost_layers=1, thickness=None):
    """A function that fills the ghost layers of a NumPy array periodically, for the directions of ``stencil``."""
    pairs = get_periodic_boundary_src_dst_slices(stencil, ghost_layers, thickness)

    def fill(pdfs):
        for source, destination in pairs:
            pdfs[destination] = pdfs[source]

    return fill


def slice_intersection(slice1, slice2):
    """The cells that are in both; None if there is none. Bounds are non-negative numbers; None is open."""

    def both(choose, first, second):
        return second if first is None else first if second is None else choose(first, second)

    result = []
    for first, second in zip(make_slice[slice1], make_slice[slice2]):
        first = first if isinstance(first, slice) else slice(first, first + 1)
        second = second if isinstance(second, slice) else slice(second, second + 1)
        start, stop = both(max, first.start, second.start), both(min, first.stop, second.stop)
        if start is not None and stop is not None and start >= stop:
            return None
        result.append(slice(start, stop))
    return tuple(result)
