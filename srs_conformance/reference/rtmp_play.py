"""An RTMP player on the server's side."""

from __future__ import annotations

import asyncio
from typing import Final

from srs_conformance.media.rtmp.chunks import MessageType
from srs_conformance.reference.consumer import Consumer, EndedError
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.personality import Personality
from srs_conformance.reference.players import ends_early, left
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.rtmp_link import Command, Link
from srs_conformance.reference.slow_players import Outlet
from srs_conformance.reference.source import Source

_STREAM_BEGIN: Final = b"\0\0"


def play_begins(link: Link, stream_id: int, personality: Personality) -> None:
    """Say that the play begins. SRS does so before it knows whether there is anything to play."""
    _play_is_reset(link, stream_id)
    _play_starts(link, stream_id, personality)


def _play_is_reset(link: Link, stream_id: int) -> None:
    link.control(MessageType.USER_CONTROL, _STREAM_BEGIN + stream_id.to_bytes(4, "big"))
    _status(link, stream_id, "NetStream.Play.Reset", "Playing and resetting stream.")


def _play_starts(link: Link, stream_id: int, personality: Personality) -> None:
    _status(link, stream_id, "NetStream.Play.Start", "Started playing stream.")
    link.data("|RtmpSampleAccess", True, True, stream_id=stream_id)
    if personality.number < 6:  # SRS 6 leaves it out: ffmpeg shows it as an empty data track
        link.data("onStatus", {"code": "NetStream.Data.Start"}, stream_id=stream_id)


def _status(link: Link, stream_id: int, code: str, description: str) -> None:
    status = {"level": "status", "code": code, "description": description}
    more = {"details": "stream", "clientid": "ASAICiss"}
    link.call("onStatus", 0, None, {**status, **more}, stream_id=stream_id)


class RtmpPlay:
    """Sends a stream to one player. A stream that nobody publishes is no error: the player waits."""

    def __init__(self, context: Context, link: Link, source: Source, request: StreamRequest, *, edge: bool) -> None:
        self._context = context
        self._link = link
        self._source = source
        self._request = request
        self._edge = edge

    async def run(self, stream_id: int) -> bool:
        """Play until the client leaves, which raises, or stops playing, which returns False; True where we end it."""
        if "media-before-play-start" in self._context.faults:
            _play_is_reset(self._link, stream_id)
        else:
            play_begins(self._link, stream_id, self._context.personality)
        statistics = self._context.statistics
        row = statistics.enter(self._request, self._context.personality.player_types["rtmp"], self._link)
        consumer = Consumer(self._source.vhost, self._context.faults, "rtmp")
        self._source.join(consumer)
        log.info("rtmp: start to play %s for %s", self._source.url, self._request.ip)
        sender = asyncio.create_task(self._send(consumer, stream_id))
        guard = ends_early(self._context, self._source, consumer, edge=self._edge)
        try:
            return await self._listen(sender)
        finally:
            guard()
            sender.cancel()
            self._source.leave(consumer)
            statistics.leave(row)
            if not self._edge:
                left(self._context)

    async def _send(self, consumer: Consumer, stream_id: int) -> None:
        outlet = Outlet(self._context, self._source, self._link.writer, self._link.drain)
        try:
            if "media-before-play-start" in self._context.faults:
                self._link.media(await consumer.take(), stream_id)
                _play_starts(self._link, stream_id, self._context.personality)
            while True:
                packets = await consumer.take()
                elsewhere = "media-on-another-stream" in self._context.faults
                self._link.media(packets, stream_id + elsewhere)
                await outlet.drain()
        except EndedError as ended:
            log.info("rtmp: end play of %s for %s: %s", self._request.stream, self._request.ip, ended)
        except ConnectionError:
            pass
        self._link.close()

    async def _listen(self, sender: asyncio.Task[None]) -> bool:
        while not sender.done():
            message = await self._link.receive()
            if message.type_id not in (MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3):
                continue
            if Command.of(message).name in ("closeStream", "deleteStream"):
                return False
        return True
