"""The client's side of an RTMP connection: it plays or publishes one stream."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.base import Connection
from srs_conformance.media.rtmp.chunks import DEFAULT_CHUNK_SIZE, MAX_MESSAGE_SIZE
from srs_conformance.media.rtmp.events import (
    CommandReceived,
    Connected,
    Event,
    Redirected,
    Status,
    StreamCreated,
    Values,
)
from srs_conformance.media.rtmp.handshake import ClientHandshake
from srs_conformance.media.rtmp.messages import Command, SetBufferLength, SetChunkSize, WindowAcknowledgementSize


class ClientState(Enum):
    """How far a client's connection has come."""

    HANDSHAKE = "handshake"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CREATING = "creating the stream"
    OPENING = "opening the stream"
    PLAYING = "playing"
    PUBLISHING = "publishing"
    REFUSED = "refused"


# What the answer to a command does: (state, command, answer) -> (method, next state). An answer to one of these
# commands in another state, or to a command that was never sent, is told as CommandReceived.
ANSWERS: Final = {
    (ClientState.CONNECTING, "connect", "_result"): ("_connected", ClientState.CONNECTED),
    (ClientState.CONNECTING, "connect", "_error"): ("_refused", ClientState.REFUSED),
    (ClientState.CREATING, "createStream", "_result"): ("_created", ClientState.OPENING),
    (ClientState.CREATING, "createStream", "_error"): ("_refused", ClientState.REFUSED),
}
# What onStatus does: (state, code) -> next state; besides, any error before the stream is open is REFUSED.
STATUSES: Final = {
    (ClientState.OPENING, "NetStream.Play.Start"): ClientState.PLAYING,
    (ClientState.OPENING, "NetStream.Publish.Start"): ClientState.PUBLISHING,
}
_OPEN: Final = frozenset({ClientState.PLAYING, ClientState.PUBLISHING})


@dataclass(frozen=True, slots=True)
class _Intent:
    command: str
    stream: str
    arguments: tuple[amf0.Value, ...]


class ClientConnection(Connection):
    """A client: handshake, connect and, once `play` or `publish` was called, all that these need, by itself.

    Args:
        tc_url: what `connect` names, rtmp://host[:port]/app.
        app: the application.
        properties: more properties of the connect object, or others in place of the usual ones.
        arguments: objects after it; an SRS edge sends one that tells who it is.
        digest: do the handshake with digests, as ffmpeg does.
        random: gives random bytes for the handshake.
        chunk_size: bytes per chunk that we send; announced before `connect` where it is not 128.
        window: bytes after which the server shall acknowledge.
        buffer_length: what SetBufferLength says after `play`, in milliseconds.
        max_message_size: bytes that unfinished messages may have.
        compress: use the short chunk headers.
    """

    def __init__(
        self,
        tc_url: str,
        app: str,
        *,
        properties: Mapping[str, amf0.Value] | None = None,
        arguments: tuple[amf0.Value, ...] = (),
        digest: bool = False,
        random: Callable[[int], bytes] = os.urandom,
        chunk_size: int = DEFAULT_CHUNK_SIZE,
        window: int = 2_500_000,
        buffer_length: int = 1000,
        max_message_size: int = MAX_MESSAGE_SIZE,
        compress: bool = False,
    ) -> None:
        super().__init__(ClientHandshake(digest, random), max_message_size=max_message_size, compress=compress)
        self.state = ClientState.HANDSHAKE
        self.stream_id = 0
        self._properties = _connect_properties(tc_url, app) | dict(properties or {})
        self._arguments = arguments
        self._chunk_size = chunk_size
        self._own_window_size = window
        self._buffer_length = buffer_length
        self._intent: _Intent | None = None
        self._transaction = 0
        self._pending: dict[float, str] = {}

    def play(self, stream: str, start: float = -2) -> None:
        """Play a stream, its parameters included ("name?key=value"), as soon as the connection allows.

        `start` in seconds: -2 is live or else recorded, -1 live only (RTMP 1.0 7.2.2.1).
        """
        self._want(_Intent("play", stream, (stream, start)))

    def publish(self, stream: str, kind: str = "live") -> None:
        """Publish a stream, its parameters included, as soon as the connection allows; then use `send_media`."""
        self._want(_Intent("publish", stream, (stream, kind)))

    def close(self) -> None:
        """Say that the stream is over, where one was open, and refuse to send any more."""
        if self.state in _OPEN and not self.closed:
            if self.state is ClientState.PUBLISHING and self._intent:
                self._call("FCUnpublish", None, self._intent.stream)
            self._call("deleteStream", None, float(self.stream_id))
        super().close()

    def _want(self, intent: _Intent) -> None:
        if self._intent is not None:
            raise LocalProtocolError(f"the connection has its stream: {self._intent.command} {self._intent.stream!r}")
        self._intent = intent
        if self.state is ClientState.CONNECTED:
            self._create_stream()

    def _call(self, name: str, target: amf0.Value, *arguments: amf0.Value) -> None:
        self._transaction += 1
        self._pending[float(self._transaction)] = name
        self.send_command(Command(name, self._transaction, target, arguments))

    def _on_handshake(self) -> None:
        if self.closed:
            return
        if self._chunk_size != DEFAULT_CHUNK_SIZE:
            self.send_control(SetChunkSize(self._chunk_size))
        self._call("connect", dict(self._properties), *self._arguments)
        self.state = ClientState.CONNECTING

    def _on_command(self, command: Command) -> list[Event]:
        if command.name == "onStatus":
            return [self._on_status(command)]
        if command.name not in ("_result", "_error"):
            return [CommandReceived(command)]
        request = self._pending.pop(command.transaction, "")
        step = ANSWERS.get((self.state, request, command.name))
        if step is None or self.closed:
            return [CommandReceived(command)]
        method, self.state = step
        event: Event = getattr(self, method)(command)
        return [event]

    def _connected(self, command: Command) -> Event:
        self.send_control(WindowAcknowledgementSize(self._own_window_size))
        if self._intent is not None:
            self._create_stream()
        properties = command.object if isinstance(command.object, dict) else {}
        return Connected(properties, _first_object(command))

    def _create_stream(self) -> None:
        intent = self._intent
        if intent is not None and intent.command == "publish":
            self._call("releaseStream", None, intent.stream)
            self._call("FCPublish", None, intent.stream)
        self._call("createStream", None)
        self.state = ClientState.CREATING

    def _created(self, command: Command) -> Event:
        stream_id = command.arguments[0] if command.arguments else None
        if not isinstance(stream_id, float) or not 0 < stream_id <= 0xFFFFFFFF or stream_id % 1:
            raise ProtocolError("RTMP createStream", 0, "a stream id in the answer", repr(stream_id))
        self.stream_id = int(stream_id)
        if self._intent is not None:
            # RTMP 1.0 7.2.2.1 and 7.2.2.6: the transaction is 0, the answers are onStatus.
            self.send_command(Command(self._intent.command, 0, None, self._intent.arguments, self.stream_id))
            if self._intent.command == "play":
                self.send_control(SetBufferLength(self.stream_id, self._buffer_length))
        return StreamCreated(self.stream_id)

    def _on_status(self, command: Command) -> Event:
        status = _status(command)
        redirected = _redirected(status)
        if status.level == "error" and self.state not in _OPEN:
            self.state = ClientState.REFUSED
        self.state = STATUSES.get((self.state, status.code), self.state)
        return redirected or status

    def _refused(self, command: Command) -> Event:
        status = _status(command)
        return _redirected(status) or status


def _connect_properties(tc_url: str, app: str) -> Values:
    """Return the properties that Flash Player sends (RTMP 1.0 7.2.1.1) and SRS edges repeat."""
    return {
        "app": app,
        "flashVer": "WIN 15,0,0,239",
        "tcUrl": tc_url,
        "fpad": False,
        "capabilities": 239.0,
        "audioCodecs": 3575.0,
        "videoCodecs": 252.0,
        "videoFunction": 1.0,
        "objectEncoding": 0.0,
    }


def _first_object(command: Command) -> Values:
    return next((value for value in command.arguments if isinstance(value, dict)), {})


def _status(command: Command) -> Status:
    info = _first_object(command)
    level, code, description = (_text(info.get(name)) for name in ("level", "code", "description"))
    return Status(level or ("error" if command.name == "_error" else ""), code, description, info, command.stream_id)


def _redirected(status: Status) -> Redirected | None:
    """Return where the server sends us: `ex` with code 302, `redirect` (the tcUrl) and, from SRS, `redirect2`."""
    ex = status.info.get("ex")
    if not isinstance(ex, dict) or ex.get("code") != 302.0:
        return None
    tc_url = _text(ex.get("redirect"))
    to = _text(ex.get("redirect2")) or tc_url
    return Redirected(to, tc_url, status) if to else None


def _text(value: amf0.Value) -> str:
    return value if isinstance(value, str) else ""
