"""HTTP/1.1 over a viewer's own connection, as far as players use it; h11 knows the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import READ_SIZE, Ended, Wire

HEAD_READ = 4096
"""Bytes read at once until a head is whole: what comes of the body with it is copied once more than the rest."""
USER_AGENT = "srs-conformance"


@dataclass(frozen=True)
class HttpUrl:
    """Where a URL leads: host and port to connect to, over TLS or not, target and Host header to send."""

    host: str
    port: int
    target: str
    authority: str
    secure: bool = False

    @classmethod
    def parse(cls, url: str, *, secure: bool = False) -> HttpUrl:
        """Split an http URL, or with `secure` an https one too.

        Raises:
            ValueError: it is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in (("http", "https") if secure else ("http",)) or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of the form http://host[:port]/path")
        tls = parts.scheme == "https"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        port = parts.port or (443 if tls else 80)
        return cls(parts.hostname, port, target, parts.netloc.rpartition("@")[2], tls)


@dataclass(frozen=True)
class Head:
    """The head of a response; header names in lower case. `lines` has each header that came, in order."""

    status: int
    reason: str
    headers: dict[str, str]
    lines: tuple[tuple[str, str], ...] = ()


class Exchange:
    """Requests and responses, one after the other, on one connection."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._http = h11.Connection(h11.CLIENT)

    @property
    def reusable(self) -> bool:
        """Tell whether another request may be sent, after the body has been read to its end."""
        return {self._http.our_state, self._http.their_state} in ({h11.DONE}, {h11.IDLE})

    def get(self, url: HttpUrl, *, keep: bool) -> Head:
        """Send a GET request and return the head of the response, once there is one.

        Raises:
            Ended: the connection ended first, or what came is no HTTP.
        """
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        headers = [("Host", url.authority), ("User-Agent", USER_AGENT), ("Accept", "*/*")]
        headers.append(("Connection", "keep-alive" if keep else "close"))
        request = h11.Request(method="GET", target=url.target, headers=headers)
        self.wire.send((self._http.send(request) or b"") + (self._http.send(h11.EndOfMessage()) or b""))
        event = self._next(HEAD_READ)
        while isinstance(event, h11.InformationalResponse):
            event = self._next(HEAD_READ)
        if not isinstance(event, h11.Response):
            raise Ended(Ending.CLOSED, f"the server closed the connection without an answer to {url.target}")
        got = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)
        return Head(event.status_code, event.reason.decode("latin-1"), dict(got), got)

    def whole_body(self, length: int, *, keep: bool) -> Iterator[bytearray]:
        """Read a body whose length the head has told, past h11, which would copy it twice; yield it after each read.

        What is yielded is one and the same array of `length` bytes, filled from its start; it is empty where the body
        is not kept and the kernel throws it away. The exchange is ready for another request after the last one.

        Raises:
            Ended: the connection ended in the middle.
        """
        begin = memoryview(self.rest())[:length]
        body = bytearray(length if keep else 0)
        if keep:
            body[: len(begin)] = begin
        have = len(begin)
        while have < length:
            have += self.wire.receive_into(memoryview(body)[have:] if keep else None, length - have)
            yield body
        self._http = h11.Connection(h11.CLIENT)
        yield body

    def rest(self) -> bytes:
        """Return what has come behind the head, as it stands on the wire, for somebody else to read on from there."""
        return bytes(self._http.trailing_data[0])

    def body(self) -> Iterator[bytes]:
        """Return the pieces of the body as they come.

        Raises:
            Ended: the connection ended in the middle, or what came is no HTTP.
        """
        while isinstance(event := self._next(), h11.Data):
            yield bytes(event.data)
        if isinstance(event, h11.ConnectionClosed):
            raise Ended(Ending.CLOSED, "the server closed the connection")

    def _next(self, size: int = READ_SIZE) -> object:
        while True:
            waiting = self._http.their_state is h11.SEND_RESPONSE
            try:
                event = self._http.next_event()
                if event is not h11.NEED_DATA:
                    return event
                self._http.receive_data(self.wire.receive(size))
            except h11.RemoteProtocolError as error:
                if self._http.trailing_data == (b"", True) and waiting:
                    raise Ended(Ending.CLOSED, "the server closed the connection without an answer") from error
                if self._http.trailing_data[1]:
                    raise Ended(Ending.CLOSED, f"the server closed the connection in the middle: {error}") from error
                raise Ended(Ending.PROTOCOL_ERROR, f"no HTTP/1.1: {error}") from error
