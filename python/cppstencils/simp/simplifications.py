"""Rules that make a collection of assignments cheaper: from a collection they make another one with the same meaning.

Where a main assignment reads what an earlier one has assigned, no rule moves the reading before the assignment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import sympy as sp

from .. import _core
from ..assignment import Assignment
from ..assignment_collection import AssignmentCollection, SymbolGenerator
from ..field import FieldAccess
from ..sympyextensions.typed_symbols import TypedSymbol, tcast
from ..types import UserTypeSpec

__all__ = [
    "sympy_cse",
    "sympy_cse_on_assignment_list",
    "expand",
    "apply_to_all_assignments",
    "apply_on_all_subexpressions",
    "subexpression_substitution_in_existing_subexpressions",
    "subexpression_substitution_in_main_assignments",
    "add_subexpressions_for_divisions",
    "add_subexpressions_for_constants",
    "add_subexpressions_for_sums",
    "add_subexpressions_for_field_reads",
]

T = TypeVar("T", sp.Expr, AssignmentCollection)
#: What makes a collection of a collection.
Rule = Callable[[AssignmentCollection], AssignmentCollection]


class _Extraction:
    """A collection while terms are taken out of it and become sub-expressions.

    Attributes:
        main: right sides of the main assignments. What an earlier main assignment has assigned is a placeholder there:
            it has another value than the same name in a sub-expression, which comes before.
        subexpressions: pairs of symbol and right side.
    """

    def __init__(self, collection):
        self._collection = collection
        self._names = {}  # right side -> symbol, of those that symbol_for() added
        self._assigned = {}  # what is assigned -> placeholder
        self._new = []
        taken = collection.atoms(sp.Symbol)
        generator = collection.subexpression_symbol_generator
        if isinstance(generator, SymbolGenerator):  # from the start: the names depend on the collection alone
            generator = SymbolGenerator(generator.name)
        self._symbols = (symbol for symbol in generator if symbol not in taken)
        self.subexpressions = [(a.lhs, a.rhs) for a in collection.subexpressions]
        self.main = []
        for assignment in collection.main_assignments:
            self.main.append(assignment.rhs.xreplace(self._assigned))
            self._assigned[assignment.lhs] = sp.Dummy(assignment.lhs.name)

    @property
    def new_symbols(self):
        """An iterator of symbols that the collection does not use."""
        return self._symbols

    def can_be_taken_out(self, expr):
        """False if the expression needs what a main assignment assigns."""
        return not self._assigned or not expr.has(*self._assigned.values())

    def define(self, symbol, expr):
        """Adds a sub-expression."""
        self._new.append((symbol, expr))

    def symbol_for(self, expr, dtype=None):
        """The symbol of the new sub-expression with this right side."""
        if expr not in self._names:
            symbol = next(self._symbols)
            self._names[expr] = symbol if dtype is None else TypedSymbol(symbol.name, dtype)
            self.define(self._names[expr], expr)
        return self._names[expr]

    def replace(self, function, subexpressions=True, main_assignments=True):
        """Applies a function to right sides."""
        if subexpressions:
            self.subexpressions = [(lhs, function(rhs)) for lhs, rhs in self.subexpressions]
        if main_assignments:
            self.main = [function(rhs) for rhs in self.main]

    def result(self):
        back = {placeholder: lhs for lhs, placeholder in self._assigned.items()}
        main = [
            assignment.func(assignment.lhs, rhs.xreplace(back))
            for assignment, rhs in zip(self._collection.main_assignments, self.main)
        ]
        new = self._collection.copy(main, [Assignment(*pair) for pair in [*self._new, *self.subexpressions]])
        new.topological_sort(sort_main_assignments=False)
        return new


def sympy_cse(ac: AssignmentCollection, **kwargs: Any) -> AssignmentCollection:
    """Finds common sub-expressions with SymPy and makes them sub-expressions of the collection.

    Args:
        ac: an ``AssignmentCollection``.
        kwargs: further arguments of ``sympy.cse``.
    """
    extraction = _Extraction(ac)
    subexpressions = [rhs for _, rhs in extraction.subexpressions]
    replacements, rewritten = sp.cse([*subexpressions, *extraction.main], symbols=extraction.new_symbols, **kwargs)
    # What needs the value of a main assignment goes back to where it was.
    inlined: dict[sp.Symbol, sp.Expr] = {}
    for symbol, value in replacements:
        value = value.xreplace(inlined)
        if extraction.can_be_taken_out(value):
            extraction.define(symbol, value)
        else:
            inlined[symbol] = value
    rewritten = [expr.xreplace(inlined) for expr in rewritten]
    count = len(subexpressions)
    extraction.subexpressions = [(lhs, rhs) for (lhs, _), rhs in zip(extraction.subexpressions, rewritten[:count])]
    extraction.main = rewritten[count:]
    return extraction.result()


def sympy_cse_on_assignment_list(assignments: Iterable[Assignment]) -> list[Assignment]:
    """:func:`sympy_cse` for a list of assignments; returns a list, new sub-expressions first."""
    return sympy_cse(AssignmentCollection(list(assignments))).all_assignments


def expand(expr: T) -> T:
    """Multiplies out and collects like terms, in the engine: much faster than SymPy's ``expand`` for long expressions.

    Args:
        expr: an expression that kernels can evaluate, or an ``AssignmentCollection``.

    Raises:
        ExpressionError (ValueError): an expression that kernels cannot evaluate.
    """
    if isinstance(expr, AssignmentCollection):
        return apply_on_all_subexpressions(expand)(apply_to_all_assignments(expand)(expr))
    return _core.expand(sp.sympify(expr))


def apply_to_all_assignments(operation: Callable[[sp.Expr], sp.Expr]) -> Rule:
    """A rule that applies ``operation`` to the right sides of the main assignments."""

    def rule(ac):
        return ac.copy([a.func(a.lhs, operation(a.rhs)) for a in ac.main_assignments])

    rule.__name__ = getattr(operation, "__name__", "operation")
    return rule


def apply_on_all_subexpressions(operation: Callable[[sp.Expr], sp.Expr]) -> Rule:
    """A rule that applies ``operation`` to the right sides of the sub-expressions."""

    def rule(ac):
        return ac.copy(subexpressions=[Assignment(a.lhs, operation(a.rhs)) for a in ac.subexpressions])

    rule.__name__ = getattr(operation, "__name__", "operation")
    return rule


def subexpression_substitution_in_existing_subexpressions(ac: AssignmentCollection) -> AssignmentCollection:
    """Replaces the value of each sub-expression by its symbol in the sub-expressions behind it."""
    ac = ac.copy()
    ac.topological_sort(sort_main_assignments=False)
    done: list[Assignment] = []
    for assignment in ac.subexpressions:
        done.append(Assignment(assignment.lhs, _named(assignment.rhs, done)))
    return ac.copy(subexpressions=done)


def subexpression_substitution_in_main_assignments(ac: AssignmentCollection) -> AssignmentCollection:
    """Replaces the value of each sub-expression by its symbol in the main assignments."""
    extraction = _Extraction(ac)
    extraction.replace(lambda rhs: _named(rhs, ac.subexpressions), subexpressions=False)
    return extraction.result()


def _named(expr, definitions):
    for definition in definitions:
        if not definition.rhs.is_Atom:
            expr = expr.subs(definition.rhs, definition.lhs)
    return expr


def add_subexpressions_for_divisions(ac: AssignmentCollection) -> AssignmentCollection:
    """Makes sub-expressions of divisions, so that each is done once: a/c + b/c becomes a*x + b*x with x = 1/c.

    A quotient is then rounded twice.
    """
    extraction = _Extraction(ac)

    def rewrite(expr):
        if isinstance(expr, sp.Pow) and expr.exp.is_Number and expr.exp.is_negative:
            base = rewrite(expr.base)
            whole = expr.exp.is_Integer
            reciprocal = 1 / base if whole else base**expr.exp
            if extraction.can_be_taken_out(reciprocal):
                return extraction.symbol_for(reciprocal) ** (-expr.exp if whole else 1)
        return _with_arguments(expr, rewrite)

    extraction.replace(rewrite)
    return extraction.result()


def add_subexpressions_for_constants(ac: AssignmentCollection) -> AssignmentCollection:
    """Makes sub-expressions of numbers in sums and products, but 0, 1 and -1. Exponents stay as they are."""
    extraction = _Extraction(ac)

    def rewrite(expr):
        if isinstance(expr, (sp.Add, sp.Mul)):
            args = []
            for arg in expr.args:
                is_number = isinstance(arg, sp.Number) and arg not in (0, 1, -1)
                args.append(extraction.symbol_for(arg) if is_number else rewrite(arg))
            return expr.func(*args)
        return _with_arguments(expr, rewrite)

    extraction.replace(rewrite)
    return extraction.result()


def add_subexpressions_for_sums(ac: AssignmentCollection) -> AssignmentCollection:
    """Makes sub-expressions of the terms of sums, as far as they are no symbols or numbers."""
    extraction = _Extraction(ac)

    def rewrite(expr):
        expr = _with_arguments(expr, rewrite)
        if not isinstance(expr, sp.Add):
            return expr
        terms = (
            term if term.is_Atom or not extraction.can_be_taken_out(term) else extraction.symbol_for(term)
            for term in expr.args
        )
        return sp.Add(*terms)

    extraction.replace(rewrite)
    return extraction.result()


def add_subexpressions_for_field_reads(
    ac: AssignmentCollection,
    subexpressions: bool = True,
    main_assignments: bool = True,
    data_type: UserTypeSpec | None = None,
) -> AssignmentCollection:
    """Makes sub-expressions of all reads of fields, so that each element is read once, before anything is written.

    Args:
        ac: an ``AssignmentCollection``.
        subexpressions: also in sub-expressions.
        main_assignments: also in main assignments.
        data_type: converts what is read to this type; the new symbols then have it.
    """
    extraction = _Extraction(ac)

    def rewrite(expr):
        reads = sorted(expr.atoms(FieldAccess), key=sp.default_sort_key)
        names = {}
        for access in reads:
            value = access if data_type is None else tcast(access, data_type)
            names[access] = extraction.symbol_for(value, data_type)
        return expr.xreplace(names)

    extraction.replace(rewrite, subexpressions, main_assignments)
    return extraction.result()


def _with_arguments(expr, function):
    """The expression with the function applied to its arguments, but not inside of numbers and casts."""
    if expr.is_Atom or isinstance(expr, tcast):
        return expr
    args = [function(arg) for arg in expr.args]
    return expr if all(new is old for new, old in zip(args, expr.args)) else expr.func(*args)
