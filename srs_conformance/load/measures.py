"""All that a load measured: durations as HDR histograms, visits as counts; mergeable without loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from srs_conformance.load.counts import Counts
from srs_conformance.load.histogram import Histogram
from srs_conformance.load.visits import VIEWERS, Kind, Visit

__all__ = ["QUANTILES", "Counts", "Measure", "Measures"]


class Measure(StrEnum):
    """A duration that is measured often."""

    CONNECT = "connect"
    """From the start of a visit until the transport connection stood."""
    FIRST_BYTE = "first byte"
    """From the start of a visit until the server's first byte."""
    FIRST_KEYFRAME = "first keyframe"
    """From the start of a visit until the first keyframe; of a publisher until it was accepted."""
    STALL = "stall"
    """How long playback stood still, once per stall."""
    BEHIND = "behind live"
    """How far playback is behind the publisher."""
    PLAYLIST = "playlist"
    """How long one request for an HLS playlist took."""
    SEGMENT = "segment"
    """How long one request for an HLS segment took."""


QUANTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p999": 99.9}
"""The percentiles that results tell, by their names there."""


@dataclass(slots=True)
class _Book:
    """What was measured of one kind."""

    counts: Counts = field(default_factory=Counts)
    durations: dict[Measure, Histogram] = field(default_factory=dict)

    def add(self, other: _Book) -> None:
        self.counts.add(other.counts)
        for measure, histogram in other.durations.items():
            self.durations.setdefault(measure, Histogram()).add(histogram)


_Books = dict[Kind, _Book]


class Measures:
    """Everything measured, per kind. Workers send `delta()`, whoever gathers them calls `merge()`.

    Everything lies in two sets of books, what came since the last delta and what came before, so that a delta costs as
    much as happened since, and recording costs the same whether deltas are taken or not.
    """

    def __init__(self) -> None:
        self._fresh: _Books = {}
        self._before: _Books = {}

    def record(self, kind: Kind, measure: Measure, seconds: float) -> None:
        """Record a duration; what lies outside 1 us to 1 h counts as the nearest of the two.

        Raises:
            ValueError: it is not a number.
        """
        book = self._fresh.get(kind)
        if book is None:
            book = self._fresh[kind] = _Book()
        histogram = book.durations.get(measure)
        if histogram is None:
            histogram = book.durations[measure] = Histogram()
        histogram.record(seconds)

    def visit(self, visit: Visit) -> None:
        """Count a finished visit and record when it was connected, had a first byte and a first keyframe.

        Its stalls are counted; how long each took is for the viewer to `record`, since a visit tells only their sum.
        """
        kind = visit.kind
        if visit.connect is not None:
            self.record(kind, Measure.CONNECT, visit.connect)
        if visit.first_byte is not None:
            self.record(kind, Measure.FIRST_BYTE, visit.first_byte)
        if visit.first_keyframe is not None:
            self.record(kind, Measure.FIRST_KEYFRAME, visit.first_keyframe)
        self._fresh.setdefault(kind, _Book()).counts.visit(visit)

    @property
    def kinds(self) -> list[Kind]:
        """Return the kinds of which anything was measured, in the order of `Kind`."""
        return [kind for kind in Kind if kind in self._fresh or kind in self._before]

    def histogram(self, kind: Kind | None, measure: Measure) -> Histogram:
        """Return a copy of all durations recorded of a kind; None: of all viewers, not the publisher."""
        total = Histogram()
        for books in (self._before, self._fresh):
            for each in VIEWERS if kind is None else (kind,):
                if each in books and measure in books[each].durations:
                    total.add(books[each].durations[measure])
        return total

    def percentile(self, kind: Kind | None, measure: Measure, q: float) -> float | None:
        """Return the seconds that `q` percent (0 to 100, as in 99.9) do not exceed; None when nothing was recorded.

        Args:
            kind: whose; None: all viewers together, not the publisher.
            measure: of what.
            q: percent; 100 is the largest.
        """
        return self.histogram(kind, measure).percentile(q)

    def count(self, kind: Kind | None, measure: Measure) -> int:
        """Return how many durations were recorded of a kind; None: of all viewers, not the publisher."""
        return self.histogram(kind, measure).count

    def counts(self, kind: Kind | None) -> Counts:
        """Return a copy of the counts of a kind; None: of all viewers summed, not the publisher."""
        total = Counts()
        for books in (self._before, self._fresh):
            for each in VIEWERS if kind is None else (kind,):
                if each in books:
                    total.add(books[each].counts)
        return total.told()

    def delta(self) -> dict[str, Any]:
        """Return everything since the last call as plain JSON values, by kind; empty when nothing happened.

        {kind: {"counts": {what is not zero}, "hdr": {measure: encoded HDR histogram}}}
        """
        fresh, self._fresh = self._fresh, {}
        _add(self._before, fresh)
        return {
            str(kind): {
                "counts": book.counts.changes(),
                "hdr": {str(measure): histogram.encode() for measure, histogram in book.durations.items()},
            }
            for kind, book in fresh.items()
        }

    def merge(self, delta: Mapping[str, Any]) -> None:
        """Count what `delta()` of another one, or a whole `to_json()["kinds"]`, tells; all of it or nothing.

        Raises:
            ValueError: it is neither.
        """
        _add(self._fresh, {Kind(kind): _read(values) for kind, values in delta.items()})

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values.

        {"kinds": {kind: {"counts": {...}, "measures": {measure: {"count", "min", "mean", "p50", "p90", "p95", "p99",
        "p999", "max" in seconds, "hdr": encoded}}}}, "viewers": the same of all viewers, without "hdr"}
        """
        return {
            "kinds": {str(kind): self._told(kind) for kind in self.kinds},
            "viewers": self._told(None),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Measures:
        """Read what `to_json` gave; only the counts and the encoded histograms of the kinds are read.

        Raises:
            ValueError: it is no such content.
        """
        kinds = values.get("kinds")
        if not isinstance(kinds, Mapping):
            raise ValueError(f"measures without kinds: {str(values)[:60]!r}")  # noqa: TRY004 - what was read is wrong
        measures = cls()
        measures.merge(kinds)
        return measures

    def _told(self, kind: Kind | None) -> dict[str, Any]:
        histograms = {measure: self.histogram(kind, measure) for measure in Measure}
        return {
            "counts": self.counts(kind).to_json(),
            "measures": {
                str(measure): _figures(histogram) | ({} if kind is None else {"hdr": histogram.encode()})
                for measure, histogram in histograms.items()
                if histogram.count
            },
        }


def _add(into: _Books, books: _Books) -> None:
    for kind, book in books.items():
        into.setdefault(kind, _Book()).add(book)


def _read(values: Any) -> _Book:
    if not isinstance(values, Mapping) or "counts" not in values:
        raise ValueError(f"measures of a kind: expected counts, found {str(values)[:60]!r}")
    try:
        told = values.get("measures", {})
        encoded = values.get("hdr") or {measure: figures["hdr"] for measure, figures in told.items()}
        durations = {Measure(measure): Histogram.decode(text) for measure, text in encoded.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"measures of a kind: expected encoded histograms: {error!r}") from error
    return _Book(Counts.from_json(values["counts"]), durations)


def _figures(histogram: Histogram) -> dict[str, float | None]:
    quantiles = zip(QUANTILES, histogram.percentiles(list(QUANTILES.values())), strict=True)
    return {
        "count": histogram.count,
        "min": histogram.minimum,
        "mean": histogram.mean,
        **dict(quantiles),
        "max": histogram.maximum,
    }
