"""The clauses that an SLO can have: what each is held against, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from srs_conformance.load import figures
from srs_conformance.load.counts import Counts
from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.visits import Kind

NOTHING = "nothing measured"

TIMES = {
    "connect": Measure.CONNECT,
    "first-byte": Measure.FIRST_BYTE,
    "first-keyframe": Measure.FIRST_KEYFRAME,
    "stall": Measure.STALL,
    "behind-live": Measure.BEHIND,
    "playlist": Measure.PLAYLIST,
    "segment": Measure.SEGMENT,
}
STATISTICS = {"p50": 50.0, "p75": 75.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99.9": 99.9, "max": 100.0}


@dataclass(frozen=True, slots=True)
class Share:
    """What is counted, and of how many; a number limits it in the whole run, a percentage relative to the others."""

    part: Callable[[Counts], float]
    whole: Callable[[Counts], float]
    of: str
    seconds: bool = False
    """Both are seconds; only a percentage makes sense."""
    unbounded: bool = False
    """One of the others can have several, so that the percentage may exceed 100."""


SHARES = {
    "refused": Share(lambda all_: all_.refused, lambda all_: all_.visits, "visits"),
    "cut": Share(lambda all_: all_.cut, lambda all_: all_.joined, "joined visits"),
    "stalled-viewers": Share(lambda all_: all_.stalled_viewers, lambda all_: all_.deep, "joined visits"),
    "stalled-seconds": Share(
        lambda all_: all_.stalled_seconds, lambda all_: all_.deep_seconds, "viewer-seconds", seconds=True
    ),
    "stalls": Share(lambda all_: all_.stalls, lambda all_: all_.deep, "joined visits", unbounded=True),
    "gaps": Share(lambda all_: all_.gaps, lambda all_: all_.joined, "joined visits", unbounded=True),
    "jumps": Share(lambda all_: all_.jumps, lambda all_: all_.deep, "joined visits", unbounded=True),
}
"""`refused`: visits that never joined. `cut`: joined ones that ended before we or the stream were done. `stalled-...`,
`stalls` and `jumps` are held against the visits whose media were parsed, since no other can see them."""

KNOWN = [f"{name} {statistic}" for name in TIMES for statistic in STATISTICS] + list(SHARES)


class Unit(Enum):
    """What a limit is a number of."""

    SECONDS = "s"
    PERCENT = "%"
    COUNT = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a clause.

    Attributes:
        clause: its name; of one kind with the kind before it, as in "hls: behind-live p95".
        limit: as the SLO file says it.
        seen: what was measured, in words; "nothing measured" where nothing was.
        holds: whether it is kept; a clause for which nothing was measured is not.
        figure: what was measured: seconds, percent or a count, as the limit; None when nothing was.
    """

    clause: str
    limit: str
    seen: str
    holds: bool
    figure: float | None


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of an SLO: what is limited, of whom (None: of all viewers), and the limit as a number and in words."""

    name: str
    kind: Kind | None
    limit: float
    unit: Unit
    text: str

    @property
    def label(self) -> str:
        """Return the clause's name with the kind before it."""
        return f"{self.kind}: {self.name}" if self.kind else self.name

    def judge(self, measures: Measures) -> Judged:
        """Hold the clause against what was measured."""
        figure, seen = self._share(measures) if self.name in SHARES else self._time(measures)
        return Judged(self.label, self.text, seen, figure is not None and figure <= self.limit, figure)

    def _time(self, measures: Measures) -> tuple[float | None, str]:
        name, statistic = self.name.split()
        histogram = measures.histogram(self.kind, TIMES[name])
        figure = histogram.percentile(STATISTICS[statistic])
        if figure is None:
            if TIMES[name] is Measure.STALL and (deep := measures.counts(self.kind).deep):
                return 0.0, f"no stall in {figures.number(deep)} visits"
            return None, NOTHING
        words = figures.seconds(figure)
        if figure > self.limit and words == figures.seconds(self.limit):
            words = figures.seconds(figure, digits=5)
        return figure, f"{words} ({figures.number(histogram.count)} measured)"

    def _share(self, measures: Measures) -> tuple[float | None, str]:
        share = SHARES[self.name]
        counts = measures.counts(self.kind)
        part, whole = share.part(counts), share.whole(counts)
        percentage = figures.share(part, whole)
        if percentage is None:
            return None, NOTHING
        count = f"{part:,.1f} s" if share.seconds else figures.number(part)
        total = f"{figures.number(whole)} {share.of}"
        if self.unit is Unit.COUNT:
            return part, f"{count} in {total}"
        words = figures.percent(percentage)
        if percentage > self.limit and words == figures.percent(self.limit):
            words = figures.percent(percentage, digits=5)
        return percentage, f"{words} ({count} of {total})"
