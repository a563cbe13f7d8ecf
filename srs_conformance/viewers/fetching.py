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
        connect: opens the connection to a host and port, in place of the one before.
    """

    def __init__(self, connect: Callable[[str, int], Wire]) -> None:
        self._connect = connect
        self._exchange: Exchange | None = None
        self._place: tuple[str, int] | None = None

    def fetch(self, url: str, consume: Callable[[bytes, float], None], seconds: float) -> Fetched:
        """Fetch a URL; `consume` gets the pieces of a body with status 200 and when they came.

        Raises:
            ValueError: it is no http URL.
        """
        place = HttpUrl.parse(url)
        fetched = Fetched(url, time.monotonic())
        kept = self._exchange is not None and self._place == (place.host, place.port) and self._exchange.reusable
        try:
            try:
                self._get(place, fetched, seconds, kept=kept)
            except Ended as ended:
                if not kept or ended.ending is Ending.TIMEOUT:
                    raise
                # The server may have closed the kept connection meanwhile; every player tries again then.
                self._get(place, fetched, seconds, kept=False)
            self._read(fetched, consume, seconds)
        except Ended as ended:
            fetched.why, fetched.ending = ended.why, ended.ending
        if fetched.why:
            self._exchange = None
        fetched.took = time.monotonic() - fetched.at
        return fetched

    def _get(self, place: HttpUrl, fetched: Fetched, seconds: float, *, kept: bool) -> None:
        if self._exchange is None or not kept:
            self._exchange = Exchange(self._connect(place.host, place.port))
            self._place = place.host, place.port
        self._exchange.wire.patience(seconds)
        head = self._exchange.get(place, keep=True)
        fetched.status, fetched.headers = head.status, head.headers

    def _read(self, fetched: Fetched, consume: Callable[[bytes, float], None], seconds: float) -> None:
        assert self._exchange is not None
        for data in self._exchange.body():
            now = time.monotonic()
            fetched.size += len(data)
            if fetched.status == 200:
                consume(data, now)
            left = fetched.at + seconds - now
            if left <= 0:
                raise Ended(Ending.TIMEOUT, f"no end of the response within {seconds:g} s")
            self._exchange.wire.patience(left)
