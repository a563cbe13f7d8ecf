"""What a container uses, read from inside it out of its control group (version 1 or 2) and the node's /proc/stat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Final, Self

from srs_conformance.clusters.base import Namespace
from srs_conformance.errors import ConformanceError, CouldNotTest

EVERY: Final = 2.0
"""Seconds between two samples of memory; processor time is counted by the kernel and needs only two."""
_FILES: Final = (
    *("cpu.stat", "cpu.max", "memory.current", "memory.max", "memory.stat"),
    *("cpu/cpu.stat", "cpuacct/cpuacct.usage", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"),
    *("memory/memory.usage_in_bytes", "memory/memory.limit_in_bytes", "memory/memory.stat"),
)
_LOOK: Final = f"cd /sys/fs/cgroup; for f in {' '.join(_FILES)}; do if [ -f $f ]; then echo @$f; cat $f; fi; done"
_COMMAND: Final = ("/bin/sh", "-c", f"{_LOOK}; echo @stat; head -1 /proc/stat; grep -c ^processor /proc/cpuinfo")
_UNLIMITED: Final = 1 << 60
"""What version 1 says where there is no limit is no number that a machine has."""


@dataclass(frozen=True)
class Sample:
    """One look.

    Attributes:
        at: `time.monotonic()` s.
        used, throttled: seconds of processor time that the container has used, and was held back, since its start.
        cpu_limit: processors that it may use; None: as many as there are.
        memory, memory_limit: bytes; without what the kernel can drop at will (inactive file pages).
        node_busy, node_time: of all of the node's processors together, in the unit of /proc/stat.
        processors: of the node.
    """

    at: float
    used: float
    throttled: float
    cpu_limit: float | None
    memory: int
    memory_limit: int | None
    node_busy: int
    node_time: int
    processors: int


@dataclass(frozen=True)
class Usage:
    """What a container used over a while.

    Attributes:
        cores: processors in use, on average.
        throttled: share of the time in which the limit held it back.
        cpu_limit: processors; None: none.
        memory: the most, in bytes.
        memory_limit: bytes; None: none.
        node: share of all of the node's processors in use.
        processors: of the node.
    """

    cores: float
    throttled: float
    cpu_limit: float | None
    memory: int
    memory_limit: int | None
    node: float
    processors: int

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def between(samples: list[Sample]) -> Usage:
    """Return what was used from the first sample to the last.

    Raises:
        CouldNotTest: there are fewer than two.
    """
    if len(samples) < 2:
        raise CouldNotTest("the server's use of processor and memory was sampled less than twice")
    first, last = samples[0], samples[-1]
    took, node = last.at - first.at, last.node_time - first.node_time
    return Usage(
        cores=(last.used - first.used) / took,
        throttled=(last.throttled - first.throttled) / took,
        cpu_limit=last.cpu_limit,
        memory=max(sample.memory for sample in samples),
        memory_limit=last.memory_limit,
        node=(last.node_busy - first.node_busy) / node if node else 0.0,
        processors=last.processors,
    )


def look(namespace: Namespace, pod: str, container: str = "") -> Sample:
    """Sample a container.

    Raises:
        CouldNotTest: it cannot be looked into, or has no control group of its own.
    """
    result = namespace.exec(pod, _COMMAND, container=container)
    try:
        return parse(result.stdout, time.monotonic())
    except (KeyError, ValueError, IndexError) as error:
        words = result.stderr.strip() or repr(error)
        raise CouldNotTest(
            f"pod {pod} does not tell what it uses: {words}",
            hint="capacity reads /sys/fs/cgroup inside the container, with sh, cat, head and grep",
        ) from error


def parse(text: str, at: float) -> Sample:
    """Read what the command printed.

    Raises:
        KeyError, ValueError, IndexError: it is something else.
    """
    parts = {name.strip(): rest.split() for name, _, rest in (each.partition("\n") for each in text.split("@")[1:])}
    ticks = [int(word) for word in parts["stat"][1:9]]
    idle = ticks[3] + ticks[4]  # proc(5): idle and iowait
    group = _version_2(parts) if "cpu.max" in parts else _version_1(parts)
    return Sample(at, *group, sum(ticks) - idle, sum(ticks), int(parts["stat"][-1]))


_Group = tuple[float, float, float | None, int, int | None]


def _version_2(parts: dict[str, list[str]]) -> _Group:
    cpu, memory = _pairs(parts["cpu.stat"]), _pairs(parts["memory.stat"])
    quota, period = parts["cpu.max"]
    return (
        cpu["usage_usec"] / 1e6,
        cpu.get("throttled_usec", 0) / 1e6,
        None if quota == "max" else int(quota) / int(period),
        int(parts["memory.current"][0]) - memory.get("inactive_file", 0),
        None if parts["memory.max"][0] == "max" else int(parts["memory.max"][0]),
    )


def _version_1(parts: dict[str, list[str]]) -> _Group:
    cpu, memory = _pairs(parts["cpu/cpu.stat"]), _pairs(parts["memory/memory.stat"])
    quota, limit = int(parts["cpu/cpu.cfs_quota_us"][0]), int(parts["memory/memory.limit_in_bytes"][0])
    return (
        int(parts["cpuacct/cpuacct.usage"][0]) / 1e9,
        cpu.get("throttled_time", 0) / 1e9,
        None if quota < 0 else quota / int(parts["cpu/cpu.cfs_period_us"][0]),
        int(parts["memory/memory.usage_in_bytes"][0]) - memory.get("total_inactive_file", 0),
        limit if limit < _UNLIMITED else None,
    )


def _pairs(words: list[str]) -> dict[str, int]:
    return {name: int(value) for name, value in zip(words[::2], words[1::2], strict=True)}


class Sampler:
    """Samples again and again while its block runs; a look that fails ends it, and `usage` says so."""

    def __init__(self, take: Callable[[], Sample]) -> None:
        self._take = take
        self._samples: list[Sample] = []
        self._failure: ConformanceError | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def usage(self) -> Usage:
        """Return what was used, after the block.

        Raises:
            CouldNotTest: it could not be sampled.
        """
        if len(self._samples) < 2 and self._failure is not None:
            raise self._failure
        return between(self._samples)

    def _run(self) -> None:
        try:
            while True:
                self._samples.append(self._take())
                if self._over.wait(EVERY):
                    self._samples.append(self._take())
                    return
        except ConformanceError as failure:
            self._failure = failure
        except KeyError as gone:
            self._failure = CouldNotTest(f"the pod under test is gone: {gone}")
