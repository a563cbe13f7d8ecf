"""How a load stands now, per kind and from all workers, for those who look on while it runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from srs_conformance.load import figures
from srs_conformance.load.crowd import Standing
from srs_conformance.load.histogram import Histogram
from srs_conformance.load.measures import Measures
from srs_conformance.load.moment import Moment, Phase
from srs_conformance.load.summary import ALL_VIEWERS
from srs_conformance.load.visits import VIEWERS, Kind

WINDOW = 6.0
"""Seconds over which a rate is told: servers send in bursts, HLS servers in long ones."""

COLUMNS = {
    "name": "",
    "viewers": "watching",
    "joining": "joining",
    "stalled": "stalled now",
    "p50": "first keyframe p50",
    "p95": "p95",
    "p99": "p99",
    "rate": "rate",
    "stalled_time": "stalled for",
    "cut": "cut",
    "refused": "refused",
}
"""The figures that `Present.rows` tells, by name, with their titles."""


class _Place:
    """What was last heard of those of one kind at one worker."""

    def __init__(self) -> None:
        self.standing = Standing()
        self._intervals: deque[tuple[float, int]] = deque()

    def take(self, standing: Standing, seconds: float) -> None:
        self.standing = standing
        self._intervals.append((seconds, standing.received))
        while sum(length for length, _ in self._intervals) > WINDOW and len(self._intervals) > 1:
            self._intervals.popleft()

    @property
    def rate(self) -> float:
        """Bytes a second, while there is anybody."""
        if not self.standing.viewers + self.standing.joining:
            return 0.0
        seconds = sum(length for length, _ in self._intervals)
        return sum(size for _, size in self._intervals) / seconds if seconds else 0.0


class Present:
    """What was last heard of every worker, and all first keyframes so far, those of visits that go on included."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, Kind], _Place] = {}
        self._waited: dict[Kind, Histogram] = {}

    def take(self, looks: Mapping[Kind, Standing], seconds: float, worker: str = "") -> None:
        """Take a look at the crowd of a worker, and how many seconds after the last one it was."""
        for kind, standing in looks.items():
            waited = self._waited.setdefault(kind, Histogram())
            for value in standing.joined:
                waited.record(value)
            self._places.setdefault((worker, kind), _Place()).take(standing, seconds)

    def forget(self, worker: str) -> None:
        """Count nobody of a worker any longer as present."""
        self._places = {key: place for key, place in self._places.items() if key[0] != worker}

    def moment(self, phase: Phase) -> Moment:
        """Return in one line how all kinds stand together; of who is simulated and by whom it tells nothing."""
        standing = [place.standing for place in self._places.values()]
        waited = Histogram()
        for each in self._waited.values():
            waited.add(each)
        return Moment(
            phase,
            viewers=sum(each.viewers for each in standing),
            joining=sum(each.joining for each in standing),
            stalled=sum(each.stalled for each in standing),
            rate=sum(place.rate for place in self._places.values()),
            keyframe_p99=waited.percentile(99),
        )

    def rows(self, measures: Measures) -> list[dict[str, str]]:
        """Return a row of `COLUMNS` in words per kind, and one of all viewers before them if there are several kinds.

        Args:
            measures: of the visits that are over.
        """
        kinds = [kind for kind in Kind if kind in self._waited or kind in measures.kinds]
        rows = [self._row(str(kind), [kind], measures) for kind in kinds]
        viewers = [kind for kind in kinds if kind in VIEWERS]
        return [self._row(ALL_VIEWERS, viewers, measures), *rows] if len(viewers) > 1 else rows

    def _row(self, name: str, kinds: list[Kind], measures: Measures) -> dict[str, str]:
        places = [place for (_, kind), place in self._places.items() if kind in kinds]
        standing = [place.standing for place in places]
        waited = Histogram()
        for kind in kinds:
            waited.add(self._waited.get(kind, Histogram()))
        p50, p95, p99 = waited.percentiles([50, 95, 99])
        counts = [measures.counts(kind) for kind in kinds]
        stalled = sum(each.stalled_seconds for each in counts) + sum(each.stalled_seconds for each in standing)
        return {
            "name": name,
            "viewers": figures.number(sum(each.viewers for each in standing)),
            "joining": figures.number(sum(each.joining for each in standing)),
            "stalled": figures.number(sum(each.stalled for each in standing)),
            "p50": figures.seconds(p50),
            "p95": figures.seconds(p95),
            "p99": figures.seconds(p99),
            "rate": figures.bits(sum(place.rate for place in places)),
            "stalled_time": figures.seconds(stalled),
            "cut": figures.number(sum(each.cut for each in counts)),
            "refused": figures.number(sum(each.refused for each in counts)),
        }
