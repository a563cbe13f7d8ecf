"""What a picture in the report is drawn from: plain JSON values, made where the run still knows, and bounded.

A plot is a mapping with `kind` and `title`:

    pulls        seconds, curves {edge pod: [[s, pulls]]}: pulls of one stream; a value holds until the next
    hls-window   seconds, segments [[media sequence number, s when it was listed first, s when last]]
    load         series: the table of a load's rows, as `load.series.Series.to_json` gives it

Times are seconds after the first look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from srs_conformance.histories import History
from srs_conformance.srs import PullSample
from srs_conformance.viewers import Protocol, Timeline

Plot = dict[str, Any]

MOST_POINTS = 400
"""Of a curve; more than these cannot be told apart in a picture."""
_DECIMALS = 2


def of_pulls(title: str, samples: Iterable[PullSample]) -> Plot | None:
    """Return the pulls of one stream as they were sampled; None where no look had an answer."""
    return _pulls(title, [(each.time, each.counts) for each in samples if not each.error])


def of_window(timeline: Timeline) -> Plot | None:
    """Return which segments an HLS viewer saw in its playlists, and from when to when; None where it saw no two."""
    looks = [
        (each.at, range(each.media_sequence, each.media_sequence + each.segments))
        for each in timeline.playlists
        if each.media_sequence is not None and each.segments
    ]
    if len(looks) < 2:
        return None
    first = looks[0][0]
    seen: dict[int, list[float]] = {}
    for at, numbers in looks:
        for number in numbers:
            seen.setdefault(number, [at, at])[1] = at
    segments = [[number, _s(start - first), _s(end - first)] for number, (start, end) in sorted(seen.items())]
    title = f"HLS playlist, {timeline.viewer}: {timeline.url}"
    return {"kind": "hls-window", "title": title, "seconds": _s(looks[-1][0] - first), "segments": segments[-60:]}


def of_load(title: str, series: Mapping[str, Any]) -> Plot | None:
    """Return a load over time; None where it has no rows."""
    return {"kind": "load", "title": title, "series": dict(series)} if series.get("rows") else None


def of_history(name: str, history: History) -> list[Plot]:
    """Return the pulls of every stream that a history's observer looked at, and the playlists of one HLS viewer."""
    by_stream: dict[str, list[tuple[float, Mapping[str, int]]]] = {}
    for sample in history.samples("pulls"):
        if "counts" in sample.values:
            by_stream.setdefault(str(sample.values.get("stream", "")), []).append((sample.at, sample.values["counts"]))
    found = [_pulls(f"Pulls of {stream}, {name}", looks) for stream, looks in by_stream.items()]
    hls = [each.timeline for each in history.sessions if each.timeline.protocol is Protocol.HLS]
    longest = max(hls, key=lambda timeline: len(timeline.playlists), default=None)
    found.append(of_window(longest) if longest else None)
    return [each for each in found if each]


def _pulls(title: str, looks: Sequence[tuple[float, Mapping[str, int]]]) -> Plot | None:
    if not looks:
        return None
    first, last = looks[0][0], looks[-1][0]
    edges = sorted({edge for _, counts in looks for edge in counts})
    curves = {edge: _steps([(_s(at - first), counts.get(edge, 0)) for at, counts in looks]) for edge in edges}
    return {"kind": "pulls", "title": title, "seconds": _s(last - first), "curves": curves}


def _steps(points: Sequence[tuple[float, int]]) -> list[list[float]]:
    """Return the points at which a value changes; where there are too many, the first ones."""
    changed = [[at, value] for place, (at, value) in enumerate(points) if place == 0 or value != points[place - 1][1]]
    return changed[:MOST_POINTS]


def _s(seconds: float) -> float:
    return round(seconds, _DECIMALS)
