"""Assignments written as a Python function: ``@kernel`` and ``@kernel_config``."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from .assignment import Assignment
from .config import CreateKernelConfig
from .errors import ConfigError, ExpressionError
from .sympyextensions.symbol_creation import SymbolCreator

__all__ = ["kernel", "kernel_config"]

# Names inside of rewritten functions; no identifier of a user can look like this.
_ASSIGN = "<assign>"
_CHOOSE = "<choose>"
_OUTER = "<surroundings>"
_INNER = "<function>"


def kernel(func: Callable[..., None], **arguments: object) -> list[Assignment]:
    """Turns a function into the list of assignments that it writes as ``target @= value``.

    In the function, ``a @= b`` adds ``Assignment(a, b)``, and ``x if condition else y`` becomes a SymPy ``Piecewise``
    where the condition is one of SymPy. All else is Python: loops, calls, the other augmented assignments, variables of
    the module and of enclosing functions. A parameter named ``s`` gets a :class:`SymbolCreator`, so that ``s.flux``
    is a symbol.

    Args:
        func: a function defined with ``def``, whose source text Python can find.
        arguments: values of further parameters, for use without the decorator syntax: ``kernel(func, weight=2)``.

    Returns:
        The list of assignments.

    Raises:
        ExpressionError (ValueError): no such function, its source text cannot be found, or it returns a value.

    >>> import cppstencils as ps
    >>> f, g = ps.fields("f, g: [2D]")
    >>> @ps.kernel
    ... def average(s):
    ...     s.sum @= f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1]
    ...     g[0, 0] @= s.sum / 4
    """
    return _assignments_of(func, arguments, sys._getframe(1))


def kernel_config(
    config: CreateKernelConfig | None = None, **arguments: object
) -> Callable[[Callable[..., None]], dict[str, Any]]:
    """A decorator as :func:`kernel`, for assignments and the configuration of their kernel together.

    The function's name becomes ``function_name``, unless the configuration has one that is not the default.

    Args:
        config: a :class:`CreateKernelConfig`; it is not changed. None for the default.
        arguments: values of further parameters of the function.

    Returns:
        A decorator, which gives a dictionary with ``"assignments"`` and ``"config"``, for
        ``create_kernel(**result)``.

    Raises:
        ConfigError (ValueError): ``config`` is something else.

    >>> import cppstencils as ps
    >>> f, g = ps.fields("f, g: [2D]")
    >>> @ps.kernel_config(ps.CreateKernelConfig(ghost_layers=2))
    ... def copy():
    ...     g[0, 0] @= f[0, 0]
    >>> compiled = ps.create_kernel(**copy).compile()
    """
    if config is None:
        config = CreateKernelConfig()
    if not isinstance(config, CreateKernelConfig):
        raise ConfigError(
            f"kernel_config() was given {config!r} as its configuration.",
            code="invalid-config",
            hints=["Write @kernel_config(CreateKernelConfig(...)), or @kernel for assignments alone."],
        )

    def decorator(func):
        assignments = _assignments_of(func, arguments, sys._getframe(1))
        named = config.function_name != CreateKernelConfig().function_name
        new_config = config.copy() if named else config.override(function_name=func.__name__)
        return {"assignments": assignments, "config": new_config}

    return decorator


def _fail(message, hint):
    raise ExpressionError(message, code="invalid-expression", hints=[hint])


def _assignments_of(func, arguments, frame):
    if not isinstance(func, types.FunctionType) or hasattr(func, "__wrapped__"):
        _fail(
            f"@kernel was given {func!r}, which is no plain Python function.",
            "Decorate a def, with this decorator next to it.",
        )
    if func.__code__.co_flags & (0x20 | 0x80 | 0x200):  # generator, coroutine, asynchronous generator
        _fail(f"@kernel function '{func.__name__}' is asynchronous or a generator.", "Write a plain function.")
    result = []

    def assign(target, value):
        made = Assignment(target, value)
        result.extend(made if isinstance(made, tuple) else [made])

    rewritten = _rewrite(func, {_ASSIGN: assign, _CHOOSE: _choose}, frame)
    parameters = func.__code__.co_varnames[: func.__code__.co_argcount + func.__code__.co_kwonlyargcount]
    if "s" in parameters and "s" not in arguments:
        arguments = {**arguments, "s": SymbolCreator()}
    returned = rewritten(**arguments)
    if returned is not None:
        _fail(
            f"@kernel function '{func.__name__}' returned {returned!r}.",
            "Write assignments as 'target @= value'; they are the result.",
        )
    return result


def _choose(condition, if_true, if_false):
    """``x if condition else y``; only one side is evaluated where Python decides."""
    if isinstance(condition, Boolean) and condition not in (sp.true, sp.false):
        return sp.Piecewise((if_true(), condition), (if_false(), True))
    if isinstance(condition, sp.Expr) and not condition.is_number:
        _fail(f"'{condition}' is no condition.", "Write a comparison, for example 'x if a > 0 else y'.")
    return if_true() if condition else if_false()


# -- rewriting ---------------------------------------------------------------------------------------------------------


class _Rewriter(ast.NodeTransformer):
    """``a @= b`` becomes a call of assign, ``x if c else y`` a call of choose."""

    def __init__(self):
        self.targets = set()  # names that stand before @=

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.MatMult):
            return node
        if isinstance(node.target, ast.Name):
            self.targets.add(node.target.id)
        node.target.ctx = ast.Load()
        call = ast.Call(ast.Name(_ASSIGN, ast.Load()), [node.target, node.value], [])
        return _at(ast.Expr(_at(call, node)), node)

    def visit_IfExp(self, node):
        for part in ast.walk(node):
            if isinstance(part, (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)):
                _fail(
                    "':=', 'yield' and 'await' cannot stand inside of 'x if condition else y' in a @kernel function.",
                    "Assign to a variable before.",
                )
        self.generic_visit(node)
        sides = [_at(ast.Lambda(_no_parameters(), side), side) for side in (node.body, node.orelse)]
        return _at(ast.Call(ast.Name(_CHOOSE, ast.Load()), [node.test, *sides], []), node)


def _at(new, old):
    return ast.fix_missing_locations(ast.copy_location(new, old))


def _no_parameters():
    return ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def _rewrite(func, helpers, frame):
    """The function with ``@=`` and conditional expressions rewritten, and the same surroundings."""
    definition = _definition_of(func)
    definition.decorator_list = []
    definition.name = _INNER
    rewriter = _Rewriter()
    rewriter.visit(definition)

    # The function is compiled inside of another one, whose parameters are its variables from outside.
    cells = {name: types.CellType(helper) for name, helper in helpers.items()}
    cells.update(zip(func.__code__.co_freevars, func.__closure__ or ()))
    # A name that only stands before @= looks like a local variable to Python, and is in no closure.
    known = frame.f_locals if frame.f_locals is not frame.f_globals else {}
    for name in sorted(rewriter.targets - set(cells)):
        if name in known:
            cells[name] = types.CellType(known[name])
    parameters = _no_parameters()
    parameters.args = [ast.arg(name) for name in cells]
    outer = _at(ast.FunctionDef(_OUTER, parameters, [definition], []), definition)
    module = ast.Module([outer], [])
    flags = func.__code__.co_flags & _future_flags()
    code = compile(module, func.__code__.co_filename, "exec", flags=flags, dont_inherit=True)
    for name in (_OUTER, _INNER):
        code = next(c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == name)
    names = {"co_name": func.__name__, "co_qualname": func.__qualname__}  # the second since Python 3.11
    code = code.replace(**{key: value for key, value in names.items() if hasattr(code, key)})
    closure = tuple(cells[name] for name in code.co_freevars)
    result = types.FunctionType(code, func.__globals__, func.__name__, func.__defaults__, closure)
    result.__kwdefaults__ = func.__kwdefaults__
    return result


def _future_flags():
    import __future__

    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags


def _definition_of(func):
    """The syntax tree of the function, with the line numbers of its file."""
    import inspect

    try:
        lines, first = inspect.getsourcelines(func)
    except (OSError, TypeError) as error:
        raise ExpressionError(
            f"The source text of @kernel function '{func.__name__}' cannot be found.",
            code="invalid-expression",
            hints=["Define it in a file or a notebook cell, or make a list of Assignment objects instead."],
        ) from error
    text = "".join(lines)
    indented = text[:1].isspace()
    if indented:  # a block around it keeps the columns, and texts of several lines, as they are
        text, first = "if True:\n" + text, first - 1
    try:
        body = ast.parse(text).body
    except SyntaxError:
        body = []
    definition = body[0].body[0] if body and indented else body[0] if body else None
    if not isinstance(definition, ast.FunctionDef) or definition.name != func.__name__:
        _fail(
            f"The source text that was found for @kernel function '{func.__name__}' is not its definition.",
            "Decorate a def, and do not change its file after it was imported.",
        )
    return ast.increment_lineno(definition, first - 1)
