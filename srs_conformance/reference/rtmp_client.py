"""The RTMP client that edges use towards their origin."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.rtmp.chunks import MessageType
from srs_conformance.reference.context import Context
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.rtmp_link import WINDOW, Command, Link
from srs_conformance.reference.settings import DEFAULT_VHOST, RTMP_PORT, Address, Vhost

_STREAM_ID: Final = 1
_BUFFER_MS: Final = 1000


class RefusedError(Exception):
    """The other server refused; `redirect` is where it points to, if anywhere."""

    def __init__(self, message: str, redirect: str = "") -> None:
        super().__init__(message)
        self.redirect = redirect


@dataclass(frozen=True)
class Upstream:
    """One stream at one origin."""

    address: Address
    tc_url: str
    app: str
    stream: str

    @classmethod
    def of(cls, address: Address, vhost: Vhost, request: StreamRequest) -> Upstream:
        """Return where an origin of the configuration has the stream that a client asks this edge for."""
        port = "" if address.port == RTMP_PORT else f":{address.port}"
        wanted = vhost.upstream_vhost.replace("[vhost]", request.vhost)
        named = "" if wanted == DEFAULT_VHOST else f"vhost={wanted}"
        params = "&".join(part for part in (request.params.lstrip("?"), named) if part)
        stream = f"{request.stream}?{params}" if params else request.stream
        return cls(address, f"rtmp://{address.host}{port}/{request.app}", request.app, stream)


async def connect(context: Context, upstream: Upstream, timeout: float) -> Link:
    """Connect, shake hands, `connect` and `createStream`; all within `timeout` seconds.

    Raises:
        OSError: the name is unknown, nobody listens, or it took too long.
        RefusedError: the server refused.
        LinkClosedError, ProtocolError: it closed, or does not speak RTMP.
    """
    async with asyncio.timeout(timeout):
        reader, writer = await context.connect(upstream.address)
        link = Link(reader, writer)
        try:
            await link.greet()
            link.call("connect", 1, _connect_object(upstream), _about(context, link))
            await _result(link, 1)
            link.control(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, WINDOW.to_bytes(4, "big"))
            link.call("createStream", 2, None)
            await _result(link, 2)
        except BaseException:
            link.close()
            raise
    return link


def play(link: Link, upstream: Upstream, chunk_size: int) -> None:
    """Ask for the stream; its media follow."""
    link.call("play", 0, None, upstream.stream, stream_id=_STREAM_ID)
    buffer = b"\0\3" + _STREAM_ID.to_bytes(4, "big") + _BUFFER_MS.to_bytes(4, "big")
    link.control(MessageType.USER_CONTROL, buffer)
    link.control(MessageType.SET_CHUNK_SIZE, chunk_size.to_bytes(4, "big"))


def publish(link: Link, upstream: Upstream, chunk_size: int) -> None:
    """Begin to publish the stream, as Flash does: SRS lists an edge's publisher so."""
    link.control(MessageType.SET_CHUNK_SIZE, chunk_size.to_bytes(4, "big"))
    link.call("publish", 3, None, upstream.stream, "live", stream_id=_STREAM_ID)


def refusal(command: Command) -> RefusedError | None:
    """Return what a command from the server refuses, if it does (onStatus of level error, _error)."""
    if command.name == "_error":
        return RefusedError(f"_error {command.object(1).get('description', '')}")
    status = command.object(1)
    if command.name != "onStatus" or status.get("level") != "error":
        return None
    details = status.get("ex")
    target = (details.get("redirect2") or details.get("redirect")) if isinstance(details, dict) else ""
    return RefusedError(f"{status.get('code')}: {status.get('description')}", target if isinstance(target, str) else "")


async def _result(link: Link, transaction: int) -> None:
    while True:
        command = await link.command()
        refused = refusal(command)
        if refused is not None:
            raise refused
        if command.name == "_result" and command.transaction == transaction:
            return


def _connect_object(upstream: Upstream) -> dict[str, amf0.Value]:
    return {
        "app": upstream.app,
        "flashVer": "WIN 15,0,0,239",
        "swfUrl": "",
        "tcUrl": upstream.tc_url,
        "fpad": False,
        "capabilities": 239.0,
        "audioCodecs": 3575.0,
        "videoCodecs": 252.0,
        "videoFunction": 1.0,
        "pageUrl": "",
        "objectEncoding": 0.0,
    }


def _about(context: Context, link: Link) -> dict[str, amf0.Value]:
    """What an edge tells its origin of itself (debug_srs_upnode)."""
    return {
        "srs_sig": "SRS",
        "srs_server": context.personality.signature,
        "srs_version": context.personality.version,
        "srs_server_ip": link.local,
        "srs_pid": float(os.getpid()),
        "srs_id": context.statistics.server,
    }
