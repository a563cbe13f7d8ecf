"""Faults as they stand in one direction of one connection: which are due, and for how long they hold bytes back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from srs_conformance.proxy.counters import Connection, Counters
from srs_conformance.proxy.errors import InjectedError
from srs_conformance.proxy.plan import Direction, Drawn, Kind

#: A throttled line sends a twentieth of a second's bytes at a time.
_BEAT_SECONDS: Final = 0.05


class Armed:
    """One fault that counts its time and bytes from when it was taken."""

    def __init__(self, drawn: Drawn, begins: float, threshold: int) -> None:
        self.drawn, self.begins, self.threshold = drawn, begins, threshold
        self.stalled_at: float | None = None
        self.over = False

    def due(self, now: float, passed: int) -> bool:
        """Whether its time has come, and its bytes have passed."""
        return not self.over and now >= self.begins and passed >= self.threshold


class Faults:
    """The faults of one direction of one connection under one plan; times are those of the event loop, in seconds.

    `once` is shared by both directions, so that a connection counts once for each fault.
    """

    def __init__(
        self, drawn: Sequence[Drawn], direction: Direction, connection: Connection, counters: Counters, once: set[Drawn]
    ) -> None:
        self._drawn, self._direction, self._once = drawn, direction, once
        self._connection, self._counters = connection, counters
        self._armed: list[Armed] = []
        self._tokens, self._filled = 0.0, 0.0

    def begin(self, now: float) -> None:
        """Count time and bytes from now."""
        mine = [fault for fault in self._drawn if self._direction in fault.directions]
        self._armed = [
            Armed(each, now + each.after_seconds, self._passed(each.kind) + each.after_bytes) for each in mine
        ]
        self._filled = now

    def end(self, now: float) -> None:
        """Close the account of stalls that go on."""
        for fault in self._armed:
            self._stall_is_over(fault, now)

    @property
    def delays(self) -> bool:
        """Whether bytes can be on their way for a while."""
        return any(fault.drawn.kind is Kind.DELAY for fault in self._armed)

    def next_due(self, now: float) -> float:
        """Return when the next fault's time comes, infinity where none is to come."""
        return min((fault.begins for fault in self._armed if fault.begins > now), default=math.inf)

    def ready(self, now: float, count: int) -> float:
        """Return when bytes that have come now may be sent at the earliest."""
        delays = self._due(Kind.DELAY, now)
        for fault in delays:
            self._did(fault, count=count)
        return now + sum(fault.drawn.seconds for fault in delays)

    def held_until(self, now: float) -> float:
        """Do what is due, and return until when nothing may be sent.

        Raises:
            InjectedError: the connection is to be ended.
        """
        for kind in (Kind.RESET, Kind.TRUNCATE):
            for fault in self._due(kind, now):
                self._did(fault)
                raise InjectedError(orderly=kind is Kind.TRUNCATE)
        until = now
        for fault in self._due(Kind.STALL, now):
            if fault.stalled_at is None:
                fault.stalled_at = now
                self._did(fault)
            end = fault.stalled_at + fault.drawn.seconds
            if now >= end:
                self._stall_is_over(fault, now)
            until = max(until, end)
        return until

    def affordable(self, now: float, count: int) -> float:
        """Return when so many bytes, or a beat's share of them, may be sent through throttles."""
        throttles = self._due(Kind.THROTTLE, now)
        if not throttles:
            return now
        rate = min(fault.drawn.rate for fault in throttles)
        beat = max(1.0, rate * _BEAT_SECONDS)
        self._tokens = min(2 * beat, self._tokens + (now - self._filled) * rate)
        self._filled = now
        missing = min(count, beat) - self._tokens
        if missing <= 0:
            return now
        for fault in throttles:
            self._did(fault, seconds=missing / rate)
        return now + missing / rate

    def take(self, now: float, count: int) -> int:
        """Return how many of so many bytes may be sent now, at least one, and take them as sent."""
        for fault in self._armed:
            if (left := fault.threshold - self._passed(fault.drawn.kind)) > 0:
                count = min(count, left)  # not one more than those after which a fault begins
        if throttles := self._due(Kind.THROTTLE, now):
            count = max(1, min(count, int(self._tokens)))
            self._tokens -= count
            for fault in throttles:
                self._did(fault, count=count)
        self._counters.passed(self._connection, self._direction, count)
        return count

    def _due(self, kind: Kind, now: float) -> list[Armed]:
        passed = self._passed(kind)
        return [fault for fault in self._armed if fault.drawn.kind is kind and fault.due(now, passed)]

    def _passed(self, kind: Kind) -> int:
        """Return the bytes that count for a fault: those of this direction, and for a reset those of both."""
        passed = self._connection.bytes
        return sum(passed.values()) if kind is Kind.RESET else passed[self._direction]

    def _did(self, fault: Armed, *, count: int = 0, seconds: float = 0.0) -> None:
        first = fault.drawn not in self._once
        self._once.add(fault.drawn)
        self._counters.did(self._connection, fault.drawn.kind, first=first, count=count, seconds=seconds)

    def _stall_is_over(self, fault: Armed, now: float) -> None:
        if fault.stalled_at is not None and not fault.over:
            fault.over = True
            self._did(fault, seconds=min(now - fault.stalled_at, fault.drawn.seconds))
