"""Whether whoever watched was awake: viewers on a machine that stands still see gaps that no server made."""

from __future__ import annotations

from typing import Final

from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History
from srs_conformance.observing import Observation

OBSERVER: Final = "witness"
"""Its samples say by how many seconds a thread that only slept was `late` at worst since the sample before."""
ALLOWED: Final = 1.0
"""Seconds; what players must not notice is longer (a gap of more than 1.5 s)."""
TIMED: Final = frozenset(
    {
        *("drained_within", "ended_within", "gone_within", "lost_at_most", "no_gap", "none_refused"),
        *("out_of_service", "returns_within", "stands_still", "stops_listening"),
    }
)
"""Checks by whose seconds a machine that stands still can be blamed on the server."""


def unless_asleep(history: History, check: str, seen: Observation) -> Observation:
    """Return what a check saw, unless it misses a bound in seconds while the watching machine itself stood still.

    Raises:
        CouldNotTest: it did. What holds all the same, holds.
    """
    if seen.holds or check not in TIMED:
        return seen
    late = [(float(sample.values.get("late", 0.0)), sample.at) for sample in history.samples(OBSERVER)]
    worst, at = max(late, default=(0.0, 0.0))
    if worst <= ALLOWED:
        return seen
    raise CouldNotTest(
        f"the machine that watched stood still for {worst:.1f} s (up to {at:.0f} s), which may be all of this: "
        f"{seen.seen}; expected {seen.expected}",
        hint="run fewer things on it at once (-n 1), or the suite on a machine with more processors",
    )
