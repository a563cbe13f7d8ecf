"""Short HTTP requests of an HLS viewer, over a connection that is kept as players keep it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from srs_conformance.viewers.http1 import Exchange, HttpUrl
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import Ended, Wire


@dataclass
class Fetched:
    """One request: when it was sent, and what came of it; `why` says what went wrong, and then status may be None."""

    url: str
    at: float
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    lines: tuple[tuple[str, str], ...] = ()
    size: int = 0
    took: float = 0.0
    why: str = ""
    ending: Ending | None = None

    @property
    def complete(self) -> bool:
        """Tell whether a whole response with status 200 came."""
        return self.status == 200 and not self.why


class Fetcher:
    """Fetches one URL after the other.

    Args:
        connect: opens the connection to where a URL leads, in place of the one before.
        secure: whether it can do so over TLS.
    """

    def __init__(self, connect: Callable[[HttpUrl], Wire], *, secure: bool = False) -> None:
        self._connect = connect
        self._secure = secure
        self._exchange: Exchange | None = None
        self._place: tuple[str, int, bool] | None = None

    def fetch(self, url: str, consume: Callable[[bytes, float], None], seconds: float) -> Fetched:
        """Fetch a URL; `consume` gets the pieces of a body with status 200 and when they came.

        Raises:
            ValueError: it is no http URL.
        """
        return self._fetch(url, seconds, lambda fetched: self._read(fetched, consume, seconds))

    def fetch_whole(self, url: str, seconds: float, *, keep: bool = True) -> tuple[Fetched, bytearray]:
        """Fetch a URL as cheaply as can be; return the body with status 200, empty where it is not kept.

        Raises:
            ValueError: it is no http URL.
        """
        body = bytearray()

        def take(data: bytes, _: float) -> None:
            if keep:
                body.extend(data)

        def read(fetched: Fetched) -> None:
            nonlocal body
            length = _told_length(fetched)
            if length is None:
                self._read(fetched, take, seconds)
            else:
                body = self._read_whole(fetched, length, seconds, keep=keep)

        fetched = self._fetch(url, seconds, read)
        return fetched, body

    def _fetch(self, url: str, seconds: float, read: Callable[[Fetched], None]) -> Fetched:
        place = HttpUrl.parse(url, secure=self._secure)
        fetched = Fetched(url, time.monotonic())
        same = self._place == (place.host, place.port, place.secure)
        kept = self._exchange is not None and same and self._exchange.reusable
        try:
            try:
                self._get(place, fetched, seconds, kept=kept)
            except Ended as ended:
                if not kept or ended.ending is Ending.TIMEOUT:
                    raise
                # The server may have closed the kept connection meanwhile; every player tries again then.
                self._get(place, fetched, seconds, kept=False)
            read(fetched)
        except Ended as ended:
            fetched.why, fetched.ending = ended.why, ended.ending
        if fetched.why:
            self._exchange = None
        fetched.took = time.monotonic() - fetched.at
        return fetched

    def _get(self, place: HttpUrl, fetched: Fetched, seconds: float, *, kept: bool) -> None:
        if self._exchange is None or not kept:
            self._exchange = Exchange(self._connect(place))
            self._place = place.host, place.port, place.secure
        self._exchange.wire.patience(seconds)
        head = self._exchange.get(place, keep=True)
        fetched.status, fetched.headers, fetched.lines = head.status, head.headers, head.lines

    def _read(self, fetched: Fetched, consume: Callable[[bytes, float], None], seconds: float) -> None:
        assert self._exchange is not None
        for data in self._exchange.body():
            now = time.monotonic()
            fetched.size += len(data)
            if fetched.status == 200:
                consume(data, now)
            self._wait_on(fetched, seconds, now)

    def _read_whole(self, fetched: Fetched, length: int, seconds: float, *, keep: bool) -> bytearray:
        assert self._exchange is not None
        body = bytearray()
        for body in self._exchange.whole_body(length, keep=keep):  # noqa: B007 - the last one is whole
            self._wait_on(fetched, seconds, time.monotonic())
        fetched.size = length
        return body

    def _wait_on(self, fetched: Fetched, seconds: float, now: float) -> None:
        """Let the connection wait for what is left of the time that the request may take."""
        assert self._exchange is not None
        left = fetched.at + seconds - now
        if left <= 0:
            raise Ended(Ending.TIMEOUT, f"no end of the response within {seconds:g} s")
        self._exchange.wire.patience(left)


def _told_length(fetched: Fetched) -> int | None:
    """Return the length of a body that is worth reading past h11, where the head tells it (RFC 9112 6.3)."""
    length = fetched.headers.get("content-length", "")
    if fetched.status != 200 or "transfer-encoding" in fetched.headers or not length.isdecimal():
        return None
    return int(length)
