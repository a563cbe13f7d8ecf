"""RTMP messages: control messages (RTMP 1.0 5.4, 7.1.7), commands (7.1.1), data messages and aggregates (7.1.6)."""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from srs_conformance.media import amf0
from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.reading import Cursor
from srs_conformance.media.rtmp.chunks import CONTROL_CHUNK_STREAM, Message, MessageType

COMMAND_CHUNK_STREAM: Final = 3
DATA_CHUNK_STREAM: Final = 4
STREAM_CHUNK_STREAM: Final = 5
AUDIO_CHUNK_STREAM: Final = 6
VIDEO_CHUNK_STREAM: Final = 7


class Limit(IntEnum):
    """Limit types of SetPeerBandwidth (RTMP 1.0 5.4.5)."""

    HARD = 0
    SOFT = 1
    DYNAMIC = 2


@dataclass(frozen=True, slots=True)
class SetChunkSize:
    """The sender's chunks carry up to `size` bytes from now on (RTMP 1.0 5.4.1)."""

    size: int


@dataclass(frozen=True, slots=True)
class Abort:
    """The unfinished message on that chunk stream is dropped (RTMP 1.0 5.4.2)."""

    chunk_stream_id: int


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Bytes that the sender has received so far, modulo 2**32 (RTMP 1.0 5.4.3)."""

    sequence: int


@dataclass(frozen=True, slots=True)
class WindowAcknowledgementSize:
    """The sender wants an acknowledgement after every `size` bytes (RTMP 1.0 5.4.4)."""

    size: int


@dataclass(frozen=True, slots=True)
class SetPeerBandwidth:
    """The receiver should not send more than `size` bytes unacknowledged (RTMP 1.0 5.4.5)."""

    size: int
    limit: Limit = Limit.DYNAMIC


@dataclass(frozen=True, slots=True)
class StreamBegin:
    """A stream has become functional."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class StreamEof:
    """Playback of a stream is over."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class StreamDry:
    """A stream has no more data for a while."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class SetBufferLength:
    """The player buffers that many milliseconds of a stream."""

    stream_id: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class StreamIsRecorded:
    """A stream is a recorded one."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class PingRequest:
    """The server asks whether the client is reachable; the timestamp is its own, in milliseconds."""

    timestamp: int


@dataclass(frozen=True, slots=True)
class PingResponse:
    """The client's answer, with the request's timestamp."""

    timestamp: int


@dataclass(frozen=True, slots=True)
class UserControl:
    """A user control message of an event type that the specification does not have."""

    event: int
    data: bytes


Control: TypeAlias = (
    SetChunkSize
    | Abort
    | Acknowledgement
    | WindowAcknowledgementSize
    | SetPeerBandwidth
    | StreamBegin
    | StreamEof
    | StreamDry
    | SetBufferLength
    | StreamIsRecorded
    | PingRequest
    | PingResponse
    | UserControl
)

_PROTOCOL: Final[dict[int, tuple[type[Control], str]]] = {
    MessageType.SET_CHUNK_SIZE: (SetChunkSize, ">I"),
    MessageType.ABORT: (Abort, ">I"),
    MessageType.ACKNOWLEDGEMENT: (Acknowledgement, ">I"),
    MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE: (WindowAcknowledgementSize, ">I"),
    MessageType.SET_PEER_BANDWIDTH: (SetPeerBandwidth, ">IB"),
}
_USER: Final[dict[int, tuple[type[Control], str]]] = {  # RTMP 1.0 7.1.7
    0: (StreamBegin, ">I"),
    1: (StreamEof, ">I"),
    2: (StreamDry, ">I"),
    3: (SetBufferLength, ">II"),
    4: (StreamIsRecorded, ">I"),
    6: (PingRequest, ">I"),
    7: (PingResponse, ">I"),
}
_WIRE: Final = {
    **{kind: (int(type_id), b"", form) for type_id, (kind, form) in _PROTOCOL.items()},
    **{kind: (int(MessageType.USER_CONTROL), event.to_bytes(2, "big"), form) for event, (kind, form) in _USER.items()},
}
CONTROL_TYPES: Final = frozenset({*_PROTOCOL, MessageType.USER_CONTROL})


def parse_control(message: Message) -> Control:
    """Return what a control message says.

    Raises:
        ProtocolError: its size or a value is wrong; the offset counts from the payload's start.
    """
    if message.type_id != MessageType.USER_CONTROL:
        kind, form = _PROTOCOL[message.type_id]
        return _unpack(kind, form, message.payload)
    if len(message.payload) < 2:
        raise ProtocolError("RTMP user control", 0, "an event type of 2 bytes", f"{len(message.payload)} bytes")
    event, data = int.from_bytes(message.payload[:2], "big"), message.payload[2:]
    if event not in _USER:
        return UserControl(event, data)
    return _unpack(*_USER[event], data)


def _unpack(kind: type[Control], form: str, data: bytes) -> Control:
    if len(data) != struct.calcsize(form):
        raise ProtocolError(f"RTMP {kind.__name__}", 0, f"{struct.calcsize(form)} bytes", f"{len(data)} bytes")
    values = struct.unpack(form, data)
    if kind is SetPeerBandwidth:
        if values[1] not in set(Limit):
            raise ProtocolError(f"RTMP {kind.__name__}", 4, "a limit type of 0, 1 or 2", str(values[1]))
        return SetPeerBandwidth(values[0], Limit(values[1]))
    return kind(*values)


def control_message(control: Control) -> Message:
    """Return the message of a control.

    Raises:
        LocalProtocolError: a value does not fit its field.
    """
    if isinstance(control, UserControl):
        type_id, payload = int(MessageType.USER_CONTROL), control.event.to_bytes(2, "big") + control.data
    else:
        type_id, head, form = _WIRE[type(control)]
        try:
            payload = head + struct.pack(form, *astuple(control))
        except struct.error as error:
            raise LocalProtocolError(f"{control}: {error}") from None
    return Message(type_id, 0, 0, payload, CONTROL_CHUNK_STREAM)


@dataclass(frozen=True, slots=True)
class Command:
    """A command message (RTMP 1.0 7.1.1): a call, or the answer to one (`_result`, `_error`)."""

    name: str
    transaction: float = 0
    object: amf0.Value = None
    arguments: tuple[amf0.Value, ...] = ()
    stream_id: int = 0

    @classmethod
    def parse(cls, message: Message) -> Command:
        """Parse a message of type 20, or of type 17 as far as it holds AMF0; ffmpeg sends onFCPublish as a bare name.

        Raises:
            ProtocolError: no AMF0, no name, or no number after it; the offset counts from the payload's start.
        """
        values = _values(message)
        match values:
            case [str() as name]:
                return cls(name, stream_id=message.stream_id)
            case [str() as name, float() as transaction, *rest]:
                return cls(name, transaction, rest[0] if rest else None, tuple(rest[1:]), message.stream_id)
        raise ProtocolError("RTMP command", 0, "a name and a transaction number", repr(values[:2])[:80])

    def message(self, chunk_stream_id: int | None = None) -> Message:
        """Return the message of type 20; chunk stream 3 for the connection, 5 for a stream, unless another is given."""
        if chunk_stream_id is None:
            chunk_stream_id = STREAM_CHUNK_STREAM if self.stream_id else COMMAND_CHUNK_STREAM
        payload = amf0.encode(self.name, self.transaction, self.object, *self.arguments)
        return Message(MessageType.COMMAND_AMF0, self.stream_id, 0, payload, chunk_stream_id)


@dataclass(frozen=True, slots=True)
class Data:
    """A data message (RTMP 1.0 7.1.2), e.g. onMetaData; `values` are those after the name."""

    name: str
    values: tuple[amf0.Value, ...] = ()
    timestamp: int = 0
    stream_id: int = 0

    @classmethod
    def parse(cls, message: Message) -> Data:
        """Parse a message of type 18, or of type 15 as far as it holds AMF0; "@setDataFrame" before it is dropped.

        Raises:
            ProtocolError: no AMF0 or no name; the offset counts from the payload's start.
        """
        values = _values(message)
        if len(values) > 1 and values[0] == "@setDataFrame":
            values = values[1:]
        match values:
            case [str() as name, *rest]:
                return cls(name, tuple(rest), message.timestamp, message.stream_id)
        raise ProtocolError("RTMP data message", 0, "a name", repr(values[:1])[:80])

    def message(self, chunk_stream_id: int = DATA_CHUNK_STREAM) -> Message:
        """Return the message of type 18."""
        payload = amf0.encode(self.name, *self.values)
        return Message(MessageType.DATA_AMF0, self.stream_id, self.timestamp, payload, chunk_stream_id)


def _values(message: Message) -> list[amf0.Value]:
    payload = message.payload
    if message.type_id in (MessageType.COMMAND_AMF3, MessageType.DATA_AMF3) and payload[:1] == b"\0":
        payload = payload[1:]  # AMF3 messages hold AMF0 after a byte of 0, unless they switch
    return amf0.decode(payload)


def split_aggregate(message: Message) -> list[Message]:
    """Return the messages in an aggregate (RTMP 1.0 7.1.6), their timestamps moved to the aggregate's.

    Raises:
        ProtocolError: a part goes beyond the end, or its back pointer is wrong.
    """
    cursor = Cursor(message.payload, "RTMP aggregate")
    parts: list[Message] = []
    shift = 0
    while cursor.remaining:
        type_id = cursor.unsigned(1, "a type")
        size = cursor.unsigned(3, "a size")
        timestamp = cursor.unsigned(3, "a timestamp") | cursor.unsigned(1, "a timestamp") << 24
        cursor.take(3, "a stream id")
        payload = cursor.take(size, "a message")
        back = cursor.unsigned(4, "a back pointer")
        if back != size + 11:
            raise cursor.fail(f"the back pointer {size + 11}", str(back), back=4)
        if not parts:
            shift = message.timestamp - timestamp
        parts.append(
            Message(type_id, message.stream_id, (timestamp + shift) & 0xFFFFFFFF, payload, message.chunk_stream_id)
        )
    return parts
