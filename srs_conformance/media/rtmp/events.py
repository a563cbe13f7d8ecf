"""What a connection tells: the events of both roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from srs_conformance.media import amf0
from srs_conformance.media.rtmp.messages import Command, Control

Values: TypeAlias = dict[str, amf0.Value]


@dataclass(frozen=True, slots=True)
class HandshakeDone:
    """The handshake is over.

    `digest`: both sides used digests; `answered`: the peer's last packet answers ours as it must.
    """

    digest: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """Client: the server accepted `connect`; its properties, and the information object with its `data`."""

    properties: Values
    info: Values


@dataclass(frozen=True, slots=True)
class StreamCreated:
    """Client: the server answered `createStream`; play or publish follow by themselves."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class Status:
    """Client: onStatus, or an error in answer to a command; `info` is the whole object."""

    level: str
    code: str
    description: str
    info: Values = field(default_factory=dict)
    stream_id: int = 0


@dataclass(frozen=True, slots=True)
class Redirected:
    """Client: the server refused and named another place (code 302); no `Status` is told besides.

    `to` is the stream's URL where the server gave one, else `tc_url`.
    """

    to: str
    tc_url: str
    status: Status


@dataclass(frozen=True, slots=True)
class Audio:
    """An audio message: raw timestamp of 32 bits in milliseconds, and what `flv.parse_audio` takes."""

    timestamp: int
    payload: bytes
    stream_id: int = 0


@dataclass(frozen=True, slots=True)
class Video:
    """A video message: raw timestamp of 32 bits in milliseconds, and what `flv.parse_video` takes."""

    timestamp: int
    payload: bytes
    stream_id: int = 0


@dataclass(frozen=True, slots=True)
class Metadata:
    """onMetaData, in a data message of its own or behind "@setDataFrame"."""

    values: Values
    timestamp: int = 0
    stream_id: int = 0


@dataclass(frozen=True, slots=True)
class DataReceived:
    """Any other data message, e.g. |RtmpSampleAccess."""

    name: str
    values: tuple[amf0.Value, ...] = ()
    timestamp: int = 0
    stream_id: int = 0


@dataclass(frozen=True, slots=True)
class CommandReceived:
    """A command that no other event tells, e.g. onBWDone, FCPublish or an answer to one."""

    command: Command


@dataclass(frozen=True, slots=True)
class ControlReceived:
    """A control message; what it asks for has been done or put into `data_to_send`."""

    control: Control


@dataclass(frozen=True, slots=True)
class WindowAcknowledged:
    """The peer has received that many bytes, modulo 2**32."""

    sequence: int


@dataclass(frozen=True, slots=True)
class MessageIgnored:
    """A message of a type that this core does not read, e.g. a shared object."""

    type_id: int
    size: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The peer closed its side; `unfinished` is how many bytes of a chunk had come."""

    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class ConnectRequested:
    """Server: `connect`; the client's properties, and the objects after them (an SRS edge sends one)."""

    app: str
    tc_url: str
    properties: Values
    arguments: tuple[amf0.Value, ...] = ()
    transaction: float = 1


@dataclass(frozen=True, slots=True)
class CreateStreamRequested:
    """Server: `createStream`."""

    transaction: float


@dataclass(frozen=True, slots=True)
class PlayRequested:
    """Server: `play`: the stream without its parameters, those after the question mark, and start as it came.

    RTMP 1.0 7.2.2.1 has start in seconds, ffmpeg sends it in milliseconds; below 0 it means live.
    """

    stream: str
    params: str = ""
    stream_id: int = 1
    transaction: float = 0
    start: float = -2


@dataclass(frozen=True, slots=True)
class PublishRequested:
    """Server: `publish`; the kind is "live", "record" or "append"."""

    stream: str
    params: str = ""
    stream_id: int = 1
    transaction: float = 0
    kind: str = "live"


Event: TypeAlias = (
    HandshakeDone
    | Connected
    | StreamCreated
    | Status
    | Redirected
    | Audio
    | Video
    | Metadata
    | DataReceived
    | CommandReceived
    | ControlReceived
    | WindowAcknowledged
    | MessageIgnored
    | Closed
    | ConnectRequested
    | CreateStreamRequested
    | PlayRequested
    | PublishRequested
)
