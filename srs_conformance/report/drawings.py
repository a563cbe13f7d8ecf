"""The geometry of a report's pictures: plots in, labelled bars and lines out. What they look like is CSS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from srs_conformance.load import plots as load_plots
from srs_conformance.load.charts import Chart, time_steps
from srs_conformance.load.series import Series

WIDTH, LEFT, RIGHT = 960.0, 196.0, 14.0
"""Of a picture of lanes and its margins, in units of the view box."""
LANE, TOP = 20.0, 8.0
MOST_LANES = 24
"""Rows of a picture; of more segments the newest are drawn, of more edges those that pulled most."""
_LABEL = 27
_SHORT = 2.0
_WIDE_ENOUGH = 14.0
"""A bar of fewer units has no room for its number."""


@dataclass(frozen=True)
class Bar:
    """Something that was so from one time to another; `text` stands in it."""

    x: float
    width: float
    style: str
    text: str = ""


@dataclass(frozen=True)
class Lane:
    """A row: its label, whole in `name` where `label` is shortened."""

    y: float
    label: str
    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Lanes:
    """A picture of rows over time, ready to draw; `text` says in words what it shows."""

    title: str
    text: str
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    keys: tuple[tuple[str, str], ...]

    @property
    def bottom(self) -> float:
        """Where the axis of time is."""
        return TOP + LANE * len(self.lanes)


def lanes(plot: Mapping[str, Any]) -> Lanes | None:
    """Return the picture of a plot of pulls or of HLS windows; None of one that has nothing to show."""
    if plot["kind"] == "pulls" and plot.get("curves"):
        return _pulls(plot)
    if plot["kind"] == "hls-window" and plot.get("segments"):
        return _window(plot)
    return None


def load_charts(plot: Mapping[str, Any]) -> list[Chart]:
    """Return the charts of a load over time: viewers, throughput, joining, first keyframe, own lag; none of no load."""
    if plot["kind"] != "load":
        return []
    try:
        return load_plots.over_time(Series.from_json(plot.get("series", {})))
    except ValueError:
        return []


def short(name: str, most: int = _LABEL) -> str:
    """Return a name that fits; the ends tell names of one Deployment's pods apart."""
    return name if len(name) <= most else f"{name[: most - 13]}…{name[-12:]}"


def _pulls(plot: Mapping[str, Any]) -> Lanes:
    seconds = max(float(plot.get("seconds", 0)), 0.001)
    curves: dict[str, list[list[float]]] = plot["curves"]
    most = {edge: int(max((each[1] for each in points), default=0)) for edge, points in curves.items()}
    shown = sorted(sorted(curves, key=lambda edge: -most[edge])[:MOST_LANES])
    rows = []
    for edge in shown:
        stops = [*curves[edge], [seconds, 0]]
        bars = [_bar(a[0], b[0], seconds, _style(int(a[1])), _many(int(a[1]))) for a, b in pairwise(stops)]
        rows.append((edge, tuple(bars)))
    text = "; ".join(f"{edge}: {most[edge]} at most" for edge in shown)
    keys = (("one", "one pull"), ("none", "no pull"), ("many", "more than one pull"))
    return _lanes(plot["title"], f"pulls over {seconds:.0f} s. {text}", seconds, rows, keys)


def _style(pulls: int) -> str:
    return "none" if pulls == 0 else "one" if pulls == 1 else "many"


def _many(pulls: int) -> str:
    return str(pulls) if pulls else ""


def _window(plot: Mapping[str, Any]) -> Lanes:
    seconds = max(float(plot.get("seconds", 0)), 0.001)
    segments = plot["segments"][-MOST_LANES:]
    rows = [(f"segment {number:g}", (_bar(start, end, seconds, "listed"),)) for number, start, end in segments]
    text = f"{len(segments)} segments in the playlist over {seconds:.0f} s, each from its first listing to its last"
    return _lanes(plot["title"], text, seconds, rows, (("listed", "listed in the playlist"),))


def _lanes(
    title: str,
    text: str,
    seconds: float,
    rows: Sequence[tuple[str, tuple[Bar, ...]]],
    keys: tuple[tuple[str, str], ...],
) -> Lanes:
    drawn = tuple(Lane(TOP + LANE * place, short(name), name, bars) for place, (name, bars) in enumerate(rows))
    steps = time_steps(seconds, 8) if seconds >= _SHORT else [(0, "0"), (seconds, f"{seconds:.1f} s")]
    ticks = tuple((_x(at, seconds), label) for at, label in steps)
    used = {bar.style for lane in drawn for bar in lane.bars}
    return Lanes(title, text, TOP + LANE * len(rows) + 24, drawn, ticks, tuple(key for key in keys if key[0] in used))


def _bar(start: float, end: float, seconds: float, style: str, text: str = "") -> Bar:
    x = _x(start, seconds)
    width = round(max(_x(end, seconds) - x, 1.5), 1)
    return Bar(x, width, style, text if width >= _WIDE_ENOUGH else "")


def _x(at: float, seconds: float) -> float:
    return round(LEFT + min(max(at / seconds, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)
