"""FLV files and HTTP-FLV streams (Adobe Flash Video File Format 10.1, annex E), and enhanced RTMP/FLV.

`parse_video` and `parse_audio`, from `packets`, take the payload of an FLV tag or of an
RTMP message: both are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.packets import (
    AudioCodec,
    AudioPacket,
    FrameType,
    PacketType,
    VideoCodec,
    VideoPacket,
    parse_audio,
    parse_video,
)
from srs_conformance.media.reading import Buffer, StreamParser

__all__ = [
    "AudioCodec",
    "AudioPacket",
    "FlvHeader",
    "FlvParser",
    "FlvTag",
    "FrameType",
    "PacketType",
    "TagKind",
    "VideoCodec",
    "VideoPacket",
    "parse_audio",
    "parse_script",
    "parse_video",
]

HEADER_SIZE: Final = 9
TAG_HEADER_SIZE: Final = 11
MAX_HEADER_SIZE: Final = 4096


class TagKind(IntEnum):
    """Tag types (E.4.1); also the RTMP message types of the same content."""

    AUDIO = 8
    VIDEO = 9
    SCRIPT = 18


@dataclass(frozen=True, slots=True)
class FlvHeader:
    """The file header (E.2): which tracks the server announces."""

    version: int
    audio: bool
    video: bool


@dataclass(frozen=True, slots=True)
class FlvTag:
    """One tag (E.4.1): the raw timestamp of 32 bits in milliseconds, and where the tag begins in the stream."""

    kind: TagKind
    timestamp: int
    payload: bytes
    offset: int


class FlvParser(StreamParser[FlvHeader | FlvTag]):
    """FLV bytes in, header and tags out.

    What is against the specification but leaves the tags readable (a wrong PreviousTagSize, a stream id, reserved bits)
    is collected in `violations`; with `strict` it is raised.
    """

    MAX_VIOLATIONS: Final = 100

    def __init__(self, *, strict: bool = False) -> None:
        super().__init__()
        self.violations: list[ProtocolError] = []
        self._strict = strict
        self._previous: int | None = None  # size of the tag before; None before the header
        self._previous_read = False

    def _parse_unit(self, view: memoryview, events: list[FlvHeader | FlvTag]) -> int:
        if self._previous is None:
            return self._parse_header(view, events)
        if not self._previous_read:
            if len(view) < 4:
                return 0
            size = int.from_bytes(view[:4], "big")
            if size != self._previous:
                self._violation(0, f"PreviousTagSize {self._previous}", str(size))
            self._previous_read = True
            return 4
        return self._parse_tag(view, events)

    def _parse_header(self, view: memoryview, events: list[FlvHeader | FlvTag]) -> int:
        for position, wanted in enumerate(b"FLV"[: len(view)]):
            if view[position] != wanted:
                found = repr(bytes(view[: position + 1]))
                raise ProtocolError("FLV header", position, "the signature 'FLV'", found)
        if len(view) < HEADER_SIZE:
            return 0
        version, flags, size = view[3], view[4], int.from_bytes(view[5:9], "big")
        if not HEADER_SIZE <= size <= MAX_HEADER_SIZE:
            raise ProtocolError("FLV header", 5, f"a header of {HEADER_SIZE} bytes", f"{size} bytes")
        if len(view) < size:
            return 0
        if version != 1:
            self._violation(3, "version 1", str(version))
        if flags & 0b11111010:
            self._violation(4, "reserved flags of 0", f"{flags:#010b}")
        events.append(FlvHeader(version, audio=bool(flags & 4), video=bool(flags & 1)))
        self._previous = 0
        return size

    def _parse_tag(self, view: memoryview, events: list[FlvHeader | FlvTag]) -> int:
        if view[0] not in _TAG_KINDS:
            expected = "a tag type of 8 (audio), 9 (video) or 18 (script data)"
            raise ProtocolError("FLV tag", self.offset, expected, str(view[0]))
        if len(view) < TAG_HEADER_SIZE:
            return 0
        end = TAG_HEADER_SIZE + int.from_bytes(view[1:4], "big")
        if len(view) < end:
            return 0
        if any(view[8:11]):
            self._violation(8, "stream id 0", str(int.from_bytes(view[8:11], "big")))
        timestamp = int.from_bytes(view[4:7], "big") | view[7] << 24  # E.4.1: the upper 8 bits stand last
        events.append(FlvTag(_TAG_KINDS[view[0]], timestamp, bytes(view[TAG_HEADER_SIZE:end]), self.offset))
        self._previous, self._previous_read = end, False
        return end

    def _violation(self, position: int, expected: str, found: str) -> None:
        error = ProtocolError("FLV stream", self.offset + position, expected, found)
        if self._strict:
            raise error
        if len(self.violations) < self.MAX_VIOLATIONS:
            self.violations.append(error)


_TAG_KINDS: Final = {int(kind): kind for kind in TagKind}


def parse_script(payload: Buffer) -> tuple[str, list[amf0.Value]]:
    """Return the name and the values of a script data tag (E.4.4) or data message, e.g. "onMetaData".

    Raises:
        ProtocolError: it is no AMF0, or does not begin with a string.
    """
    values = amf0.decode(payload)
    if not values or not isinstance(values[0], str):
        found = type(values[0]).__name__ if values else "nothing"
        raise ProtocolError("script data", 0, "a string that names it", found)
    return values[0], values[1:]
