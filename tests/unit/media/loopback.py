"""The media core's connections behind sockets on loopback, for real peers; all bytes are kept."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from random import Random
from types import TracebackType
from typing import Self

from srs_conformance.media.flv import FlvTag
from srs_conformance.media.rtmp.connection import (
    ClientConnection,
    CommandReceived,
    ConnectRequested,
    CreateStreamRequested,
    Event,
    PlayRequested,
    PublishRequested,
    ServerConnection,
)

SECONDS = 20.0


def seeded(seed: int = 1) -> Callable[[int], bytes]:
    """Return a source of the same random bytes each time."""
    return Random(seed).randbytes


def answer(server: ServerConnection, event: Event, tags: Sequence[FlvTag] = ()) -> None:
    """Answer what a client asks for, as SRS does; a player is sent the tags, if any, and closed."""
    match event:
        case ConnectRequested():
            server.accept_connect()
        case CreateStreamRequested():
            server.accept_create_stream(event)
        case PublishRequested():
            server.accept_publish(event)
        case PlayRequested():
            server.accept_play(event)
            if tags:
                send_all(server, event, tags)
        case CommandReceived(command) if command.name in ("releaseStream", "FCPublish"):
            server.reply(command)


def send_all(server: ServerConnection, request: PlayRequested, tags: Sequence[FlvTag]) -> None:
    """Send the tags to a player, and close."""
    for tag in tags:
        server.send_media(tag.kind, tag.timestamp, tag.payload, request.stream_id)
    server.send_status("status", "NetStream.Play.Stop", "Stopped playing stream.", request.stream_id)
    server.close()


class Server:
    """A server for one client at `url`; `events` and `received` are complete after the block."""

    def __init__(self, tags: Sequence[FlvTag] = ()) -> None:
        self.connection = ServerConnection(random=seeded())
        self.events: list[Event] = []
        self.received = bytearray()
        self._tags = tags
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(SECONDS)
        self.url = f"rtmp://127.0.0.1:{self._listener.getsockname()[1]}/live/a"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        peer, _ = self._listener.accept()
        peer.settimeout(SECONDS)
        with peer:
            while data := peer.recv(65536):
                self.received += data
                for event in self.connection.receive_data(data):
                    self.events.append(event)
                    answer(self.connection, event, self._tags)
                if out := self.connection.data_to_send():
                    peer.sendall(out)
                if out and self.connection.closed:
                    peer.shutdown(socket.SHUT_WR)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._thread.join(SECONDS)
        self._listener.close()
        assert not self._thread.is_alive()


def run_client(
    connection: ClientConnection, port: int, until: Callable[[Event], bool] = lambda _: False
) -> tuple[list[Event], bytes]:
    """Let a client talk until an event or the end, and return all events and all that the server sent."""
    events: list[Event] = []
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), SECONDS) as peer:
        while True:
            peer.sendall(connection.data_to_send())
            data = peer.recv(65536)
            received += data
            new = connection.receive_data(data) if data else connection.receive_eof()
            events += new
            if not data or any(until(event) for event in new):
                return events, bytes(received)
