"""Rules that put cheap sub-expressions back to where they are used."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ..assignment import Assignment
from ..assignment_collection import AssignmentCollection
from ..field import FieldAccess

__all__ = [
    "insert_aliases",
    "insert_zeros",
    "insert_constants",
    "insert_squares",
    "insert_symbol_times_minus_one",
    "insert_constant_multiples",
    "insert_constant_additions",
]


def _insert(ac, is_cheap, skip):
    """Inserts the sub-expressions that are cheap, but those in ``skip``."""
    ac = ac.copy()
    ac.topological_sort(sort_main_assignments=False)
    # Behind its assignment an element has its new value; a sub-expression holds the old one.
    written = {a.lhs for a in ac.main_assignments[:-1]}
    skip, kept, values = set(skip), [], {}
    for assignment in ac.subexpressions:
        rhs = assignment.rhs.xreplace(values)
        if is_cheap(rhs) and assignment.lhs not in skip and not written & rhs.atoms(sp.Symbol):
            values[assignment.lhs] = rhs
        else:
            kept.append(Assignment(assignment.lhs, rhs))
    return ac.copy([a.func(a.lhs, a.rhs.xreplace(values)) for a in ac.main_assignments], kept)


def _is_symbol(expr):
    return isinstance(expr, (sp.Symbol, FieldAccess))


def insert_aliases(ac: AssignmentCollection, skip: Iterable[sp.Symbol] = ()) -> AssignmentCollection:
    """Inserts sub-expressions that are symbols or accesses themselves.

    Args:
        ac: an ``AssignmentCollection``.
        skip: symbols of sub-expressions that stay.
    """
    return _insert(ac, _is_symbol, skip)


def insert_zeros(ac: AssignmentCollection, skip: Iterable[sp.Symbol] = ()) -> AssignmentCollection:
    """Inserts sub-expressions that are 0; see :func:`insert_aliases`."""
    return _insert(ac, lambda rhs: rhs.is_Number and rhs == 0, skip)


def insert_constants(ac: AssignmentCollection, skip: Iterable[sp.Symbol] = ()) -> AssignmentCollection:
    """Inserts sub-expressions that are numbers; see :func:`insert_aliases`."""
    return _insert(ac, lambda rhs: rhs.is_number, skip)


def insert_squares(ac: AssignmentCollection, skip: Iterable[sp.Symbol] = ()) -> AssignmentCollection:
    """Inserts sub-expressions that are squares of symbols; see :func:`insert_aliases`."""
    return _insert(ac, lambda rhs: isinstance(rhs, sp.Pow) and rhs.exp == 2 and _is_symbol(rhs.base), skip)


def insert_symbol_times_minus_one(ac: AssignmentCollection, skip: Iterable[sp.Symbol] = ()) -> AssignmentCollection:
    """Inserts sub-expressions that are symbols with a minus; see :func:`insert_aliases`."""
    return _insert(ac, lambda rhs: _has_two(rhs, sp.Mul, lambda number: number == -1), skip)


def insert_constant_multiples(ac: AssignmentCollection, skip: Iterable[sp.Symbol] = ()) -> AssignmentCollection:
    """Inserts sub-expressions that are multiples of symbols; see :func:`insert_aliases`."""
    return _insert(ac, lambda rhs: _has_two(rhs, sp.Mul, lambda number: True), skip)


def insert_constant_additions(ac: AssignmentCollection, skip: Iterable[sp.Symbol] = ()) -> AssignmentCollection:
    """Inserts sub-expressions that are sums of a symbol and a number; see :func:`insert_aliases`."""
    return _insert(ac, lambda rhs: _has_two(rhs, sp.Add, lambda number: True), skip)


def _has_two(rhs, operation, accepts):
    if not isinstance(rhs, operation) or len(rhs.args) != 2:
        return False
    number, symbol = rhs.args
    return number.is_Number and accepts(number) and _is_symbol(symbol)
