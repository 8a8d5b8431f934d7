"""The table of kernel calls: what is passed, and what must come of it. A row has one outcome, never a choice."""

from . import dtypes, kinds, memory, names, scalars, shapes
from .cases import OK, Refused, Row

ROWS = [*dtypes.rows(), *memory.rows(), *shapes.rows(), *kinds.rows(), *names.rows(), *scalars.rows()]

__all__ = ["OK", "ROWS", "Refused", "Row"]
