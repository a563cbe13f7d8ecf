"""A history as it was read: who did and saw what, and when, in seconds after it began."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from srs_conformance.histories import events
from srs_conformance.histories.events import Event, Given, Judged, Numbered, Outcome, Published, Role, Sample, Session
from srs_conformance.histories.numbering import Numbering
from srs_conformance.viewers.frames import Frame
from srs_conformance.viewers.timeline import Protocol

_Kind = TypeVar("_Kind", bound=Event)


@dataclass(frozen=True)
class Head:
    """The first line: the suite's version, when the history began (RFC 3339), and what was run on what."""

    suite: str
    began: str
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Disturbance:
    """A disturbance and what became of it; `effect` is None while nothing proves that it took effect."""

    number: int
    kind: str
    at: float
    values: Mapping[str, Any]
    effect: float | None = None
    proof: str = ""
    proof_values: Mapping[str, Any] = field(default_factory=dict)
    settled: float | None = None


@dataclass(frozen=True)
class Span:
    """A phase from its beginning to its end."""

    name: str
    start: float
    end: float

    def overlap(self, start: float, end: float) -> float:
        """Return how many seconds of an interval lie in this span."""
        return max(0.0, min(self.end, end) - max(self.start, start))


@dataclass(frozen=True)
class Watcher:
    """One viewer over all its sessions.

    Attributes:
        until: when it no longer wanted to watch.
    """

    name: str
    role: Role
    protocol: Protocol
    sessions: tuple[Session, ...]
    until: float

    @property
    def tried(self) -> float:
        """Return when it first tried to watch."""
        return self.sessions[0].timeline.started

    @cached_property
    def first_picture(self) -> float | None:
        """Return when the first picture came that a player can show, or the first sound where there are no pictures."""
        if any(session.timeline.video for session in self.sessions):
            pictures = (frame for session in self.sessions for frame in session.timeline.video if frame.keyframe)
            return next((frame.arrival for frame in pictures), None)
        return next((frame.arrival for session in self.sessions for frame in session.timeline.frames), None)

    @property
    def wanted(self) -> tuple[float, float]:
        """Return from when to when it wanted to watch: from its first picture, or first try where none came."""
        start = self.tried if self.first_picture is None else self.first_picture
        return start, max(start, self.until)

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """Return the frames of all sessions in order of arrival."""
        return tuple(frame for session in self.sessions for frame in session.timeline.frames)


@dataclass(frozen=True)
class History:
    """All that was recorded.

    Attributes:
        disturbances, sessions, publishers, judged: in the order of the file.
        phases: of the whole history, without a hole; one span "whole run" where no phase was named.
        numbering: which picture has which number, None where the clip was not numbered.
        ended: when the run came to its own end, None where it did not (or goes on).
        until: the time of the last event, judging and the end apart.
        truncated: what is missing at the end of the file, "" where nothing is.
    """

    path: Path | None
    head: Head
    events: tuple[Event, ...] = field(repr=False)
    truncated: str = ""

    @classmethod
    def of(cls, head: Head, found: Sequence[Event], *, path: Path | None = None, truncated: str = "") -> History:
        """Return the history of these events."""
        return cls(path, head, tuple(found), truncated)

    @property
    def context(self) -> Mapping[str, Any]:
        """Return what was run, on what, with which settings."""
        return self.head.context

    def before(self, judged: Judged) -> History:
        """Return the history as it was when it was judged."""
        return History(self.path, self.head, tuple(event for event in self.events if event.line < judged.line))

    @cached_property
    def disturbances(self) -> tuple[Disturbance, ...]:
        """Return the disturbances with their effects."""
        effects = {event.number: event for event in self._each(events.TookEffect)}
        settled = {event.number: event.at for event in self._each(events.Settled)}
        return tuple(
            Disturbance(
                event.number,
                event.what,
                event.at,
                event.values,
                effect.at if (effect := effects.get(event.number)) else None,
                effect.proof if effect else "",
                effect.values if effect else {},
                settled.get(event.number),
            )
            for event in self._each(events.Disturbed)
        )

    @cached_property
    def phases(self) -> tuple[Span, ...]:
        """Return the phases; what lies before the first one is "setting up"."""
        began = [(event.name, event.at) for event in self._each(events.PhaseBegan)]
        if not began:
            return (Span("whole run", 0.0, self.until),)
        if began[0][1] > 0:
            began.insert(0, ("setting up", 0.0))
        ends = [*(at for _, at in began[1:]), max(self.until, began[-1][1])]
        return tuple(Span(name, start, end) for (name, start), end in zip(began, ends, strict=True))

    def phase_at(self, at: float) -> Span:
        """Return the phase in which a moment lies; the last phase has no end."""
        return next((span for span in reversed(self.phases) if span.start <= at), self.phases[0])

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """Return the watches, in the order of their ends."""
        return tuple(self._each(Session))

    @cached_property
    def publishers(self) -> tuple[Published, ...]:
        """Return what publishers did, in order of time."""
        return tuple(sorted(self._each(Published), key=lambda event: event.at))

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """Return what checks gave while the history was written."""
        return tuple(self._each(Judged))

    @cached_property
    def unanswered(self) -> tuple[Judged, ...]:
        """Return what was to be judged and was not: the run was cut short."""
        answered = {(each.requirement, each.check, _key(each.parameters)) for each in self.judged}
        return tuple(
            Judged(
                at=self.until,
                line=self.events[-1].line + 1,
                requirement=each.requirement,
                check=each.check,
                parameters=each.parameters,
                given=Given(Outcome.NOT_COME_TO),
            )
            for each in self._each(events.Asked)
            if (each.requirement, each.check, _key(each.parameters)) not in answered
        )

    @cached_property
    def proven(self) -> History:
        """Return the part of a run that was cut short which can be judged.

        It ends before the first disturbance that has no proof yet. Of viewers who were cut, and had not been told to
        leave, the last session is left out: that they were not back says nothing.
        """
        idle = {each.number for each in self.disturbances if each.effect is None}
        until = min((e.line for e in self._each(events.Disturbed) if e.number in idle), default=math.inf)
        part = History(self.path, self.head, tuple(event for event in self.events if event.line < until))
        left = {event.viewer for event in part._each(events.Left)}
        open_ends = {
            viewer.sessions[-1].line
            for viewer in part.viewers([Role.RETURNS])
            if viewer.name not in left and viewer.sessions[-1].timeline.lost
        }
        return History(self.path, self.head, tuple(event for event in part.events if event.line not in open_ends))

    @cached_property
    def numbering(self) -> Numbering | None:
        """Return the numbering that was written last."""
        return next((event.numbering for event in reversed(self._each(Numbered))), None)

    @cached_property
    def ended(self) -> float | None:
        """Return when the run came to its own end."""
        return next((event.at for event in self._each(events.Ended)), None)

    @cached_property
    def until(self) -> float:
        """Return until when anything was seen or done; judging and the end come later."""
        return max(
            (each.at for each in self.events if not isinstance(each, Judged | events.Asked | events.Ended)), default=0.0
        )

    def samples(self, observer: str) -> tuple[Sample, ...]:
        """Return the samples of an observer."""
        return tuple(sample for sample in self._each(Sample) if sample.observer == observer)

    def viewers(
        self, roles: Collection[str] | None = None, protocols: Collection[str] | None = None
    ) -> tuple[Watcher, ...]:
        """Return the viewers of the given roles and protocols, all where not given, in the order of their first try."""
        return tuple(
            viewer
            for viewer in self._viewers
            if (roles is None or viewer.role in roles) and (protocols is None or viewer.protocol in protocols)
        )

    @cached_property
    def _viewers(self) -> tuple[Watcher, ...]:
        left = {event.viewer: event.at for event in self._each(events.Left)}
        found: dict[str, list[Session]] = {}
        for session in self.sessions:
            found.setdefault(session.viewer, []).append(session)
        watchers = []
        for name, sessions in found.items():
            sessions.sort(key=lambda session: session.timeline.started)
            until = left.get(name, max(map(_wanted_until, sessions)))
            first = sessions[0]
            watchers.append(Watcher(name, first.role, first.timeline.protocol, tuple(sessions), until))
        return tuple(sorted(watchers, key=lambda watcher: watcher.tried))

    def looks(self, observer: str) -> tuple[Sample, ...]:
        """Return the samples of an observer that are no failed looks: those have an `error`."""
        return tuple(sample for sample in self.samples(observer) if not sample.values.get("error"))

    def _each(self, kind: type[_Kind]) -> list[_Kind]:
        return [event for event in self.events if isinstance(event, kind)]


def _key(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True)


def _wanted_until(session: Session) -> float:
    """Return until when a viewer wanted a session: until we stopped it, or, of a cut one, until it was written."""
    return session.at if session.timeline.lost else session.timeline.until
