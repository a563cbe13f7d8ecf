"""A small HTTP/1.1 server over asyncio streams: enough for players, the API and the fault port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, unquote

from srs_conformance.reference.context import log
from srs_conformance.reference.personality import Personality
from srs_conformance.reference.request import host_of

_IDLE_SECONDS: Final = 15.0
_LARGEST_BODY: Final = 1 << 20
TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    ip: str

    def argument(self, name: str) -> str:
        """Return the first value of a query argument, or nothing."""
        return parse_qs(self.query).get(name, [""])[0]

    @property
    def host(self) -> str:
        """The host that the client named, without its port."""
        return host_of(f"//{self.headers.get('host', '')}")


@dataclass(frozen=True)
class Response:
    """One answer with its whole body, sent after `late` seconds."""

    status: int = 200
    body: bytes = b""
    content_type: str = TEXT
    headers: dict[str, str] = field(default_factory=dict)
    late: float = 0.0

    @classmethod
    def error(cls, status: int) -> Response:
        """Return an error with the status's own words as its text."""
        return cls(status, HTTPStatus(status).phrase.encode())

    @classmethod
    def redirect(cls, target: str) -> Response:
        """Return a redirect as SRS words it."""
        return cls(302, f"Redirect to {target}".encode(), headers={"Location": target})


#: An answer that takes the connection over, such as a live stream; the connection ends with it.
Takeover = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Handler = Callable[[Request], "Response | Takeover"]


class BadRequestError(Exception):
    """What came is no HTTP request that this server takes."""


class HttpServer:
    """Serves one port; the personality decides about headers and kept connections."""

    def __init__(self, personality: Personality, handler: Handler) -> None:
        self._personality = personality
        self._handler = handler

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        peer = writer.get_extra_info("peername")
        while True:
            try:
                async with asyncio.timeout(_IDLE_SECONDS):
                    request = await _read_request(reader, str(peer[0]) if peer else "")
            except (BadRequestError, TimeoutError) as error:
                log.debug("http: %s", error)
                return
            if request is None:
                return
            answer = self._handler(request)
            if not isinstance(answer, Response):
                await answer(reader, writer)
                return
            await asyncio.sleep(answer.late)
            writer.write(self._head(answer) + (b"" if request.method == "HEAD" else answer.body))
            await writer.drain()
            if not self._personality.keep_alive or request.headers.get("connection", "").lower() == "close":
                return

    def _head(self, answer: Response) -> bytes:
        headers = {
            "Connection": "Keep-Alive" if self._personality.keep_alive else "Close",
            "Content-Length": str(len(answer.body)),
            "Content-Type": answer.content_type,
            "Server": self._personality.signature,
            **answer.headers,
        }
        return head(answer.status, headers)


def cors(request: Request) -> dict[str, str]:
    """Return the headers that let a page of another origin read an answer, where one asks."""
    if "origin" not in request.headers:
        return {}
    names = ("Origin", "Headers", "Methods")
    return {f"Access-Control-Allow-{name}": "*" for name in names} | {"Access-Control-Expose-Headers": "*"}


def head(status: int, headers: dict[str, str]) -> bytes:
    """Return status line and headers, in SRS's order, which is the alphabet's."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in sorted(headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read_request(reader: asyncio.StreamReader, ip: str) -> Request | None:
    """Return the next request, None where the client has left.

    Raises:
        BadRequestError: it is no request, or too large.
    """
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise BadRequestError("a request head of too many bytes") from error
    first, *lines = raw.decode("latin-1").strip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise BadRequestError(f"not a request line: {first[:80]!r}")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LARGEST_BODY:
        raise BadRequestError(f"a body of {length[:20]} bytes")
    try:
        body = await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        return None
    path, _, query = words[1].partition("?")
    return Request(words[0], unquote(path), query, headers, body, ip)
