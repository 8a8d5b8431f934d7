"""Derivatives that are not evaluated yet, and the rules of calculus for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import sympy as sp

from ..errors import ExpressionError, FieldError
from ..field import Field, FieldAccess

__all__ = [
    "Diff",
    "DiffOperator",
    "diff",
    "diff_terms",
    "collect_diffs",
    "zero_diffs",
    "evaluate_diffs",
    "normalize_diff_order",
    "expand_diff_full",
    "expand_diff_linear",
    "expand_diff_products",
    "functional_derivative",
]

#: A field stands for its value in the updated cell.
FieldOrExpr: TypeAlias = Field | FieldAccess | sp.Expr | int | float
#: What a derivative is taken with respect to: the number of a dimension, or a symbol.
Label: TypeAlias = int | sp.Expr

_NONE = sp.Integer(-1)


class Diff(sp.Expr):
    """The derivative of ``arg`` with respect to ``target``, not evaluated. The derivative of a number is 0.

    Args:
        argument: any expression; a field with one value per cell stands for its value in the updated cell.
        target: what the derivative is taken with respect to: the number of a dimension, or a symbol; -1 for nothing in
            particular.
        superscript: a label to tell derivatives apart, for example orders of an expansion; -1 for none.

    Raises:
        FieldError (ValueError): a field with several values per cell.

    >>> f = Field.create_generic("f", 2)
    >>> Diff(f, 0) * 2
    2*Diff(f[0,0], 0)
    """

    is_commutative = True

    def __new__(cls, argument: FieldOrExpr, target: Label = -1, superscript: Label = -1):
        value = sp.sympify(_center_of(argument))
        if value.is_number:
            return sp.Integer(0)
        return sp.Expr.__new__(cls, value, sp.sympify(target), sp.sympify(superscript))

    @property
    def arg(self) -> sp.Expr:
        return self.args[0]

    @property
    def target(self) -> sp.Expr:
        return self.args[1]

    @property
    def superscript(self) -> sp.Expr:
        return self.args[2]

    def get_arg_recursive(self):
        """The argument of the innermost of nested derivatives."""
        return self.arg.get_arg_recursive() if isinstance(self.arg, Diff) else self.arg

    def change_arg_recursive(self, new_arg):
        """The same nested derivatives of ``new_arg``."""
        inner = self.arg.change_arg_recursive(new_arg) if isinstance(self.arg, Diff) else new_arg
        return Diff(inner, self.target, self.superscript)

    def _eval_derivative(self, symbol):
        # Derivatives of symbols count as independent variables; then the partial and the total derivative commute.
        return Diff(self.arg.diff(symbol), self.target, self.superscript)

    def _eval_is_real(self):
        return self.arg.is_real

    def _sympystr(self, printer):
        labels = self.args[1:] if self.superscript != _NONE else self.args[1:2] if self.target != _NONE else ()
        return f"Diff({', '.join(printer.doprint(part) for part in (self.arg, *labels))})"

    def _latex(self, printer):
        target = "" if self.target == _NONE else f"_{{{printer.doprint(self.target)}}}"
        superscript = "" if self.superscript == _NONE else f"^{{({printer.doprint(self.superscript)})}}"
        arg = printer.doprint(self.arg)
        if not isinstance(self.arg, (sp.Symbol, Diff)):
            arg = rf"\left({arg}\right)"
        return rf"{{\partial{target}{superscript} {arg}}}"


def _center_of(argument):
    """A field stands for its value in the updated cell; anything else for itself."""
    access = argument.center if isinstance(argument, Field) else argument
    if isinstance(access, FieldAccess) and len(access.index) != len(access.field.index_shape):
        raise FieldError(
            f"Field '{access.field.name}' has several values per cell, and '{access}' is none of them.",
            code="field-index",
            hints=[f"Write {access.field.name}(0) for the first one."],
        )
    return access


def diff(expr: FieldOrExpr, *targets: Label) -> sp.Expr:
    """Nested derivatives: ``diff(f, i, j)`` is the derivative in dimension i of the derivative in dimension j."""
    for target in reversed(targets):
        expr = Diff(expr, target)
    return sp.sympify(_center_of(expr))


class DiffOperator(sp.Expr):
    """A derivative without an argument. Operators add, multiply and have powers; :meth:`apply` gives them an argument.

    >>> DiffOperator.apply(DiffOperator(0) ** 2 + 3, sp.Symbol("c"))
    3*c + Diff(Diff(c, 0), 0)
    """

    is_commutative = True

    def __new__(cls, target: Label = -1, superscript: Label = -1):
        return sp.Expr.__new__(cls, sp.sympify(target), sp.sympify(superscript))

    @property
    def target(self) -> sp.Expr:
        return self.args[0]

    @property
    def superscript(self) -> sp.Expr:
        return self.args[1]

    @staticmethod
    def apply(expr: sp.Expr, argument: FieldOrExpr, apply_to_constants: bool = True) -> sp.Expr:
        """The polynomial of operators ``expr`` applied to ``argument``.

        Args:
            expr: sums and products of operators and other factors.
            argument: an expression, or a field with one value per cell.
            apply_to_constants: a term without operators multiplies the argument; if False it stays as it is.

        Raises:
            ExpressionError (ValueError): an operator stands elsewhere than in sums, products and powers.
        """
        argument = sp.sympify(_center_of(argument))
        result = sp.Integer(0)
        for term in sp.Add.make_args(_expanded(sp.sympify(expr))):
            operators, factor = [], sp.Integer(1)
            for part in sp.Mul.make_args(term):
                base, exponent = part.as_base_exp()
                if isinstance(base, DiffOperator) and exponent.is_Integer and exponent > 0:
                    operators += [base] * int(exponent)
                elif part.has(DiffOperator):
                    raise ExpressionError(
                        f"'{part}' is no polynomial of derivatives.",
                        code="invalid-expression",
                        hints=["Add and multiply derivatives, and use positive integer powers of them."],
                    )
                else:
                    factor *= part
            applied = argument if operators or apply_to_constants else sp.Integer(1)
            for operator in sorted(operators, key=sp.default_sort_key, reverse=True):
                applied = Diff(applied, operator.target, operator.superscript)
            result += factor * applied
        return result

    def _sympystr(self, printer):
        labels = self.args if self.superscript != _NONE else self.args[:1]
        return f"DiffOperator({', '.join(map(printer.doprint, labels))})"

    def _latex(self, printer):
        target = "" if self.target == _NONE else f"_{{{printer.doprint(self.target)}}}"
        superscript = "" if self.superscript == _NONE else f"^{{({printer.doprint(self.superscript)})}}"
        return rf"{{\partial{target}{superscript}}}"


# -- questions ---------------------------------------------------------------------------------------------------------


def diff_terms(expr: sp.Expr) -> set[Diff]:
    """The set of the outermost derivatives in an expression.

    >>> sorted(diff_terms(diff(sp.Symbol("c"), 0, 1) * 2 + Diff(sp.Symbol("d"))), key=str)
    [Diff(Diff(c, 1), 0), Diff(d)]
    """
    expr = sp.sympify(expr)
    if isinstance(expr, Diff):
        return {expr}
    return set().union(*(diff_terms(arg) for arg in expr.args))


def _rewritten(expr, rule):
    """The expression with every derivative replaced by ``rule(derivative)``, from the inside to the outside."""
    if not expr.args or not expr.has(Diff):
        return expr
    args = [_rewritten(arg, rule) for arg in expr.args]
    if isinstance(expr, Diff):
        made = Diff(*args)
        return rule(made) if isinstance(made, Diff) else made
    return expr if all(new is old for new, old in zip(args, expr.args)) else expr.func(*args)


def _expanded(expr):
    """Multiplied out; functions and exponents stay as they are."""
    return sp.expand(expr, power_base=False, power_exp=False, log=False, basic=False)


def _dependence(functions, constants):
    """A predicate: does an expression depend on what derivatives are taken with respect to?"""
    if functions is not None and constants is not None:
        raise ExpressionError(
            "Both functions and constants are given.",
            code="invalid-expression",
            hints=["Give one of them; everything else is then of the other kind."],
        )
    listed = list(functions if functions is not None else constants if constants is not None else ())
    fields = {entry for entry in listed if isinstance(entry, Field)}
    symbols = {sp.sympify(entry) for entry in listed if not isinstance(entry, Field)}

    def is_listed(symbol):
        return symbol in symbols or (isinstance(symbol, FieldAccess) and symbol.field in fields)

    def depends(expr):
        if expr.has(Diff):
            return True
        atoms = expr.atoms(sp.Symbol)
        return any(map(is_listed, atoms)) if functions is not None else not all(map(is_listed, atoms))

    return depends


# -- rules -------------------------------------------------------------------------------------------------------------


def expand_diff_linear(
    expr: sp.Expr, functions: Iterable[FieldOrExpr] | None = None, constants: Iterable[FieldOrExpr] | None = None
) -> sp.Expr:
    """Uses that derivatives are linear: derivatives of sums become sums, and constant factors come out.

    Args:
        expr: any expression.
        functions: the symbols, accesses and fields that are no constants; all others are.
        constants: or the other way round. With neither, only numbers are constants.

    Raises:
        ExpressionError (ValueError): both are given.
    """
    depends = _dependence(functions, constants)

    def rule(derivative):
        result = sp.Integer(0)
        for term in sp.Add.make_args(_expanded(derivative.arg)):
            constant, rest = sp.Integer(1), sp.Integer(1)
            for factor in sp.Mul.make_args(term):
                if depends(factor):
                    rest *= factor
                else:
                    constant *= factor
            result += constant * Diff(rest, *derivative.args[1:])
        return result

    return _rewritten(sp.sympify(expr), rule)


def expand_diff_products(expr: sp.Expr) -> sp.Expr:
    """Uses the product and the chain rule: only derivatives of symbols, accesses and derivatives remain.

    >>> c, d = sp.symbols("c d")
    >>> expand_diff_products(Diff(c * d**2, 0))
    2*c*d*Diff(d, 0) + d**2*Diff(c, 0)
    """
    return _by_chain_rule(sp.sympify(expr), lambda _: True)


def expand_diff_full(
    expr: sp.Expr, functions: Iterable[FieldOrExpr] | None = None, constants: Iterable[FieldOrExpr] | None = None
) -> sp.Expr:
    """Uses linearity, the product and the chain rule, and multiplies out; derivatives of constants are 0.

    The arguments are those of :func:`expand_diff_linear`.
    """
    return _expanded(_by_chain_rule(sp.sympify(expr), _dependence(functions, constants)))


def _by_chain_rule(expr, depends):
    # The total differential: D a(u, v, ...) = da/du D u + da/dv D v + ... The leaves u, v are symbols and derivatives.
    def rule(derivative):
        dummies = {leaf: sp.Dummy() for leaf in diff_terms(derivative.arg)}
        argument = derivative.arg.xreplace(dummies)
        dummies.update({symbol: symbol for symbol in argument.atoms(sp.Symbol) - set(dummies.values())})
        back = {dummy: leaf for leaf, dummy in dummies.items()}
        result = sp.Integer(0)
        for leaf in sorted(dummies, key=sp.default_sort_key):
            if depends(leaf):
                result += argument.diff(dummies[leaf]).xreplace(back) * Diff(leaf, *derivative.args[1:])
        return result

    return _rewritten(expr, rule)


def _default_sort_key(label):
    return (0, int(label), "") if label.is_Integer else (1, 0, str(label))


def normalize_diff_order(
    expression: sp.Expr,
    functions: Iterable[FieldOrExpr] | None = None,
    constants: Iterable[FieldOrExpr] | None = None,
    sort_key: Callable[[sp.Expr], Any] = _default_sort_key,
) -> sp.Expr:
    """Exchanges the order of nested derivatives so that equal ones look equal: targets increase from the outside to the
    inside.

    Args:
        expression: any expression.
        functions, constants: if given, :func:`expand_diff_linear` is applied first, with these.
        sort_key: key of a target to sort by; numbers come before symbols by default.

    >>> normalize_diff_order(diff(sp.Symbol("c"), 1, 0)) == diff(sp.Symbol("c"), 0, 1)
    True
    """
    expression = sp.sympify(expression)
    if functions is not None or constants is not None:
        expression = expand_diff_linear(expression, functions, constants)

    def rule(derivative):
        labels, inner = [], derivative
        while isinstance(inner, Diff):
            labels.append(inner.args[1:])
            inner = inner.arg
        for target, superscript in sorted(labels, key=lambda label: tuple(map(sort_key, label)), reverse=True):
            inner = Diff(inner, target, superscript)
        return inner

    return _rewritten(expression, rule)


def collect_diffs(expr: sp.Expr) -> sp.Expr:
    """Multiplies out and collects the factors of equal products of derivatives.

    >>> a, b, c = sp.symbols("a b c")
    >>> collect_diffs(a * Diff(c, 0) + b * Diff(c, 0))
    (a + b)*Diff(c, 0)
    """
    factors: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(_expanded(sp.sympify(expr))):
        coefficient, derivatives = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(term):
            if factor.has(Diff):
                derivatives *= factor
            else:
                coefficient *= factor
        factors[derivatives] = factors.get(derivatives, 0) + coefficient
    return sum((factor * derivatives for derivatives, factor in factors.items()), sp.Integer(0))


def zero_diffs(expr: sp.Expr, label: Label) -> sp.Expr:
    """The expression with all derivatives with the target ``label`` set to 0."""
    label = sp.sympify(label)
    return _rewritten(sp.sympify(expr), lambda derivative: 0 if derivative.target == label else derivative)


def evaluate_diffs(expr: sp.Expr, var: sp.Symbol | None = None) -> sp.Expr:
    """Evaluates derivatives with respect to symbols, with SymPy.

    Args:
        expr: any expression.
        var: a symbol that all derivatives are taken with respect to; None if the targets are symbols themselves.

    Raises:
        ExpressionError (ValueError): the target of a derivative is no symbol, and ``var`` is None.
    """

    def rule(derivative):
        variable = derivative.target if var is None else sp.sympify(var)
        if not isinstance(variable, sp.Symbol):
            raise ExpressionError(
                f"The derivative '{derivative}' is with respect to '{variable}', which is no symbol.",
                code="invalid-expression",
                hints=["Give the symbol as var."],
            )
        return derivative.arg.diff(variable)

    return _rewritten(sp.sympify(expr), rule)


def functional_derivative(functional: sp.Expr, v: FieldOrExpr) -> sp.Expr:
    """The functional (variational) derivative of an integral of ``functional`` with respect to ``v``.

    By the Euler-Lagrange equation: the partial derivative with respect to v, minus the divergence of that with respect
    to the first derivatives of v, plus the second derivatives of that with respect to the second ones, and so on.
    Boundary terms are 0. All other symbols may depend on the place.

    Args:
        functional: the density: an expression with v and derivatives of v.
        v: a symbol, an access, or a field with one value per cell.

    >>> c, k = sp.symbols("c k")
    >>> functional_derivative(c**2 + k * Diff(c, 0) ** 2 / 2, c)
    2*c - Diff(k*Diff(c, 0), 0)
    """
    functional, v = sp.sympify(functional), sp.sympify(_center_of(v))
    if any(d.get_arg_recursive() != v and d.has(v) for d in functional.atoms(Diff)):
        functional = normalize_diff_order(expand_diff_products(functional))
    else:
        functional = normalize_diff_order(functional)
    derivatives = sorted((d for d in diff_terms(functional) if d.has(v)), key=sp.default_sort_key)
    dummies = {derivative: sp.Dummy() for derivative in derivatives}
    back = {dummy: derivative for derivative, dummy in dummies.items()}
    density = functional.xreplace(dummies)
    result = density.diff(v)
    for derivative in derivatives:
        term, inner = density.diff(dummies[derivative]), derivative
        while isinstance(inner, Diff):
            term = -Diff(term, *inner.args[1:])
            inner = inner.arg
        result += term
    return result.xreplace(back)
