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

_EARLY = 1.0
"""Seconds by which a publisher may be ahead of the clip's own pace."""


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
    run = 0
    for session, frame in _shown(viewer.sessions):
        expected = _expected(before, frame, numbering)
        place = numbering.nearest(frame.digest, expected)
        if place is not None:
            came = sum(start <= frame.arrival for start in starts[run:])
            if came and before is not None and before.place is not None and place != before.place + 1:
                run += came
                place = numbering.numbers(frame.digest)[0]
            elif before is None:  # what was published before its first picture is no break for it
                run = _run(starts, frame.arrival, numbering.numbers(frame.digest)[0] / numbering.rate)
        one = Placed(session.session, frame, run, place)
        found.append(one)
        before = one if place is not None else before
    return found


def _run(starts: Sequence[float], arrival: float, position: float) -> int:
    """Return which run a first picture is of: the newest that can have sent so much (s) of the clip by then.

    A server that is still waiting for the new run gives those who join the pictures of the one before.
    """
    return sum(start <= arrival and position <= arrival - start + _EARLY for start in starts)


def _expected(before: Placed | None, frame: Frame, numbering: Numbering) -> float:
    if before is None or before.place is None:
        return 0.0
    return before.place + max(1.0, (frame.arrival - before.frame.arrival) * numbering.rate)


def _shown(sessions: Sequence[Session]) -> Iterator[tuple[Session, Frame]]:
    for session in sessions:
        for frame in facts.shown(session.timeline.video, session.timeline.span):
            yield session, frame


def _starts(history: History, viewer: Watcher) -> list[float]:
    """Return when each later run of the viewer's publisher may have begun: at the end of the run before it."""
    names = {session.timeline.url.split("?")[0].rsplit("/", 1)[-1].rsplit(".", 1)[0] for session in viewer.sessions}
    starts: list[float] = []
    ended: dict[str, float] = {}
    seen: set[str] = set()
    for event in history.publishers:
        stream = event.stream
        if stream.split("?")[0].rsplit("/", 1)[-1] not in names:
            continue
        if event.what == "ended":
            ended[stream] = event.at
        elif event.what == "restarted" or stream in seen:
            starts.append(ended.pop(stream, event.at))
        seen.add(stream)
    return sorted(starts)
