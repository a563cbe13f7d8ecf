"""The geometry of line charts: data in, axes with labels and points of polylines out. What they look like is CSS."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

WIDTH = 460
HEIGHT = 210
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 26
"""The margins around the plot, in units of the view box; the labels of the axes stand in them."""

_TIME_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400)

Points = Sequence[tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, in units of the view box."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: its label for the legend, the CSS class of its colour, and its drawn parts in units of the view box.

    Attributes:
        parts: points of a polyline for each stretch without a hole.
        areas: the same as paths closed at the axis, when it is to be filled.
        dots: single points between holes.
    """

    label: str
    style: str
    parts: tuple[str, ...]
    areas: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Chart:
    """A chart, ready to draw."""

    title: str
    unit: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    x_title: str = ""
    curves: list[Curve] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from data to one direction of the view box."""

    low: float
    high: float
    start: float
    end: float
    transform: Callable[[float], float] = float

    def __call__(self, value: float) -> float:
        """Return the place of a value, within the plot, rounded to what can be seen."""
        low, high = self.transform(self.low), self.transform(self.high)
        part = (self.transform(min(max(value, self.low), self.high)) - low) / ((high - low) or 1)
        return round(self.start + part * (self.end - self.start), 1)


def across(low: float, high: float, transform: Callable[[float], float] = float) -> Axis:
    """Return a horizontal axis over the whole plot."""
    return Axis(low, high, LEFT, WIDTH - RIGHT, transform)


def upward(low: float, high: float, transform: Callable[[float], float] = float) -> Axis:
    """Return a vertical axis over the whole plot."""
    return Axis(low, high, HEIGHT - BOTTOM, TOP, transform)


def curve(label: str, style: str, points: Points, x: Axis, y: Axis, *, filled: bool = False) -> Curve:
    """Return a line through points; None as a value makes a hole."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for at, value in points:
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((x(at), y(value)))
    long = [stretch for stretch in stretches if len(stretch) > 1]
    parts = tuple(" ".join(f"{px:g},{py:g}" for px, py in stretch) for stretch in long)
    floor = y(y.low)
    areas = tuple(
        f"M{stretch[0][0]:g},{floor:g}L{part}L{stretch[-1][0]:g},{floor:g}Z"
        for stretch, part in zip(long, parts, strict=True)
    )
    dots = tuple(stretch[0] for stretch in stretches if len(stretch) == 1)
    return Curve(label, style, parts, areas if filled else (), dots)


def round_steps(highest: float, most: int = 4, *, whole: bool = False) -> list[float]:
    """Return round numbers from 0 up to the first that is not below `highest`, about `most` steps of 1, 2 or 5."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = highest / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    step = max(1.0, step) if whole else step
    return [round(count * step, 12) for count in range(math.ceil(highest / step - 1e-9) + 1)]


def time_steps(seconds: float, most: int = 6) -> list[tuple[float, str]]:
    """Return places on an axis of time from 0 to `seconds`, with labels in s, min or h."""
    step = next((step for step in _TIME_STEPS if seconds / step <= most), 86400 * math.ceil(seconds / 86400 / most))
    unit, size = ("h", 3600) if not step % 3600 else ("min", 60) if not step % 60 else ("s", 1)
    return [(at, f"{at // size} {unit}" if at else "0") for at in range(0, int(seconds) + 1, step)]


def decades(low: float, high: float) -> tuple[float, float, list[float]]:
    """Return the ends of a logarithmic axis around a range above 0, each 1, 2 or 5 of a power of ten, and its ticks.

    The ticks are 1, 2 and 5 of each power, or only the powers when the axis is longer than two of them.
    """
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    steps = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    first = max(at for at, step in enumerate(steps) if step <= low * 1.000001)
    last = max(first + 1, min(at for at, step in enumerate(steps) if step >= high * 0.999999))
    ticks = steps[first : last + 1] if last - first <= 6 else [step for step in steps[first : last + 1] if _power(step)]
    return steps[first], steps[last], ticks


def _power(step: float) -> bool:
    return f"{step:e}".startswith("1.")
