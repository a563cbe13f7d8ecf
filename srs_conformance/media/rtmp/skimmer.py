"""The RTMP chunk stream skimmed: headers only, from the reader's own buffer (RTMP 1.0 5.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from srs_conformance.media import stamp
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.chunks import EXTENDED, HEADER_SIZES, ChunkReader, Message, MessageType
from srs_conformance.media.steps import AUDIO, AUDIO_MARKS, HEAD_SIZE, HEADER, KEYFRAME, KINDS, VIDEO_MARKS, Step

MAX_OTHER_SIZE: Final = 1 << 20
"""Bytes of a message that is neither audio nor video, which is kept: commands, metadata, control messages."""
_FULL: Final = struct.Struct(">IIIH")  # basic header and time, length and type, stream id, two bytes of payload
_WHERE: Final = "RTMP chunk"


@dataclass(slots=True)
class _Stream:
    """What a chunk stream remembers."""

    timestamp: int = 0
    field: int = 0  # the timestamp (type 0) or the delta (types 1 to 3)
    extended: bool = False
    length: int = 0
    type_id: int = 0
    stream_id: int = 0  # as a big-endian number, which it is not (RTMP 1.0 5.3.1.2.1)
    missing: int = 0
    kept: bytes = b""  # of a message that is neither audio nor video


class ChunkSkimmer:
    """Chunks in, steps out; any split of the same bytes gives the same steps and messages.

    It takes a chunk stream over from a reader that has seen its beginning, between any two bytes. Whatever is no audio
    and no video is put together into `messages`, for somebody to clear, as are the `stamps` of keyframes (timestamp,
    seconds since 1970); a stamp that a split or a chunk boundary cuts goes unread.
    """

    def __init__(self, reader: ChunkReader) -> None:
        self.messages: list[Message] = []
        self.stamps: list[tuple[int, float]] = []
        self.chunk_size = reader.chunk_size
        self.offset = reader.offset
        self._streams = {number: _Stream(*values) for number, values in reader.remembered().items()}
        for stream in self._streams.values():
            stream.stream_id = _swapped(stream.stream_id)
        self._cut = reader.unread()
        self._skip = 0

    def skim(self, data: memoryview) -> list[Step]:
        """Return the steps of the messages whose first chunks' headers are complete with these bytes.

        Raises:
            ProtocolError: the peer broke the protocol; nothing can be skimmed after it.
        """
        if self._cut:
            data, self._cut = memoryview(self._cut + bytes(data)), b""
        steps: list[Step] = []
        end, position = len(data), self._skip
        last, unpack, streams, size = end - _FULL.size, _FULL.unpack_from, self._streams, self.chunk_size
        while position < end:
            if position <= last and 2 <= data[position] < 64:  # type 0 on a chunk stream of one byte, as SRS sends all
                word, more, stream_id, pair = unpack(data, position)
                kind, length, timestamp = more & 255, more >> 8, word & 0xFFFFFF
                stream = streams.get(word >> 24)
                if (
                    kind in KINDS
                    and length >= 2
                    and timestamp != EXTENDED
                    and stream is not None
                    and not stream.missing
                ):
                    stream.timestamp = stream.field = timestamp
                    stream.extended, stream.stream_id = False, stream_id
                    stream.length, stream.type_id, stream.missing = length, kind, max(length - size, 0)
                    mark = (AUDIO_MARKS if kind == AUDIO else VIDEO_MARKS)[pair]
                    steps.append((kind, timestamp, mark))
                    position += 12
                    if mark == KEYFRAME:
                        self._look_for_stamp(timestamp, data[position : position + HEAD_SIZE])
                    position += min(length, size)
                    continue
            after = self._chunk(data, position, steps)
            if not after:
                self._cut = bytes(data[position:])
                break
            position, size = after, self.chunk_size
        self._skip = max(position - end, 0)
        self.offset += min(position, end)
        return steps

    def _chunk(self, data: memoryview, start: int, steps: list[Step]) -> int:  # noqa: C901, PLR0912 - one header, one pass
        """Take any chunk, and return where the next one begins; 0 when more bytes are needed."""
        first = data[start]
        header_type, number, position = first >> 6, first & 63, start + 1
        if number < 2:  # RTMP 1.0 5.3.1.1: 0 is the form of two bytes, 1 of three
            position += 1 + number
            if position > len(data):
                return 0
            number = 64 + int.from_bytes(data[start + 1 : position], "little")
        stream = self._streams.get(number)
        if stream is None:
            stream = _Stream()
            if header_type:
                raise self._broken(start, f"type 0 first on chunk stream {number}", f"type {header_type}")
        elif stream.missing and header_type != 3:
            raise self._broken(start, f"a type 3 chunk on chunk stream {number}", f"type {header_type}")
        header_end = position + HEADER_SIZES[header_type]
        if header_end > len(data):
            return 0
        field = stream.field if header_type == 3 else int.from_bytes(data[position : position + 3], "big")
        extended = stream.extended if header_type == 3 else field == EXTENDED
        if extended:  # RTMP 1.0 5.3.1.3
            field = int.from_bytes(data[header_end : header_end + 4], "big")
            header_end += 4
        length, type_id, stream_id = stream.length, stream.type_id, stream.stream_id
        if header_type < 2:
            length, type_id = int.from_bytes(data[position + 3 : position + 6], "big"), data[position + 6]
        if header_type == 0:
            stream_id = int.from_bytes(data[position + 7 : position + 11], "big")
        begins = not stream.missing
        here = min(stream.missing or length, self.chunk_size)
        media = type_id in KINDS
        if header_end + (min(here, 2) if media else here) > len(data):
            return 0
        if not media and length > MAX_OTHER_SIZE:
            raise self._broken(start, f"a message of {MAX_OTHER_SIZE} bytes at most", f"type {type_id} of {length}")
        self._streams[number] = stream
        if begins:
            stream.timestamp = (field + (stream.timestamp if header_type else 0)) & 0xFFFFFFFF
            stream.field, stream.extended = field, extended
            stream.length, stream.type_id, stream.stream_id, stream.missing = length, type_id, stream_id, length
        stream.missing -= here
        payload = data[header_end : header_end + here]
        if not media:
            self._keep(number, stream, bytes(payload))
        elif begins:
            self._begin(stream, payload[:HEAD_SIZE], steps)
        return header_end + here

    def _begin(self, stream: _Stream, head: memoryview, steps: list[Step]) -> None:
        """Take the start of an audio or video message; one of less than two bytes is no frame."""
        mark = HEADER
        if stream.length >= 2 and len(head) >= 2:
            mark = (AUDIO_MARKS if stream.type_id == AUDIO else VIDEO_MARKS)[head[0] << 8 | head[1]]
        steps.append((stream.type_id, stream.timestamp, mark))
        if mark == KEYFRAME:
            self._look_for_stamp(stream.timestamp, head)

    def _keep(self, number: int, stream: _Stream, payload: bytes) -> None:
        stream.kept += payload
        if stream.missing:
            return
        message = Message(stream.type_id, _swapped(stream.stream_id), stream.timestamp, stream.kept, number)
        stream.kept = b""
        if message.type_id == MessageType.SET_CHUNK_SIZE:
            self.chunk_size = max(int.from_bytes(message.payload[:4], "big"), 1)
        elif message.type_id == MessageType.ABORT:
            aborted = self._streams.get(int.from_bytes(message.payload[:4], "big"))
            if aborted is not None:
                aborted.missing, aborted.kept = 0, b""
        self.messages.append(message)

    def _look_for_stamp(self, timestamp: int, head: memoryview) -> None:
        sent = stamp.read(head)
        if sent is not None:
            self.stamps.append((timestamp, sent))

    def _broken(self, position: int, expected: str, found: str) -> ProtocolError:
        return ProtocolError(_WHERE, self.offset + position, expected, found)


def _swapped(number: int) -> int:
    return int.from_bytes(number.to_bytes(4, "big"), "little")
