"""How kernels, assignments and fields show themselves, as text and in notebooks."""

import html
import io
import sys
import time
import types

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils import inspection

f, g = ps.fields("f, g: [2D]")
a, b = sp.symbols("a b")


@pytest.fixture
def kernel():
    return ps.create_kernel(ps.Assignment(g[0, 0], f[1, 0] + f[-1, 0] + a), function_name="add_up")


def forms_of(kernel):
    compiled = kernel.compile()
    array = np.zeros((4, 4))
    return [kernel, compiled, compiled.bind(f=array, g=array.copy(), a=1.0)]


def test_code_as_text(kernel):
    for form in forms_of(kernel):
        assert ps.get_code_str(form) == kernel.source()
    assert "f_g[" in kernel.source()


def test_printing(kernel, capsys):
    for form in forms_of(kernel):
        ps.inspect(form)
        assert capsys.readouterr().out == kernel.ir() + "\n"
        ps.inspect(form, show_cpp=True)
        assert capsys.readouterr().out == kernel.source() + "\n"
        ps.show_code(form)
        assert capsys.readouterr().out == kernel.source() + "\n"


@pytest.mark.parametrize("show", [ps.inspect, ps.show_code, ps.get_code_str])
def test_what_is_no_kernel(show):
    with pytest.raises(ps.errors.TypeMismatch, match="type 'Add'"):
        show(a + b)


def test_text_of_kernels(kernel):
    assert repr(kernel) == "KernelFunction(add_up(f, g, a))"
    assert str(kernel) == kernel.source()


def text_of(page):
    """What a browser shows of a page, without its tags."""
    text, inside = [], False
    for character in page:
        inside = character == "<" or (inside and character != ">")
        if not inside and character != ">":
            text.append(character)
    return html.unescape("".join(text))


def test_highlighted_code(kernel):
    pytest.importorskip("pygments")
    page = kernel._repr_html_()
    assert text_of(page).strip() == kernel.source().strip()
    assert "<span style=" in page


def test_code_without_pygments(kernel, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygments", None)
    page = kernel._repr_html_()
    assert page.startswith("<pre>") and "i0 &lt; end0" in page
    assert html.unescape(page) == f"<pre>{kernel.source()}</pre>"


def test_formulas():
    small = ps.Assignment(g[0, 0], sp.Piecewise((a / b, a < b), (0, True)))
    assert small._repr_latex_() == rf"$${sp.latex(g[0, 0])} \leftarrow {sp.latex(small.rhs)}$$"
    assert f._repr_latex_() == "$$f$$"
    assert f[1, 0]._repr_latex_() == r"$\displaystyle {f}_{(E)}$"
    page = ps.AssignmentCollection([small], [ps.Assignment(a, b)])._repr_html_()
    assert page.count("<tr>") == 2 and "<div>Subexpressions</div>" in page
    # A comparison must not look like a tag.
    assert r"a &lt; b" in page and "a < b" not in page


# -- in notebooks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def displayed(monkeypatch):
    """What is displayed, in what the package takes for a notebook."""
    shown = []
    ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.get_ipython = lambda: object()
    display.display = shown.append
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    return shown


def test_notebooks_show_highlighted_code(kernel, displayed, capsys):
    ps.show_code(kernel)
    ps.inspect(kernel)
    assert displayed == [kernel.source(), kernel.ir()] and capsys.readouterr().out == ""
    assert "<pre" in displayed[0]._repr_html_() and text_of(displayed[1]._repr_html_()).strip() == kernel.ir().strip()


class SlowJit(ps.jit.JitBase):
    def compile(self, kernel):
        time.sleep(0.05)
        if kernel.name == "bad":
            raise RuntimeError("as it should")
        return kernel.name


def test_slow_steps_show_a_note_that_goes(displayed, monkeypatch):
    stream = io.StringIO()
    with inspection._noted("Doing it", 0.01, stream):
        time.sleep(0.05)
        assert stream.getvalue() == "\rDoing it ..."
    assert stream.getvalue() == "\rDoing it ...\r            \r"
    quick = io.StringIO()
    with inspection._noted("Doing it", 10, quick):
        pass
    assert quick.getvalue() == ""


@pytest.mark.parametrize("name, expected", [("good", "good"), ("bad", None)])
def test_compiling_shows_a_note(displayed, monkeypatch, name, expected):
    stream = io.StringIO()
    monkeypatch.setattr(inspection, "slow_step", lambda note: inspection._noted(note, 0.01, stream))
    kernel = ps.create_kernel(ps.Assignment(g[0, 0], a), function_name=name, jit=SlowJit())
    if expected is None:
        with pytest.raises(RuntimeError, match="as it should"):
            kernel.compile()
    else:
        assert kernel.compile() == expected
    note = f"Compiling kernel '{name}' ..."
    assert stream.getvalue() == f"\r{note}\r{' ' * len(note)}\r"


def test_outside_of_notebooks_there_is_no_note(monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(inspection, "_noted", None)  # would fail if it were called
    with inspection.slow_step("Doing it"):
        pass


def test_import_is_light(run_python):
    heavy = ("IPython", "pygments", "matplotlib", "scipy", "jax", "cppstencils.__main__")
    program = f"import sys, cppstencils; print([name for name in {heavy!r} if name in sys.modules])"
    assert run_python(program) == "[]\n"
