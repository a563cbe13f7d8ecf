"""The events of a history, and each as one line of JSON.

A line is `{"t": seconds after the history began, "event": kind, ...}` with the fields of the kind's class. Docs:
docs/histories.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from srs_conformance.histories.numbering import Numbering
from srs_conformance.observing import Observation
from srs_conformance.viewers.timeline import Timeline

FORMAT = 1
"""The first line's `history`: raise it whenever an old line no longer means what it meant."""


class Role(StrEnum):
    """What a viewer is there for."""

    STAYS = "stays"
    """It watches from before the first disturbance to the end, and does not come back when it is cut."""
    RETURNS = "returns"
    """It joins again whenever it is cut or refused, as players do."""
    COMES_AND_GOES = "comes and goes"
    """It joins in the middle of things, watches for a while and leaves."""
    CONTROL = "control"
    """It watches where the disturbance should reach nobody."""


class Outcome(StrEnum):
    """What a check gave."""

    HOLDS = "holds"
    MISSED = "missed"
    COULD_NOT_TEST = "could not test"
    CRASHED = "crashed"
    """The check has a defect of its own."""
    NOT_COME_TO = "not come to"
    """It was to be judged, and the run ended before that."""


@dataclass(frozen=True)
class Given:
    """What a check gave, in its words; of one that could not test or crashed, `seen` says why."""

    outcome: Outcome
    expected: str = ""
    seen: str = ""
    details: tuple[str, ...] = ()

    @classmethod
    def of(cls, observation: Observation) -> Given:
        """Return what an observation says."""
        outcome = Outcome.HOLDS if observation.holds else Outcome.MISSED
        return cls(outcome, observation.expected, observation.seen, observation.details)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Given:
        """Return what `to_json` wrote; raises `ValueError` where it is no such thing."""
        details = tuple(str(line) for line in _of(values, "details", list))
        return cls(
            Outcome(_of(values, "outcome", str)), _of(values, "expected", str), _of(values, "seen", str), details
        )


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line: when it happened (s after the history began), and the line's number in the file, from 1."""

    kind: ClassVar[str]

    at: float
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Disturbed(Event):
    """A disturbance is being done; disturbances are numbered from 1."""

    kind: ClassVar[str] = "disturbance"

    number: int
    what: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TookEffect(Event):
    """What proves that a disturbance took effect: new pod UIDs, a new ReplicaSet, the counters of a proxy."""

    kind: ClassVar[str] = "effect"

    number: int
    proof: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Settled(Event):
    """All that a disturbance set going has come to its end: an update is complete and no old pod is left."""

    kind: ClassVar[str] = "settled"

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PhaseBegan(Event):
    """A part of the run by which figures are split; it ends where the next one begins."""

    kind: ClassVar[str] = "phase"

    name: str


@dataclass(frozen=True, kw_only=True)
class Sample(Event):
    """One look of an observer.

    Attributes:
        at: when it was over; what it tells may be older by as much as it took.
        took: seconds.
    """

    kind: ClassVar[str] = "sample"

    observer: str
    values: Mapping[str, Any]
    took: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Session(Event):
    """One whole watch, written when the viewer no longer wants it.

    Attributes:
        viewer: who watches, the same over all sessions of one that comes back.
        place: where it joined: the pod's name where that is known, else the Service's.
        session: its number among the viewer's sessions, from 1.
        version: of the server that served it, "" where it did not say.
        timeline: on the history's clock: its `started` is the time after the history began.
    """

    kind: ClassVar[str] = "session"

    viewer: str
    place: str
    session: int
    role: Role
    version: str
    timeline: Timeline


@dataclass(frozen=True, kw_only=True)
class Left(Event):
    """A viewer was told to stop: until then it wanted to watch."""

    kind: ClassVar[str] = "left"

    viewer: str


@dataclass(frozen=True, kw_only=True)
class Published(Event):
    """A publisher started, ended or restarted."""

    kind: ClassVar[str] = "publisher"

    what: str
    stream: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Numbered(Event):
    """Which coded picture has which number in the clip that is published over and over."""

    kind: ClassVar[str] = "numbering"

    numbering: Numbering


@dataclass(frozen=True, kw_only=True)
class Judged(Event):
    """What a check gave when the history was as long as up to this line."""

    kind: ClassVar[str] = "judged"

    requirement: str
    check: str
    parameters: Mapping[str, Any]
    given: Given


@dataclass(frozen=True, kw_only=True)
class Asked(Event):
    """What is to be judged at the end: of a run that is cut short a later reader knows by it what to judge."""

    kind: ClassVar[str] = "asked"

    requirement: str
    check: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ended(Event):
    """The run came to its own end."""

    kind: ClassVar[str] = "end"


KINDS: dict[str, type[Event]] = {
    each.kind: each
    for each in (
        Disturbed,
        TookEffect,
        Settled,
        PhaseBegan,
        Sample,
        Session,
        Left,
        Published,
        Numbered,
        Asked,
        Judged,
        Ended,
    )
}


def to_json(event: Event) -> dict[str, Any]:
    """Return an event as JSON values; a timeline keeps times of its own, after its start, which is in `started`."""
    values: dict[str, Any] = {"t": round(event.at, 4), "event": event.kind}
    for each in dataclasses.fields(event):
        value = getattr(event, each.name)
        if isinstance(value, Timeline):
            values |= {"started": round(value.started, 4), "timeline": value.to_json()}
        elif isinstance(value, Numbering | Given):
            values[each.name] = value.to_json()
        elif each.name not in ("at", "line"):
            values[each.name] = value
    return values


def from_json(values: Mapping[str, Any], line: int) -> Event:
    """Return the event that `to_json` wrote.

    Raises:
        ValueError: it is none, and why.
    """
    kind = KINDS.get(_of(values, "event", str))
    if kind is None:
        raise ValueError(f"unknown event {values['event']!r}; known are {', '.join(KINDS)}")
    made: dict[str, Any] = {"at": float(_of(values, "t", (int, float))), "line": line}
    for each in dataclasses.fields(kind):
        left_out = each.default is not dataclasses.MISSING and each.name not in values
        if each.name not in made and not left_out:
            made[each.name] = _READERS[str(each.type)](values, each.name)
    return kind(**made)


def _of(values: Mapping[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:
    if name not in values:
        raise ValueError(f"no {name!r}")
    value = values[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name!r} is {value!r}")  # noqa: TRY004 - of the file and not of our code
    return value


def _timeline(values: Mapping[str, Any], name: str) -> Timeline:
    return Timeline.from_json(_of(values, name, dict), float(_of(values, "started", (int, float))))


_READERS: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "str": lambda values, name: _of(values, name, str),
    "int": lambda values, name: _of(values, name, int),
    "float": lambda values, name: float(_of(values, name, (int, float))),
    "Mapping[str, Any]": lambda values, name: _of(values, name, dict),
    "Role": lambda values, name: Role(_of(values, name, str)),
    "Given": lambda values, name: Given.from_json(_of(values, name, dict)),
    "Numbering": lambda values, name: Numbering.from_json(_of(values, name, dict)),
    "Timeline": _timeline,
}
"""By the type of a field, as its annotation says it."""
