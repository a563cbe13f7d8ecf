"""The page of a result: one HTML file that needs nothing else, no script either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import jinja2

from srs_conformance.load import charts, figures, plots, summary
from srs_conformance.load.counts import Counts
from srs_conformance.load.measures import Measure
from srs_conformance.load.visits import Kind

if TYPE_CHECKING:
    from srs_conformance.load.result import Result

_TIMES = (
    ("connect", Measure.CONNECT, (50, 99)),
    ("first byte", Measure.FIRST_BYTE, (50, 99)),
    ("first keyframe", Measure.FIRST_KEYFRAME, (50, 95, 99, 100)),
    ("stall", Measure.STALL, (50, 99)),
    ("behind live", Measure.BEHIND, (50, 95)),
    ("playlist", Measure.PLAYLIST, (50, 99)),
    ("segment", Measure.SEGMENT, (50, 99)),
)

_COUNTED: tuple[tuple[str, Callable[[Counts], str]], ...] = (
    ("visits", lambda counts: figures.number(counts.visits)),
    ("joined", lambda counts: figures.number(counts.joined)),
    ("refused", lambda counts: figures.number(counts.refused)),
    ("cut", lambda counts: figures.number(counts.cut)),
    ("stalled time", lambda counts: figures.percent(figures.share(counts.stalled_seconds, counts.deep_seconds))),
    ("visits with a stall", lambda counts: figures.number(counts.stalled_viewers)),
    ("stalls", lambda counts: figures.number(counts.stalls)),
    ("silences over 1.5 s", lambda counts: figures.number(counts.gaps)),
    ("jumps of timestamps", lambda counts: figures.number(counts.jumps)),
    ("hours watched", lambda counts: f"{counts.viewer_seconds / 3600:,.1f}"),
    ("bytes", lambda counts: figures.size(counts.received)),
    ("rate per visit", lambda counts: figures.bits(counts.received, counts.viewer_seconds)),
)


def render(result: Result) -> str:
    """Return the page as HTML; whatever the server or the user named is escaped in it."""
    return ENVIRONMENT.get_template("result.html.j2").render(
        result=result,
        verdict=summary.verdict(result),
        reason=summary.reason(result),
        mood={0: "good", 1: "bad", 11: "bad"}.get(int(result.exit_code), "doubt"),
        duration=figures.seconds(result.seconds),
        slo=sorted(result.slo, key=lambda judged: judged.holds),
        tiles=_tiles(result),
        columns=[name for name, _ in summary.columns(result.measures)],
        groups=_groups(result),
        started=_moment(result.started),
        charts=[*plots.over_time(result.series), *([waiting] if (waiting := plots.waiting(result.measures)) else [])],
        ends=_ends(result),
        geometry=charts,
    )


def _moment(iso: str) -> str:
    try:
        return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M:%S %Z").strip()
    except ValueError:
        return iso


def _tiles(result: Result) -> list[tuple[str, str]]:
    """Return the figures to see first, and what they are."""
    counts = result.measures.counts(None)
    publishing = not counts.visits
    kind = Kind.PUBLISHER if publishing else None
    counts = result.measures.counts(kind)
    keyframes = result.measures.percentile(kind, Measure.FIRST_KEYFRAME, 99)
    most = max((row.viewers for row in result.series.rows()), default=0)
    tiles = [
        (figures.number(most), "at once, at most"),
        (
            figures.percent(figures.share(counts.joined, counts.visits)),
            f"of {figures.number(counts.visits)} visits joined",
        ),
        (figures.seconds(keyframes), "accepted, p99" if publishing else "first keyframe, p99"),
    ]
    if not publishing:
        stalled = figures.share(counts.stalled_seconds, counts.deep_seconds)
        tiles.append((figures.percent(stalled), "of the time stalled"))
    return [*tiles, (figures.bits(counts.received, result.seconds), "on average")]


def _groups(result: Result) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Return (heading, rows of (name, a cell per column)) of the table per kind, without rows that say nothing."""
    kinds = [kind for _, kind in summary.columns(result.measures)]
    counts = [result.measures.counts(kind) for kind in kinds]
    groups = [("visits", [(name, [tell(each) for each in counts]) for name, tell in _COUNTED])]
    for heading, measure, quantiles in _TIMES:
        found = [result.measures.histogram(kind, measure).percentiles(quantiles) for kind in kinds]
        if any(value is not None for values in found for value in values):
            rows = [
                ("max" if q == 100 else f"p{q}", [figures.seconds(values[place]) for values in found])
                for place, q in enumerate(quantiles)
            ]
            groups.append((heading, rows))
    return groups


def _ends(result: Result) -> list[dict[str, Any]]:
    """Return for each kind how its visits ended and what went wrong, each with its share for a bar."""
    told = []
    for kind in result.measures.kinds:
        counts = result.measures.counts(kind)
        told.append(
            {
                "kind": str(kind),
                "endings": [
                    (name, figures.number(many), round(100 * many / max(1, counts.visits), 1))
                    for name, many in counts.endings.items()
                ],
                "errors": [(text, figures.number(many)) for text, many in counts.errors.items()],
            }
        )
    return told


ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("srs_conformance.load"),
    autoescape=True,  # stream names, addresses and the server's words come from outside
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
