"""Random numbers that a cell computes from its place and a counter, such as the time step.

>>> import cppstencils as ps
>>> step = ps.TypedSymbol("step", "uint32")
>>> rng = ps.random.Philox("rng", "float64", seed=42)
>>> f = ps.fields("f: double[2D]")
>>> kernel = ps.create_kernel(ps.Assignment(f.center, rng.uniform(step)[0])).compile()
>>> kernel(f=array, step=7)  # doctest: +SKIP
"""

from __future__ import annotations

import sympy as sp

from .assignment import Assignment
from .errors import ExpressionError, TypeMismatch
from .sympyextensions.typed_symbols import TypedSymbol, _TypeAtom
from .types import create_type

__all__ = ["Philox", "RandomNumber"]

_DIMENSIONS = 3
_VALUES_PER_DRAW = {"float64": 2, "float32": 4, "uint32": 4}


class RandomNumber(sp.Function):
    """One value of a draw, as :class:`Philox` gives it: equal arguments are equal numbers.

    Args:
        dtype: ``float64``, ``float32`` or ``uint32``.
        position: which value of the draw, from 0.
        arguments: counter, seed, stream, three offsets and three periods.
    """

    nargs = 11

    def __new__(cls, dtype, position, *arguments):
        if not isinstance(dtype, _TypeAtom):
            dtype = _TypeAtom(dtype)
        return super().__new__(cls, dtype, sp.Integer(position), *arguments)

    @classmethod
    def eval(cls, *arguments):
        return None

    @property
    def dtype(self):
        return self.args[0].dtype

    @property
    def position(self):
        return int(self.args[1])

    @property
    def _is_float(self):
        return self.dtype.is_float()

    def _eval_is_real(self):
        return True

    def _eval_is_positive(self):
        return True if self._is_float else None

    def _eval_is_nonnegative(self):
        return True

    def _eval_is_integer(self):
        return None if self._is_float else True

    def _written_arguments(self):
        arguments = list(self.args[2:])
        while len(arguments) > 3 and arguments[-1] == 0:
            arguments.pop()
        return arguments

    def _sympystr(self, printer):
        arguments = ", ".join(printer.doprint(argument) for argument in self._written_arguments())
        return f"random_{self.dtype}_{self.position}({arguments})"

    def _latex(self, printer, exp=None):
        arguments = ", ".join(printer.doprint(argument) for argument in self._written_arguments())
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\operatorname{{random}}{power}_{{{self.position}}}\left({arguments}\right)"


class Philox:
    """Random numbers of the counter-based generator Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random
    numbers: as easy as 1, 2, 3", SC 2011).

    There is no state: seed, stream, counter and the coordinates of the cell decide about the numbers, on every
    processor, for any number of threads and any division of the domain.

    Args:
        name: names the assignments of :meth:`get_random_vector`.
        dtype: ``float64`` (2 values per draw), ``float32`` (4 values), or ``uint32`` (4 values with all their bits).
        seed: an integer from 0 to 2**32 - 1, or an expression of symbols with an integer type.
        offsets: what is added to the coordinates of a cell, one per dimension: the place of the block in the domain.
        periodicity: for each dimension, whether the numbers repeat after ``num_cells`` cells.
        num_cells: cells of the whole domain, one per dimension; ``None`` where it is not periodic.

    Raises:
        TypeMismatch (TypeError): another type.
        ExpressionError (ValueError): more than three dimensions, something that is no integer expression, or a
            periodic dimension without a number of cells. Constants out of range are found by ``create_kernel``.
    """

    def __init__(self, name, dtype, seed, offsets=(), periodicity=(), num_cells=()):
        self._name = str(name)
        self._dtype = create_type(dtype)
        if self._dtype.name not in _VALUES_PER_DRAW:
            raise TypeMismatch(
                f"There are no random numbers of type {self._dtype}.",
                code="unsupported-type",
                hints=["Choose float64, float32, or uint32 for raw bits."],
            )
        self._seed = _integer(seed, "seed")
        self._offsets = [_integer(offset, "offset") for offset in _per_dimension(offsets, "offsets", 0)]
        self._periods = _periods(periodicity, num_cells)
        self._draws = 0

    @property
    def dtype(self):
        return self._dtype

    @property
    def vector_size(self) -> int:
        """Values per draw."""
        return _VALUES_PER_DRAW[self._dtype.name]

    def uniform(self, counter, stream=0) -> tuple:
        """The values of one draw, independent and uniformly distributed: strictly between 0 and 1, or all 32 bits.

        Draws with another counter or stream are independent; the same arguments give the same values.

        Args:
            counter: an integer as the seed, such as the time step.
            stream: the same; tells apart what is drawn at one counter.

        Raises:
            ExpressionError (ValueError): no integer expression.
        """
        arguments = [_integer(counter, "counter"), self._seed, _integer(stream, "stream")]
        arguments += self._offsets + self._periods
        return tuple(RandomNumber(self._dtype, position, *arguments) for position in range(self.vector_size))

    def normal(self, counter, stream=0) -> tuple:
        """The values of one draw, independent and normally distributed with mean 0 and variance 1 (Box and Muller).

        Args and errors: as :meth:`uniform`, and TypeMismatch for ``uint32``.
        """
        if not self._dtype.is_float():
            raise TypeMismatch(
                f"There are no normally distributed numbers of type {self._dtype}.",
                code="unsupported-type",
                hints=["Choose float64 or float32."],
            )
        uniforms = self.uniform(counter, stream)
        values = []
        for first, second in zip(uniforms[::2], uniforms[1::2]):
            radius = sp.sqrt(-2 * sp.log(first))
            values += [radius * sp.cos(2 * sp.pi * second), radius * sp.sin(2 * sp.pi * second)]
        return tuple(values)

    def get_random_vector(self, counter) -> tuple:
        """A draw in the form of pystencils: its values, and an assignment. The stream is the number of earlier calls.

        The assignment names the first value. Kernels may have it and need not.
        """
        values = self.uniform(counter, self._draws)
        symbol = TypedSymbol(f"{self._name}_{self._draws}", self._dtype)
        self._draws += 1
        return values, Assignment(symbol, values[0])

    def __repr__(self):
        return f"Philox({self._name!r}, {str(self._dtype)!r}, {self._seed})"


def _integer(value, what):
    """An integer or an expression that may be one; the kernel knows the types."""
    try:
        expr = sp.sympify(value, strict=True)
    except sp.SympifyError:
        expr = None
    if not isinstance(expr, sp.Expr) or (expr.is_number and not expr.is_Integer):
        raise ExpressionError(
            f"Random numbers cannot have the {what} {value!r}.",
            code="invalid-expression",
            hints=["Give an integer or a TypedSymbol with an integer type."],
        )
    return expr


def _per_dimension(values, what, absent):
    values = list(values)
    if len(values) > _DIMENSIONS:
        raise ExpressionError(
            f"Random numbers were given {len(values)} {what}.",
            code="invalid-expression",
            hints=[f"Give at most {_DIMENSIONS}, one per dimension."],
        )
    return values + [absent] * (_DIMENSIONS - len(values))


def _periods(periodicity, num_cells):
    periods = []
    cells = _per_dimension(num_cells, "numbers of cells", None)
    for dimension, periodic in enumerate(_per_dimension(periodicity, "periodicities", False)):
        if periodic and cells[dimension] is None:
            raise ExpressionError(
                f"Dimension {dimension} of random numbers is periodic, but its number of cells is not known.",
                code="invalid-expression",
                hints=["Give num_cells, one per dimension."],
            )
        periods.append(_integer(cells[dimension] if periodic else 0, "number of cells"))
    return periods
