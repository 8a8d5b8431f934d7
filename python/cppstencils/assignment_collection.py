"""Collections of assignments: main assignments and the sub-expressions that they use."""

from __future__ import annotations

from html import escape

import sympy as sp

from .assignment import Assignment
from .errors import ExpressionError
from .field import FieldAccess

__all__ = ["AssignmentCollection", "SymbolGenerator"]


class SymbolGenerator:
    """Makes new symbols: ``xi_0``, ``xi_1``, ..."""

    def __init__(self, name="xi"):
        self.name = name
        self._next = 0

    def __iter__(self):
        return self

    def __next__(self):
        self._next += 1
        return sp.Symbol(f"{self.name}_{self._next - 1}")


class AssignmentCollection:
    """Main assignments, the sub-expressions that they use, and facts for simplification.

    Args:
        main_assignments: assignments, or a dictionary from targets to values.
        subexpressions: the same; each defines a symbol that later ones and the main assignments may use.
        simplification_hints: any facts, for simplification strategies.
        subexpression_symbol_generator: an iterator of new symbols; default ``xi_0``, ``xi_1``, ...

    Nothing is changed in place except by :meth:`add_subexpression` and :meth:`topological_sort`.
    """

    def __init__(
        self, main_assignments, subexpressions=None, simplification_hints=None, subexpression_symbol_generator=None
    ):
        self.main_assignments = _as_list(main_assignments)
        self.subexpressions = _as_list(subexpressions or [])
        self.simplification_hints = dict(simplification_hints or {})
        self.subexpression_symbol_generator = subexpression_symbol_generator or SymbolGenerator()

    # -- facts ---------------------------------------------------------------------------------------------------------

    @property
    def all_assignments(self):
        """Sub-expressions, then main assignments."""
        return self.subexpressions + self.main_assignments

    @property
    def main_assignments_dict(self):
        return {assignment.lhs: assignment.rhs for assignment in self.main_assignments}

    @property
    def subexpressions_dict(self):
        return {assignment.lhs: assignment.rhs for assignment in self.subexpressions}

    @property
    def rhs_symbols(self):
        """Symbols and accesses on right sides."""
        return {atom for assignment in self.all_assignments for atom in assignment.rhs.atoms(sp.Symbol)}

    @property
    def bound_symbols(self):
        """What is assigned to.

        Raises:
            ExpressionError (ValueError): something is assigned to twice.
        """
        bound = set()
        for assignment in self.all_assignments:
            if assignment.lhs in bound:
                raise ExpressionError(
                    f"'{assignment.lhs}' is assigned to twice.",
                    code="not-single-assignment",
                    hints=["Give the second value another name."],
                )
            bound.add(assignment.lhs)
        return bound

    @property
    def free_symbols(self):
        """Symbols and accesses that are read and not assigned to."""
        return self.rhs_symbols - self.bound_symbols

    @property
    def defined_symbols(self):
        """Left sides of the main assignments."""
        return {assignment.lhs for assignment in self.main_assignments}

    @property
    def free_fields(self):
        """Fields that are read."""
        return {atom.field for atom in self.rhs_symbols if isinstance(atom, FieldAccess)}

    @property
    def rhs_fields(self):
        return self.free_fields

    @property
    def bound_fields(self):
        """Fields that are written."""
        return {atom.field for atom in self.bound_symbols if isinstance(atom, FieldAccess)}

    @property
    def operation_count(self):
        """See :func:`cppstencils.sympyextensions.count_operations`."""
        from .sympyextensions.math import count_operations

        return count_operations([assignment.rhs for assignment in self.all_assignments])

    def atoms(self, *types):
        return set().union(*(assignment.atoms(*types) for assignment in self.all_assignments))

    def dependent_symbols(self, symbols):
        """All symbols that the given ones are computed from, themselves included."""
        definitions = {assignment.lhs: assignment.rhs for assignment in self.all_assignments}
        result, waiting = set(), list(symbols)
        while waiting:
            symbol = waiting.pop()
            if symbol not in result:
                result.add(symbol)
                waiting.extend(definitions.get(symbol, sp.Integer(0)).atoms(sp.Symbol))
        return result

    # -- changes -------------------------------------------------------------------------------------------------------

    def add_subexpression(self, rhs, lhs=None, topological_sort=True):
        """Adds a sub-expression and returns its symbol; a new one unless ``lhs`` names it."""
        if lhs is None:
            taken = self.atoms(sp.Symbol)
            lhs = next(symbol for symbol in self.subexpression_symbol_generator if symbol not in taken)
        self.subexpressions.append(Assignment(lhs, rhs))
        if topological_sort:
            self.topological_sort(sort_main_assignments=False)
        return lhs

    def topological_sort(self, sort_subexpressions=True, sort_main_assignments=True):
        """Orders the assignments so that each symbol is defined before it is used. Order is kept where it can be.

        Raises:
            ExpressionError (ValueError): symbols that depend on each other.
        """
        if sort_subexpressions:
            self.subexpressions = _sorted(self.subexpressions)
        if sort_main_assignments:
            self.main_assignments = _sorted(self.main_assignments)

    # -- new collections -----------------------------------------------------------------------------------------------

    def copy(self, main_assignments=None, subexpressions=None):
        """A copy, with other assignments if given."""
        return AssignmentCollection(
            self.main_assignments if main_assignments is None else main_assignments,
            self.subexpressions if subexpressions is None else subexpressions,
            self.simplification_hints,
            self.subexpression_symbol_generator,
        )

    def _mapped(self, function):
        def apply(assignments):
            return [a.func(function(a.lhs), function(a.rhs)) for a in assignments]

        return self.copy(apply(self.main_assignments), apply(self.subexpressions))

    def subs(self, *replacements, **options):
        """A copy with SymPy's ``subs`` on both sides."""
        return self._mapped(lambda expr: expr.subs(*replacements, **options))

    def xreplace(self, replacements):
        """A copy with SymPy's ``xreplace`` on both sides: fast, exact matches only."""
        return self._mapped(lambda expr: expr.xreplace(replacements))

    def replace(self, *arguments, **options):
        """A copy with SymPy's ``replace`` on both sides."""
        return self._mapped(lambda expr: expr.replace(*arguments, **options))

    def find(self, *arguments, **options):
        """What SymPy's ``find`` finds in any assignment."""
        return set().union(*(assignment.find(*arguments, **options) for assignment in self.all_assignments))

    def new_with_substitutions(self, substitutions, add_substitutions_as_subexpressions=False, sort_topologically=True):
        """A copy in which the keys are replaced by the values; on request the pairs become sub-expressions."""
        substitutions = {sp.sympify(old): sp.sympify(new) for old, new in dict(substitutions).items()}
        result = self._mapped(lambda expr: expr.xreplace(substitutions))
        if add_substitutions_as_subexpressions:
            result.subexpressions = [Assignment(new, old) for old, new in substitutions.items()] + result.subexpressions
            if sort_topologically:
                result.topological_sort(sort_main_assignments=False)
        return result

    def new_merged(self, other):
        """Both collections as one. Sub-expression symbols of ``other`` that are taken get new names.

        Raises:
            ExpressionError (ValueError): both define the same main symbol.
        """
        shared = self.defined_symbols & other.defined_symbols
        if shared:
            raise ExpressionError(
                f"Both collections assign to '{sorted(map(str, shared))[0]}'.",
                code="not-single-assignment",
                hints=["Rename one of them before merging."],
            )
        own = self.subexpressions_dict
        taken = self.atoms(sp.Symbol) | other.atoms(sp.Symbol)
        renaming, kept = {}, []
        for assignment in other.subexpressions:
            if assignment.lhs in own and own[assignment.lhs] == assignment.rhs:
                continue
            if assignment.lhs in self.atoms(sp.Symbol):
                renaming[assignment.lhs] = next(s for s in self.subexpression_symbol_generator if s not in taken)
            kept.append(assignment)
        rename = lambda a: a.func(a.lhs.xreplace(renaming), a.rhs.xreplace(renaming))  # noqa: E731
        hints = {**other.simplification_hints, **self.simplification_hints}
        result = self.copy(
            self.main_assignments + [rename(a) for a in other.main_assignments],
            self.subexpressions + [rename(a) for a in kept],
        )
        result.simplification_hints = hints
        return result

    def new_filtered(self, symbols_to_extract):
        """A copy that keeps only what is needed to compute the given symbols, as main assignments."""
        wanted = set(symbols_to_extract)
        needed = self.dependent_symbols(wanted)
        main = [a for a in self.all_assignments if a.lhs in wanted]
        subexpressions = [a for a in self.all_assignments if a.lhs in needed and a.lhs not in wanted]
        return self.copy(main, subexpressions)

    def new_without_unused_subexpressions(self):
        """A copy without the sub-expressions that no main assignment needs."""
        needed = self.dependent_symbols({s for a in self.main_assignments for s in a.rhs.atoms(sp.Symbol)})
        return self.copy(subexpressions=[a for a in self.subexpressions if a.lhs in needed])

    def new_with_inserted_subexpression(self, symbol):
        """A copy in which the symbol of a sub-expression is replaced by its value. The sub-expression stays where that
        would change the meaning: if it reads what a main assignment writes before its value is used."""
        value = self.subexpressions_dict.get(symbol)
        if value is None or value.atoms(sp.Symbol) & self._overwritten():
            return self.copy()
        rest = [a for a in self.subexpressions if a.lhs != symbol]
        insert = lambda a: a.func(a.lhs, a.rhs.xreplace({symbol: value}))  # noqa: E731
        return self.copy([insert(a) for a in self.main_assignments], [insert(a) for a in rest])

    def new_without_subexpressions(self, subexpressions_to_keep=()):
        """A copy in which all symbols of sub-expressions, but those to keep, are replaced by their values. Those stay,
        too, that read what a main assignment writes before their value is used."""
        keep = set(subexpressions_to_keep)
        overwritten = self._overwritten()
        kept, values = [], {}
        for assignment in _sorted(self.subexpressions):
            rhs = assignment.rhs.xreplace(values)
            if assignment.lhs in keep or rhs.atoms(sp.Symbol) & overwritten:
                kept.append(Assignment(assignment.lhs, rhs))
            else:
                values[assignment.lhs] = rhs
        return self.copy([a.func(a.lhs, a.rhs.xreplace(values)) for a in self.main_assignments], kept)

    def _overwritten(self):
        """What later main assignments see with a new value."""
        return {assignment.lhs for assignment in self.main_assignments[:-1]}

    def lambdify(self, symbols, fixed_symbols=None, module=None):
        """A Python function of ``symbols`` that returns a dictionary from main targets to values; see SymPy's
        ``lambdify``. As in a kernel, a main assignment sees what an earlier one has written."""
        collection = self.new_with_substitutions(fixed_symbols or {})
        values = {}
        for assignment in _sorted(collection.subexpressions):
            values[assignment.lhs] = assignment.rhs.xreplace(values)
        functions = {}
        for assignment in collection.main_assignments:
            rhs = assignment.rhs.xreplace(values)
            functions[assignment.lhs] = sp.lambdify(symbols, rhs, module)
            values[assignment.lhs] = rhs
        return lambda *inputs: {lhs: function(*inputs) for lhs, function in functions.items()}

    # -- Python --------------------------------------------------------------------------------------------------------

    def __iter__(self):
        return iter(self.all_assignments)

    def __len__(self):
        return len(self.subexpressions) + len(self.main_assignments)

    def __eq__(self, other):
        return isinstance(other, AssignmentCollection) and set(self.all_assignments) == set(other.all_assignments)

    def __hash__(self):
        return hash(frozenset(self.all_assignments))

    def __str__(self):
        lines = ["Subexpressions:", *(f"\t{a}" for a in self.subexpressions)]
        lines += ["Main Assignments:", *(f"\t{a}" for a in self.main_assignments)]
        return "\n".join(lines)

    def __repr__(self):
        targets = ", ".join(map(str, (a.lhs for a in self.main_assignments)))
        return f"AssignmentCollection: {targets}"

    def _repr_html_(self):
        def table(title, assignments):
            rows = "".join(
                f"<tr><td>$${escape(sp.latex(a.lhs))}$$</td><td>$$\\leftarrow {escape(sp.latex(a.rhs))}$$</td></tr>"
                for a in assignments
            )
            return f"<div>{title}</div><table style='border:none'>{rows}</table>" if assignments else ""

        return table("Subexpressions", self.subexpressions) + table("Main assignments", self.main_assignments)


def _as_list(assignments):
    if isinstance(assignments, dict):
        assignments = assignments.items()
    if isinstance(assignments, Assignment) or not hasattr(assignments, "__iter__"):
        assignments = [assignments]
    result = []
    for entry in assignments:
        if isinstance(entry, Assignment):
            result.append(entry)
        elif isinstance(entry, (list, tuple)) and len(entry) == 2 and not isinstance(entry[0], Assignment):
            made = Assignment(*entry)
            result.extend(made if isinstance(made, tuple) else [made])
        elif isinstance(entry, (list, tuple)):
            result.extend(_as_list(entry))
        else:
            raise ExpressionError(
                f"A collection is made of assignments, but {entry!r} was given.",
                code="invalid-expression",
                hints=["Pass cppstencils.Assignment(target, value)."],
            )
    return result


def _sorted(assignments):
    position = {assignment.lhs: i for i, assignment in enumerate(assignments)}
    uses = [
        sorted(position[s] for s in assignment.rhs.atoms(sp.Symbol) if s in position and position[s] != i)
        for i, assignment in enumerate(assignments)
    ]
    done, active, result = set(), set(), []
    for start in range(len(assignments)):
        stack = [(start, iter(uses[start]))]
        while stack:
            node, remaining = stack[-1]
            if node in done:
                stack.pop()
                continue
            active.add(node)
            child = next((c for c in remaining if c not in done), None)
            if child is None:
                stack.pop()
                active.discard(node)
                done.add(node)
                result.append(assignments[node])
            elif child in active:
                raise ExpressionError(
                    f"'{assignments[child].lhs}' depends on itself.",
                    code="not-single-assignment",
                    hints=["A symbol is defined by what is known before it."],
                )
            else:
                stack.append((child, iter(uses[child])))
    return result
