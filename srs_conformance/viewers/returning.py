"""Viewers that come back when they are cut, and seats on which viewers come and go: threads on top of `watch`."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.viewers.timeline import Timeline
from srs_conformance.viewers.viewer import Viewer

OnSession = Callable[[int, Timeline], object]
"""Gets the number of a session, from 1, and its timeline, once it is over; in the thread of whoever watches."""

LONGEST_PAUSE = 1.0
#: A session that is over is written down before its seat is free, which a busy machine takes its time for.
STOP_SECONDS = 10.0


class _Seat:
    """A thread that watches one session after the other until it is told to stop; that takes `stop_seconds` at most."""

    stop_seconds = STOP_SECONDS

    def __init__(self, url: str, label: str | None, source: str | None, on_session: OnSession | None) -> None:
        self.url = url
        self.label = label or url
        self._source = source
        self._on_session = on_session
        self._timelines: list[Timeline] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._viewer: Viewer | None = None
        self._defect: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"seat {self.label}", daemon=True)
        self._open(self.label)  # a URL that cannot be watched is told here and not in the thread

    @property
    def alive(self) -> bool:
        """Tell whether it was started and not stopped."""
        return self._thread.is_alive()

    @property
    def sessions(self) -> list[Timeline]:
        """Return the timelines so far in their order, the one that goes on included."""
        with self._lock:
            going_on = [self._viewer.timeline] if self._viewer is not None else []
            return [*self._timelines, *going_on]

    @property
    def playing(self) -> bool:
        """Tell whether a session goes on in which a frame has come."""
        viewer = self._viewer
        return viewer is not None and viewer.alive and bool(viewer.timeline.frames)

    def start(self) -> Self:
        """Begin to watch, and return at once."""
        self._thread.start()
        return self

    def stop(self) -> list[Timeline]:
        """Leave, and return the timelines in their order; prompt, and may be called twice.

        Raises:
            EngineError: there is a defect in a viewer or in `on_session`.
        """
        self._stopping.set()
        with self._lock:
            viewer = self._viewer
        if viewer is not None:
            self._stop(viewer)
        if self._thread.ident is not None:
            self._thread.join(self.stop_seconds)
            if self._thread.is_alive():
                raise EngineError(f"{self.label} did not stop within {self.stop_seconds:g} s")
        if self._defect is not None:
            raise EngineError(f"{self.label}: {self._defect!r}") from self._defect
        return list(self._timelines)

    def __enter__(self) -> Self:
        return self if self._thread.ident is not None else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _watch(self) -> None:
        """Watch until `_stopping` is set."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            self._watch()
        except Exception as defect:  # noqa: BLE001 - whatever it is, stop() raises it in the test's thread
            self._defect = self._defect or defect

    def _open(self, label: str) -> Viewer:
        from srs_conformance.viewers import watch  # noqa: PLC0415 - the package imports this module

        return watch(self.url, label=label, source=self._source)

    def _session(self, label: str, until: float | None = None) -> Timeline | None:
        """Watch once, to its end, until a time or until told to stop; None where told so before it began."""
        viewer = self._open(label)
        with self._lock:
            if self._stopping.is_set():
                return None
            self._viewer = viewer.start()
        viewer.wait(None if until is None else max(0.0, until - time.monotonic()))
        self._stop(viewer)
        return viewer.timeline

    def _over(self, timeline: Timeline) -> None:
        with self._lock:
            self._timelines.append(timeline)
            self._viewer = None
            number = len(self._timelines)
        if self._on_session is not None:
            self._on_session(number, timeline)

    def _stop(self, viewer: Viewer) -> None:
        try:
            viewer.stop()
        except EngineError as defect:
            self._defect = self._defect or defect


class Returning(_Seat):
    """A viewer that joins again whenever it is cut or refused, as players do, until it is stopped.

    Args:
        url: what to play, each time anew: a Service's address may lead to another pod.
        label: a name for reports; the URL when there is none.
        after: seconds of pause after a session that brought frames; after one that did not, the pause doubles, up to
            `LONGEST_PAUSE`.
        source: the local address to connect from.
        on_session: told of each session when it is over.

    Raises:
        UsageError: the URL cannot be watched.
    """

    def __init__(
        self,
        url: str,
        label: str | None = None,
        *,
        after: float = 0.2,
        source: str | None = None,
        on_session: OnSession | None = None,
    ) -> None:
        super().__init__(url, label, source, on_session)
        self._after = after

    def _watch(self) -> None:
        pause = self._after
        while (timeline := self._session(self.label)) is not None:
            self._over(timeline)
            pause = self._after if timeline.frames else min(LONGEST_PAUSE, 2 * pause)
            if self._stopping.wait(pause):
                return


@dataclass(frozen=True)
class Visit:
    """One visit: seconds after the seat's start at which it begins, and how long it is."""

    begins: float
    lasts: float


def visits(seed: int | str, *, lasts: tuple[float, float], pause: tuple[float, float]) -> Iterator[Visit]:
    """Yield an endless schedule of visits, the same for the same seed, whatever becomes of the visits."""
    draw = random.Random(f"visits {seed}")
    at = draw.uniform(0, pause[1])
    while True:
        length = draw.uniform(*lasts)
        yield Visit(at, length)
        at += length + draw.uniform(*pause)


class Churn(_Seat):
    """A seat on which one visitor after the other comes, watches for a drawn time and leaves.

    A visitor that is cut or refused does not come back; the next one comes when it would have come anyway, and only
    then is the visit over, so that `on_session` says by its time until when the visitor wanted to watch.

    Args:
        url: what to play.
        label: of the seat; visitors are called "label 1", "label 2" and so on.
        seed: the same seed gives the same schedule.
        lasts: the shortest and the longest visit, s; lengths are drawn evenly between them.
        pause: the same of the time between two visits.
        source: the local address to connect from.
        on_session: told of each visit when it is over.

    Raises:
        UsageError: the URL cannot be watched, or a range is none.
    """

    def __init__(
        self,
        url: str,
        label: str | None = None,
        *,
        seed: int | str,
        lasts: tuple[float, float] = (1.0, 5.0),
        pause: tuple[float, float] = (0.0, 1.0),
        source: str | None = None,
        on_session: OnSession | None = None,
    ) -> None:
        if not (0 < lasts[0] <= lasts[1] and 0 <= pause[0] <= pause[1]):
            raise UsageError(f"visits of {lasts} s with pauses of {pause} s; expected (shortest, longest) of each")
        super().__init__(url, label, source, on_session)
        self._seed, self._lasts, self._pause = seed, lasts, pause

    def _watch(self) -> None:
        began = time.monotonic()
        for number, visit in enumerate(visits(self._seed, lasts=self._lasts, pause=self._pause), 1):
            if self._stopping.wait(max(0.0, began + visit.begins - time.monotonic())):
                return
            until = began + visit.begins + visit.lasts
            timeline = self._session(f"{self.label} {number}", until)
            if timeline is None:
                return
            stopped = self._stopping.wait(max(0.0, until - time.monotonic()))
            self._over(timeline)
            if stopped:
                return
