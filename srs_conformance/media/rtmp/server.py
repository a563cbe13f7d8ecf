"""The server's side of an RTMP connection; it tells what the client asks for, and answers only when told to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.base import Connection
from srs_conformance.media.rtmp.chunks import MAX_MESSAGE_SIZE
from srs_conformance.media.rtmp.events import (
    CommandReceived,
    ConnectRequested,
    CreateStreamRequested,
    Event,
    PlayRequested,
    PublishRequested,
)
from srs_conformance.media.rtmp.handshake import ServerHandshake
from srs_conformance.media.rtmp.messages import (
    Command,
    Data,
    Limit,
    SetChunkSize,
    SetPeerBandwidth,
    StreamBegin,
    WindowAcknowledgementSize,
)


class ServerState(Enum):
    """How far a server's connection has come."""

    NEW = "waiting for connect"
    ASKED = "asked to connect"
    CONNECTED = "connected"


# What a client may ask, and which method tells it: (state, command) -> method. Before `connect` nothing else may come,
# and it may come once; any other command that is not here is told as CommandReceived. A client need not wait for the
# answer to `connect`.
REQUESTS: Final = {
    (ServerState.NEW, "connect"): "_asks_to_connect",
    (ServerState.ASKED, "createStream"): "_asks_for_a_stream",
    (ServerState.ASKED, "play"): "_asks_to_play",
    (ServerState.ASKED, "publish"): "_asks_to_publish",
    (ServerState.CONNECTED, "createStream"): "_asks_for_a_stream",
    (ServerState.CONNECTED, "play"): "_asks_to_play",
    (ServerState.CONNECTED, "publish"): "_asks_to_publish",
}


class ServerConnection(Connection):
    """A server; every message to the client goes through a method, so that any server's order can be had.

    Args:
        random: gives random bytes for the handshake.
        max_message_size: bytes that unfinished messages may have.
        compress: use the short chunk headers; SRS does not.
    """

    def __init__(
        self,
        *,
        random: Callable[[int], bytes] = os.urandom,
        max_message_size: int = MAX_MESSAGE_SIZE,
        compress: bool = False,
    ) -> None:
        super().__init__(ServerHandshake(random), max_message_size=max_message_size, compress=compress)
        self.state = ServerState.NEW
        self._connect_transaction = 1.0
        self._streams = 0

    def accept_connect(
        self,
        properties: Mapping[str, amf0.Value] | None = None,
        info: Mapping[str, amf0.Value] | None = None,
        *,
        window: int = 2_500_000,
        chunk_size: int = 60_000,
    ) -> None:
        """Send WindowAcknowledgementSize, SetPeerBandwidth, SetChunkSize and the `_result`, in SRS's order.

        `properties` and `info` are put over the usual ones. For another order send them one by one, the last with
        `answer_connect`.
        """
        self.send_control(WindowAcknowledgementSize(window))
        self.send_control(SetPeerBandwidth(window, Limit.DYNAMIC))
        self.send_control(SetChunkSize(chunk_size))
        usual: dict[str, amf0.Value] = {"fmsVer": "FMS/3,5,3,888", "capabilities": 127.0, "mode": 1.0}
        success: dict[str, amf0.Value] = {
            "level": "status",
            "code": "NetConnection.Connect.Success",
            "description": "Connection succeeded",
            "objectEncoding": 0.0,
        }
        self.answer_connect({**usual, **(properties or {})}, {**success, **(info or {})})

    def answer_connect(self, properties: dict[str, amf0.Value], info: dict[str, amf0.Value]) -> None:
        """Send just the `_result` of `connect`."""
        if self.state is not ServerState.ASKED:
            raise LocalProtocolError(f"connect was answered while {self.state.value}")
        self.send_command(Command("_result", self._connect_transaction, properties, (info,)))
        self.state = ServerState.CONNECTED

    def accept_create_stream(self, request: CreateStreamRequested, stream_id: int | None = None) -> int:
        """Answer `createStream` with that id, or the next free one; return it."""
        self._streams = self._streams + 1 if stream_id is None else stream_id
        self.send_command(Command("_result", request.transaction, None, (float(self._streams),)))
        return self._streams

    def accept_play(self, request: PlayRequested, *, details: str = "stream", client_id: str = "ASAICiss") -> None:
        """Send StreamBegin, the statuses Play.Reset and Play.Start, and |RtmpSampleAccess, as SRS does."""
        more: dict[str, amf0.Value] = {"details": details, "clientid": client_id}
        self.send_control(StreamBegin(request.stream_id))
        self.send_status("status", "NetStream.Play.Reset", "Playing and resetting stream.", request.stream_id, **more)
        self.send_status("status", "NetStream.Play.Start", "Started playing stream.", request.stream_id, **more)
        self.send_data(Data("|RtmpSampleAccess", (True, True), 0, request.stream_id))

    def accept_publish(self, request: PublishRequested, *, client_id: str = "ASAICiss") -> None:
        """Send the status Publish.Start."""
        description = "Started publishing stream."
        self.send_status("status", "NetStream.Publish.Start", description, request.stream_id, clientid=client_id)

    def send_status(self, level: str, code: str, description: str, stream_id: int = 0, **more: amf0.Value) -> None:
        """Send onStatus; `more` are further members of the object, e.g. ex for a redirect."""
        info: dict[str, amf0.Value] = {"level": level, "code": code, "description": description, **more}
        self.send_command(Command("onStatus", 0, None, (info,), stream_id))

    def send_redirect(self, tc_url: str, stream_url: str) -> None:
        """Send the status with which SRS names another origin; the connection is to be closed after it."""
        ex: dict[str, amf0.Value] = {"code": 302.0, "redirect": tc_url, "redirect2": stream_url}
        self.send_status("error", "NetConnection.Connect.Rejected", "RTMP 302 Redirect", ex=ex)

    def reply(self, command: Command, *arguments: amf0.Value, target: amf0.Value = None) -> None:
        """Send the `_result` of a command, e.g. of FCPublish."""
        self.send_command(Command("_result", command.transaction, target, arguments))

    def _on_handshake(self) -> None:
        """Wait for the client."""

    def _on_command(self, command: Command) -> list[Event]:
        method = REQUESTS.get((self.state, command.name))
        if method is None:
            if self.state is not ServerState.NEW and command.name != "connect":
                return [CommandReceived(command)]
            raise ProtocolError("RTMP command", 0, f"a command that fits '{self.state.value}'", repr(command.name))
        event: Event = getattr(self, method)(command)
        return [event]

    def _asks_to_connect(self, command: Command) -> Event:
        properties = command.object if isinstance(command.object, dict) else {}
        app, tc_url = properties.get("app"), properties.get("tcUrl")
        if not isinstance(app, str):
            raise ProtocolError("RTMP connect", 0, "an app", repr(app)[:80])
        self.state = ServerState.ASKED
        self._connect_transaction = command.transaction
        tc_url = tc_url if isinstance(tc_url, str) else ""
        return ConnectRequested(app, tc_url, properties, command.arguments, command.transaction)

    def _asks_for_a_stream(self, command: Command) -> Event:
        return CreateStreamRequested(command.transaction)

    def _asks_to_play(self, command: Command) -> Event:
        stream, params = _stream_name(command)
        start = command.arguments[1] if len(command.arguments) > 1 else None
        start = start if isinstance(start, float) else -2.0
        return PlayRequested(stream, params, command.stream_id, command.transaction, start)

    def _asks_to_publish(self, command: Command) -> Event:
        stream, params = _stream_name(command)
        kind = command.arguments[1] if len(command.arguments) > 1 else None
        kind = kind if isinstance(kind, str) else "live"
        return PublishRequested(stream, params, command.stream_id, command.transaction, kind)


def _stream_name(command: Command) -> tuple[str, str]:
    name = command.arguments[0] if command.arguments else None
    if not isinstance(name, str):
        raise ProtocolError(f"RTMP {command.name}", 0, "a stream name", repr(name)[:80])
    stream, _, params = name.partition("?")
    return stream, params
