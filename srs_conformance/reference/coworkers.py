"""The origin cluster: which of the coworkers has a stream, and what an origin answers when it is asked (SRS #1607)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from srs_conformance.reference.context import Context, log
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import DEFAULT_VHOST, RTMP_PORT, Address, Vhost

#: SRS's HTTP client waits so long for a coworker; nobody else is asked meanwhile.
_ANSWER_SECONDS: Final = 30.0
#: A publisher waits for all coworkers, which real SRS does not ask then; so none may take long.
_PUBLISH_SECONDS: Final = 1.0
#: The HTTP port that SRS takes for a coworker that is given without one (SRS #2825).
_DEFAULT_PORT: Final = 80
_PATH: Final = "/api/v1/clusters"

_FAILED: Final = (OSError, ValueError, asyncio.IncompleteReadError)

Json = dict[str, Any]


@dataclass(frozen=True)
class Redirect:
    """Where a player is sent on to: the URL without the stream, and with it."""

    tc_url: str
    url: str

    @classmethod
    def to(cls, host: str, port: int, request: StreamRequest) -> Redirect:
        """Return the redirect of a request to the origin at a host."""
        tc_url = f"rtmp://{host}:{port}/{request.app}"
        return cls(tc_url, f"{tc_url}/{request.stream}{request.params}")


def answer(context: Context, *, vhost: str, ip: str, app: str, stream: str, coworker: str) -> Json:
    """Return the body of /api/v1/clusters: the origin is this one, by the name that it was asked by, or nobody."""
    query = {"ip": ip, "vhost": vhost, "app": app, "stream": stream}
    found = context.settings.vhost(vhost)
    name = found.name if found else vhost
    wanted = StreamRequest(ip, "", ip, name, app, stream)  # SRS 6 is asked for "livestream.flv" too
    row = context.statistics.streams.get(wanted.url(without_extension=context.personality.keeps_extension))
    origin = _origin(context, name, coworker) if row is not None and row.active else None
    return {"code": 0, "data": {"query": query, "origin": origin}}


def _origin(context: Context, vhost: str, coworker: str) -> Json:
    listen = context.settings.rtmp[0] if context.settings.rtmp else Address("", RTMP_PORT)
    host = listen.host or coworker.partition(":")[0]
    if "coworker-api-tells-its-own-address" in context.faults:
        host = "127.0.0.1"
    api = f"{host}:{context.settings.api.port if context.settings.api else 1985}"
    return {"ip": host, "port": listen.port, "vhost": vhost, "api": api, "routers": [api]}


async def find(context: Context, vhost: Vhost, request: StreamRequest) -> Redirect | None:
    """Ask the coworkers in turn who has the stream; None where nobody has it. A coworker that fails is passed over."""
    faults = context.faults
    for coworker in vhost.coworkers[:1] if "only-the-first-coworker-is-asked" in faults else vhost.coworkers:
        try:
            origin = await _ask(context, coworker, request, _ANSWER_SECONDS)
        except _FAILED as error:
            log.warning("cluster: coworker %s: %s", coworker, str(error) or "no answer")
            if "a-dead-coworker-ends-the-search" in faults:
                return None
            continue
        if origin is None and "redirects-to-an-origin-without-the-stream" in faults:
            origin = {"ip": coworker.partition(":")[0], "port": RTMP_PORT}
        if origin is not None:
            return Redirect.to(str(origin["ip"]), int(origin["port"]), request)
    return None


async def taken(context: Context, vhost: Vhost, request: StreamRequest) -> str:
    """Return the coworker at which a stream is published already, "" where there is none."""
    if not vhost.origin_cluster or "origins-publish-a-stream-twice" in context.faults:
        return ""
    for coworker in vhost.coworkers:
        with contextlib.suppress(*_FAILED):
            if await _ask(context, coworker, request, _PUBLISH_SECONDS) is not None:
                return coworker
    return ""


async def _ask(context: Context, coworker: str, request: StreamRequest, seconds: float) -> Json | None:
    """Return what a coworker says of itself as the origin of a stream, None where it is not.

    Raises:
        OSError: it cannot be reached, or does not answer in time.
        ValueError, IncompleteReadError: what it answers is not what SRS answers.
    """
    named = {"vhost": request.vhost or DEFAULT_VHOST, "ip": request.host, "app": request.app}
    query = urlencode({**named, "stream": request.stream, "coworker": coworker}, safe=":")
    address = Address.parse(coworker, _DEFAULT_PORT)
    async with asyncio.timeout(seconds):
        reader, writer = await context.connect(address)
        try:
            lines = (f"POST {_PATH}?{query} HTTP/1.1", f"Host: {coworker}", "Content-Length: 0", "Connection: close")
            writer.write("\r\n".join((*lines, "", "")).encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = next((line.partition(":")[2] for line in head.split("\r\n") if line.startswith("content-len")), "")
            body = json.loads(await reader.readexactly(int(length)))
        finally:
            writer.close()
    if not isinstance(body, dict) or body.get("code") != 0:
        raise ValueError(f"answered {body!r}")
    origin = body["data"]["origin"] if isinstance(body.get("data"), dict) else None
    return origin if isinstance(origin, dict) else None
