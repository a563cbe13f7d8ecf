"""Seats on which one guest after the other comes, watches for a while wherever there is a place, and leaves."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from srs_conformance.errors import UsageError
from srs_conformance.viewers.returning import LONGEST_PAUSE, _Seat, visits
from srs_conformance.viewers.timeline import Timeline

Seating = Callable[[float], tuple[str, str]]
"""Gets a number drawn from [0, 1), and returns the name of a place that is open now, and the URL of the stream there.

It is asked for each session anew: what a guest watched at may be gone when it joins again.
"""
OnSession = Callable[[str, str, int, Timeline], object]
"""Gets the guest, the place, the session's number among the guest's, from 1, and its timeline, once it is over."""
OnLeft = Callable[[str], object]
"""Gets a guest that has left, once it has had a session."""


class Guests(_Seat):
    """A seat for guests: each comes, joins again whenever it is cut or refused, and leaves when its time is over.

    Nothing is kept of a session once it was told, so that a seat can be there for days.

    Args:
        where: finds a place.
        label: of the seat; guests are called "label 1", "label 2" and so on.
        seed: the same seed gives the same visits, and the same numbers for `where`.
        lasts: the shortest and the longest visit, s; lengths are drawn evenly between them.
        pause: the same of the time between two visits.
        after: seconds of pause after a session that brought frames; after one that did not, the pause doubles, up to
            `LONGEST_PAUSE`.
        on_session, on_left: told in the thread of the seat.

    Raises:
        UsageError: a URL cannot be watched, or a range is none.
    """

    stop_seconds = 15.0  # it may just be asking for a place, and whoever knows the places may be slow

    def __init__(
        self,
        where: Seating,
        label: str,
        *,
        seed: int | str,
        lasts: tuple[float, float],
        pause: tuple[float, float],
        on_session: OnSession,
        on_left: OnLeft,
        after: float = 0.2,
    ) -> None:
        if not (0 < lasts[0] <= lasts[1] and 0 <= pause[0] <= pause[1]):
            raise UsageError(f"visits of {lasts} s with pauses of {pause} s; expected (shortest, longest) of each")
        super().__init__(where(0.0)[1], label, None, None)
        self._where, self._seed, self._lasts, self._pause, self._after = where, seed, lasts, pause, after
        self._told, self._left = on_session, on_left

    def _watch(self) -> None:
        began = time.monotonic()
        for number, visit in enumerate(visits(self._seed, lasts=self._lasts, pause=self._pause), 1):
            if self._stopping.wait(max(0.0, began + visit.begins - time.monotonic())):
                return
            draw = random.Random(f"places {self._seed} {number}")
            self._visit(f"{self.label} {number}", began + visit.begins + visit.lasts, draw)

    def _visit(self, guest: str, until: float, draw: random.Random) -> None:
        session, pause = 0, self._after
        while time.monotonic() < until:
            place, self.url = self._where(draw.random())
            timeline = self._session(guest, until)
            if timeline is None:
                break
            session += 1
            with self._lock:
                self._viewer = None
            self._told(guest, place, session, timeline)
            if not timeline.lost:
                break
            pause = self._after if timeline.frames else min(LONGEST_PAUSE, 2 * pause)
            if self._stopping.wait(max(0.0, min(pause, until - time.monotonic()))):
                break
        if session:
            self._left(guest)
