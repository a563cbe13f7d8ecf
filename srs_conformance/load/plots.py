"""The charts of a result: how the load went on over time, and how long viewers waited for a first keyframe."""

from __future__ import annotations

import math
from collections.abc import Sequence

from srs_conformance.load import figures
from srs_conformance.load.charts import Chart, Points, Tick, across, curve, decades, round_steps, time_steps, upward
from srs_conformance.load.histogram import Histogram
from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.series import QUANTILES, Row, Series

ROWS = 220
"""More rows than this cannot be told apart at the width of a chart."""

_Line = tuple[str, str, Points, bool]


def over_time(series: Series) -> list[Chart]:
    """Return the charts of viewers, throughput, joining, first keyframe and own lag; none when there are no rows."""
    rows = series.rows(at_most=ROWS)
    if not rows:
        return []
    return [_viewers(rows), _throughput(rows), _joining(rows), _first_keyframe(rows), _lag(rows)]


def so_far(series: Series) -> list[Chart]:
    """Return those of the charts `over_time` that matter while it goes on."""
    rows = series.rows(at_most=ROWS)
    return [_viewers(rows), _throughput(rows), _first_keyframe(rows), _lag(rows)] if rows else []


def waiting(measures: Measures) -> Chart | None:
    """Return the chart of the percentiles of the first keyframe, a line per kind; None when nothing joined."""
    histograms = {kind: measures.histogram(kind, Measure.FIRST_KEYFRAME) for kind in measures.kinds}
    histograms = {kind: histogram for kind, histogram in histograms.items() if histogram.count}
    if not histograms:
        return None
    # An axis of nines: each further nine is a tenth of the visits before, as far as there are that many.
    nines = min(5, max(1, math.ceil(math.log10(max(histogram.count for histogram in histograms.values())))))
    x = across(0, nines)
    lowest = min(histogram.minimum or 1e-6 for histogram in histograms.values())
    highest = max(histogram.maximum or 1e-6 for histogram in histograms.values())
    bottom, top, steps = decades(lowest, highest)
    y = upward(bottom, top, math.log10)
    scale, unit = _seconds_unit(highest)
    chart = Chart("First keyframe by percentile", unit, [], [], "percentile of visits")
    chart.y_ticks = [Tick(y(step), _short(step * scale)) for step in steps]
    labels = ["0", "90", "99", "99.9", "99.99", "99.999"]
    chart.x_ticks = [Tick(x(0), "0"), Tick(x(math.log10(2)), "50")]
    chart.x_ticks += [Tick(x(count), labels[count]) for count in range(1, nines + 1)]
    chart.curves = [
        curve(f"{kind} (p99 {figures.seconds(histogram.percentile(99))})", str(kind), _nines(histogram), x, y)
        for kind, histogram in histograms.items()
    ]
    return chart


def _nines(histogram: Histogram) -> Points:
    """Return the percentiles as far as there are visits for: of a hundred visits, the last is that of 99 percent."""
    most = math.log10(histogram.count)
    points = [(0.0, histogram.minimum)]
    for percent, seconds in histogram.curve():
        at = min(most, -math.log10(1 - percent / 100)) if percent < 100 else most
        # buckets closer together than can be drawn are left out; so is the largest, which has no place among nines
        if at - points[-1][0] > most / 400:
            points.append((at, seconds))
    return points


def _viewers(rows: Sequence[Row]) -> Chart:
    most, worst = max(row.viewers for row in rows), max(row.stalled for row in rows)
    users = max(row.users for row in rows)
    lines: list[_Line] = [
        (f"watching (peak {figures.number(most)})", "main", [(row.at, row.viewers) for row in rows], True),
        (f"stalled (peak {figures.number(worst)})", "bad", [(row.at, row.stalled) for row in rows], True),
    ]
    if users:
        lines.append((f"users (peak {figures.number(users)})", "plan", [(row.at, row.users) for row in rows], False))
    return _chart("Viewers", "", rows, lines)


def _throughput(rows: Sequence[Row]) -> Chart:
    rates = [row.received * 8 / row.seconds for row in rows]
    highest = max(rates)
    units = ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s"))
    scale, unit = next((each for each in units if highest >= each[0]), (1.0, "bit/s"))
    label = f"media (peak {figures.bits(highest / 8)})"
    points: Points = [(row.at, rate / scale) for row, rate in zip(rows, rates, strict=True)]
    return _chart("Throughput", unit, rows, [(label, "main", points, True)])


def _joining(rows: Sequence[Row]) -> Chart:
    rates = [row.joined / row.seconds for row in rows]
    label = f"first keyframes (peak {max(rates):,.3g})"
    points: Points = [(row.at, rate) for row, rate in zip(rows, rates, strict=True)]
    return _chart("Joining", "per second", rows, [(label, "main", points, True)])


def _first_keyframe(rows: Sequence[Row]) -> Chart:
    quantiles = [row.first_keyframe.percentiles(list(QUANTILES.values())) for row in rows]
    scale, unit = _seconds_unit(max((value for values in quantiles for value in values if value), default=0.0))
    lines: list[_Line] = []
    for place, name in reversed(list(enumerate(QUANTILES))):
        found = [values[place] for values in quantiles]
        points: Points = [
            (row.at, None if value is None else value * scale) for row, value in zip(rows, found, strict=True)
        ]
        lines.append((name, name, points, False))
    return _chart("First keyframe, of those who joined then", unit, rows, lines)


def _lag(rows: Sequence[Row]) -> Chart:
    highest = max(row.lag for row in rows)
    scale, unit = _seconds_unit(highest)
    label = f"worst delay of our own (peak {figures.seconds(highest)})"
    points: Points = [(row.at, row.lag * scale) for row in rows]
    return _chart("Lag of the load generator", unit, rows, [(label, "lag", points, True)])


def _chart(title: str, unit: str, rows: Sequence[Row], lines: Sequence[_Line]) -> Chart:
    """Return a chart over the time of the rows, from 0 up; without a unit the values are whole numbers."""
    length = max(1, rows[-1].at + rows[-1].seconds)
    highest = max((value for _, _, points, _ in lines for _, value in points if value), default=0.0)
    x, steps = across(0, length), round_steps(highest, whole=not unit)
    y = upward(0, steps[-1])
    return Chart(
        title,
        unit,
        [Tick(x(at), label) for at, label in time_steps(length)],
        [Tick(y(step), _short(step)) for step in steps],
        curves=[curve(label, style, points, x, y, filled=filled) for label, style, points, filled in lines],
    )


def _short(step: float) -> str:
    """Return a number that fits beside the axis."""
    return f"{step / 1000:g}k" if step >= 10_000 else f"{step:,.6g}"


def _seconds_unit(highest: float) -> tuple[float, str]:
    return (1.0, "s") if highest >= 2 else (1e3, "ms") if highest >= 0.002 or not highest else (1e6, "us")
