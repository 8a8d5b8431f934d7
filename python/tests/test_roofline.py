"""The roofline picture of a bound call, and the figures of the machine."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import cppstencils as ps


@pytest.fixture
def call():
    u, v = ps.fields("u, v: double[2D]")
    kernel = ps.create_kernel(
        ps.Assignment(v[0, 0], (u[1, 0] + u[-1, 0] + u[0, 1] + u[0, -1]) / 4), function_name="smooth"
    )
    arrays = {"u": np.ones((100, 200)), "v": np.zeros((100, 200))}
    return kernel.compile().bind(**arrays)


def texts(svg):
    """The words in a picture. Raises if it is no XML."""
    return [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def places(svg):
    """(x, y) of the circles: what can be reached, and what was measured."""
    circles = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}circle")
    return [(float(circle.get("cx")), float(circle.get("cy"))) for circle in circles]


def test_a_call_has_a_place_under_the_roof(call):
    explanation = call.explain()
    roofline = explanation.roofline()
    assert roofline.intensity == pytest.approx(4 / explanation.bytes)
    assert roofline.reachable == pytest.approx(4 * explanation.bound)
    assert roofline.measured is None
    under = [bandwidth * roofline.intensity for name, bandwidth in roofline.roofs if name == explanation.level]
    assert roofline.reachable <= under[0] * 1.001
    assert roofline.reachable <= max(rate for _, rate in roofline.ceilings)
    svg = roofline.svg()
    assert len(places(svg)) == 1
    assert "smooth, 1 thread" in texts(svg) and "flops per byte" in texts(svg)
    assert any(explanation.level in text and "GB/s" in text for text in texts(svg))


def test_what_was_measured_is_drawn_where_it_belongs(call):
    explanation = call.explain(call.measure(seconds=0.001, calls=3))
    roofline = explanation.roofline()
    assert roofline.measured / roofline.reachable == pytest.approx(explanation.share_of_bound)
    (best_x, best_y), (seen_x, seen_y) = places(roofline.svg())
    assert best_x == seen_x
    # Upwards is towards smaller numbers.
    assert (seen_y > best_y) == (roofline.measured < roofline.reachable)
    assert "measured" in repr(roofline)


def test_jupyter_shows_and_files_hold_the_picture(call, tmp_path):
    explanation = call.explain()
    assert explanation._repr_html_() == explanation.roofline()._repr_html_()
    assert explanation.roofline()._repr_svg_().startswith("<svg ")
    explanation.roofline().save(tmp_path / "roofline.svg")
    assert (tmp_path / "roofline.svg").read_text(encoding="utf-8") == explanation.roofline().svg()
    with pytest.raises(OSError):
        explanation.roofline().save(tmp_path / "none" / "roofline.svg")


def test_a_kernel_without_flops_says_so():
    u, v = ps.fields("u, v: double[2D]")
    copy = ps.create_kernel(ps.Assignment(v[0, 0], u[0, 0])).compile().bind(u=np.ones((9, 9)), v=np.zeros((9, 9)))
    roofline = copy.explain().roofline()
    assert "no flops" in repr(roofline) and places(roofline.svg()) == []
    assert any("no flops" in text for text in texts(roofline.svg()))


def test_figures_of_the_machine():
    machine = ps.machine_figures()
    assert machine.threads >= 1 and machine.processor
    assert machine.bandwidth()["main memory"][0] > 1e8
    doubles, floats = machine.operations(), machine.operations("float32")
    assert doubles["additions"][0] > 1e8 and floats["additions"][0] > 1e8
    assert doubles["divisions"][1] >= doubles["divisions"][0] * 0.5
    assert len(machine.streaming_bandwidth) == 2
    assert "main memory" in str(machine) == repr(machine)
    with pytest.raises(ps.errors.ArgumentError, match="'int32'.*") as error:
        machine.operations("int32")
    assert error.value.hints == ["Ask for 'float64' or 'float32'."] or "float64" in str(error.value)
