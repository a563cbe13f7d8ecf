"""The client of the SRS HTTP API (port 1985), one for SRS 3, 4, 5 and 6.

Paths that list things end in a slash: without it SRS answers 302. A list is cut at ten rows unless `count` says more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TypeVar

from srs_conformance import http
from srs_conformance.errors import ConformanceError
from srs_conformance.observing import Missed, Observation
from srs_conformance.srs.rows import ClientRow, Json, StreamRow, Summary, Version
from srs_conformance.witness import Span

#: Seconds that one question may take. SRS answers within milliseconds, unless its only thread is blocked, which a
#: DNS outage does.
TIMEOUT = 3.0

#: SRS takes `count` as at least 10 and lists 10 rows without it.
_ROWS = "count=1000"

_EXCERPT = 120

_Parsed = TypeVar("_Parsed")


class ApiUnavailable(Missed):
    """The HTTP API did not answer as every SRS does. It is the server that is judged, so this is a miss."""


class SrsApi:
    """The HTTP API of one SRS process, for example `SrsApi("http://198.51.100.7:1985")`.

    Every method asks anew and raises `ApiUnavailable` when the server cannot be reached within `TIMEOUT`, or answers
    with anything but JSON of code 0 and the documented fields.
    """

    def __init__(self, base_url: str, *, timeout: float = TIMEOUT) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout

    def __repr__(self) -> str:
        return f"SrsApi({self.base_url!r})"

    def versions(self) -> Version:
        """Return which server answers and which run of it."""
        return self._ask("/api/v1/versions", Version.from_answer)

    def summaries(self) -> Summary:
        """Return the process's id, uptime and connections."""
        return self._ask("/api/v1/summaries", Summary.from_answer)

    def streams(self) -> list[StreamRow]:
        """Return the streams that the server knows, active or not."""
        return self._ask(
            f"/api/v1/streams/?{_ROWS}", lambda answer: [StreamRow.from_json(row) for row in answer["streams"]]
        )

    def stream(self, app: str, name: str) -> StreamRow | None:
        """Return the row of one stream, the active one where there are several, or None."""
        rows = [row for row in self.streams() if (row.app, row.name) == (app, name)]
        return max(rows, key=lambda row: row.active, default=None)

    def clients(self) -> list[ClientRow]:
        """Return the publishers and players of all streams, edges among them."""
        return self._ask(
            f"/api/v1/clients/?{_ROWS}", lambda answer: [ClientRow.from_json(row) for row in answer["clients"]]
        )

    def answer(self, path: str) -> Json:
        """Return the JSON that the server answers for a path, as it stands: evidence, or what has no method here."""
        return self._ask(path, lambda answer: answer)

    def _ask(self, path: str, parse: Callable[[Json], _Parsed]) -> _Parsed:
        url, began = self.base_url + path, time.monotonic()
        try:
            response = http.get(url, timeout=self.timeout)
        except (ConformanceError, OSError) as error:
            raise _unavailable(url, f"no answer: {error}", ((began, time.monotonic()),)) from error
        if response.status != 200:
            raise _unavailable(url, f"status {response.status}, body {_excerpt(response.body)}")
        try:
            answer = json.loads(response.body)
        except ValueError as error:
            raise _unavailable(url, f"status 200, not JSON: {_excerpt(response.body)}") from error
        if not isinstance(answer, dict) or answer.get("code") != 0:
            raise _unavailable(url, f"status 200, no code 0: {_excerpt(response.body)}")
        try:
            return parse(answer)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            seen = f"status 200, but {type(error).__name__} {error} in {_excerpt(response.body)}"
            raise _unavailable(url, seen) from error


def _unavailable(url: str, seen: str, waits: tuple[Span, ...] = ()) -> ApiUnavailable:
    expected = f"GET {url} answers 200 with JSON of code 0 and its documented fields"
    return ApiUnavailable(Observation(False, expected, seen, waits=waits))


def _excerpt(body: bytes) -> str:
    text = body[:_EXCERPT].decode("utf-8", "replace")
    return repr(text) + (f" (of {len(body)} bytes)" if len(body) > _EXCERPT else "")
