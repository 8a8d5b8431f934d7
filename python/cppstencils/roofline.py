"""Pictures of calls under the bounds of a machine."""

from __future__ import annotations

import math
import os
from html import escape

__all__ = ["Roofline"]

_WIDTH, _HEIGHT = 640, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 46, 52
_COLOURS = {"L1 cache": "#1b9e77", "L2 cache": "#7570b3", "L3 cache": "#e6862c", "main memory": "#c0392b"}
_POINT = "#000"


class Roofline:
    """A roofline picture of a call: flops per byte to the right, flops per second upwards, both in powers of ten.

    Sloping lines are the bandwidths of caches and memory, the level ones arithmetic; a call lies below the lowest line
    at its place. The circle is what the call can reach at best, the dot what was measured. Both are computed with the
    threads of the call. Jupyter shows the picture; it is SVG and needs no other package.

    Made by :meth:`BoundExplanation.roofline`. After S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful
    visual performance model", Communications of the ACM 52(4), 2009.

    Attributes:
        title: the name of the kernel, and how many threads.
        intensity: flops per byte that passes between the arrays' place and the processor.
        reachable: flops per second at best.
        measured: flops per second as measured; None if nothing was.
        roofs: name and bytes per second of each sloping line.
        ceilings: name and flops per second of each level line.
    """

    def __init__(self, call):
        machine, kernel = call.machine, call.kernel
        threads = 1 if call.threads >= machine.threads else 0
        self.title = f"{kernel.kernel}, {call.threads} thread{'s' if call.threads > 1 else ''}"
        self.level = call.level
        self.intensity = kernel.flops / call.bytes
        self.reachable = kernel.flops * call.bound
        self.measured = None if call.measurement is None else kernel.flops * call.measurement.rate
        scale = 1 if threads else min(call.threads, machine.threads)
        dtype = "float64" if kernel.float64.flops >= kernel.float32.flops else "float32"
        self.roofs = [(name, scale * rates[threads]) for name, rates in machine.bandwidth().items()]
        if machine.streaming_bandwidth[threads] > 0:
            self.roofs.append(("memory, streaming stores", scale * machine.streaming_bandwidth[threads]))
        operations = machine.operations(dtype)
        self.ceilings = [(f"{dtype} additions and products", scale * operations["additions"][threads])]
        if operations["fused_multiply_adds"][threads] > 0:
            fused = 2 * scale * operations["fused_multiply_adds"][threads]
            self.ceilings.append((f"{dtype} fused multiply-adds", fused))

    def svg(self) -> str:
        """The picture as SVG."""
        return _Picture(self).svg()

    def save(self, path: str | os.PathLike) -> None:
        """Writes the picture to a file, as SVG.

        Raises:
            OSError: the file cannot be written.
        """
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg())

    def _repr_svg_(self):
        return self.svg()

    def _repr_html_(self):
        return self.svg()

    def __repr__(self):
        if self.intensity == 0:
            return f"Roofline({self.title}: no flops)"
        measured = "" if self.measured is None else f", {self.measured / 1e9:.3g} measured"
        return (
            f"Roofline({self.title}: {self.intensity:.3g} flops per byte, "
            f"{self.reachable / 1e9:.3g} Gflop/s at best{measured})"
        )


class _Picture:
    def __init__(self, roofline):
        self.roofline = roofline
        self.top_rate = max(rate for _, rate in roofline.ceilings)
        # From well left of the call, and of where memory meets arithmetic, to well right of both.
        knees = [self.top_rate / bandwidth for _, bandwidth in roofline.roofs]
        places = knees + ([roofline.intensity] if roofline.intensity > 0 else [])
        self.x_range = 10 ** math.floor(math.log10(min(places) / 2)), 10 ** math.ceil(math.log10(max(places) * 2))
        rates = [self.x_range[0] * min(bandwidth for _, bandwidth in roofline.roofs) * 2, roofline.reachable]
        rates += [roofline.measured] if roofline.measured else []
        lowest = min(rate for rate in rates if rate > 0)
        self.y_range = 10 ** math.floor(math.log10(lowest)), 10 ** math.ceil(math.log10(self.top_rate * 1.2))
        self.parts = []

    def x(self, intensity):
        low, high = map(math.log10, self.x_range)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(intensity) - low) / (high - low)

    def y(self, rate):
        low, high = map(math.log10, self.y_range)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (math.log10(rate) - low) / (high - low)

    def line(self, x1, y1, x2, y2, colour, extra=""):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" {extra}/>')

    def text(self, x, y, text, anchor="start", extra=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(text)}</text>')

    def svg(self):
        self.axes()
        self.ceilings()
        self.roofs()
        self.call()
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
            f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="11">\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
        )

    def axes(self):
        self.text(_LEFT, 20, self.roofline.title, extra='font-size="14"')
        for decade in range(round(math.log10(self.x_range[0])), round(math.log10(self.x_range[1])) + 1):
            x = self.x(10.0**decade)
            self.line(x, _TOP, x, _HEIGHT - _BOTTOM, "#ddd")
            self.text(x, _HEIGHT - _BOTTOM + 16, f"{10.0**decade:g}", "middle")
        for decade in range(round(math.log10(self.y_range[0])), round(math.log10(self.y_range[1])) + 1):
            y = self.y(10.0**decade)
            self.line(_LEFT, y, _WIDTH - _RIGHT, y, "#ddd")
            self.text(_LEFT - 6, y + 4, f"{10.0**decade / 1e9:g}", "end")
        self.text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 14, "flops per byte", "middle")
        self.text(18, _HEIGHT / 2, "Gflop/s", "middle", f'transform="rotate(-90 18 {_HEIGHT / 2})"')

    def ceilings(self):
        widest = max(bandwidth for _, bandwidth in self.roofline.roofs)
        for name, rate in self.roofline.ceilings:
            begin = max(self.x_range[0], rate / widest)
            y = self.y(rate)
            self.line(self.x(begin), y, _WIDTH - _RIGHT, y, "#444", 'stroke-width="1.5"')
            self.text(_WIDTH - _RIGHT - 4, y - 5, f"{name}, {rate / 1e9:.0f} Gflop/s", "end")

    def roofs(self):
        # The names stand in the corner that no line crosses, in the order of the lines.
        ordered = sorted(self.roofline.roofs, key=lambda roof: -roof[1])
        for place, (name, bandwidth) in enumerate(ordered):
            colour = _COLOURS.get(name, "#888")
            begin = max(self.x_range[0], self.y_range[0] / bandwidth)
            end = min(self.x_range[1], self.top_rate / bandwidth)
            width = 2.5 if name == self.roofline.level else 1.2
            self.line(
                self.x(begin),
                self.y(begin * bandwidth),
                self.x(end),
                self.y(end * bandwidth),
                colour,
                f'stroke-width="{width}"',
            )
            y = _HEIGHT - _BOTTOM - 14 * (len(ordered) - place) + 4
            self.line(_WIDTH - _RIGHT - 222, y - 4, _WIDTH - _RIGHT - 204, y - 4, colour, f'stroke-width="{width}"')
            self.text(_WIDTH - _RIGHT - 198, y, f"{name}, {bandwidth / 1e9:.0f} GB/s")

    def call(self):
        roofline = self.roofline
        if roofline.intensity == 0:
            self.text(_WIDTH / 2, 36, "The kernel has no flops, so that it has no place here.", "middle")
            return
        x = self.x(roofline.intensity)
        self.line(x, self.y(roofline.reachable), x, _HEIGHT - _BOTTOM, _POINT, 'stroke-dasharray="2 3"')
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{self.y(roofline.reachable):.1f}" r="5" fill="#fff" stroke="{_POINT}"/>'
        )
        note = f"at best {roofline.reachable / 1e9:.3g}"
        if roofline.measured:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{self.y(roofline.measured):.1f}" r="4" fill="{_POINT}"/>')
            share = 100 * roofline.measured / roofline.reachable
            note += f", measured {roofline.measured / 1e9:.3g} Gflop/s, {share:.0f} %"
        else:
            note += " Gflop/s"
        self.text(_LEFT, 36, f"{roofline.intensity:.3g} flops per byte to and from {roofline.level}; {note}")
