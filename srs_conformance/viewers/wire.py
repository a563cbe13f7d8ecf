"""A viewer's TCP connection: a plain blocking socket, which gevent can make cooperative, ended by a shutdown."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from functools import cache
from typing import Protocol

from srs_conformance.viewers.timeline import Ending, Timeline

READ_SIZE = 256 * 1024
CAPTURE_SIZE = 64 * 1024
CONNECT_SECONDS = 5.0
_SCRATCH = memoryview(bytearray(1 << 20))
"""Never written to: MSG_TRUNC wants a buffer of the size that it discards (tcp(7))."""


class Ended(Exception):  # noqa: N818 - the fact that a watch is over, which is no error
    """The watch is over; says how and why."""

    def __init__(self, ending: Ending, why: str) -> None:
        super().__init__(why)
        self.ending = ending
        self.why = why

    @classmethod
    def because_of(cls, error: OSError, doing: str) -> Ended:
        """Return the ending that an error of the operating system means."""
        if isinstance(error, ConnectionRefusedError):
            return cls(Ending.REFUSED, f"{doing}: connection refused")
        if isinstance(error, (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)):
            return cls(Ending.RESET, f"{doing}: the connection was reset")
        if isinstance(error, TimeoutError):
            return cls(Ending.TIMEOUT, f"{doing}: timed out")
        if isinstance(error, ssl.SSLCertVerificationError):
            return cls(Ending.UNREACHABLE, f"{doing}: its certificate proves nothing: {error.verify_message}")
        if isinstance(error, ssl.SSLError):
            return cls(Ending.PROTOCOL_ERROR, f"{doing}: no TLS: {error.reason or error}")
        return cls(Ending.UNREACHABLE, f"{doing}: {error}")


class Counter(Protocol):
    """What a connection tells of each piece that it receives."""

    def count(self, data: bytes | memoryview) -> None:
        """Take note of received bytes."""


class Meter:
    """Counts what a viewer's connections receive, over all of them, and keeps the first bytes as evidence."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.capture = bytearray()

    def count(self, data: bytes | memoryview) -> None:
        """Take note of received bytes."""
        if self._timeline.first_byte is None and data:
            self._timeline.first_byte = time.monotonic()
        self._timeline.received += len(data)
        room = CAPTURE_SIZE - len(self.capture)
        if room > 0:
            self.capture += data[:room]


class Wire:
    """A connection to one address; any method but `interrupt` belongs to the viewer's thread.

    Args:
        meter: told of all that is received.
        receive_buffer: bytes that the kernel is to hold for a reader that comes by only now and then; None: as it
            likes.
    """

    def __init__(self, meter: Counter, receive_buffer: int | None = None) -> None:
        self._meter = meter
        self._receive_buffer = receive_buffer
        self._socket: socket.socket | None = None
        self._interrupted = False
        self.peer = ""

    def connect(self, host: str, port: int, source: str | None = None, *, proven: str | None = None) -> None:
        """Connect to the first of the host's addresses that answers.

        Args:
            host: a name or an address.
            port: where it listens.
            source: the local address to connect from.
            proven: speak TLS, and have the server's certificate prove that it has this name; None: speak plainly. Whom
                to trust is OpenSSL's affair, SSL_CERT_FILE of the environment included.

        Raises:
            Ended: refused, unreachable or no answer in time; no TLS, or a certificate that proves nothing.
        """
        doing = f"connecting to {host}:{port}"
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise Ended(Ending.UNREACHABLE, f"{doing}: the name does not resolve: {error.strerror}") from error
        except (OSError, UnicodeError) as error:
            raise Ended(Ending.UNREACHABLE, f"{doing}: {error}") from error
        failure = OSError(f"{host} has no address")
        for family, _, _, _, address in found:
            try:
                self._connect(family, address, source, proven)
            except OSError as error:
                failure = error
                self.close()
            else:
                self.peer = str(address[0])
                return
        raise Ended.because_of(failure, doing) from failure

    def _connect(self, family: int, address: tuple[object, ...], source: str | None, proven: str | None) -> None:
        connection = self._socket = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_SECONDS)
        if self._receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        if source is not None:
            connection.bind((source, 0))
        if self._interrupted:
            raise OSError("stopped")
        connection.connect(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if proven is not None:
            self._socket = _tls().wrap_socket(connection, server_hostname=proven)

    def patience(self, seconds: float | None) -> None:
        """Set how long a read or write may take from now on; None: for ever."""
        if self._socket is not None:
            self._socket.settimeout(seconds)

    def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            Ended: the connection is gone.
        """
        if not data:
            return
        try:
            self._open().sendall(data)
        except OSError as error:
            raise Ended.because_of(error, f"sending to {self.peer}") from error

    def receive(self, size: int = READ_SIZE) -> bytes:
        """Return up to `size` bytes of what has come, after waiting for the first; empty at the connection's end.

        Raises:
            Ended: the connection was reset, or nothing came in time.
        """
        try:
            data = self._open().recv(size)
        except OSError as error:
            raise Ended.because_of(error, f"reading from {self.peer}") from error
        self._meter.count(data)
        return data

    def receive_into(self, buffer: memoryview | None, size: int) -> int:
        """Put up to `size` bytes that have come, or come next, into a buffer; None: have the kernel throw them away.

        What TLS brings cannot be thrown away by the kernel.

        Raises:
            Ended: the connection ended or was reset, or nothing came in time.
        """
        into, flags = (_SCRATCH, socket.MSG_TRUNC) if buffer is None else (buffer, 0)
        try:
            got = self._open().recv_into(into, min(size, len(into)), flags)
        except OSError as error:
            raise Ended.because_of(error, f"reading from {self.peer}") from error
        if not got:
            raise Ended(Ending.CLOSED, f"the server closed the connection {size} bytes before the end of the response")
        self._meter.count(into[:got])
        return got

    def detach(self) -> int:
        """Give the connection away as a file descriptor, and be closed.

        Raises:
            Ended: there is none any more.
        """
        try:
            connection = self._open()
        except OSError as error:
            raise Ended.because_of(error, f"reading from {self.peer}") from error
        self._socket = None
        return connection.detach()

    def interrupt(self) -> None:
        """Make whatever waits on this connection return at once; for other threads."""
        self._interrupted = True
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # of TCP alone: the reader may be within TLS

    def close(self) -> None:
        """Give the socket back."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()

    def _open(self) -> socket.socket:
        if self._socket is None or self._interrupted:
            raise OSError("the connection is closed")
        return self._socket


@cache
def _tls() -> ssl.SSLContext:
    """Make the TLS context once: it takes 30 ms."""
    return ssl.create_default_context()
