"""A process that stands still, and witnesses who say so."""

from __future__ import annotations

import time

from srs_conformance.witness import Span, Witness


def lost(*spans: Span) -> Witness:
    """Return a witness who has lost these spans, and watches no longer."""
    made = Witness()
    made._lost.extend(spans)
    return made


def stand_still(seconds: float) -> Span:
    """Let no other thread of this process run for at least so long, and return from when to when.

    One call of the interpreter's own gives no other thread a turn before it returns.
    """
    size = 1 << 22
    while True:
        began = time.monotonic()
        sum(range(size))
        ended = time.monotonic()
        if ended - began >= seconds:
            return began, ended
        size = int(size * max(1.5, 1.2 * seconds / (ended - began)))
