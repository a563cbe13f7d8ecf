"""What the benchmarks share: the fan-out server, processes of many viewers, and processor time over a while."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ADDRESS = "127.0.0.61"
FLV, RTMP = f"http://{ADDRESS}:8080/live/a.flv", f"rtmp://{ADDRESS}:1935/live/a"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What viewers cost their process.

    Attributes:
        viewers: how many were measured.
        microseconds: of processor time per viewer-second.
        memory: KiB per viewer.
        lag: by how many seconds the process was late at worst.
        stalled: viewers that stood still at the end.
        invalid: why the figures say nothing about viewers, by the rule of load tests; "" when they do.
        server_share: of one processor, that the server took.
    """

    viewers: int
    microseconds: float
    memory: float
    lag: float = 0.0
    stalled: int = 0
    invalid: str = ""
    server_share: float = 0.0


class Fanout:
    """The fan-out server, running."""

    def __init__(self, process: subprocess.Popen[str], says: str) -> None:
        self.process, self.says = process, says

    def ours(self, kind: str, viewers: int, seconds: float) -> Cost:
        """Measure viewers of one kind, all in one process.

        Raises:
            SystemExit: not all of them watched to the end.
        """
        command = [sys.executable, "-m", "benchmarks.one_kind", kind, str(viewers), str(seconds), ADDRESS]
        before, began = _used(self.process.pid), time.monotonic()
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        share = (_used(self.process.pid) - before) / (time.monotonic() - began)
        told = json.loads(ran.stdout.splitlines()[-1])
        if told["watching"] != viewers:
            raise SystemExit(f"{kind}: {told['watching']} of {viewers} viewers watched to the end")
        names = ("microseconds", "memory", "lag", "stalled", "invalid")
        return Cost(viewers, **{name: told[name] for name in names}, server_share=share)


@contextlib.contextmanager
def fanout(kbits: int = 600) -> Iterator[Fanout]:
    """Have the fan-out server run."""
    command = [sys.executable, "-m", "benchmarks.fanout", "--address", ADDRESS, "--kbits", str(kbits)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        says = server.stdout.readline().strip()
        if not says:
            raise SystemExit("the fan-out server does not start; its words stand above")
        yield Fanout(server, says)
    finally:
        server.terminate()
        server.wait()


def processes(command: Sequence[str], count: int, viewers_each: int, seconds: float) -> Cost:
    """Measure processes that watch, from when they have settled."""
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        time.sleep(_SETTLE)
        before, began = sum(_used(process.pid) for process in running), time.monotonic()
        time.sleep(seconds)
        used = sum(_used(process.pid) for process in running) - before
        took = time.monotonic() - began
        gone = [process.returncode for process in running if process.poll() is not None]
        if gone:
            raise SystemExit(f"{command[0]} ended with {gone}")
        memory = sum(_resident(process.pid) for process in running)
    finally:
        for process in running:
            process.kill()
            process.wait()
    viewers = count * viewers_each
    return Cost(viewers, used * 1e6 / viewers / took, memory / viewers)


_SETTLE = 5.0


def _used(pid: int) -> float:
    """Return the seconds of processor time that a process has used (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return float(text.partition("VmRSS:")[2].split()[0])


def this_machine() -> str:
    """Return what it was measured on, in words."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = info.partition("model name")[2].partition(":")[2].partition("\n")[0].strip()
    return f"Python {sys.version.split()[0]}, {os.cpu_count()} processors ({model or 'model not told'})"
