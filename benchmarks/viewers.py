"""What one viewer costs: processor time per viewer-second and memory, of each kind of ours and of what else there is.

    python -m benchmarks.viewers [--viewers 1000] [--seconds 20] [--srs-bench FOLDER] [--out benchmarks/results]

All watch the same stream of 600 kbit/s from `benchmarks.fanout`, one kind after the other, in one run: compare the rows
with each other, not with those of another machine. Each kind runs in a process of its own, whose time alone counts.
srs-bench is measured where a folder with its programs (sb_http_load, sb_rtmp_load) is given.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from benchmarks import drawing
from benchmarks.running import FLV, RTMP, Cost, Fanout, fanout, processes, this_machine
from srs_conformance.publisher import arguments

FEW = 20
"""Viewers of the kinds that take a process each."""
RESULTS = Path(__file__).parent / "results"
_FFMPEG = ("-hide_banner", "-loglevel", "error", "-nostdin")
_OURS = {
    "flv": "HTTP-FLV, every frame followed",
    "flv-drained": "HTTP-FLV, drained by the kernel",
    "rtmp": "RTMP, every frame followed",
    "rtmp-drained": "RTMP, drained by the kernel",
    "hls": "HLS, every frame followed",
    "hls-drained": "HLS, segments drained by the kernel",
    "publisher": "RTMP publisher of prepared bytes",
    "per-packet": "HTTP-FLV, a greenlet that parses packet by packet",
}


def main(argv: list[str]) -> None:
    """Measure every kind and write table and picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20.0, help="a whole number of HLS segments of 10 s is best")
    parser.add_argument("--srs-bench", type=Path, metavar="FOLDER", help="where sb_http_load and sb_rtmp_load are")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(argv)
    rows: dict[str, Cost] = {}
    with fanout() as server:
        for kind, name in _OURS.items():
            rows[name] = server.ours(kind, given.viewers, given.seconds)
            print(f"{name}: {rows[name].microseconds:.0f} us", file=sys.stderr)
        rows |= _others(given.seconds, given.srs_bench, given.viewers)
        text = _table(rows, server)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "viewers.md").write_text(text, encoding="utf-8")
    costs = {name: cost.microseconds for name, cost in rows.items()}
    (given.out / "viewers.svg").write_text(drawing.bars("Microseconds per viewer-second", costs), encoding="utf-8")
    print(text)


def _others(seconds: float, bench: Path | None, viewers: int) -> dict[str, Cost]:
    commands = {
        "HTTP-FLV, one curl each (looks at nothing)": ["curl", "--silent", "--output", os.devnull, FLV],
        "HTTP-FLV, one ffmpeg each (demuxes)": [arguments.binary(), *_FFMPEG, "-i", FLV, *_NOWHERE],
        "RTMP, one ffmpeg each (demuxes)": [arguments.binary(), *_FFMPEG, "-i", RTMP, *_NOWHERE],
    }
    rows = {name: processes(command, FEW, 1, seconds) for name, command in commands.items() if shutil.which(command[0])}
    if bench is not None:
        for name, program, url in (("HTTP-FLV", "sb_http_load", FLV), ("RTMP", "sb_rtmp_load", RTMP)):
            command = [str(bench / program), "-c", str(viewers), "-r", url]
            rows[f"{name}, srs-bench {program} (looks at nothing)"] = processes(command, 1, viewers, seconds)
    return rows


_NOWHERE = ("-c", "copy", "-f", "null", "-")


def _table(rows: dict[str, Cost], server: Fanout) -> str:
    base = next(iter(rows.values())).microseconds
    lines = [
        "# What one viewer costs",
        "",
        f"Server: {server.says}. {this_machine()}. `make bench` repeats it.",
        "",
        "| viewer | viewers | microseconds per viewer-second | times the first row | KiB per viewer |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, row in rows.items():
        times = row.microseconds / base
        cells = (name, row.viewers, f"{row.microseconds:,.0f}", f"{times:.2f}", f"{row.memory:,.0f}")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, "", "![The same as bars](viewers.svg)", ""])


if __name__ == "__main__":
    main(sys.argv[1:])
