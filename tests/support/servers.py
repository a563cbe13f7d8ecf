"""Servers for tests, each connection handled by a function of the test's own."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from srs_conformance.media.rtmp.events import ConnectRequested, CreateStreamRequested, PlayRequested
from srs_conformance.media.rtmp.server import ServerConnection

Handler = Callable[[socket.socket], None]


class Server:
    """Listens on 127.0.0.1; the handlers take the connections in turn, the last one all that follow.

    A handler may wait for `closing`, which is set when the test is over. What it raises, but for a connection that went
    away, fails the test.
    """

    def __init__(self, *handlers: Handler, port: int = 0) -> None:
        self._handlers = handlers
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.connections: list[socket.socket] = []
        self.peers: list[str] = []
        self.closing = threading.Event()
        self._failures: list[Exception] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        for each in (self._listener, *self.connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(5)
        if self._failures and error is None:
            raise self._failures[0]

    def _accept(self) -> None:
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            self.peers.append(peer[0])
            handler = self._handlers[min(len(self.connections), len(self._handlers) - 1)]
            self.connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(handler, connection), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, handler: Handler, connection: socket.socket) -> None:
        try:
            with connection:
                handler(connection)
        except OSError:
            pass
        except Exception as failure:  # noqa: BLE001 - it fails the test when the server is closed
            self._failures.append(failure)


def request(connection: socket.socket) -> str:
    """Read one HTTP request and return its target, or "" at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            return ""
        data += piece
    return data.split(b" ", 2)[1].decode()


def response(body: bytes, *headers: str, status: str = "200 OK", length: bool = True) -> bytes:
    """Return an HTTP response."""
    lines = [f"HTTP/1.1 {status}", "Server: SRS/3.0.170(Test)", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(pieces: Sequence[bytes], *headers: str, end: bool = True) -> Iterator[bytes]:
    """Return a chunked HTTP response, piece by piece."""
    yield response(b"", "Transfer-Encoding: chunked", *headers, length=False)
    for piece in pieces:
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    if end:
        yield b"0\r\n\r\n"


def reset(connection: socket.socket) -> None:
    """Close a connection with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class RtmpPeer:
    """The server's side of one RTMP connection: `accept_play` goes through all that comes before media."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.rtmp = ServerConnection()

    def flush(self) -> None:
        """Send what is queued."""
        self.socket.sendall(self.rtmp.data_to_send())

    def until(self, kind: type) -> object:
        """Read, and answer connect and createStream, until an event of this kind comes; return it."""
        while True:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionResetError
            for event in self.rtmp.receive_data(data):
                if isinstance(event, kind):
                    return event
                if isinstance(event, ConnectRequested):
                    self.rtmp.accept_connect(info={"data": {"srs_server": "SRS/3.0.170(Test)"}})
                elif isinstance(event, CreateStreamRequested):
                    self.rtmp.accept_create_stream(event)
            self.flush()

    def accept_play(self) -> PlayRequested:
        """Take the client up to its play, and tell it that it plays."""
        play = self.until(PlayRequested)
        assert isinstance(play, PlayRequested)
        self.rtmp.accept_play(play)
        self.flush()
        return play
