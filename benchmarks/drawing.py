"""Bars and lines as SVG files that are legible on light and on dark pages; both axes of lines are logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH = 720
_STYLE = """<style>text{font:12px system-ui,sans-serif;fill:#24292f}.t{font-size:14px;font-weight:600}
.b{fill:#0969da}.g{stroke:#8c959f;stroke-opacity:.35}path{fill:none;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.b{fill:#58a6ff}}</style>"""
_COLOURS = ("#0969da", "#1a7f37", "#cf222e", "#9a6700")


def bars(title: str, values: Mapping[str, float]) -> str:
    """Return horizontal bars on a logarithmic scale, each with its figure."""
    left, step = 330, 26
    low = 10 ** math.floor(math.log10(min(values.values())))
    span = math.log10(max(values.values()) / low) or 1.0
    parts = [_text(8, 20, title, "t")]
    for number, (name, value) in enumerate(values.items()):
        y = 36 + number * step
        width = max((_WIDTH - left - 70) * math.log10(value / low) / span, 1)
        parts.append(_text(8, y + 13, name))
        parts.append(f'<rect class="b" x="{left}" y="{y}" width="{width:.1f}" height="18" rx="2"/>')
        parts.append(_text(left + width + 6, y + 13, f"{value:,.0f}"))
    return _svg(title, 44 + len(values) * step, parts)


def lines(title: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Return a line per series over axes in decades, both shared by all."""
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    left, top, bottom = 60, 36, 300
    x_low, x_high = _decades(xs)
    y_low, y_high = _decades(ys)

    def at(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_low) / (x_high - x_low)
        up = (math.log10(y) - y_low) / (y_high - y_low)
        return left + across * (_WIDTH - left - 30), bottom - up * (bottom - top)

    parts = [_text(8, 20, title, "t")]
    for power in range(x_low, x_high + 1):
        x, _ = at(10**power, 10**y_low)
        parts.append(f'<path class="g" d="M{x:.1f} {top}V{bottom}"/>')
        parts.append(_text(x, bottom + 18, f"{10**power:,}", anchor="middle"))
    for power in range(y_low, y_high + 1):
        _, y = at(10**x_low, 10**power)
        parts.append(f'<path class="g" d="M{left} {y:.1f}H{_WIDTH - 30}"/>')
        parts.append(_text(left - 8, y + 4, f"{10**power:,}", anchor="end"))
    for number, (name, points) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (at(*point) for point in points))
        y = bottom + 42 + number * 20
        parts.append(f'<path stroke="{colour}" d="M{path}"/>')
        parts.append(f'<path stroke="{colour}" d="M{left} {y - 4}h24"/>')
        parts.append(_text(left + 32, y, name))
    return _svg(title, bottom + 48 + len(series) * 20, parts)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}">'
    return "\n".join([head, _STYLE, *parts, "</svg>", ""])
