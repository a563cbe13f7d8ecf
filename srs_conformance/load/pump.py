"""One thread that reads many connections in turn: a viewer costs what its bytes cost, and not a thread's wake-ups.

Between two reads the kernel keeps what comes; so an arrival is known to within a connection's period, which is far
below what a player's buffer hides.
"""

from __future__ import annotations

import threading
import time
from typing import Final, Protocol

TICK: Final = 0.05
BUFFER_SIZE: Final = 1 << 20
_SLOTS: Final = 64
_TURN: Final = 32
"""Readers after which others may run: under gevent all share one thread."""


class Reader(Protocol):
    """A connection that is read from time to time."""

    def read(self, buffer: memoryview, now: float) -> float | None:
        """Take what has come, using the buffer until it returns; return seconds until the next read, None to end."""


class Pump:
    """Reads every connection once per its period; `BUFFER_SIZE` bytes serve them all.

    `run` belongs to one thread (or greenlet); `add` and `lag` may be called from any.
    """

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(BUFFER_SIZE))
        self._slots: list[list[Reader]] = [[] for _ in range(_SLOTS)]
        self._now = 0
        self._serial = 0
        self._worst = 0.0
        self._stop = threading.Event()

    def add(self, reader: Reader, period: float) -> None:
        """Read a connection from now on, the first time somewhere within the period, so that reads spread evenly."""
        self._serial += 1
        ticks = _ticks(period)
        self._slots[(self._now + 1 + self._serial % ticks) % _SLOTS].append(reader)

    def lag(self) -> float:
        """Return by how many seconds the pump was late at worst since the last time it was asked."""
        worst, self._worst = self._worst, 0.0
        return worst

    def stop(self) -> None:
        """Let `run` return soon."""
        self._stop.set()

    def run(self) -> None:
        """Read connections until stopped."""
        due = time.monotonic()
        while not self._stop.is_set():
            due += TICK
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self._worst = max(self._worst, time.monotonic() - due)
            self.turn()

    def turn(self) -> None:
        """Read the connections that are due in one tick."""
        self._now = (self._now + 1) % _SLOTS
        readers, self._slots[self._now] = self._slots[self._now], []
        buffer, slots, clock = self._buffer, self._slots, time.monotonic
        for number, reader in enumerate(readers):
            after = reader.read(buffer, clock())
            if after is not None:
                slots[(self._now + _ticks(after)) % _SLOTS].append(reader)
            if number % _TURN == _TURN - 1:
                time.sleep(0)


def _ticks(period: float) -> int:
    return min(max(round(period / TICK), 1), _SLOTS - 1)
