"""The RTMP server: connect, then play or publish."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.rtmp.chunks import Message, MessageType
from srs_conformance.reference import coworkers
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.hub import Hub
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.rtmp_link import WINDOW, Command, Link
from srs_conformance.reference.rtmp_play import RtmpPlay, play_begins
from srs_conformance.reference.rtmp_publish import RtmpPublish
from srs_conformance.reference.settings import Vhost

_FIRST_SECONDS: Final = 30.0
_REDIRECTED_SECONDS: Final = 3.0
_STREAM_ID: Final = 1
_DYNAMIC: Final = b"\2"


class RtmpSession:
    """One client on the RTMP port, from handshake to close."""

    def __init__(self, context: Context, hub: Hub, link: Link) -> None:
        self._context = context
        self._hub = hub
        self._link = link
        self._fmle = False
        self._edge = False

    @property
    def _tells(self) -> bool:
        """Whether those who are refused are told so; SRS just closes."""
        return "refuses-without-a-word" not in self._context.faults

    async def run(self) -> None:
        """Serve the client until it leaves or is refused: it is told so, and the connection ends."""
        await self._link.accept()
        request = await self._connect()
        if request is None:
            return
        while True:
            command = await self._next_command()
            if command.name == "play":
                if await self._play(request, command):
                    return
            elif command.name == "publish":
                if not await self._publish(request, command):
                    return
            else:
                self._answer(command)
            await self._link.drain()

    async def _connect(self) -> StreamRequest | None:
        command = await self._link.command(_FIRST_SECONDS)
        given = command.object(0)
        texts = {name: value for name, value in given.items() if isinstance(value, str)}
        if command.name != "connect" or not texts.get("tcUrl") or not texts.get("app"):
            log.error("rtmp: refused %s: no connect with tcUrl and app", self._link.peer)
            if self._tells:
                told: dict[str, amf0.Value] = {
                    "level": "error",
                    "code": "NetConnection.Connect.Rejected",
                    "description": "No tcUrl and app.",
                }
                self._link.call("_error", command.transaction, None, told)
                await self._link.drain()
            return None
        request = StreamRequest.from_connect(
            self._link.peer, texts["tcUrl"], texts["app"], texts.get("pageUrl", ""), texts.get("swfUrl", "")
        )
        self._edge = "srs_server" in command.object(1)  # debug_srs_upnode
        vhost = self._context.settings.vhost(request.vhost)
        window = WINDOW.to_bytes(4, "big")
        if "no-window-acknowledgement-size" not in self._context.faults:
            self._link.control(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, window)
        self._link.control(MessageType.SET_PEER_BANDWIDTH, window + _DYNAMIC)
        size = vhost.chunk_size if vhost else 60000
        if "chunk-size-not-announced" not in self._context.faults:
            self._link.control(MessageType.SET_CHUNK_SIZE, size.to_bytes(4, "big"))
        self._link.call("_result", command.transaction, *self._welcome(given))
        self._link.call("onBWDone", 0, None)
        await self._link.drain()
        return request

    def _welcome(self, given: dict[str, amf0.Value]) -> tuple[amf0.Value, amf0.Value]:
        personality = self._context.personality
        properties: dict[str, amf0.Value] = {"fmsVer": "FMS/3,5,3,888", "capabilities": 127.0, "mode": 1.0}
        about = amf0.EcmaArray(
            {
                "version": "3,5,3,888",
                "srs_sig": "SRS",
                "srs_server": personality.signature,
                "srs_license": "MIT",
                "srs_url": "reference server of srs-conformance",
                "srs_version": personality.version,
                "srs_server_ip": self._link.local,
                "srs_pid": float(os.getpid()),
                "srs_id": self._context.statistics.server,
            }
        )
        info: dict[str, amf0.Value] = {
            "level": "status",
            "code": "NetConnection.Connect.Success",
            "description": "Connection succeeded",
            "objectEncoding": given.get("objectEncoding", 0.0),
            "data": about,
        }
        return properties, info

    async def _next_command(self) -> Command:
        while True:
            message: Message = await self._link.receive(_FIRST_SECONDS)
            if message.type_id in (MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3):
                return Command.of(message)

    def _answer(self, command: Command) -> None:
        """Answer what leads to play and publish."""
        if command.name == "createStream":
            self._link.call("_result", command.transaction, None, float(_STREAM_ID))
        elif command.name in ("releaseStream", "FCPublish"):
            self._fmle = True
            self._link.call("_result", command.transaction, None, amf0.Undefined())
        elif command.transaction and command.name not in ("_result", "_error", "_checkbw", "getStreamLength"):
            self._link.call("_result", command.transaction, None, None)

    def _vhost(self, request: StreamRequest) -> tuple[Vhost, StreamRequest] | None:
        """Return the vhost of a request, and the request with the name that the configuration has for it."""
        vhost = self._context.settings.vhost(request.vhost)
        if vhost is None:
            log.error("rtmp: refused %s: no vhost %s (code 2014)", request.ip, request.vhost)
            return None
        if not request.stream:
            log.error("rtmp: refused %s: no stream name (code 2051)", request.ip)
            return None
        return vhost, request.resolved(vhost.name)

    async def _refuse(self, code: str, description: str, stream_id: int) -> None:
        if self._tells:
            self._link.refuse(code, description, stream_id=stream_id)
            await self._link.drain()

    async def _play(self, request: StreamRequest, command: Command) -> bool:
        """Play until the client leaves; True ends the session."""
        found = self._vhost(request.of_stream(command.text(1)))
        stream_id = command.stream_id or _STREAM_ID
        if found is None:
            await self._refuse("NetStream.Play.StreamNotFound", "No such vhost, or no stream named.", stream_id)
            return True
        vhost, wanted = found
        if "chunk-size-not-announced" in self._context.faults:
            self._link.enlarge_chunks(vhost.chunk_size)
        source = self._hub.for_player(vhost, wanted)
        if vhost.origin_cluster and not vhost.edge:
            lacking = not source.active
            if lacking or "redirects-in-a-circle" in self._context.faults:
                return await self._send_on(vhost, wanted, stream_id)
        player = RtmpPlay(self._context, self._link, source, wanted, edge=self._edge)
        return await player.run(stream_id)

    async def _send_on(self, vhost: Vhost, wanted: StreamRequest, stream_id: int) -> bool:
        """Send a player to the coworker that has the stream, and end; where nobody has it, just end (code 3090)."""
        play_begins(self._link, stream_id, self._context.personality)
        redirect = await coworkers.find(self._context, vhost, wanted)
        if redirect is None:
            log.error("rtmp: refused to play %s for %s: no origin has it (code 3090)", wanted.stream, wanted.ip)
            return True
        log.info("rtmp: redirect %s to %s", wanted.ip, redirect.url)
        ex: dict[str, amf0.Value] = {"code": 302.0, "redirect": redirect.tc_url, "redirect2": redirect.url}
        status = {"level": "error", "code": "NetConnection.Connect.Rejected", "description": "RTMP 302 Redirect"}
        self._link.call("onStatus", 0, None, {**status, "ex": ex})
        await self._link.drain()
        with contextlib.suppress(TimeoutError):  # the client may say that it goes; most do not
            async with asyncio.timeout(_REDIRECTED_SECONDS):
                while (await self._link.command()).name != "call":
                    pass
        return True

    async def _publish(self, request: StreamRequest, command: Command) -> bool:
        """Take a stream until the client ends it; False ends the session."""
        found = self._vhost(request.of_stream(command.text(1)))
        if found is None:
            stream_id = command.stream_id or _STREAM_ID
            await self._refuse("NetStream.Publish.BadName", "No such vhost, or no stream named.", stream_id)
            return False
        vhost, wanted = found
        publisher = RtmpPublish(self._context, self._link, self._hub.source(vhost, wanted), wanted, fmle=self._fmle)
        return await publisher.run(command.stream_id or _STREAM_ID)
