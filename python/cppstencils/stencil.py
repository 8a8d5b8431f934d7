"""Stencils: sequences of offsets of neighbour cells, and their names as compass directions.

West and east are down and up the first dimension, south and north the second, bottom and top the third.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np
import sympy as sp

from .errors import FieldError

__all__ = [
    "offset_to_direction_string",
    "direction_string_to_offset",
    "inverse_direction",
    "inverse_direction_string",
    "is_valid",
    "is_symmetric",
    "have_same_entries",
    "coefficients",
    "coefficient_dict",
    "coefficient_list",
    "adjacent_directions",
    "plot",
]

_LETTERS = (("W", "E"), ("S", "N"), ("B", "T"))


def offset_to_direction_string(offsets):
    """The name of a neighbour: ``(1, 0)`` is ``"E"``, ``(0, -2)`` is ``"2S"``, ``(0, 0)`` is ``"C"``.

    >>> offset_to_direction_string((1, -1, 0))
    'SE'
    """
    offsets = tuple(int(offset) for offset in offsets)
    if len(offsets) > len(_LETTERS):
        return "_".join(map(str, offsets)).replace("-", "m") if any(offsets) else "C"
    parts = []
    for (negative, positive), offset in zip(_LETTERS, offsets):
        if offset:
            count = "" if abs(offset) == 1 else str(abs(offset))
            parts.append(count + (positive if offset > 0 else negative))
    return "".join(reversed(parts)) or "C"


def direction_string_to_offset(direction, dim=3):
    """The offset of the neighbour with this name; the reverse of :func:`offset_to_direction_string`.

    Raises:
        FieldError (ValueError): there is no such direction in ``dim`` dimensions.

    >>> direction_string_to_offset("NE", dim=2)
    (1, 1)
    """
    offsets = [0] * 3
    text = direction.strip()
    if not re.fullmatch(r"C|(\d*[NSEWTB])+", text):
        raise _no_direction(direction, dim)
    for count, letter in re.findall(r"(\d*)([NSEWTB])", text):
        for axis, (negative, positive) in enumerate(_LETTERS):
            if letter in (negative, positive):
                offsets[axis] += (1 if letter == positive else -1) * int(count or 1)
    if any(offsets[dim:]):
        raise _no_direction(direction, dim)
    return tuple(offsets[:dim]) if dim <= 3 else tuple(offsets) + (0,) * (dim - 3)


def _no_direction(direction, dim):
    return FieldError(
        f"There is no direction '{direction}' in {dim} dimensions.",
        code="field-index",
        hints=["Directions are made of W/E, S/N and B/T, for example 'NE' or '2W'; 'C' is the cell itself."],
    )


def inverse_direction(direction):
    """The opposite offset.

    >>> inverse_direction((1, 0, -1))
    (-1, 0, 1)
    """
    return tuple(-offset for offset in direction)


def inverse_direction_string(direction):
    """The name of the opposite neighbour.

    >>> inverse_direction_string("NE")
    'SW'
    """
    return offset_to_direction_string(inverse_direction(direction_string_to_offset(direction)))


def is_valid(stencil, max_neighborhood=None):
    """True if all offsets have the same length and, if given, none is larger than ``max_neighborhood``."""
    stencil = [tuple(offset) for offset in stencil]
    if not stencil or len({len(offset) for offset in stencil}) != 1:
        return False
    return max_neighborhood is None or all(abs(x) <= max_neighborhood for offset in stencil for x in offset)


def is_symmetric(stencil):
    """True if the stencil has the opposite of each of its offsets."""
    entries = {tuple(offset) for offset in stencil}
    return all(inverse_direction(offset) in entries for offset in entries)


def have_same_entries(stencil1, stencil2):
    """True if both have the same offsets, in any order."""
    return sorted(map(tuple, stencil1)) == sorted(map(tuple, stencil2))


def coefficient_dict(expr):
    """The factor of each neighbour in an expression of one field.

    Returns:
        The access to the cell itself, a dictionary from offsets to factors, and what is left of the expression: terms
        in which the field does not stand with a constant factor.

    Raises:
        FieldError (ValueError): no field, several fields, or several values of a cell.

    >>> import cppstencils as ps
    >>> f = ps.fields("f: [2D]")
    >>> coefficient_dict(2 * f[1, 0] - f[0, 0] + 1)
    (f[0,0], {(0, 0): -1, (1, 0): 2}, 1)
    """
    from .field import FieldAccess

    expr = sp.expand(expr)
    accesses = sorted(expr.atoms(FieldAccess), key=lambda access: access.offsets)
    if len({(access.field, access.index) for access in accesses}) != 1:
        raise FieldError(
            "The coefficients of a stencil are those of one value of one field, but the expression has "
            f"{'several' if accesses else 'none'}.",
            code="invalid-expression",
            hints=["Pass the part of the expression with one field and one index."],
        )
    field, index = accesses[0].field, accesses[0].index
    linear = {access.offsets: expr.coeff(access) for access in accesses}
    result = {offsets: 0 if factor.has(FieldAccess) else factor for offsets, factor in linear.items()}
    rest = sp.expand(expr - sum(result[access.offsets] * access for access in accesses))
    return field.access((0,) * field.spatial_dimensions, index), result, rest


def _linear_coefficients(expr):
    _, entries, rest = coefficient_dict(expr)
    if rest != 0:
        raise FieldError(
            f"The expression is no weighted sum of accesses: '{rest}' is left.",
            code="invalid-expression",
            hints=["coefficient_dict(expr) gives the weights and the rest."],
        )
    return entries


def coefficients(expr):
    """The offsets of a weighted sum of accesses and their factors, as two lists.

    Raises:
        FieldError (ValueError): the expression is something else.
    """
    entries = _linear_coefficients(expr)
    return list(entries.keys()), list(entries.values())


def coefficient_list(expr, matrix_form=False):
    """The factors of a weighted sum of accesses as nested lists over the bounding box of the stencil.

    The innermost list runs along x, the one around it along y: ``result[y][x]`` in 2D, ``result[z][y][x]`` in 3D, each
    from the lowest offset to the highest. With ``matrix_form`` a SymPy matrix as one sees it, the row of the largest y
    on top; in 3D a list of them.

    Raises:
        FieldError (ValueError): the expression is something else.
    """
    entries = _linear_coefficients(expr)
    rank = len(next(iter(entries)))
    reach = [max(abs(offset[axis]) for offset in entries) for axis in range(rank)]
    box = np.zeros([2 * r + 1 for r in reversed(reach)], dtype=object)
    box.fill(sp.Integer(0))
    for offset, factor in entries.items():
        box[tuple(o + r for o, r in zip(reversed(offset), reversed(reach)))] = factor
    if not matrix_form:
        return box.tolist()
    if rank == 1:
        return sp.Matrix(box)
    return sp.Matrix(box[::-1]) if rank == 2 else [sp.Matrix(plane[::-1]) for plane in box]


def adjacent_directions(direction):
    """The directions that ``direction`` is made of, itself included: all that agree with it where they are not zero.

    >>> adjacent_directions((1, 1))
    ((0, 1), (1, 0), (1, 1))
    """
    made = itertools.product(*[sorted({0, offset}) for offset in direction])
    return tuple(sorted(part for part in made if any(part) or not any(direction)))


def plot(stencil, data=None, ax=None, **kwargs):
    """Draws a 2D or 3D stencil as arrows from the cell to its neighbours; ``data`` are labels, one per offset.

    Returns the axes. Needs matplotlib.
    """
    import matplotlib.pyplot as plt

    stencil = [tuple(offset) for offset in stencil]
    rank = len(stencil[0])
    if ax is None:
        ax = plt.figure().add_subplot(projection="3d" if rank == 3 else None)
    labels: Sequence = [""] * len(stencil) if data is None else [f"${sp.latex(x)}$" for x in map(sp.sympify, data)]
    for offset, label in zip(stencil, labels):
        if any(offset):
            ax.plot(*[[0, x] for x in offset], marker="o", markevery=[1], color="C0", **kwargs)
        else:
            ax.plot(*[[0]] * rank, marker="o", color="C1", **kwargs)
        if label:
            ax.text(*[1.12 * x if any(offset) else 0.08 for x in offset], label, ha="center", va="center")
    if rank == 2:
        ax.set_aspect("equal")
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    return ax
