"""A clip as the bytes that are sent, made once, and shared by all who send it from one process.

Every frame carries an absolute timestamp, so the same bytes are right on every connection at the same place of the same
clip: all follow one clock.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from srs_conformance.errors import UsageError
from srs_conformance.media import stamp
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import FlvParser, FlvTag, TagKind, parse_audio, parse_video
from srs_conformance.media.packets import AudioCodec, VideoCodec
from srs_conformance.media.rtmp.chunks import ChunkWriter, Message
from srs_conformance.media.rtmp.messages import AUDIO_CHUNK_STREAM, DATA_CHUNK_STREAM, VIDEO_CHUNK_STREAM
from srs_conformance.media.steps import KEYFRAME, VIDEO, mark_of

CHUNK_SIZE: Final = 60_000
"""As SRS itself sends: nearly every message is one chunk."""
Framing = Callable[[int, int, bytes], bytes]
STEP_MS: Final = 40
_KEPT: Final = 16
"""Pieces that are remembered: those who are a step behind ask for others than the rest."""
_CHUNK_STREAMS: Final = {
    TagKind.AUDIO: AUDIO_CHUNK_STREAM,
    TagKind.VIDEO: VIDEO_CHUNK_STREAM,
    TagKind.SCRIPT: DATA_CHUNK_STREAM,
}
_MASK: Final = 0xFFFFFFFF
_HINT: Final = "expected an FLV file of H.264 and AAC: ffmpeg -i FILE -c:v libx264 -bf 0 -c:a aac -ar 44100 FILE.flv"
_AVC_HEADER: Final = 5  # frame type and codec, packet type, composition time (FLV E.4.3.1)


@dataclass(frozen=True, slots=True)
class Unit:
    """One tag of the clip; `due` in ms from its start."""

    due: int
    kind: TagKind
    payload: bytes
    keyframe: bool


class Clip:
    """A clip that begins anew when it ends.

    Args:
        file: an FLV file with H.264 and AAC that begins with a keyframe.

    Raises:
        UsageError: it is none.
    """

    def __init__(self, file: Path) -> None:
        try:
            tags = [tag for tag in FlvParser().receive_data(file.read_bytes()) if isinstance(tag, FlvTag)]
            for tag in tags:
                _check(tag, file)
            self.headers = [_unit(tag) for tag in tags if _is_header(tag)]
            self.units = [_unit(tag) for tag in tags if not _is_header(tag)]
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}", hint=_HINT) from error
        except ProtocolError as error:
            raise UsageError(f"{file} is no FLV file that can be sent: {error}", hint=_HINT) from error
        keyframes = [unit for unit in self.units if unit.keyframe]
        if not keyframes or not self.headers:
            raise UsageError(f"{file} has no H.264 keyframe or no sequence header", hint=_HINT)
        if not any(unit.kind is TagKind.AUDIO for unit in self.units):
            raise UsageError(f"{file} has no sound", hint=_HINT)
        video = [unit.due for unit in self.units if unit.kind is TagKind.VIDEO]
        self.frame_ms = max((video[-1] - video[0]) / max(len(video) - 1, 1), 1)
        self.length = round(video[-1] + self.frame_ms)
        self.dues = [unit.due for unit in self.units]
        self.starts = [unit.due for unit in keyframes]


class Schedule:
    """What is due when, framed; one clock for all who send the same.

    Args:
        clip: what is sent, over and over.
        frame: makes bytes of a kind, a timestamp of 32 bits in ms, and a payload: `rtmp_chunks` or `flv_tag`.
        clock: seconds, from which the place in the clip follows.
        wall: seconds since 1970, for the stamps in keyframes.
    """

    def __init__(
        self,
        clip: Clip,
        frame: Framing,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.clip = clip
        self._frame = frame
        self._wall = wall
        self._began = clock()
        self._made: dict[tuple[int, int], bytes] = {}

    def place(self, now: float) -> int:
        """Return how many ms of media are due by a time of the clock, in steps of `STEP_MS`, so that many ask alike."""
        return int((now - self._began) * 1000) // STEP_MS * STEP_MS

    def next_keyframe(self, place: int) -> int:
        """Return the place of the first keyframe that is not before a place."""
        length, starts = self.clip.length, self.clip.starts
        loops, rest = divmod(place, length)
        at = bisect_left(starts, rest)
        return loops * length + (starts[at] if at < len(starts) else length + starts[0])

    def last_keyframe(self, place: int) -> int:
        """Return the place of the last keyframe before a place: where the GOP cache begins."""
        length, starts = self.clip.length, self.clip.starts
        loops, rest = divmod(place, length)
        at = bisect_left(starts, rest) - 1
        return max(loops * length + (starts[at] if at >= 0 else starts[-1] - length), 0)

    def headers(self, place: int) -> bytes:
        """Return the metadata and the sequence headers, dated for a place."""
        return b"".join(self._frame(unit.kind, place & _MASK, unit.payload) for unit in self.clip.headers)

    def between(self, start: int, stop: int) -> bytes:
        """Return the frames due from one place up to another; the same bytes for all who ask alike."""
        made = self._made.get((start, stop))
        if made is not None:
            return made
        parts: list[bytes] = []
        length, dues = self.clip.length, self.clip.dues
        for loop in range(start // length, (stop - 1) // length + 1):
            base = loop * length
            first, last = bisect_left(dues, start - base), bisect_left(dues, stop - base)
            parts += [
                self._frame(unit.kind, (base + unit.due) & _MASK, self._stamped(unit))
                for unit in self.clip.units[first:last]
            ]
        while len(self._made) >= _KEPT:
            del self._made[next(iter(self._made))]
        data = self._made[start, stop] = b"".join(parts)
        return data

    def _stamped(self, unit: Unit) -> bytes:
        """Put the time of sending into a keyframe, as an SEI message in front of its other NAL units."""
        if not unit.keyframe:
            return unit.payload
        nal = stamp.sei(self._wall())
        return unit.payload[:_AVC_HEADER] + len(nal).to_bytes(4, "big") + nal + unit.payload[_AVC_HEADER:]


def rtmp_chunks(stream_id: int = 1) -> Framing:
    """Return the framing of an RTMP connection whose chunk size is `CHUNK_SIZE`, for a message stream."""
    writer = ChunkWriter(CHUNK_SIZE)

    def frame(kind: int, timestamp: int, payload: bytes) -> bytes:
        return writer.write(Message(kind, stream_id, timestamp, payload, _CHUNK_STREAMS[TagKind(kind)]))

    return frame


def flv_tag(kind: int, timestamp: int, payload: bytes) -> bytes:
    """Return an FLV tag and the PreviousTagSize after it (FLV E.4.1)."""
    size = len(payload)
    header = bytes([kind]) + size.to_bytes(3, "big") + (timestamp & 0xFFFFFF).to_bytes(3, "big")
    return header + bytes([timestamp >> 24, 0, 0, 0]) + payload + (size + 11).to_bytes(4, "big")


def _check(tag: FlvTag, file: Path) -> None:
    """Refuse what SRS does not take, or what no player of ours could follow."""
    if tag.kind is TagKind.VIDEO:
        codec: VideoCodec | AudioCodec = parse_video(tag.payload).codec
    elif tag.kind is TagKind.AUDIO:
        codec = parse_audio(tag.payload).codec
    else:
        return
    if codec not in (VideoCodec.AVC, AudioCodec.AAC):
        raise UsageError(f"{file} has {codec.name} at {tag.timestamp} ms", hint=_HINT)


def _is_header(tag: FlvTag) -> bool:
    if tag.kind is TagKind.SCRIPT:
        return True
    return (parse_video if tag.kind is TagKind.VIDEO else parse_audio)(tag.payload).sequence_header


def _unit(tag: FlvTag) -> Unit:
    keyframe = tag.kind is TagKind.VIDEO and mark_of(VIDEO, tag.payload) == KEYFRAME
    return Unit(tag.timestamp, tag.kind, tag.payload, keyframe)
