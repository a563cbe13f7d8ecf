"""An RTMP publisher on the server's side, at an origin or at an edge that forwards."""

from __future__ import annotations

import asyncio
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.rtmp.chunks import Message, MessageType
from srs_conformance.reference import coworkers
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.edge_publish import EdgePublish
from srs_conformance.reference.media import Packet, metadata
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.rtmp_client import RefusedError
from srs_conformance.reference.rtmp_link import Command, Link
from srs_conformance.reference.source import Source
from srs_conformance.reference.statistics import ClientRow, StreamRow

_BUSY_SECONDS: Final = 20.0  # by a fault
_MERGE_SECONDS: Final = 0.05
_MEDIA: Final = (MessageType.AUDIO, MessageType.VIDEO, MessageType.DATA_AMF0)


class RtmpPublish:
    """Takes a stream from one publisher; a second one of the same stream is refused by closing."""

    def __init__(self, context: Context, link: Link, source: Source, request: StreamRequest, *, fmle: bool) -> None:
        self._context = context
        self._link = link
        self._source = source
        self._request = request
        self._fmle = fmle
        self._forward: EdgePublish | None = None
        self._row: StreamRow | None = None

    async def run(self, stream_id: int) -> bool:
        """Take the stream; True when the publisher may go on with another, False when its session ends."""
        if "publish-refused" in self._context.faults or self._source.busy:
            log.error("rtmp: refused to publish %s for %s: stream busy (code 1028)", self._source.url, self._request.ip)
            if "publish-starts-before-refusal" in self._context.faults:
                self._started(stream_id)
            await self._refuse("Stream is published by another.", stream_id)
            return False
        self._source.busy = True
        kind = "fmle-publish" if self._fmle else "flash-publish"
        client = self._context.statistics.enter(self._request, kind, self._link, publish=True)
        try:
            await self._begin(client)
            self._started(stream_id)
            return await self._take(stream_id)
        except (RefusedError, OSError) as error:
            log.error("rtmp: cannot publish %s: %s", self._source.url, str(error) or "no answer")
            await self._refuse("Stream cannot be published.", stream_id)
            return False
        finally:
            self._end(client)

    async def _refuse(self, why: str, stream_id: int) -> None:
        if "refuses-without-a-word" not in self._context.faults:
            self._link.refuse("NetStream.Publish.BadName", why, stream_id=stream_id)
            await self._link.drain()

    async def _begin(self, client: ClientRow) -> None:
        if self._source.vhost.edge:
            if "edge-ignores-forwarded-publish" not in self._context.faults:
                self._forward = await EdgePublish.open(self._context, self._source, self._request, self._link)
            return
        if coworker := await coworkers.taken(self._context, self._source.vhost, self._request):
            raise RefusedError(f"{coworker} has it already")
        self._row = self._context.statistics.published(self._request, client.id)
        self._source.publish(self._request)

    def _end(self, client: ClientRow) -> None:
        self._set_free()
        if self._forward is not None:
            self._forward.close()
        if self._row is not None:
            self._source.unpublish()
            self._context.statistics.unpublished(self._row)
        self._context.statistics.leave(client)
        if "crashes-after-unpublish" in self._context.faults:
            asyncio.get_running_loop().call_soon(self._context.crash)

    def _set_free(self) -> None:
        """Let the next publisher have the stream, by a fault only after a while."""
        if "stream-stays-busy" in self._context.faults and self._row is not None:
            asyncio.get_running_loop().call_later(_BUSY_SECONDS, setattr, self._source, "busy", False)
        else:
            self._source.busy = False

    def _started(self, stream_id: int) -> None:
        if self._fmle:
            begun: dict[str, amf0.Value] = {
                "code": "NetStream.Publish.Start",
                "description": "Started publishing stream.",
            }
            self._link.call("onFCPublish", 0, None, begun, stream_id=stream_id)
        status: dict[str, amf0.Value] = {
            "level": "status",
            "code": "NetStream.Publish.Start",
            "description": "Started publishing stream.",
            "clientid": "ASAICiss",
        }
        self._link.call("onStatus", 0, None, status, stream_id=stream_id)

    async def _take(self, stream_id: int) -> bool:
        timeout = self._source.vhost.first_packet_seconds
        while True:
            try:
                message = await self._link.receive(timeout)
            except TimeoutError:
                log.error("rtmp: no packet for %g s from the publisher of %s", timeout, self._source.url)
                return False
            if message.type_id in _MEDIA:
                self._link.merge = _MERGE_SECONDS
                timeout = self._source.vhost.packet_seconds
                await self._media(message)
            elif message.type_id in (MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3):
                command = Command.of(message)
                if command.name in ("FCUnpublish", "closeStream", "deleteStream"):
                    return self._unpublished(command, stream_id)

    async def _media(self, message: Message) -> None:
        if self._forward is not None:
            await self._forward.send(message)
            return
        if message.type_id == MessageType.DATA_AMF0:
            personality = self._context.personality
            packet = metadata(message.payload, personality.signature, personality.version)
        else:
            packet = Packet.of(message)
        if packet is not None and self._row is not None:
            self._context.statistics.packet(self._row, packet)
            self._source.push(packet)

    def _unpublished(self, command: Command, stream_id: int) -> bool:
        if command.name != "FCUnpublish":
            return True
        status: dict[str, amf0.Value] = {
            "code": "NetStream.Unpublish.Success",
            "description": "Stop publishing stream.",
        }
        self._link.call("onFCUnpublish", 0, None, status, stream_id=stream_id)
        self._link.call("_result", command.transaction, None, None)
        status |= {"level": "status", "clientid": "ASAICiss"}
        self._link.call("onStatus", 0, None, status, stream_id=stream_id)
        return True
