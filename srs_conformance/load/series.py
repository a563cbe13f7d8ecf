"""How a load went on over time: one row per second, bounded, gathered from several workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from srs_conformance.load.histogram import Histogram

LIMIT = 3600
HOLE = 10
QUANTILES = {"p50": 50.0, "p95": 95.0, "p99": 99.0}

_GAUGES = ("viewers", "joining", "stalled", "users")
_COUNTERS = ("received", "joined")


@dataclass(slots=True)
class Sample:
    """What one worker saw since its last sample; to be taken about every second.

    Attributes:
        at: seconds since the run's start, the same for all workers.
        viewers: visits past their first keyframe, now.
        joining: visits before it, now.
        stalled: viewers whose playback stands still, now.
        received: bytes in this interval.
        joined: first keyframes in this interval.
        first_keyframe: how long each of those took, in seconds.
        lag: the load generator's worst own lag in this interval, in seconds.
        users: simulated users, now.
    """

    at: float
    viewers: int = 0
    joining: int = 0
    stalled: int = 0
    received: int = 0
    joined: int = 0
    first_keyframe: list[float] = field(default_factory=list)
    lag: float = 0.0
    users: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the sample as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Sample:
        """Read what `to_json` gave.

        Raises:
            TypeError: it has other fields.
        """
        return cls(**values)


@dataclass(slots=True)
class Row:
    """A second of a run, or a few: `at` is its begin, `seconds` its length, all else as in `Sample`.

    The times to the first keyframe are a histogram: workers' rows add up exactly in it, which their percentiles do not,
    and it stays small however many join in one second.
    """

    at: int
    seconds: int = 1
    viewers: int = 0
    joining: int = 0
    stalled: int = 0
    users: int = 0
    received: int = 0
    joined: int = 0
    lag: float = 0.0
    first_keyframe: Histogram = field(default_factory=Histogram)

    def follow(self, later: Row) -> None:
        """Take in what the same worker saw later within this row.

        What it counts adds up, what it shows is now so; but of stalled viewers the most remain, for a short stall of
        many must not vanish when rows are merged.
        """
        stalled = max(self.stalled, later.stalled)
        for name in _GAUGES:
            setattr(self, name, getattr(later, name))
        self.stalled = stalled
        self._count(later)

    def beside(self, other: Row) -> None:
        """Take in what another worker saw at the same time: all adds up, except that the worst lag remains."""
        for name in _GAUGES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self._count(other)

    def _count(self, other: Row) -> None:
        for name in _COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lag = max(self.lag, other.lag)
        self.first_keyframe.add(other.first_keyframe)


_Track = dict[int, Row]
_COLUMNS = ("at", *_GAUGES, *_COUNTERS, "lag")


class Series:
    """The rows of a run, each `step` seconds long: 1, and twice that whenever there would be more than 3600.

    Each worker's rows are kept apart, because two samples of one worker in a second follow each other and those of two
    workers stand side by side.
    """

    def __init__(self) -> None:
        self.step = 1
        self._tracks: dict[str, _Track] = {}

    def add(self, sample: Sample, worker: str = "") -> None:
        """Add a sample of a worker; it belongs to the full second that is nearest.

        Raises:
            ValueError: its time is before the run's start, or it is not a number.
        """
        if not 0 <= sample.at < 1e9:
            raise ValueError(f"a sample {sample.at} s after the start")
        second = int(sample.at + 0.5)
        while second // self.step >= LIMIT:
            self._widen()
        row = Row(second // self.step * self.step, self.step, **{name: getattr(sample, name) for name in _COLUMNS[1:]})
        for value in sample.first_keyframe:
            row.first_keyframe.record(value)
        track = self._tracks.setdefault(worker, {})
        if row.at in track:
            track[row.at].follow(row)
        else:
            track[row.at] = row

    def merge(self, other: Series) -> None:
        """Add all rows of another series, as those of other workers even where these have the same names."""
        while self.step < other.step:
            self._widen()
        for worker, track in other._tracks.items():
            name, number = worker, 1
            while name in self._tracks:
                number += 1
                name = f"{worker}#{number}"
            self._tracks[name] = _merged(track, self.step)

    def rows(self, at_most: int = LIMIT) -> list[Row]:
        """Return the rows of all workers together in order of time, neighbours merged until there are `at_most`."""
        step = self.step
        track = _beside(_filled(each, step) for each in self._tracks.values())
        while len(track) > max(1, at_most):
            step *= 2
            track = _merged(track, step)
        return [track[at] for at in sorted(track)]

    def _widen(self) -> None:
        self.step *= 2
        self._tracks = {worker: _merged(track, self.step) for worker, track in self._tracks.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the rows as a table of plain JSON values.

        {"step": seconds, "columns": names, "rows": [values]}; the columns are those of `Row`, p50, p95 and p99 of the
        times to the first keyframe (seconds or null), and those themselves as [[seconds, times]].
        """
        return {
            "step": self.step,
            "columns": [*_COLUMNS, *QUANTILES, "first_keyframe"],
            "rows": [
                [
                    *(getattr(row, name) for name in _COLUMNS),
                    *row.first_keyframe.percentiles(list(QUANTILES.values())),
                    row.first_keyframe.pairs(),
                ]
                for row in self.rows()
            ],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Series:
        """Read what `to_json` gave; all rows are then those of one worker.

        Raises:
            ValueError: it is no such content.
        """
        series = cls()
        try:
            series.step = int(values["step"])
            named = [dict(zip(values["columns"], row, strict=True)) for row in values["rows"]]
            for each in named:
                plain = {name: each[name] + 0 for name in _COLUMNS}  # a TypeError for what is no number
                row = Row(**plain, seconds=series.step, first_keyframe=Histogram.from_pairs(each["first_keyframe"]))
                series._tracks.setdefault("", {})[row.at] = row
        except (KeyError, TypeError) as error:
            raise ValueError(f"series: expected step, columns and rows: {error!r}") from error
        return series


def _beside(tracks: Iterable[_Track]) -> _Track:
    """Return the rows of several workers added up, as new rows."""
    total: _Track = {}
    for track in tracks:
        for at, row in track.items():
            total.setdefault(at, Row(at, row.seconds)).beside(row)
    return total


def _merged(track: _Track, step: int) -> _Track:
    """Return the rows of one worker as new rows of `step` seconds."""
    merged: _Track = {}
    for at in sorted(track):
        start = at // step * step
        merged.setdefault(start, Row(start, step)).follow(track[at])
    return merged


def _filled(track: _Track, step: int) -> _Track:
    """Return the rows of a worker, short holes filled: a sample that came late does not mean that its viewers left."""
    filled = dict(track)
    for before, after in pairwise(sorted(track)):
        if step < after - before <= HOLE * step:
            gauges = {name: getattr(track[before], name) for name in _GAUGES}
            filled.update({at: Row(at, step, **gauges) for at in range(before + step, after, step)})
    return filled
