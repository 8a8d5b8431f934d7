"""Showing kernels: as text, and as highlighted code in Jupyter."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, nullcontext
from html import escape

from .errors import TypeMismatch
from .jit import BoundKernel, CompiledKernel
from .kernelcreation import KernelFunction

__all__ = ["inspect", "show_code", "get_code_str"]


def inspect(obj: KernelFunction | CompiledKernel | BoundKernel, *, show_cpp: bool = False) -> None:
    """Prints a kernel, or displays it in Jupyter: what it computes, in the terms of the engine.

    Args:
        obj: a :class:`KernelFunction`, or a compiled or bound kernel.
        show_cpp: show readable C++ instead.

    Raises:
        TypeMismatch (TypeError): no kernel.
    """
    kernel = _kernel_of(obj)
    _show(Code(kernel.source(), "cpp") if show_cpp else Code(kernel.ir(), "text"))


def show_code(obj: KernelFunction | CompiledKernel | BoundKernel) -> None:
    """Prints a kernel as C++, or displays it in Jupyter; see :func:`inspect`."""
    inspect(obj, show_cpp=True)


def get_code_str(obj: KernelFunction | CompiledKernel | BoundKernel) -> str:
    """A kernel as readable C++.

    Args:
        obj: a :class:`KernelFunction`, or a compiled or bound kernel.

    Raises:
        TypeMismatch (TypeError): no kernel.
    """
    return _kernel_of(obj).source()


def _kernel_of(obj):
    kernel = obj.kernel if isinstance(obj, (CompiledKernel, BoundKernel)) else obj
    if isinstance(kernel, KernelFunction):
        return kernel
    raise TypeMismatch(
        f"An object of type '{type(obj).__name__}' was given, but a kernel is expected.",
        code="type-mismatch",
        hints=["Pass what create_kernel() returns, or a compiled kernel."],
    )


class Code(str):
    """A text that Jupyter shows as highlighted code.

    Attributes:
        language: a name that Pygments knows.
    """

    def __new__(cls, text, language):
        self = super().__new__(cls, text)
        self.language = language
        return self

    def __repr__(self):  # where there are no colours, the text is still readable
        return str(self)

    def _repr_html_(self):
        return highlighted(self, self.language)


def highlighted(text, language):
    """The text as HTML, in colours if Pygments is installed."""
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import get_lexer_by_name
    except ImportError:
        return f"<pre>{escape(str(text))}</pre>"
    # Without classes the colours need no style sheet in the notebook.
    return highlight(str(text), get_lexer_by_name(language), HtmlFormatter(noclasses=True))


def _show(code):
    if _in_notebook():
        from IPython.display import display

        display(code)
    else:
        print(code)


def _in_notebook():
    if "ipykernel" not in sys.modules or "IPython" not in sys.modules:
        return False
    return sys.modules["IPython"].get_ipython() is not None


def slow_step(note, seconds=1.0):
    """A context for a step that may be slow: in a notebook, a line says so after some seconds, and goes when the step
    ends. Elsewhere nothing happens."""
    return _noted(note, seconds, sys.stdout) if _in_notebook() else nullcontext()


@contextmanager
def _noted(note, seconds, stream):
    shown = False

    def show():
        nonlocal shown
        shown = True
        stream.write(f"\r{note} ...")
        stream.flush()

    timer = threading.Timer(seconds, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if shown:
            stream.write("\r" + " " * (len(note) + 4) + "\r")
            stream.flush()
