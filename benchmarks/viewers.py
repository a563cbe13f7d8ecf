"""What one viewer costs: processor time per viewer-second and memory, of each kind of ours and of what else there is.

    python -m benchmarks.viewers [--viewers 1000] [--seconds 10] [--out benchmarks/results]

All watch the same stream of 600 kbit/s from `benchmarks.fanout`, one kind after the other, in one run: compare the rows
with each other, not with those of another machine. Each kind runs in a process of its own, whose time alone counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.publisher import arguments

ADDRESS = "127.0.0.61"
FLV, RTMP = f"http://{ADDRESS}:8080/live/a.flv", f"rtmp://{ADDRESS}:1935/live/a"
FEW = 20
"""Viewers of the kinds that take a process each."""


@dataclass(frozen=True)
class Row:
    """One kind: microseconds of processor time per viewer-second, KiB of memory per viewer, and viewers measured."""

    kind: str
    viewers: int
    microseconds: float
    memory: float


def main(argv: list[str]) -> None:
    """Measure every kind and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args(argv)
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fanout", "--address", ADDRESS], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        what = server.stdout.readline().strip()
        rows = [
            *(_ours(kind, given.viewers, given.seconds) for kind in ("flv", "flv-drained", "rtmp", "rtmp-drained")),
            _ours("per-packet", given.viewers, given.seconds),
            _processes("curl", ["curl", "--silent", "--output", os.devnull, FLV], given.seconds),
            _processes(
                "ffmpeg", [arguments.binary(), *_FFMPEG, "-i", FLV, "-c", "copy", "-f", "null", "-"], given.seconds
            ),
        ]
    finally:
        server.terminate()
        server.wait()
    given.out.mkdir(parents=True, exist_ok=True)
    text = _table([row for row in rows if row is not None], what)
    (given.out / "viewers.md").write_text(text, encoding="utf-8")
    print(text)


_FFMPEG = ("-hide_banner", "-loglevel", "error", "-nostdin")
_NAMES = {
    "flv": "HTTP-FLV, every frame followed",
    "flv-drained": "HTTP-FLV, drained by the kernel",
    "rtmp": "RTMP, every frame followed",
    "rtmp-drained": "RTMP, drained by the kernel",
    "per-packet": "HTTP-FLV, a greenlet that reads packet by packet",
    "curl": "HTTP-FLV, one curl each (looks at nothing)",
    "ffmpeg": "HTTP-FLV, one ffmpeg each (demuxes)",
}


def _ours(kind: str, viewers: int, seconds: float) -> Row:
    command = [sys.executable, "-m", "benchmarks.one_kind", kind, str(viewers), str(seconds), ADDRESS]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    if told["watching"] != viewers:
        raise SystemExit(f"{kind}: {told['watching']} of {viewers} viewers watched to the end")
    return Row(kind, viewers, told["microseconds"], told["memory"])


def _processes(kind: str, command: list[str], seconds: float) -> Row | None:
    if shutil.which(command[0]) is None:
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(FEW)]
    time.sleep(seconds)
    memory = sum(_resident(process.pid) for process in running) / FEW
    for process in running:
        process.kill()
        process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Row(kind, FEW, used * 1e6 / FEW / seconds, memory)


def _resident(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return float(text.partition("VmRSS:")[2].split()[0])


def _table(rows: list[Row], server: str) -> str:
    base = rows[0].microseconds
    lines = [
        "# What one viewer costs",
        "",
        f"Server: {server}. Python {platform.python_version()}, {os.cpu_count()} processors. `make bench` repeats it.",
        "",
        "| viewer | viewers | microseconds per viewer-second | times the first row | KiB per viewer |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        times = row.microseconds / base
        cells = (_NAMES[row.kind], row.viewers, f"{row.microseconds:.0f}", f"{times:.2f}", f"{row.memory:.0f}")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
