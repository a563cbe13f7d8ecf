"""A clip as HLS for benchmarks: segments prepared once, and a playlist that moves with the clock."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from srs_conformance.publisher import arguments

SECONDS: Final = 10
"""hls_fragment, as the guide's configurations have it by default."""
WINDOW: Final = 6
COUNT: Final = 24
"""Segments after which they begin again, announced as a discontinuity."""


class Segments:
    """Answers requests for a stream's playlist and segments with whole HTTP responses."""

    def __init__(self, clip: Path) -> None:
        self._began = time.monotonic() - WINDOW * SECONDS
        self._bodies = cut(clip)

    def answer(self, path: str) -> bytes:
        """Return the response to GET path: NAME.m3u8 or NAME-SEQUENCE.ts."""
        name, _, suffix = path.rpartition(".")
        if suffix == "m3u8":
            return _response(self._playlist(name.rpartition("/")[2]), "application/vnd.apple.mpegurl")
        sequence = name.rpartition("-")[2]
        if suffix != "ts" or not sequence.isdecimal():
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        return _response(self._bodies[int(sequence) % len(self._bodies)], "video/mp2t")

    def _playlist(self, name: str) -> bytes:
        newest = int((time.monotonic() - self._began) / SECONDS)
        first = max(newest - WINDOW, 0)
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-MEDIA-SEQUENCE:{first}", f"#EXT-X-TARGETDURATION:{SECONDS}"]
        for sequence in range(first, newest):
            lines += ["#EXT-X-DISCONTINUITY"] if sequence and sequence % len(self._bodies) == 0 else []
            lines += [f"#EXTINF:{SECONDS}.000,", f"{name}-{sequence}.ts"]
        return "\n".join([*lines, ""]).encode()


def _response(body: bytes, content_type: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def cut(clip: Path) -> list[bytes]:
    """Have ffmpeg repeat the clip and cut it at keyframes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [arguments.binary(), "-hide_banner", "-loglevel", "error", "-nostdin", "-stream_loop", "-1"]
        command += ["-i", str(clip), "-t", str(COUNT * SECONDS), "-c", "copy", "-f", "hls"]
        command += ["-hls_time", str(SECONDS), "-hls_list_size", "0", "-hls_segment_filename", f"{folder}/%04d.ts"]
        subprocess.run([*command, f"{folder}/all.m3u8"], check=True)
        return [file.read_bytes() for file in sorted(Path(folder).glob("*.ts"))]
