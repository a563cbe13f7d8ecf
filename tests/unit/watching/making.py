"""Looks and conclusions of hand-made timelines, at fixed times."""

from __future__ import annotations

from srs_conformance.viewers import Keeping, Timeline
from srs_conformance.viewers.timeline import Ending
from srs_conformance.watching.conclusion import Conclusion, conclude
from srs_conformance.watching.rows import Look
from srs_conformance.watching.tally import Figures, Tally, buffer_of
from tests.support.timelines import STARTED


def look(timeline: Timeline, after: float, buffer: float = 3.0) -> Look:
    """Return how a timeline stood so many seconds after its start."""
    return Look(timeline, STARTED + after, figures(timeline, after, buffer), buffer_of(timeline, buffer))


def figures(timeline: Timeline, after: float, buffer: float = 3.0) -> Figures:
    tally = Tally(timeline.span, buffer_of(timeline, buffer))
    tally.take([frame for frame in timeline.frames if frame.arrival <= STARTED + after])
    return tally.figures(STARTED + after)


def over(timeline: Timeline, after: float, ending: Ending = Ending.STOPPED, error: str = "") -> Timeline:
    """End a timeline so many seconds after its start."""
    timeline.ended, timeline.ending, timeline.error = STARTED + after, ending, error
    return timeline


def concluded(
    timeline: Timeline, keeping: Keeping | None = None, first: bytes = b"", *, strict: bool = False, buffer: float = 3.0
) -> Conclusion:
    """Conclude a timeline that is over."""
    after = timeline.until - STARTED
    return conclude(
        timeline,
        keeping or Keeping(),
        first,
        figures(timeline, after, buffer),
        buffer_of(timeline, buffer),
        strict=strict,
    )
