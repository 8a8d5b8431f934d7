"""Finite difference stencils from Taylor's theorem, with exact rational weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement

import sympy as sp

from ..errors import ExpressionError
from ..field import Field, FieldAccess

__all__ = ["FiniteDifferenceStencilDerivation"]


class FiniteDifferenceStencilDerivation:
    """Finds the weights w with which values at given offsets add up to a derivative.

    With Taylor's theorem the sum of ``w[o] * u(x + o*dx)`` over the offsets o is a sum of derivatives of u with the
    factors ``sum(w[o] * o**k) * dx**|k| / k!``, where k has one exponent per dimension. The factor of the wanted
    derivative must be 1, the others 0. They are set to 0 order by order, as many as the offsets allow. So the stencil
    has the highest possible accuracy; then further error terms are set to 0 one by one until the weights are unique.

    Args:
        derivative_coordinates: the dimensions of the derivative: ``(0,)`` for the first derivative in dimension 0,
            ``(0, 0)`` for the second, ``(0, 1)`` for a mixed one.
        stencil: the offsets, each with one integer per dimension.
        dx: the distance of two cells, a number or symbol.

    Raises:
        ExpressionError (ValueError): offsets of different length or given twice, or dimensions that they do not have.

    >>> FiniteDifferenceStencilDerivation((0, 0), [(-2,), (-1,), (0,), (1,), (2,)]).get_stencil().weights
    (-1/12, 4/3, -5/2, 4/3, -1/12)
    """

    def __init__(
        self, derivative_coordinates: Iterable[int], stencil: Iterable[Sequence[int]], dx: sp.Expr | float = 1
    ):
        self.derivative_coordinates = tuple(sorted(int(dimension) for dimension in derivative_coordinates))
        self.stencil = tuple(tuple(int(offset) for offset in entry) for entry in stencil)
        self.dx = sp.sympify(dx)
        self.dim = len(self.stencil[0]) if self.stencil else 0
        if any(len(entry) != self.dim for entry in self.stencil) or len(set(self.stencil)) != len(self.stencil):
            raise ExpressionError(
                "The offsets of a stencil have different lengths, or one is given twice.",
                code="invalid-expression",
                hints=["Give each offset once, as a tuple with one integer per dimension."],
            )
        if not self.derivative_coordinates or not all(0 <= d < self.dim for d in self.derivative_coordinates):
            raise ExpressionError(
                f"There is no derivative in the dimensions {self.derivative_coordinates} of a stencil with {self.dim}.",
                code="invalid-expression",
                hints=["Dimensions are numbered from 0; give one per order of the derivative."],
            )
        self._extra_equations: list[tuple[list[Fraction], Fraction]] = []

    def assume_symmetric(self, dim: int, anti_symmetric: bool = False) -> None:
        """Demands equal weights, or with ``anti_symmetric`` opposite ones, for offsets that are mirrored in ``dim``."""
        for entry in self.stencil:
            mirrored = tuple(-offset if axis == dim else offset for axis, offset in enumerate(entry))
            if mirrored in self.stencil:
                row = [Fraction(0)] * len(self.stencil)
                row[self.stencil.index(entry)] += 1
                row[self.stencil.index(mirrored)] += 1 if anti_symmetric else -1
                self._extra_equations.append((row, Fraction(0)))

    def set_weight(self, offset: Sequence[int], value: sp.Expr | float) -> None:
        """Demands the weight ``value``, a rational number, for an offset. It is the weight for ``dx=1``.

        Raises:
            ExpressionError (ValueError): the offset is not in the stencil, or the value no rational number.
        """
        offset, value = tuple(offset), sp.nsimplify(value, rational=True)
        if offset not in self.stencil or not value.is_Rational:
            raise ExpressionError(
                f"Cannot set the weight of {offset} to {value}.",
                code="invalid-expression",
                hints=["Name an offset of the stencil, and give a rational number."],
            )
        row = [Fraction(int(entry == offset)) for entry in self.stencil]
        self._extra_equations.append((row, Fraction(int(value.p), int(value.q))))

    def get_stencil(self, isotropic: bool = False) -> Result:
        """The weights, as a :class:`Result`.

        Args:
            isotropic: the leading error shall be a multiple of the Laplacian of the derivative (or of a power of the
                Laplacian), so that it does not depend on the direction.

        Raises:
            ExpressionError (ValueError): there is no such stencil with these offsets.
        """
        count, order = len(self.stencil), len(self.derivative_coordinates)
        # One unknown more: the factor of the isotropic error.
        system = _LinearSystem(count + 1)
        for row, value in self._extra_equations:
            if not system.add([*row, Fraction(0)], value):
                raise self._impossible("the symmetries and weights that were set contradict each other")
        wanted = tuple(self.derivative_coordinates.count(axis) for axis in range(self.dim))
        for degree in range(order + 1):
            for powers in self._exponents(degree):
                if not system.add(self._moment(powers), _factorial(powers) if powers == wanted else 0):
                    raise self._impossible("the stencil has too few offsets")

        highest = order + 2 * count + 2  # a stencil with n values cannot fulfil more conditions
        failed = next(
            (
                degree
                for degree in range(order + 1, highest)
                if not system.add_all([(self._moment(powers), 0) for powers in self._exponents(degree)])
            ),
            highest,
        )
        is_isotropic = self._add_isotropy(system, wanted, failed)
        if isotropic and not is_isotropic:
            raise self._impossible(f"the error of order {failed - order} cannot be isotropic")
        if not isotropic:
            system.drop_trial()
        degree = failed
        while not system.is_unique(count) and degree < highest:
            for powers in self._exponents(degree):
                system.add(self._moment(powers), 0)
            degree += 1
        weights = [sp.Rational(w.numerator, w.denominator) for w in system.solution(count)]
        result_is_isotropic = self._is_isotropic(weights, wanted, failed)
        scale = self.dx**order
        return self.Result(self.stencil, [w / scale for w in weights], failed - order, result_is_isotropic)

    # -- equations -----------------------------------------------------------------------------------------------------

    def _exponents(self, degree):
        for axes in combinations_with_replacement(range(self.dim), degree):
            yield tuple(axes.count(axis) for axis in range(self.dim))

    def _moment(self, powers):
        return [Fraction(math.prod(o**k for o, k in zip(entry, powers))) for entry in self.stencil] + [Fraction(0)]

    def _isotropic_error(self, wanted, degree):
        """Powers and factors of the derivative times a power of the Laplacian, of this degree."""
        laplacians, odd = divmod(degree - len(self.derivative_coordinates), 2)
        if odd:
            return None
        result = {}
        for half in self._exponents(laplacians):
            powers = tuple(w + 2 * h for w, h in zip(wanted, half))
            result[powers] = Fraction(math.factorial(laplacians), _factorial(half))
        return result

    def _add_isotropy(self, system, wanted, degree):
        error = self._isotropic_error(wanted, degree)
        if error is None:
            return False
        rows = []
        for powers in self._exponents(degree):
            row = self._moment(powers)
            row[-1] = -_factorial(powers) * error.get(powers, Fraction(0))
            rows.append((row, 0))
        return system.add_all(rows, trial=True)

    def _is_isotropic(self, weights, wanted, degree):
        error = self._isotropic_error(wanted, degree)
        if error is None:
            return False
        ratios = set()
        for powers in self._exponents(degree):
            moment = sum(w * math.prod(o**k for o, k in zip(entry, powers)) for w, entry in zip(weights, self.stencil))
            factor = error.get(powers)
            if factor is None:
                if moment != 0:
                    return False
            else:
                ratios.add(moment / (_factorial(powers) * sp.Rational(factor.numerator, factor.denominator)))
        return len(ratios) == 1

    def _impossible(self, reason):
        return ExpressionError(
            f"There is no finite difference for the derivative {self.derivative_coordinates} with these "
            f"{len(self.stencil)} offsets: {reason}.",
            code="invalid-expression",
            hints=["Use a larger stencil."],
        )

    class Result:
        """Weights of a finite difference.

        Attributes:
            stencil: the offsets.
            weights: the weights, in the same order.
            accuracy: the power of dx in the leading error.
            is_isotropic: True if the leading error does not depend on the direction.
        """

        def __init__(self, stencil, weights, accuracy, is_isotropic):
            self.stencil = tuple(stencil)
            self.weights = tuple(weights)
            self.accuracy = accuracy
            self.is_isotropic = is_isotropic

        @property
        def dim(self):
            """Number of dimensions."""
            return len(self.stencil[0])

        def apply(self, field_access: Field | FieldAccess) -> sp.Expr:
            """The weighted sum of the values around an access, or around the centre of a field with one value per
            cell."""
            if isinstance(field_access, Field):
                field_access = field_access.access((0,) * field_access.spatial_dimensions)
            return sum((w * field_access.get_shifted(*o) for o, w in zip(self.stencil, self.weights)), sp.Integer(0))

        def as_array(self) -> sp.Array:
            """The weights as a SymPy array over all offsets from -r to r per dimension, where r is the largest offset.
            Entry ``[r + i, r + j]`` is the weight of offset ``(i, j)``."""
            reach = max(abs(offset) for entry in self.stencil for offset in entry)
            extent = 2 * reach + 1
            flat = [sp.Integer(0)] * extent**self.dim
            for entry, weight in zip(self.stencil, self.weights):
                position = 0
                for offset in entry:
                    position = position * extent + offset + reach
                flat[position] = weight
            return sp.Array(flat, (extent,) * self.dim)

        def __array__(self, dtype=None, copy=None):
            import numpy as np

            return np.array(self.as_array().tolist(), dtype=dtype or object)

        def __repr__(self):
            kind = ", isotropic" if self.is_isotropic else ""
            return f"Result(weights={self.weights}, accuracy={self.accuracy}{kind})"


def _factorial(powers):
    return math.prod(map(math.factorial, powers))


class _LinearSystem:
    """Linear equations with rational coefficients, kept in reduced form. Equations may be added until one of them
    contradicts the others."""

    def __init__(self, unknowns):
        self.unknowns = unknowns
        self._rows = {}  # pivot -> coefficients with 1 at the pivot and 0 at all other pivots, then the right side
        self._before_trial = None

    def add(self, coefficients, value):
        """Adds an equation; returns False and changes nothing if it contradicts those before."""
        row = [Fraction(c) for c in coefficients] + [Fraction(value)]
        for pivot, other in self._rows.items():
            if row[pivot]:
                factor = row[pivot]
                row = [a - factor * b for a, b in zip(row, other)]
        pivot = next((i for i in range(self.unknowns) if row[i]), None)
        if pivot is None:
            return row[-1] == 0
        row = [a / row[pivot] for a in row]
        for known, other in self._rows.items():
            if other[pivot]:
                factor = other[pivot]
                self._rows[known] = [a - factor * b for a, b in zip(other, row)]
        self._rows[pivot] = row
        return True

    def add_all(self, equations, trial=False):
        """Adds all equations or, if they contradict, none. A trial can be dropped again."""
        before = dict(self._rows)
        if all(self.add(row, value) for row, value in equations):
            if trial:
                self._before_trial = before
            return True
        self._rows = before
        return False

    def drop_trial(self):
        if self._before_trial is not None:
            self._rows, self._before_trial = self._before_trial, None

    def is_unique(self, count):
        """True if the first ``count`` unknowns have one solution."""
        free = [i for i in range(count) if i not in self._rows]
        return not free and not any(
            self._rows[i][j] for i in range(count) for j in range(self.unknowns) if j not in self._rows
        )

    def solution(self, count):
        """The first ``count`` unknowns; those that are still free are 0."""
        return [self._rows[i][-1] if i in self._rows else Fraction(0) for i in range(count)]
