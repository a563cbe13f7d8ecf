"""What came over the wire as it came, for those who judge protocols: HTTP responses, and the bytes of a conversation.

A viewer keeps nothing of this unless it is given a `Keeping`; then it keeps everything up to a bound, and says when the
bound was met, since what is missing must not be taken for something that the server left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes in the order in which they passed; `at` in seconds of `time.monotonic()`; `sent` where we sent them."""

    at: float
    data: bytes
    sent: bool = False


@dataclass
class Response:
    """One HTTP response.

    Attributes:
        url: what was asked for; at, took: when, and for how many seconds, the whole body included.
        status: None where no answer came.
        headers: names in lower case, in order, repeated where the server repeated them.
        pieces: the body as it came.
        why: what went wrong, "" where the response is whole (or goes on).
    """

    url: str
    at: float
    took: float = 0.0
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    pieces: list[Piece] = field(default_factory=list)
    why: str = ""

    @property
    def body(self) -> bytes:
        """The body, as far as it has come."""
        return b"".join(piece.data for piece in self.pieces)

    def header(self, name: str) -> str | None:
        """Return a header's value, several joined by commas (RFC 9110 5.3), or None."""
        found = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(found) if found else None


@dataclass
class Conversation:
    """One RTMP connection from its first byte, the handshake included; `host` and `port` are the server's."""

    host: str
    port: int
    pieces: list[Piece] = field(default_factory=list)
    why: str = ""

    @property
    def received(self) -> bytes:
        """All that the server sent."""
        return b"".join(piece.data for piece in self.pieces if not piece.sent)


@dataclass
class Keeping:
    """What one viewer's connections carried.

    Attributes:
        limit: bytes to keep in all.
        responses: of HTTP-FLV and HLS, in order of the requests.
        conversations: of RTMP, one for each server that the viewer was sent on to.
        full: whether the limit was met and something was not kept; full_since: when that was, in seconds of
            `time.monotonic()`.
    """

    limit: int = LIMIT
    responses: list[Response] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    kept: int = 0
    full: bool = False
    full_since: float | None = None

    def keep(self, pieces: list[Piece], at: float, data: bytes, *, sent: bool = False) -> None:
        """Add bytes to a response's or a conversation's pieces, unless there is no room."""
        if self.full or self.kept + len(data) > self.limit:
            self.full, self.full_since = True, self.full_since or at
            return
        self.kept += len(data)
        pieces.append(Piece(at, data, sent))
