"""Sequences of simplification rules."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from time import perf_counter

from ..assignment_collection import AssignmentCollection
from ..errors import ExpressionError
from ..sympyextensions.math import count_operations
from .simplifications import Rule, sympy_cse
from .subexpression_insertion import insert_aliases, insert_zeros

__all__ = [
    "SimplificationStrategy",
    "SimplificationReport",
    "IntermediateResults",
    "create_simplification_strategy",
]


@dataclass(frozen=True, repr=False)
class SimplificationReport:
    """What each rule of a strategy cost and gained; displays as a table.

    Attributes:
        rows: one tuple per stage: name of the rule, milliseconds (None for the beginning), additions, multiplications,
            divisions, and all operations together.
    """

    rows: tuple[tuple, ...]

    _titles = ("rule", "ms", "adds", "muls", "divs", "all")

    def _texts(self):
        yield self._titles
        for name, milliseconds, *counts in self.rows:
            yield (name, "-" if milliseconds is None else f"{milliseconds:.2f}", *map(str, counts))

    def __str__(self):
        lines = list(self._texts())
        widths = [max(map(len, column)) for column in zip(*lines)]
        return "\n".join(
            "  ".join(
                text.ljust(width) if i == 0 else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))
            )
            for line in lines
        )

    __repr__ = __str__

    def _repr_html_(self):
        head, *body = self._texts()
        cells = "".join(f"<th>{text}</th>" for text in head)
        rows = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in line) + "</tr>" for line in body)
        return f"<table><tr>{cells}</tr>{rows}</table>"


@dataclass(frozen=True, repr=False)
class IntermediateResults:
    """The collections between the rules of a strategy; displays all of them.

    Attributes:
        stages: pairs of the name of a rule and the collection after it; the first is the collection before all.
    """

    stages: tuple[tuple[str, AssignmentCollection], ...]

    def __str__(self):
        return "\n\n".join(f"{name}\n{collection}" for name, collection in self.stages)

    __repr__ = __str__

    def _repr_html_(self):
        return "".join(f"<h4>{escape(name)}</h4>{collection._repr_html_()}" for name, collection in self.stages)


class SimplificationStrategy:
    """Rules that are applied one after the other. A rule is a function from a collection to a collection.

    >>> from cppstencils import simp
    >>> strategy = SimplificationStrategy()
    >>> strategy.add(simp.sympy_cse)
    >>> strategy.add(simp.apply_to_all_assignments(simp.expand))
    >>> print(strategy)
    SimplificationStrategy: sympy_cse, expand
    """

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        """Adds a rule at the end.

        Raises:
            ExpressionError (ValueError): not a function.
        """
        if not callable(rule):
            raise ExpressionError(
                f"{rule!r} is no simplification rule.",
                code="invalid-expression",
                hints=["A rule is a function that takes an AssignmentCollection and returns one."],
            )
        self._rules.append(rule)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order in which they are applied."""
        return tuple(self._rules)

    def apply(self, assignment_collection: AssignmentCollection) -> AssignmentCollection:
        """The collection after all rules.

        Raises:
            ExpressionError (ValueError): a rule returns something else than a collection.
        """
        return self._stages(assignment_collection)[-1][1]

    __call__ = apply

    def create_simplification_report(self, assignment_collection: AssignmentCollection) -> SimplificationReport:
        """Applies the rules to count operations and time; returns a :class:`SimplificationReport`."""
        rows = []
        for name, collection, milliseconds in self._stages(assignment_collection):
            counts = count_operations(collection)
            total = sum(counts.values())
            rows.append((name, milliseconds, counts["adds"], counts["muls"], counts["divs"], total))
        return SimplificationReport(tuple(rows))

    def show_intermediate_results(self, assignment_collection: AssignmentCollection) -> IntermediateResults:
        """The collection after each rule, as :class:`IntermediateResults`."""
        return IntermediateResults(tuple(stage[:2] for stage in self._stages(assignment_collection)))

    def _stages(self, collection):
        stages = [("initial", collection, None)]
        for rule in self._rules:
            start = perf_counter()
            collection = rule(collection)
            milliseconds = 1e3 * (perf_counter() - start)
            if not isinstance(collection, AssignmentCollection):
                raise ExpressionError(
                    f"Rule '{_name_of(rule)}' returned {collection!r}.",
                    code="invalid-expression",
                    hints=["A rule is a function that takes an AssignmentCollection and returns one."],
                )
            stages.append((_name_of(rule), collection, milliseconds))
        return stages

    def __repr__(self):
        return f"SimplificationStrategy: {', '.join(map(_name_of, self._rules))}"


def _name_of(rule):
    return getattr(rule, "__name__", None) or type(rule).__name__


def create_simplification_strategy() -> SimplificationStrategy:
    """A strategy that suits most kernels: no zeros, no aliases, and common sub-expressions computed once."""
    strategy = SimplificationStrategy()
    for rule in (insert_zeros, insert_aliases, sympy_cse):
        strategy.add(rule)
    return strategy
