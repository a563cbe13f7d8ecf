"""Media that ffmpeg made of the demo clip, for tests: an FLV stream, its tags, and an HLS playlist with segments."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path

from srs_conformance.media.flv import FlvParser, FlvTag
from srs_conformance.publisher import DemoClip, arguments

CLIP = DemoClip(seconds=4)


@cache
def flv() -> bytes:
    """Return four seconds of the demo clip as FLV: 100 pictures, two GOPs."""
    with tempfile.TemporaryDirectory() as folder:
        return _remux(Path(folder) / "clip.flv", "-flvflags", "no_duration_filesize").read_bytes()


@cache
def tags() -> tuple[FlvTag, ...]:
    """Return the tags of `flv`."""
    return tuple(event for event in FlvParser().receive_data(flv()) if isinstance(event, FlvTag))


@cache
def segments() -> tuple[bytes, ...]:
    """Return the same four seconds as two MPEG-TS segments of one GOP each."""
    with tempfile.TemporaryDirectory() as folder:
        playlist = Path(folder) / "clip.m3u8"
        _remux(playlist, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0")
        return tuple(file.read_bytes() for file in sorted(Path(folder).glob("*.ts")))


def playlist(first: int, count: int, *, target: int = 2, ended: bool = False, extinf: float = 2.0) -> bytes:
    """Return a media playlist of segments that are called N.ts."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{target}", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    for number in range(first, first + count):
        lines += [f"#EXTINF:{extinf:.3f},", f"{number}.ts"]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else []), ""]).encode()


def _remux(to: Path, *options: str) -> Path:
    copy = [arguments.binary(), "-v", "error", "-i", str(CLIP.ensure()), "-c", "copy", *options, str(to)]
    subprocess.run(copy, check=True, timeout=60)
    return to
