"""A watch for a person: one viewer, looked at until it ends, the time is over, or somebody interrupts it."""

from __future__ import annotations

import time

from srs_conformance.viewers import Keeping, watch
from srs_conformance.watching.conclusion import Conclusion, conclude
from srs_conformance.watching.diagnosis import sniffed
from srs_conformance.watching.rows import Look, line, rows
from srs_conformance.watching.screen import Screen
from srs_conformance.watching.tally import Tally, buffer_of

LOOK_SECONDS = 0.5


class Session:
    """Watches one URL.

    Args:
        url: as `viewers.watch` takes it.
        buffer: seconds of media that the modelled player waits for; over HLS, a target duration more.
        from_start: of HLS, begin with the oldest segment and not near the live edge.

    Raises:
        UsageError: the URL has no form that can be watched.
    """

    def __init__(self, url: str, *, buffer: float, from_start: bool = False) -> None:
        self._keeping = Keeping()
        self._viewer = watch(url, from_start=from_start, keep=self._keeping)
        self._asked = buffer
        self._tally: Tally | None = None
        self._taken = 0
        self.interrupted = False

    def run(self, seconds: float, screen: Screen) -> None:
        """Watch for so long at most, and show how it stands; Ctrl-C ends the watch, and is remembered."""
        viewer, until = self._viewer, time.monotonic() + seconds
        try:
            with viewer:
                while (left := until - time.monotonic()) > 0 and not viewer.wait(min(left, LOOK_SECONDS)):
                    look = self.look(time.monotonic())
                    screen.show(rows(look), line(look), look.at)
                    if not look.timeline.frames and sniffed(look.timeline.protocol, viewer.capture):
                        break  # another protocol lives there: that will not change
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            viewer.stop()
            screen.clear()

    def look(self, now: float) -> Look:
        """Return how it stands at a time (s of `time.monotonic()`)."""
        timeline = self._viewer.timeline
        fresh = timeline.frames[self._taken :]
        self._taken += len(fresh)
        tally = self._tally or Tally(timeline.span, buffer_of(timeline, self._asked))
        if fresh:  # a playlist, which says how long a player of HLS has to wait, comes before them
            self._tally = tally
        tally.take(fresh)
        return Look(timeline, now, tally.figures(now), tally.buffer)

    def conclude(self, *, strict: bool) -> Conclusion:
        """Return what came of it, when it is over."""
        timeline = self._viewer.stop()
        look = self.look(timeline.until)
        return conclude(timeline, self._keeping, self._viewer.capture, look.figures, look.buffer, strict=strict)
