"""Argument vectors for ffmpeg; the one module that knows which library builds them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import ffmpeg
import imageio_ffmpeg

from srs_conformance import watermark

if TYPE_CHECKING:
    from srs_conformance.publisher.clip import DemoClip

AAC_FRAME = 1024
"""Samples in an AAC frame (ISO 14496-3 4.5.2.1.1)."""
SAMPLE_RATE = 44100
CONNECT_SECONDS = 10


@cache
def binary() -> str:
    """Return the machine's own ffmpeg where it has x264, AAC and RTMP, else the one that imageio-ffmpeg brings."""
    own = shutil.which("ffmpeg")
    if own and {"libx264", "aac"} <= _listed(own, "-encoders", column=1) and "rtmp" in _listed(own, "-protocols"):
        return own
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _listed(program: str, what: str, *, column: int = 0) -> set[str]:
    answer = subprocess.run([program, "-hide_banner", what], capture_output=True, text=True, timeout=30, check=False)
    rows = [line.split() for line in answer.stdout.splitlines()]
    return {row[column] for row in rows if len(row) > column}


def encode(clip: DemoClip, to: Path) -> list[str]:
    """Return the command that encodes a demo clip to an MP4 file once.

    The sound's timestamps are moved by the encoder's one frame of priming, and it ends just before the picture does:
    then both tracks start at 0, and a loop over the clip goes on at the picture's exact pace.
    """
    frames = clip.seconds * SAMPLE_RATE // AAC_FRAME - 1
    picture, sound = (
        _picture(clip, clip.seconds),
        _sound(f":duration={clip.seconds},atrim=end_sample={frames * AAC_FRAME}"),
    )
    shift = f"setts=pts=PTS+{AAC_FRAME}:dts=DTS+{AAC_FRAME}"
    options = {**_codecs(clip), "f": "mp4", "bsf:a": shift}
    return _compile(ffmpeg.output(picture, sound, str(to), **options))


def to_flv(file: Path, to: Path) -> list[str]:
    """Return the command that puts a file's tracks into FLV as they are."""
    source = ffmpeg.input(str(file))
    return _compile(
        ffmpeg.output(source["v:0"], source["a:0"], str(to), c="copy", f="flv", flvflags="no_duration_filesize")
    )


def send_copy(file: Path, url: str, *, limit: float) -> list[str]:
    """Return the command that sends a file in a loop, at its own pace, as it is."""
    source = ffmpeg.input(str(file), stream_loop=-1, re=None)
    return _compile(ffmpeg.output(source["v:0"], source["a:0"], url, c="copy", **_to_rtmp(limit)))


def send_encoding(file: Path, clip: DemoClip, url: str, *, sound: bool, limit: float) -> list[str]:
    """Return the command that sends a file in a loop, encoded on the way with the clip's parameters."""
    source = ffmpeg.input(str(file), stream_loop=-1, re=None)
    streams = [source["v:0"], source["a:0"]] if sound else [source["v:0"]]
    size = clip.size.replace("x", ":")
    graph = f"fps={clip.rate},scale={size},{watermark.drawbox_filter()}"
    return _compile(ffmpeg.output(*streams, url, vf=graph, **_live_codecs(clip), **_to_rtmp(limit)))


def send_live(clip: DemoClip, url: str, *, limit: float) -> list[str]:
    """Return the command that draws, encodes and sends a stream like the demo clip, without an end or a loop."""
    return _compile(ffmpeg.output(_picture(clip, None), _sound(""), url, **_live_codecs(clip), **_to_rtmp(limit)))


def measured(command: list[str]) -> list[str]:
    """Return the same command, which reports on its standard output twice a second what it has sent."""
    return [command[0], "-progress", "pipe:1", *command[1:]]


def _picture(clip: DemoClip, seconds: int | None) -> ffmpeg.nodes.Stream:
    length = f":duration={seconds}" if seconds else ""
    graph = f"testsrc2=size={clip.size}:rate={clip.rate}{length},{watermark.drawbox_filter()}"
    return ffmpeg.input(graph, f="lavfi", **({} if seconds else {"re": None}))["v:0"]


def _sound(end: str) -> ffmpeg.nodes.Stream:
    """Return a stereo tone with a beep each second."""
    pace = {} if end else {"re": None}
    return ffmpeg.input(f"sine=frequency=440:beep_factor=4:sample_rate={SAMPLE_RATE}{end}", f="lavfi", **pace)["a:0"]


def _codecs(clip: DemoClip) -> dict[str, str | int | None]:
    """Return options for H.264 with closed GOPs of one length and AAC-LC."""
    gop = clip.gop_frames
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": clip.profile,
        "pix_fmt": "yuv420p",
        "bf": clip.b_frames,
        "g": gop,
        "keyint_min": gop,
        "sc_threshold": 0,
        "flags:v": "+cgop",
        "b:v": clip.video_bitrate,
        "maxrate": clip.video_bitrate,
        "bufsize": clip.video_bitrate,
        "threads": 2,
        "c:a": "aac",
        "b:a": clip.audio_bitrate,
        "ar": SAMPLE_RATE,
        "ac": 2,
    }


def _live_codecs(clip: DemoClip) -> dict[str, str | int | None]:
    """Return the same options without the encoder's look-ahead, which would hold the first two seconds back."""
    return {**_codecs(clip), **({} if clip.b_frames else {"tune": "zerolatency"})}


def _to_rtmp(limit: float) -> dict[str, str | float]:
    return {"f": "flv", "flvflags": "no_duration_filesize", "t": limit}


def _compile(output: ffmpeg.nodes.Stream) -> list[str]:
    quiet = output.global_args("-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+warning")
    return [str(part) for part in quiet.compile(cmd=binary(), overwrite_output=True)]
