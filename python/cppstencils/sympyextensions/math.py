"""Helpers for expressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

import sympy as sp
from sympy.core.function import Application

from ..errors import ExpressionError
from .typed_symbols import tcast

__all__ = [
    "count_operations",
    "fast_subs",
    "recursive_collect",
    "complete_the_square",
    "remove_higher_order_terms",
    "remove_small_floats",
    "extract_most_common_factor",
    "get_symmetric_part",
    "scalar_product",
    "kronecker_delta",
    "multidimensional_sum",
    "tanh_step_function_approximation",
]

_OPERATIONS = ("adds", "muls", "divs", "sqrts", "pows", "functions", "comparisons", "selects")


def count_operations(term: Any) -> dict[str, int]:
    """Counts the operations of expressions as they are written in SymPy, each place once.

    Args:
        term: an expression, an assignment (its right side counts), an ``AssignmentCollection``, or a list or matrix.

    Returns:
        A dictionary with these keys. ``adds``: additions and subtractions. ``muls``: multiplications, also with
        constants, and those that make up integer powers (x**5 has three); a change of sign is free. ``divs``.
        ``sqrts``. ``pows``: other powers. ``functions``: sin, Abs, Max of two values and so on. ``comparisons``:
        relations and logical connectives. ``selects``: branches of ``Piecewise`` but the last.

    >>> x, y = sp.symbols("x y")
    >>> counts = count_operations(x**2 / y - 3 * x + sp.sqrt(y))
    >>> counts["adds"], counts["muls"], counts["divs"], counts["sqrts"]
    (2, 2, 1, 1)
    """
    counts = dict.fromkeys(_OPERATIONS, 0)
    waiting = [term]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, tuple, set, frozenset)):
            waiting.extend(node)
            continue
        if hasattr(node, "all_assignments"):
            waiting.extend(node.all_assignments)
            continue
        node = sp.sympify(node)
        if isinstance(node, sp.MatrixBase):
            waiting.extend(node)
        elif hasattr(node, "rhs") and hasattr(node, "lhs") and not isinstance(node, sp.logic.boolalg.Boolean):
            waiting.append(node.rhs)
        else:
            waiting.extend(_count(node, counts))
    return counts


def _count(node, counts):
    """Counts the outermost operation; returns the operands."""
    if isinstance(node, sp.Add):
        counts["adds"] += len(node.args) - 1
    elif isinstance(node, sp.Mul):
        return _count_product(node, counts)
    elif isinstance(node, sp.Pow):
        return _count_power(node.base, node.exp, counts)
    elif isinstance(node, sp.Piecewise):
        counts["selects"] += len(node.args) - 1
        return [part for pair in node.args for part in pair.args]
    elif isinstance(node, tcast):
        return [node.expr]
    elif isinstance(node, sp.logic.boolalg.Boolean) and node.args:
        counts["comparisons"] += max(len(node.args) - 1, 1)
    elif isinstance(node, (sp.Max, sp.Min)):
        counts["functions"] += len(node.args) - 1
    elif isinstance(node, Application):
        counts["functions"] += 1
    return list(node.args)


def _count_product(node, counts):
    operands, above, below = [], 0, 0
    for factor in node.args:
        if isinstance(factor, sp.Pow) and factor.exp.is_Number and factor.exp.is_negative:
            below += 1
            operands += _count_power(factor.base, -factor.exp, counts)
        elif factor is not sp.S.NegativeOne:
            above += 1
            operands.append(factor)
    counts["muls"] += max(above - 1, 0) + max(below - 1, 0)
    counts["divs"] += 1 if below else 0
    return operands


def _count_power(base, exponent, counts):
    if exponent.is_Number and exponent.is_negative:
        counts["divs"] += 1
        exponent = -exponent
    if exponent.is_Integer:
        counts["muls"] += _multiplications(int(exponent))
    elif exponent.is_Rational and exponent.q == 2:
        counts["sqrts"] += 1
        whole = int(exponent.p) // 2
        counts["muls"] += _multiplications(whole) + (1 if whole else 0)
    else:
        counts["pows"] += 1
        return [base, exponent]
    return [base]


def _multiplications(exponent):
    """Multiplications of a power by repeated squaring."""
    return exponent.bit_length() - 1 + exponent.bit_count() - 1 if exponent else 0


def fast_subs(
    expression: sp.Basic, substitutions: Mapping[sp.Expr, Any], skip: Callable[[sp.Basic], bool] | None = None
) -> sp.Basic:
    """Replaces exact matches of sub-expressions, without evaluating anything else: much faster than ``subs``.

    Args:
        expression: an expression, a matrix or an assignment.
        substitutions: a dictionary from what is replaced to what replaces it. Matches are not replaced again.
        skip: a predicate: expressions for which it holds stay as they are.

    >>> x, y = sp.symbols("x y")
    >>> fast_subs(x**2 + sp.sin(x), {x: y, sp.sin(x): 1})
    y**2 + 1
    """
    substitutions = {sp.sympify(old): sp.sympify(new) for old, new in substitutions.items()}
    if isinstance(expression, sp.MatrixBase):
        return expression.applyfunc(lambda entry: fast_subs(entry, substitutions, skip))
    if skip is None:
        return sp.sympify(expression).xreplace(substitutions)
    known = {}

    def visit(node):
        if node not in known:
            if skip(node):
                known[node] = node
            elif node in substitutions:
                known[node] = substitutions[node]
            else:
                args = [visit(arg) for arg in node.args]
                unchanged = all(new is old for new, old in zip(args, node.args))
                known[node] = node if unchanged else node.func(*args)
        return known[node]

    return visit(sp.sympify(expression))


def recursive_collect(expr: sp.Expr, symbols: Iterable[sp.Symbol], order_by_occurences: bool = False) -> sp.Expr:
    """Collects powers of the first symbol, then in each of their factors those of the next one, and so on.

    Args:
        expr: any expression.
        symbols: symbols to collect.
        order_by_occurences: begin with the symbol that occurs most often.

    >>> a, b, c, d = sp.symbols("a b c d")
    >>> recursive_collect(a * b + a * c + b * d + a * b * c, [a, b])
    a*(b*(c + 1) + c) + b*d
    """
    symbols = list(symbols)
    expr = sp.sympify(expr)
    if not symbols:
        return expr
    if order_by_occurences:
        counts = Counter(node for node in sp.preorder_traversal(expr) if node in symbols)
        symbols.sort(key=lambda symbol: -counts[symbol])
    first, *rest = symbols
    parts = sp.collect(sp.expand(expr), first, evaluate=False)
    return sum((power * recursive_collect(factor, rest) for power, factor in parts.items()), sp.Integer(0))


def complete_the_square(
    expr: sp.Expr, symbol_to_complete: sp.Symbol, new_variable: sp.Symbol
) -> tuple[sp.Expr, tuple[sp.Symbol, sp.Expr] | None]:
    """Writes a polynomial of second degree without its linear term: ``a*x**2 + b*x + c`` is
    ``a*n**2 + c - b**2 / (4*a)`` with ``n = x + b / (2*a)``.

    Returns:
        The new expression and the pair ``(new_variable, x + b / (2*a))``; or the expression as it was and None, if it
        is no polynomial of second degree in ``symbol_to_complete``.

    >>> x, b, n = sp.symbols("x b n")
    >>> complete_the_square(x**2 + 2 * b * x, x, n)
    (-b**2 + n**2, (n, b + x))
    """
    polynomial = sp.sympify(expr).as_poly(symbol_to_complete)
    if polynomial is None or polynomial.degree() != 2:
        return expr, None
    a, b, c = polynomial.all_coeffs()
    return a * new_variable**2 + sp.expand(c - b**2 / (4 * a)), (new_variable, symbol_to_complete + b / (2 * a))


def remove_higher_order_terms(expr: sp.Expr, symbols: Iterable[sp.Symbol], order: int = 3) -> sp.Expr:
    """The expression without the terms of a total degree above ``order`` in the symbols.

    Raises:
        ExpressionError (ValueError): the expression is no polynomial in the symbols.

    >>> x, y = sp.symbols("x y")
    >>> remove_higher_order_terms(1 + x * y + x**2 * y, [x, y], order=2)
    x*y + 1
    """
    polynomial = _polynomial(expr, symbols)
    terms = (
        factor * sp.prod(symbol**power for symbol, power in zip(polynomial.gens, powers))
        for powers, factor in polynomial.terms()
        if sum(powers) <= order
    )
    return sum(terms, sp.Integer(0))


def _polynomial(expr, symbols):
    polynomial = sp.sympify(expr).as_poly(*symbols)
    if polynomial is None:
        raise ExpressionError(
            f"'{expr}' is no polynomial in {', '.join(map(str, symbols))}.",
            code="invalid-expression",
            hints=["Expand functions of the symbols into polynomials before."],
        )
    return polynomial


def remove_small_floats(expr: sp.Expr, threshold: float) -> sp.Expr:
    """The expression with floating-point numbers of a magnitude below ``threshold`` replaced by 0."""
    expr = sp.sympify(expr)
    return expr.xreplace({number: sp.Integer(0) for number in expr.atoms(sp.Float) if abs(number) < threshold})


def extract_most_common_factor(term: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The magnitude that most terms of a sum have as their coefficient, and the sum divided by it.

    Of several equally common ones the smallest is taken.

    >>> x, y, z = sp.symbols("x y z")
    >>> extract_most_common_factor(2 * x - 2 * y + z)
    (2, x - y + z/2)
    """
    term = sp.sympify(term)
    counts = Counter(abs(part.as_coeff_Mul()[0]) for part in sp.Add.make_args(term))
    factor = min(counts, key=lambda value: (-counts[value], value))
    return factor, sp.Add(*(part / factor for part in sp.Add.make_args(term)))


def get_symmetric_part(expr: sp.Expr, symbols: Iterable[sp.Symbol]) -> sp.Expr:
    """The part of the expression that does not change when all ``symbols`` change their sign.

    >>> x, y = sp.symbols("x y")
    >>> get_symmetric_part(x + x**2 + x * y, [x, y])
    x**2 + x*y
    """
    expr = sp.sympify(expr)
    return sp.expand((expr + expr.xreplace({symbol: -symbol for symbol in symbols})) / 2)


def scalar_product(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """The sum of the products of the entries.

    Raises:
        ExpressionError (ValueError): different lengths.
    """
    a, b = list(a), list(b)
    if len(a) != len(b):
        raise ExpressionError(
            f"There is no scalar product of {len(a)} and {len(b)} entries.",
            code="invalid-expression",
            hints=["Give vectors of equal length."],
        )
    return sum((x * y for x, y in zip(a, b)), sp.Integer(0))


def kronecker_delta(*args: Any) -> int:
    """1 if all arguments are equal, else 0. Symbols are equal if they are the same."""
    return 1 if len({sp.sympify(arg) for arg in args}) <= 1 else 0


def multidimensional_sum(i: int, dim: int) -> Iterable[tuple[int, ...]]:
    """All tuples of ``i`` indices from 0 to ``dim - 1``, the last one fastest: a loop over a sum with i indices.

    >>> list(multidimensional_sum(2, dim=2))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    return product(range(dim), repeat=i)


def tanh_step_function_approximation(
    x: sp.Expr, step_location: Any, kind: str = "right", steepness: sp.Expr | float = 0.0001
) -> sp.Expr:
    """A smooth step from 0 to 1, made of tanh.

    Args:
        x: the variable.
        step_location: where the value is 1/2; a pair of places for ``kind="middle"``.
        kind: ``"right"``: 1 above the place; ``"left"``: 1 below it; ``"middle"``: 1 between the two places.
        steepness: width of the step; the smaller, the steeper.

    Raises:
        ExpressionError (ValueError): another kind.
    """

    def step(location):
        return sp.tanh((x - location) / steepness) / 2

    if kind == "right":
        return sp.Rational(1, 2) + step(step_location)
    if kind == "left":
        return sp.Rational(1, 2) - step(step_location)
    if kind == "middle":
        lower, upper = step_location
        return step(lower) - step(upper)
    raise ExpressionError(
        f"There is no kind {kind!r} of step.",
        code="invalid-expression",
        hints=["Use 'right', 'left' or 'middle'."],
    )
