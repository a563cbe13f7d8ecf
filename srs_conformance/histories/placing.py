"""The place of every picture that a viewer got in what was published: its frame number, unwrapped.

Numbers begin again with each repetition of the clip, and with each start of the publisher. Which repetition a picture
belongs to follows from the picture before it and the time between them, so that it is told right as long as a viewer
is not away, or set back, by half a clip (30 s of the demo clip).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from srs_conformance.histories.events import Session
from srs_conformance.histories.history import History, Watcher
from srs_conformance.histories.numbering import Numbering
from srs_conformance.viewers import facts
from srs_conformance.viewers.frames import Frame

KEPT_SECONDS = 15.0
"""How long after a publisher's return a server may still give what it kept of the run before: an edge notices within
5 s that its origin has nothing, and tries again every 3 s."""
TOLERANCE_SECONDS = 2.0
"""How far a picture of the same run may be from where the time since the one before says it is."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One picture.

    Attributes:
        session: the number of the session that brought it.
        run: which run of the publisher sent it, from 0; places of different runs cannot be compared.
        place: how many pictures of that run came before it, plus an unknown constant; None for a picture that is not
            the clip's.
    """

    session: int
    frame: Frame
    run: int
    place: int | None


def placed(history: History, viewer: Watcher, numbering: Numbering) -> list[Placed]:
    """Return the pictures of a viewer, session by session, each in the order in which a player shows it."""
    starts = _starts(history, viewer)
    found: list[Placed] = []
    before: Placed | None = None
    run = passed = 0
    recent: list[_Start] = []  # what was published shortly before its first picture
    for session, frame in _shown(viewer.sessions):
        expected = _expected(before, frame, numbering)
        place = numbering.nearest(frame.digest, expected)
        if place is not None:
            came = sum(start.earliest <= frame.arrival for start in starts[passed:])
            if before is None:
                run = passed = came  # what was published before its first picture is no break for it
                recent = [start for start in starts[:came] if frame.arrival <= start.began + KEPT_SECONDS]
            elif before.place is not None and place != before.place + 1:
                # ... unless it was first given what a server had kept of the run before
                kept = any(frame.arrival <= start.began + KEPT_SECONDS for start in recent)
                if came or (kept and abs(place - expected) > TOLERANCE_SECONDS * numbering.rate):
                    run, passed, recent = run + max(came, 1), passed + came, []
                    place = numbering.numbers(frame.digest)[0]
        one = Placed(session.session, frame, run, place)
        found.append(one)
        before = one if place is not None else before
    return found


def _expected(before: Placed | None, frame: Frame, numbering: Numbering) -> float:
    if before is None or before.place is None:
        return 0.0
    return before.place + max(1.0, (frame.arrival - before.frame.arrival) * numbering.rate)


def _shown(sessions: Sequence[Session]) -> Iterator[tuple[Session, Frame]]:
    for session in sessions:
        for frame in facts.shown(session.timeline.video, session.timeline.span):
            yield session, frame


@dataclass(frozen=True, slots=True)
class _Start:
    """When a later run of a publisher may have begun, at the end of the run before it, and when it was seen to."""

    earliest: float
    began: float


def _starts(history: History, viewer: Watcher) -> list[_Start]:
    """Return the starts of each later run of the viewer's publisher."""
    names = {session.timeline.url.split("?")[0].rsplit("/", 1)[-1].rsplit(".", 1)[0] for session in viewer.sessions}
    starts: list[_Start] = []
    ended: dict[str, float] = {}
    seen: set[str] = set()
    for event in history.publishers:
        stream = event.stream
        if stream.split("?")[0].rsplit("/", 1)[-1] not in names:
            continue
        if event.what == "ended":
            ended[stream] = event.at
        elif event.what == "restarted" or stream in seen:
            starts.append(_Start(ended.pop(stream, event.at), event.at))
        seen.add(stream)
    return sorted(starts, key=lambda start: start.earliest)
