"""How fast the parsers and skimmers are, beside PyAV's demuxer (FFmpeg in C) on the same bytes.

python -m benchmarks.parsers [--repeat 5] [--out benchmarks/results]

Every one reads the same minute of the demo clip from memory; the best of `--repeat` turns counts.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av

from benchmarks.fanout import CLIPS
from benchmarks.running import this_machine
from benchmarks.segments import COUNT, SECONDS, cut
from benchmarks.viewers import RESULTS
from srs_conformance.load.prepared import CHUNK_SIZE, Clip, Schedule, rtmp_chunks
from srs_conformance.media.flv import FlvParser, FlvTag, TagKind, parse_audio, parse_video
from srs_conformance.media.flv_skimmer import FlvSkimmer
from srs_conformance.media.mpegts import TsParser
from srs_conformance.media.rtmp.chunks import ChunkReader
from srs_conformance.media.rtmp.skimmer import ChunkSkimmer
from srs_conformance.media.ts_skimmer import skim

PIECE = 26_000
"""Bytes at once: what 350 ms of 600 kbit/s are."""


def main(argv: list[str]) -> None:
    """Measure every parser and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(argv)
    file = CLIPS[600].ensure_flv()
    schedule = Schedule(Clip(file), rtmp_chunks())
    flv, segments = file.read_bytes(), cut(file)
    chunks = schedule.headers(0) + schedule.between(0, schedule.clip.length)
    minute, ts = schedule.clip.length / 1000, b"".join(segments)
    rows: list[tuple[str, float, bytes, dict[str, Callable[[], object]]]] = [
        ("FLV", minute, flv, {_PYAV: lambda: _demux(flv), _PARSER: lambda: _flv(flv), _SKIMMER: lambda: _skim(flv)}),
        (
            "MPEG-TS",
            COUNT * SECONDS,
            ts,
            {
                _PYAV: lambda: [_demux(segment) for segment in segments],
                _PARSER: lambda: [_ts(segment) for segment in segments],
                _SKIMMER: lambda: [skim(segment) for segment in segments],
            },
        ),
        ("RTMP chunks", minute, chunks, {_PARSER: lambda: _rtmp(chunks), _SKIMMER: lambda: _skim_rtmp(chunks)}),
    ]
    what = (
        f"{this_machine()}. The demo clip at 600 kbit/s, {PIECE:,} bytes at once (MPEG-TS: a segment of {SECONDS} s), "
        f"the best of {given.repeat} turns. RTMP has no demuxer in PyAV that takes bytes. "
        "`python -m benchmarks.parsers` repeats it."
    )
    head = "| format | by | MB/s | times PyAV | microseconds per second of media |"
    lines = ["# How fast the parsers are", "", what, "", head, "| --- | --- | ---: | ---: | ---: |"]
    for name, media, data, ways in rows:
        took = {way: min(_timed(run) for _ in range(given.repeat)) for way, run in ways.items()}
        for way, seconds in took.items():
            times = f"{took[_PYAV] / seconds:.2f}" if _PYAV in took else ""
            cells = (name, way, f"{len(data) / seconds / 1e6:,.0f}", times, f"{seconds * 1e6 / media:,.0f}")
            lines.append(f"| {' | '.join(cells)} |")
    text = "\n".join([*lines, ""])
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "parsers.md").write_text(text, encoding="utf-8")
    print(text)


_PYAV = "PyAV, demuxed"
_PARSER = "our parser, every frame"
_SKIMMER = "our skimmer, timestamps and keyframes"


def _timed(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _demux(data: bytes) -> int:
    with av.open(io.BytesIO(data), "r") as container:
        return sum(1 for _ in container.demux())


def _flv(data: bytes) -> int:
    parser, found = FlvParser(), 0
    for at in range(0, len(data), PIECE):
        for event in parser.receive_data(data[at : at + PIECE]):
            if isinstance(event, FlvTag) and event.kind in _PARSED:
                _PARSED[event.kind](event.payload)
                found += 1
    return found


_PARSED: dict[int, Callable[[bytes], object]] = {TagKind.VIDEO: parse_video, TagKind.AUDIO: parse_audio}


def _skim(data: bytes) -> None:
    skimmer, view = FlvSkimmer(), memoryview(data)
    for at in range(0, len(data), PIECE):
        skimmer.skim(view[at : at + PIECE])


def _ts(data: bytes) -> int:
    parser = TsParser()
    return len(parser.receive_data(data)) + len(parser.flush())


def _rtmp(data: bytes) -> None:
    reader = ChunkReader(chunk_size=CHUNK_SIZE)
    for at in range(0, len(data), PIECE):
        reader.receive_data(data[at : at + PIECE])


def _skim_rtmp(data: bytes) -> None:
    skimmer, view = ChunkSkimmer(ChunkReader(chunk_size=CHUNK_SIZE)), memoryview(data)
    for at in range(0, len(data), PIECE):
        skimmer.skim(view[at : at + PIECE])


if __name__ == "__main__":
    main(sys.argv[1:])
