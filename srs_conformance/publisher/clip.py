"""The demo clip: a short H.264 and AAC file, encoded once, whose every picture says its own number."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import av
from filelock import FileLock

from srs_conformance import watermark
from srs_conformance.errors import EngineError, UsageError
from srs_conformance.paths import cache_folder
from srs_conformance.publisher import arguments

FORMAT = 1
"""Part of the cache's key: raise it whenever the same parameters give another file."""
ENCODE_SECONDS = 300


@dataclass(frozen=True)
class DemoClip:
    """The parameters of a demo clip; `ensure` gives the file.

    Args:
        size: width x height in pixels.
        rate: pictures per second.
        gop: seconds from keyframe to keyframe; GOPs are closed and all of this length.
        seconds: the clip's length, a whole number of GOPs.
        video_bitrate: of the picture, as ffmpeg writes it.
        audio_bitrate: of the sound.
        profile: of H.264: baseline, main or high.
        b_frames: how many B-frames may follow one another.

    Raises:
        UsageError: parameters that contradict each other.
    """

    size: str = "640x360"
    rate: int = 25
    gop: float = 2.0
    seconds: int = 60
    video_bitrate: str = "500k"
    audio_bitrate: str = "64k"
    profile: str = "main"
    b_frames: int = 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", self.size):
            raise UsageError(f"size of the demo clip is {self.size!r}; expected WIDTHxHEIGHT such as 640x360")
        if not re.fullmatch(r"[1-9]\d{0,8}[kKM]?", self.video_bitrate):
            raise UsageError(
                f"bit rate of the demo clip is {self.video_bitrate!r}; expected bits a second such as 500k"
            )
        if self.rate < 1 or self.seconds < 1 or self.gop <= 0:
            raise UsageError(f"demo clip: rate, gop and seconds must be positive, got {self}")
        if self.frames % self.gop_frames or abs(self.rate * self.gop - self.gop_frames) > 1e-6:
            raise UsageError(f"demo clip: {self.seconds} s is no whole number of GOPs of {self.gop:g} s")
        if self.frames >= watermark.PERIOD:
            raise UsageError(f"demo clip: {self.frames} frames, but frame numbers end at {watermark.PERIOD - 1}")

    @property
    def frames(self) -> int:
        """Return the number of pictures: the period after which frame numbers repeat."""
        return self.rate * self.seconds

    @property
    def gop_frames(self) -> int:
        """Return the number of pictures from keyframe to keyframe."""
        return round(self.rate * self.gop)

    def ensure(self) -> Path:
        """Return the clip's file, encoding it first where the cache does not have it (about 4 s for the default clip).

        Raises:
            EngineError: ffmpeg could not encode it.
        """
        key = hashlib.sha256(repr((FORMAT, sorted(asdict(self).items()), watermark.drawbox_filter())).encode())
        folder = cache_folder("clips")
        file = folder / f"demo-{self.size}-{self.seconds}s-{key.hexdigest()[:16]}.mp4"
        if not file.exists():
            with FileLock(folder / f"{file.name}.lock"):
                if not file.exists():
                    self._encode(file)
        return file

    def ensure_flv(self) -> Path:
        """Return the clip as an FLV file, for those who send its tags themselves.

        Raises:
            EngineError: ffmpeg could not make it.
        """
        clip = self.ensure()
        file = clip.with_suffix(".flv")
        if not file.exists():
            with FileLock(file.with_suffix(".flv.lock")):
                if not file.exists():
                    _run_ffmpeg(partial(arguments.to_flv, clip), file)
        return file

    def _encode(self, file: Path) -> None:
        _run_ffmpeg(partial(arguments.encode, self), file)


def _run_ffmpeg(command: Callable[[Path], list[str]], file: Path) -> None:
    """Have ffmpeg make a file, which is there whole or not at all."""
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    try:
        done = subprocess.run(command(unfinished), capture_output=True, text=True, timeout=ENCODE_SECONDS, check=False)
        if done.returncode:
            raise EngineError(f"ffmpeg could not make {file.name} ({done.returncode}): {done.stderr[-800:]}")
        unfinished.replace(file)
    except subprocess.TimeoutExpired as late:
        raise EngineError(f"ffmpeg did not make {file.name} within {ENCODE_SECONDS} s") from late
    finally:
        unfinished.unlink(missing_ok=True)


@dataclass(frozen=True)
class MediaFile:
    """What a user's own file holds: the names of its codecs as ffmpeg says them, None where there is no such track."""

    path: Path
    video: str | None
    audio: str | None

    @property
    def can_be_copied(self) -> bool:
        """Tell whether RTMP takes the tracks as they are: H.264 and AAC."""
        return self.video == "h264" and self.audio == "aac"


def inspect(path: Path) -> MediaFile:
    """Look into a user's own file.

    Raises:
        UsageError: it is no file, cannot be read as media, or has no picture.
    """
    if not path.is_file():
        raise UsageError(f"{path} is no file", hint="give a video file to publish, or leave it out for the demo clip")
    try:
        with av.open(str(path.resolve())) as container:
            video = next((s.codec_context.name for s in container.streams.video), None)
            audio = next((s.codec_context.name for s in container.streams.audio), None)
            text = container.format.name == "tty"  # ffmpeg plays text files, as a terminal would
    except (av.error.FFmpegError, OSError) as error:
        raise UsageError(f"{path} cannot be read as video: {error}", hint="give a file that ffmpeg plays") from error
    if text:
        raise UsageError(f"{path} is a text, no video", hint="give a video file to publish")
    if video is None:
        raise UsageError(f"{path} has no picture track", hint="give a video file to publish")
    return MediaFile(path, video, audio)


def sendable(path: Path, *, live_encode: bool) -> MediaFile:
    """Look into a user's own file, which is to be published as it is or encoded on the way.

    Raises:
        UsageError: `inspect` refuses it, or it would have to be encoded.
    """
    file = inspect(path)
    if not live_encode and not file.can_be_copied:
        raise UsageError(
            f"{path} has {file.video} and {file.audio or 'no sound'}; only H.264 with AAC can be sent as it is",
            hint="encode it while sending (--live-encode), or before",
        )
    return file
