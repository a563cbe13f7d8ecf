"""The RTMP chunk stream (RTMP 1.0 5.3): messages to chunks and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.reading import StreamParser

DEFAULT_CHUNK_SIZE: Final = 128  # RTMP 1.0 5.4.1
MAX_CHUNK_SIZE: Final = 0x7FFFFFFF
MAX_MESSAGE_SIZE: Final = 16 * 1024 * 1024
MAX_CHUNK_STREAMS: Final = 1024
CONTROL_CHUNK_STREAM: Final = 2  # RTMP 1.0 5.4: protocol control messages
EXTENDED: Final = 0xFFFFFF
HEADER_SIZES: Final = (11, 7, 3, 0)  # message header by type, RTMP 1.0 5.3.1.2
_WHERE: Final = "RTMP chunk"


class MessageType(IntEnum):
    """Message type ids (RTMP 1.0 5.4 and 7.1)."""

    SET_CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW_ACKNOWLEDGEMENT_SIZE = 5
    SET_PEER_BANDWIDTH = 6
    AUDIO = 8
    VIDEO = 9
    DATA_AMF3 = 15
    SHARED_OBJECT_AMF3 = 16
    COMMAND_AMF3 = 17
    DATA_AMF0 = 18
    SHARED_OBJECT_AMF0 = 19
    COMMAND_AMF0 = 20
    AGGREGATE = 22


@dataclass(frozen=True, slots=True)
class Message:
    """One RTMP message; the timestamp is the raw one of 32 bits in milliseconds."""

    type_id: int
    stream_id: int
    timestamp: int
    payload: bytes
    chunk_stream_id: int = 3


class _Header(NamedTuple):
    """A message header with what it inherits filled in."""

    field: int  # the timestamp (type 0) or the delta (types 1 to 3)
    extended: bool
    length: int
    type_id: int
    stream_id: int


@dataclass(slots=True)
class _Incoming:
    """What a chunk stream remembers: the header to inherit from, and the message that is being put together."""

    header: _Header = _Header(0, False, 0, 0, 0)  # noqa: RUF009 - immutable
    timestamp: int = 0
    parts: list[bytes] = field(default_factory=list)
    missing: int = 0  # bytes of the unfinished message; 0 between messages


class ChunkReader(StreamParser[Message]):
    """Chunks in, messages out; SetChunkSize and Abort are applied, and given out like any message.

    Memory is bounded: `max_message_size` is the most that all unfinished messages may announce together, so also the
    most that one message may have. `offset` is where the chunk stream begins in the peer's bytes, for errors.
    """

    def __init__(
        self,
        *,
        chunk_size: int = DEFAULT_CHUNK_SIZE,
        max_message_size: int = MAX_MESSAGE_SIZE,
        max_chunk_streams: int = MAX_CHUNK_STREAMS,
        offset: int = 0,
    ) -> None:
        super().__init__(offset)
        self.chunk_size = chunk_size
        self._max_message_size = max_message_size
        self._max_chunk_streams = max_chunk_streams
        self._streams: dict[int, _Incoming] = {}
        self._announced = 0  # bytes of all unfinished messages

    def remembered(self) -> dict[int, tuple[int, int, bool, int, int, int, int, bytes]]:
        """Return what each chunk stream remembers, for a `ChunkSkimmer` that takes over.

        Chunk stream id -> timestamp, timestamp field, whether it is extended, length, type id, message stream id,
        bytes missing of an unfinished message, and what has come of it where it is neither audio nor video.
        """
        return {
            number: (
                stream.timestamp,
                *stream.header,
                stream.missing,
                b"" if stream.header.type_id in (MessageType.AUDIO, MessageType.VIDEO) else b"".join(stream.parts),
            )
            for number, stream in self._streams.items()
        }

    def unread(self) -> bytes:
        """Return the bytes that wait for the rest of their chunk."""
        return bytes(self._buffer)

    def _parse_unit(self, view: memoryview, events: list[Message]) -> int:
        header_type, chunk_stream_id, position = view[0] >> 6, view[0] & 0x3F, 1
        if chunk_stream_id < 2:  # RTMP 1.0 5.3.1.1: 0 is the form of two bytes, 1 of three
            position = 2 + chunk_stream_id
            if len(view) < position:
                return 0
            chunk_stream_id = 64 + int.from_bytes(view[1:position], "little")
        stream = self._streams.get(chunk_stream_id)
        if stream is None or (header_type != 3 and stream.missing):
            stream = self._begin(chunk_stream_id, header_type, stream)
        header = self._read_header(view, position, header_type, stream.header)
        if header is None:
            return 0
        if not stream.missing and self._announced + header.length > self._max_message_size:
            expected = f"{self._max_message_size} bytes of unfinished messages at most"
            raise self._error(position, expected, f"{self._announced} and a message of {header.length}")
        position += HEADER_SIZES[header_type] + (4 if header.extended else 0)
        end = position + min(stream.missing or header.length, self.chunk_size)
        if len(view) < end:
            return 0
        self._streams[chunk_stream_id] = stream
        if not stream.missing:
            stream.timestamp = (header.field + (stream.timestamp if header_type else 0)) & 0xFFFFFFFF
            stream.header = header
        self._add(chunk_stream_id, stream, bytes(view[position:end]), events)
        return end

    def _begin(self, chunk_stream_id: int, header_type: int, stream: _Incoming | None) -> _Incoming:
        """Return the state for a chunk stream that is new; a header that cannot stand here is an error."""
        if stream is not None:
            expected = f"a type 3 chunk on chunk stream {chunk_stream_id}, whose message lacks {stream.missing} bytes"
            raise self._error(0, expected, f"type {header_type}")
        # librtmp begins its control chunk stream with type 1; SRS and others let it pass.
        if header_type != 0 and not (header_type == 1 and chunk_stream_id == CONTROL_CHUNK_STREAM):
            raise self._error(0, f"type 0 first on chunk stream {chunk_stream_id}", f"type {header_type}")
        if len(self._streams) >= self._max_chunk_streams:
            raise self._error(0, f"{self._max_chunk_streams} chunk streams at most", "one more")
        return _Incoming()

    def _read_header(self, view: memoryview, start: int, header_type: int, before: _Header) -> _Header | None:
        """Return the message header (RTMP 1.0 5.3.1.2) at `start`, or None when more bytes are needed."""
        end = start + HEADER_SIZES[header_type]
        extended, value = before.extended, before.field
        if header_type != 3:
            if len(view) < end:
                return None
            value = int.from_bytes(view[start : start + 3], "big")
            extended = value == EXTENDED
        if extended:  # RTMP 1.0 5.3.1.3
            if len(view) < end + 4:
                return None
            value = int.from_bytes(view[end : end + 4], "big")
        if header_type == 3:
            if value != before.field:
                expected = f"the extended timestamp {before.field} again in a type 3 chunk"
                raise self._error(end, expected, str(value))
            return before
        if header_type == 2:
            return before._replace(field=value, extended=extended)
        length, type_id = int.from_bytes(view[start + 3 : start + 6], "big"), view[start + 6]
        stream_id = before.stream_id if header_type else int.from_bytes(view[start + 7 : end], "little")
        return _Header(value, extended, length, type_id, stream_id)

    def _add(self, chunk_stream_id: int, stream: _Incoming, part: bytes, events: list[Message]) -> None:
        header = stream.header
        if not stream.missing:
            self._announced += header.length
            stream.missing = header.length
        stream.missing -= len(part)
        stream.parts.append(part)
        if stream.missing:
            return
        payload = b"".join(stream.parts)
        self._announced -= header.length
        stream.parts = []
        message = Message(header.type_id, header.stream_id, stream.timestamp, payload, chunk_stream_id)
        if message.type_id in (MessageType.SET_CHUNK_SIZE, MessageType.ABORT):
            self._apply(message)
        events.append(message)

    def _apply(self, message: Message) -> None:
        if len(message.payload) != 4:
            raise self._error(0, "a control message of 4 bytes", f"{len(message.payload)} bytes")
        value = int.from_bytes(message.payload, "big")
        if message.type_id == MessageType.SET_CHUNK_SIZE:
            if not 1 <= value <= MAX_CHUNK_SIZE:
                raise self._error(0, f"a chunk size of 1 to {MAX_CHUNK_SIZE}", str(value))
            self.chunk_size = value
            return
        stream = self._streams.get(value)
        if stream is not None and stream.missing:
            self._announced -= stream.header.length
            stream.parts, stream.missing = [], 0

    def _error(self, position: int, expected: str, found: str) -> ProtocolError:
        return ProtocolError(_WHERE, self.offset + position, expected, found)


@dataclass(slots=True)
class _Outgoing:
    timestamp: int
    delta: int | None  # None after a type 0 chunk
    length: int
    type_id: int
    stream_id: int


class ChunkWriter:
    """Messages in, chunks out; a SetChunkSize that is written takes effect after it.

    With `compress`, headers of types 1 to 3 are used where they apply; without, every message begins with type 0, as
    SRS sends them.
    """

    def __init__(self, chunk_size: int = DEFAULT_CHUNK_SIZE, *, compress: bool = False) -> None:
        self.chunk_size = chunk_size
        self._compress = compress
        self._streams: dict[int, _Outgoing] = {}

    def write(self, message: Message) -> bytes:
        """Return the chunks of one message.

        Raises:
            LocalProtocolError: the message does not fit into the header's fields.
        """
        _check(message)
        header_type, value = self._header_type(message)
        header, extension = _message_header(message, header_type, value)
        payload, size = message.payload, self.chunk_size
        out = [_basic_header(header_type, message.chunk_stream_id), header, extension, payload[:size]]
        if len(payload) > size:
            again = _basic_header(3, message.chunk_stream_id) + extension
            for start in range(size, len(payload), size):
                out += (again, payload[start : start + size])
        if message.type_id == MessageType.SET_CHUNK_SIZE:
            self.chunk_size = int.from_bytes(payload, "big")
        return b"".join(out)

    def _header_type(self, message: Message) -> tuple[int, int]:
        """Return the type of the message's first chunk, and the timestamp or delta to put there."""
        before = self._streams.get(message.chunk_stream_id) if self._compress else None
        delta = (message.timestamp - before.timestamp) & 0xFFFFFFFF if before else 0
        if before is None or before.stream_id != message.stream_id or delta >= 1 << 31:
            header_type, last = 0, None
        elif (before.length, before.type_id) != (len(message.payload), message.type_id):
            header_type, last = 1, delta
        else:
            header_type, last = (3 if delta == before.delta else 2), delta
        if self._compress:
            self._streams[message.chunk_stream_id] = _Outgoing(
                message.timestamp, last, len(message.payload), message.type_id, message.stream_id
            )
        return header_type, message.timestamp if header_type == 0 else delta


def _check(message: Message) -> None:
    limits = {
        "chunk stream id": (message.chunk_stream_id, 2, 65599),
        "payload size": (len(message.payload), 0, 0xFFFFFF),
        "type id": (message.type_id, 0, 0xFF),
        "stream id": (message.stream_id, 0, 0xFFFFFFFF),
        "timestamp": (message.timestamp, 0, 0xFFFFFFFF),
    }
    for name, (value, least, most) in limits.items():
        if not least <= value <= most:
            raise LocalProtocolError(f"an RTMP message's {name} must be {least} to {most}, not {value}")
    if message.type_id == MessageType.SET_CHUNK_SIZE and (
        len(message.payload) != 4 or not 1 <= int.from_bytes(message.payload, "big") <= MAX_CHUNK_SIZE
    ):
        raise LocalProtocolError(f"SetChunkSize needs a size of 1 to {MAX_CHUNK_SIZE}, not {message.payload[:8].hex()}")


def _basic_header(header_type: int, chunk_stream_id: int) -> bytes:
    if chunk_stream_id < 64:
        return bytes([header_type << 6 | chunk_stream_id])
    if chunk_stream_id < 320:
        return bytes([header_type << 6, chunk_stream_id - 64])
    return bytes([header_type << 6 | 1]) + (chunk_stream_id - 64).to_bytes(2, "little")


def _message_header(message: Message, header_type: int, value: int) -> tuple[bytes, bytes]:
    """Return the message header and the extended timestamp, which may be empty."""
    extension = value.to_bytes(4, "big") if value >= EXTENDED else b""
    header = min(value, EXTENDED).to_bytes(3, "big")
    header += len(message.payload).to_bytes(3, "big") + bytes([message.type_id])
    header += message.stream_id.to_bytes(4, "little")
    return header[: HEADER_SIZES[header_type]], extension
