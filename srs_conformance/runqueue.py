"""How long servers and publishers on this machine waited for a processor, as its kernel counts it.

A server that is silent because it waits for nothing is broken; one that could run and gets no processor is not, and a
machine that runs cluster and suite may have too few for both. The kernel keeps for each task the time that
it waited on a run queue (`/proc/PID/schedstat`, the second figure, in ns; Documentation/scheduler/sched-stats.rst).
Pods of other machines have no processes here: of them nothing is said.
"""

from __future__ import annotations

import os
import re
import threading
import time
from bisect import bisect_right
from collections import deque
from pathlib import Path
from typing import Final

from srs_conformance.witness import Restartable, Span

EVERY: Final = 0.5
"""Seconds between two looks."""
LOOK_AGAIN: Final = 2.0
"""Seconds after which processes that have come since are found."""
KEPT: Final = 1200
"""Looks that are kept of a process: ten minutes, less where others than the thread itself look, too."""
FEW_TASKS: Final = 8
"""Of a process with more tasks only the first is looked at: no server that is judged here has so many."""
ASKED: Final = 5
"""Looks until it is believed that a process does not count: what has been forked may become one that does."""
WATCHED_VARIABLE: Final = "SRS_CONFORMANCE_WATCHED"
"""In the environment of what no kubelet runs and yet counts: publishers, and servers without a cluster; with a name."""
_PODS: Final = "kubepods"  # in the names of their control groups, whoever runs the kubelet
_HOLDER: Final = "pause"
_ENOUGH: Final = 65_536
_WATCHED: Final = re.compile(rf"(^|\0){WATCHED_VARIABLE}=")


class RunQueue(Restartable):
    """A thread that looks at the processes of all pods and publishers on this machine, as its kernel tells of them."""

    def __init__(self, processes: Path = Path("/proc")) -> None:
        super().__init__("run queue")
        self._processes = processes
        self._looking = threading.Lock()
        self._there: list[int] = []
        self._others: dict[int, int] = {}  # processes that do not count: how often that was found
        self._waited: dict[int, deque[tuple[float, float]]] = {}  # by process: when, and the seconds until then

    def lost_within(self, span: Span) -> float:
        """Return for how many seconds of a span the process that waited longest waited for a processor."""
        with self._lock:
            return max((_waited(looks, span) for looks in self._waited.values()), default=0.0)

    def look(self, *, at: float, afresh: bool) -> None:
        """Look at all processes once, at a time of `time.monotonic()`; `afresh` finds those that have come since.

        Any thread may, so that what it asks next is known until now.
        """
        with self._looking:
            found = {process: self._waited_by(process) for process in (self._found() if afresh else self._there)}
            self._there = [process for process, seconds in found.items() if seconds is not None]
            with self._lock:
                for process, seconds in found.items():
                    if seconds is not None:
                        self._waited.setdefault(process, deque(maxlen=KEPT)).append((at, seconds))
                for gone in [each for each, looks in self._waited.items() if at - looks[-1][0] > KEPT * EVERY]:
                    del self._waited[gone]

    def _run(self) -> None:
        found = float("-inf")
        while not self._stop.is_set():
            now = time.monotonic()
            afresh = now - found >= LOOK_AGAIN
            found = now if afresh else found
            self.look(at=now, afresh=afresh)
            self._stop.wait(EVERY)

    def _found(self) -> list[int]:
        """Return the processes that count and are there; what does not yet may do so soon, and is asked again."""
        here = {int(name) for name in _names(str(self._processes)) if name.isdigit()}
        self._others = {process: asked for process, asked in self._others.items() if process in here}
        known = here.intersection(self._there)
        new = (process for process in here - known if self._others.get(process, 0) < ASKED)
        return [*known, *(process for process in new if self._serves(process))]

    def _serves(self, process: int) -> bool:
        """Whether this is a process of a pod or a publisher, and not the one that only holds a pod's network."""
        folder = f"{self._processes}/{process}"
        counts = _PODS in _text(f"{folder}/cgroup") or bool(_WATCHED.search(_text(f"{folder}/environ")))
        if counts and _text(f"{folder}/comm").strip() != _HOLDER:
            return True
        self._others[process] = self._others.get(process, 0) + 1
        return False

    def _waited_by(self, process: int) -> float | None:
        """Return how long the task of a process that waited longest has waited in all, None where it has gone."""
        folder = f"{self._processes}/{process}"
        tasks = [f"{folder}/task/{task}" for task in _names(f"{folder}/task")]
        if len(tasks) > FEW_TASKS:
            tasks = [folder]
        words = [_text(f"{task}/schedstat").split() for task in tasks]
        return max((int(each[1]) / 1e9 for each in words if len(each) > 1), default=None)


def _waited(looks: deque[tuple[float, float]], span: Span) -> float:
    """Return how much a process waited within a span, as if it had waited evenly between two looks."""
    times = [at for at, _ in looks]
    seconds = [each for _, each in looks]
    start, end = (_between(times, seconds, at) for at in span)
    return end - start


def _between(times: list[float], seconds: list[float], at: float) -> float:
    after = bisect_right(times, at)
    if after in (0, len(times)):
        return seconds[0] if after == 0 else seconds[-1]
    (before, then), (had, has) = times[after - 1 : after + 1], seconds[after - 1 : after + 1]
    return had + (has - had) * (at - before) / (then - before)


def _names(folder: str) -> list[str]:
    """Return what a folder of the kernel's has, nothing where its process has gone."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - as strings: see below
    except OSError:
        return []


def _text(file: str) -> str:
    """Return what a file of the kernel tells, as far as it matters, "" where its process has gone.

    By system calls alone: hundreds of these files are read twice a second, in each process of a run.
    """
    try:
        opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(opened, _ENOUGH).decode("ascii", "replace")
    except OSError:
        return ""
    finally:
        os.close(opened)
