"""The pull of an edge: one upstream connection per stream, for as long as somebody plays."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import Final

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.chunks import Message, MessageType
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.reference import rtmp_client
from srs_conformance.reference.consumer import Consumer
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.media import SCRIPT, Packet, metadata
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.rtmp_client import RefusedError, Upstream
from srs_conformance.reference.rtmp_link import Command, LinkClosedError
from srs_conformance.reference.settings import Address
from srs_conformance.reference.source import Source
from srs_conformance.reference.statistics import StreamRow

_CONNECT_SECONDS: Final = 5.0
_SILENCE_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 3.0
#: SRS has no such bound; a circle of origins costs it what the machine gives.
_HOPS: Final = 5
_LATE_SECONDS: Final = 4.0
_LOST = (OSError, LinkClosedError, ProtocolError, RefusedError)


class EdgePull:
    """Pulls a source from the origins in turn; joined() and left() tell it whether anybody plays."""

    def __init__(self, context: Context, source: Source, request: StreamRequest) -> None:
        self._context = context
        self._source = source
        self._request = request
        self._task: asyncio.Task[None] | None = None
        self._release: asyncio.TimerHandle | None = None
        self._row: StreamRow | None = None
        self._turn = 0
        self._pulled = False
        self._ahead = math.inf  # the least that this pull was behind its timestamps, on the event loop's clock
        self._second: asyncio.Task[None] | None = None

    @property
    def releasing(self) -> bool:
        """Whether it goes on only because its last player has left a moment ago."""
        return self._release is not None

    def joined(self, consumer: Consumer) -> None:
        """Begin to pull with the first player, or go on."""
        faults = self._context.faults
        if self._release is not None:
            if "join-race" in faults:
                return
            self._release.cancel()
            self._release = None
        if self._task is not None or (consumer.kind == "flv" and "first-flv-does-not-pull" in faults):
            return
        self._begin()

    def left(self) -> None:
        """Release the pull a while after the last player."""
        if self._source.consumers or self._task is None or self._release is not None:
            return
        if "edge-never-releases" in self._context.faults:
            return
        seconds = self._context.personality.release_seconds
        self._release = asyncio.get_running_loop().call_later(seconds, self._end)

    def close(self) -> None:
        """End the pull at once."""
        if self._release is not None:
            self._release.cancel()
        if self._task is not None:
            self._end()

    def _begin(self) -> None:
        statistics = self._context.statistics
        mine = [row.id for row in statistics.clients.values() if row.request.stream == self._request.stream]
        self._row = statistics.published(self._request, mine[-1] if mine else "")
        self._source.publish(self._request)
        self._task = asyncio.create_task(self._run(), name=f"edge pull of {self._source.url}")
        self._task.add_done_callback(_report)

    def _end(self) -> None:
        self._release = None
        for task in filter(None, (self._task, self._second)):
            task.cancel()
        self._task = self._second = None
        if self._row is not None:
            self._context.statistics.unpublished(self._row)
            self._row = None
        self._source.unpublish()

    async def _run(self) -> None:
        redirect: Upstream | None = None
        hops = 0
        while True:
            upstream = redirect or self._next_origin()
            hops = hops + 1 if redirect else 0
            redirect = None
            try:
                await self._pull(upstream)
            except RefusedError as refused:
                log.warning("edge: %s at %s", refused, upstream.tc_url)
                redirect = self._redirected(refused)
                if redirect is not None and hops < _HOPS:
                    continue
                redirect = None
            except _LOST as error:
                log.warning("edge: lost %s at %s: %s", self._source.url, upstream.tc_url, str(error) or "silence")
            if self._gives_up():
                return
            self._fail_over()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _pull(self, upstream: Upstream) -> None:
        link = await rtmp_client.connect(self._context, upstream, _CONNECT_SECONDS)
        try:
            rtmp_client.play(link, upstream, self._source.vhost.chunk_size)
            self._ahead = math.inf
            log.info("edge: pull %s from %s", self._source.url, upstream.tc_url)
            if self._pulled and "reconnect-serves-an-old-gop" in self._context.faults:
                self._source.repeat()
            while True:
                self._take(await link.receive(_SILENCE_SECONDS))
        finally:
            link.close()

    def _take(self, message: Message) -> None:
        if message.type_id in (MessageType.AUDIO, MessageType.VIDEO):
            self._push(Packet.of(message))
        elif message.type_id == MessageType.DATA_AMF0:
            personality = self._context.personality
            packet = metadata(message.payload, personality.signature, personality.version)
            if packet is not None:
                self._push(packet)
        elif message.type_id == MessageType.COMMAND_AMF0:
            refused = rtmp_client.refusal(Command.of(message))
            if refused is not None:
                raise refused

    def _push(self, packet: Packet) -> None:
        if self._release is not None and "join-race" in self._context.faults:
            return  # SRS 3.0 has stopped reading by then
        self._pulled = True
        if self._row is not None:
            self._context.statistics.packet(self._row, packet)
        self._source.push(packet)
        self._end_if_late(packet)

    def _end_if_late(self, packet: Packet) -> None:
        """By a fault, disconnect the players of a stream that comes ever later than its timestamps say."""
        if "edge-cuts-players-of-a-late-stream" not in self._context.faults or packet.header or packet.kind == SCRIPT:
            return
        behind = asyncio.get_running_loop().time() - packet.timestamp / 1000
        self._ahead = min(self._ahead, behind)
        if behind - self._ahead > _LATE_SECONDS:
            for consumer in self._source.consumers:
                consumer.end("the stream is late")

    def _next_origin(self) -> Upstream:
        origins = self._source.vhost.origins
        origin = origins[self._turn % len(origins)]
        self._turn += 1
        return Upstream.of(origin, self._source.vhost, self._request)

    def _redirected(self, refused: RefusedError) -> Upstream | None:
        faults = self._context.faults
        if not refused.redirect or "edge-ignores-redirects" in faults:
            return None
        try:
            url = RtmpUrl.parse(refused.redirect)
        except LocalProtocolError as error:
            log.warning("edge: redirected to nowhere: %s", error)
            return None
        vhost = self._source.vhost
        others = [origin for origin in vhost.origins if origin.host != url.host]
        if "edge-follows-to-another-origin" in faults and others:
            return Upstream.of(others[0], vhost, self._request)
        return Upstream(Address(url.host, url.port), url.tc_url, url.app, url.play_name)

    def _gives_up(self) -> bool:
        """Whether a fault lets the pull or its players end with the connection to the origin."""
        if not self._pulled:
            return False
        if "edge-cuts-players-with-origin" in self._context.faults:
            for consumer in self._source.consumers:
                consumer.end("the origin is gone")
        return "edge-gives-up-after-origin-restart" in self._context.faults

    def _fail_over(self) -> None:
        """By a fault, pull a second time from now on, and leave what comes."""
        if not self._pulled or self._second is not None or "failover-pulls-twice" not in self._context.faults:
            return
        self._second = asyncio.create_task(self._pull_for_nothing(), name=f"second pull of {self._source.url}")
        self._second.add_done_callback(_report)

    async def _pull_for_nothing(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            upstream = self._next_origin()
            with contextlib.suppress(*_LOST):
                link = await rtmp_client.connect(self._context, upstream, _CONNECT_SECONDS)
                try:
                    rtmp_client.play(link, upstream, self._source.vhost.chunk_size)
                    while True:
                        await link.receive(_SILENCE_SECONDS)
                finally:
                    link.close()


def _report(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("%s: a defect of the server", task.get_name(), exc_info=error)
