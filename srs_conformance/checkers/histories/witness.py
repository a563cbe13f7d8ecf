"""Whether whoever watched was awake, and the servers ran: else viewers see gaps that no server made."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

from srs_conformance.errors import Starved
from srs_conformance.histories import History
from srs_conformance.observing import Observation
from srs_conformance.witness import Span

OBSERVER: Final = "witness"
"""Its samples say by how many seconds a thread that only slept was `late` at worst since the sample before, and for how
many seconds of that time the server on this machine that was `starved` worst could have run and got no processor."""
ALLOWED: Final = 1.0
"""Seconds; what players must not notice is longer (a gap of more than 1.5 s)."""
SHARE: Final = 0.5
"""Of each silence that was too long: what servers must have been starved for, so that it is not theirs."""
TIMED: Final = frozenset(
    {
        *("drained_within", "ended_within", "gone_within", "lost_at_most", "no_gap", "none_refused"),
        *("nobody_waits", "out_of_service", "returns_within", "stands_still", "stops_listening"),
    }
)
"""Checks by whose seconds a machine that stands still can be blamed on the server."""


def unless_asleep(history: History, check: str, seen: Observation) -> Observation:
    """Return what a check saw, unless it misses a bound in seconds that says nothing about the server.

    That is so where the watching machine itself stood still, or where servers on this machine got no processor for half
    of each of the times that were too long (`waits` of what was seen, in seconds of the history).

    Raises:
        Starved: it does. What holds all the same, holds.
    """
    if seen.holds or check not in TIMED:
        return seen
    late = [(float(sample.values.get("late", 0.0)), sample.at) for sample in history.samples(OBSERVER)]
    worst, at = max(late, default=(0.0, 0.0))
    if worst > ALLOWED:
        raise _nobodys(f"the machine that watched stood still for {worst:.1f} s (up to {at:.0f} s)", seen)
    starved = [(_starved(history, wait), wait) for wait in seen.waits]
    if starved and all(lost >= SHARE * (end - start) for lost, (start, end) in starved):
        lost, (start, end) = max(starved)
        raise _nobodys(
            f"a server or publisher got no processor for {lost:.1f} s of the {end - start:.1f} s up to {end:.0f} s",
            seen,
        )
    return replace(seen, waits=())  # which are of the history's clock


def _starved(history: History, span: Span) -> float:
    """Return for how many seconds of a span servers were starved, as if evenly between two samples."""
    start, end = span
    seconds = 0.0
    for before, sample in pairwise(history.samples(OBSERVER)):
        within = min(end, sample.at) - max(start, before.at)
        if within > 0:
            seconds += float(sample.values.get("starved", 0.0)) * within / (sample.at - before.at)
    return seconds


def _nobodys(why: str, seen: Observation) -> Starved:
    return Starved(
        f"{why}, which may be all of this: {seen.seen}; expected {seen.expected}",
        hint="run fewer things on it at once (-n 1), or the suite on a machine with more processors",
    )
