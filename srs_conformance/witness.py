"""Whether this process itself was given the processor: what it measures in seconds is else laid to a server."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Final

TICK: Final = 0.05
"""Seconds for which the witness sleeps at a time; what it is late by more than that again is lost."""
_KEPT: Final = 50_000

Span = tuple[float, float]
"""From when to when, in seconds of `time.monotonic()`."""


class Restartable:
    """A thread that does `_run` until it is stopped, and can be started again; what it saw stays known."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; one that has begun goes on."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End, if it has begun."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        raise NotImplementedError


class Witness(Restartable):
    """A thread that only sleeps, and keeps when it was woken late: all threads of the process stood still then.

    It is late when the kernel runs others, when the process or the machine under it is stopped, and when another thread
    keeps the interpreter for itself.
    """

    def __init__(self) -> None:
        super().__init__("witness")
        self._lost: deque[Span] = deque(maxlen=_KEPT)
        self._due: float | None = None

    def stop(self) -> None:
        """End watching; from then on nothing is late."""
        super().stop()
        self._due = None

    def lost(self, since: float) -> list[Span]:
        """Return what was lost and had not ended before `since`, the stand-still that ends just now included."""
        with self._lock:
            found = [each for each in self._lost if each[1] >= since]
            if self._due is not None and (now := time.monotonic()) - self._due > TICK:
                found.append((self._due, now))
        return found

    def lost_within(self, span: Span) -> float:
        """Return how many seconds of a span were lost."""
        start, end = span
        return sum(max(0.0, min(to, end) - max(since, start)) for since, to in self.lost(start))

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                self._due = due = time.monotonic() + TICK
            self._stop.wait(TICK)
            with self._lock:
                now = time.monotonic()
                if now - due > TICK:
                    self._lost.append((due, now))
