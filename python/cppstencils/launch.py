"""How many blocks of how many threads a GPU is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp

from . import _core
from .errors import ArgumentTypeError

__all__ = ["LaunchConfiguration", "LaunchRule"]


class LaunchConfiguration(NamedTuple):
    """Blocks of the grid and threads of a block, along x, y and z."""

    grid: tuple[int, int, int]
    block: tuple[int, int, int]


class LaunchRule:
    """How the launch of a GPU kernel follows from the cells to update; see :meth:`KernelFunction.launch_configuration`.

    The expressions are of SymPy. Their symbols ``begin_0``, ``end_0`` and so on are the first cell and one past the
    last cell of each loop dimension.

    Attributes:
        indexing_scheme: which cells a thread updates, such as ``"linear3d"``; ``"tiles"`` for kernels with reductions.
        block_size: threads of a block along x, y, z that the code is compiled for.
        cells_per_thread: cells that a thread updates at once, as (inner, outer).
        work_items: cells of each loop dimension, as expressions.
        grid: blocks along x, y, z, as expressions.
        block: threads of a block along x, y, z, as expressions.
    """

    def __init__(self, engine_kernel):
        self._engine_kernel = engine_kernel
        scheme, block_size, cells, work_items, grid, block = _core.launch_rule(engine_kernel)
        self.indexing_scheme: str = scheme
        self.block_size: tuple[int, int, int] = tuple(block_size)
        self.cells_per_thread: tuple[int, int] = tuple(cells)
        self.work_items: tuple[sp.Expr, ...] = tuple(map(_expression, work_items))
        self.grid: tuple[sp.Expr, ...] = tuple(map(_expression, grid))
        self.block: tuple[sp.Expr, ...] = tuple(map(_expression, block))

    def configuration(self, box: Sequence[tuple[int, int]], grid: Sequence[int] | None = None) -> LaunchConfiguration:
        """The launch that updates a box of cells.

        Args:
            box: (begin, end) of each loop dimension; none of them empty.
            grid: blocks along x, y, z of your own; None for as many as the cells need.

        Raises:
            ArgumentError (ValueError): the grid leaves cells out, or cannot be launched.
            LaunchError (RuntimeError): one launch cannot update so many cells.
        """
        ranges = [tuple(sides) for sides in box]
        if len(ranges) != len(self.work_items) or any(len(s) != 2 or s[1] <= s[0] for s in ranges):
            raise ArgumentTypeError(
                f"A box of cells has one pair (begin, end) with begin < end for each of {len(self.work_items)} "
                f"dimensions, but {box!r} was given.",
                code="argument-kind",
            )
        return LaunchConfiguration(*map(tuple, _core.launch_of(self._engine_kernel, ranges, _three(grid))))

    def __repr__(self):
        text = f"LaunchRule({self.indexing_scheme!r}, grid={self.grid}, block={self.block}"
        return f"{text}, cells_per_thread={self.cells_per_thread})"


def _three(grid):
    return None if grid is None else (*map(int, grid), 1, 1)[:3]


def _expression(text):
    names = {"ceil": sp.ceiling, "floor": sp.floor, "min": sp.Min, "max": sp.Max}
    for dimension in range(16):
        for side in ("begin", "end"):
            names[f"{side}_{dimension}"] = sp.Symbol(f"{side}_{dimension}", integer=True)
    return sp.sympify(text, locals=names)
