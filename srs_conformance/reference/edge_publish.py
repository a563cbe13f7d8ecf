"""A publisher at an edge: the stream goes on to the origin."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.chunks import Message
from srs_conformance.reference import rtmp_client
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.rtmp_client import RefusedError, Upstream
from srs_conformance.reference.rtmp_link import Link, LinkClosedError
from srs_conformance.reference.source import Source

#: SRS allows 150 ms, which a busy machine can miss; a failure is final either way.
_CONNECT_SECONDS: Final = 1.5
_STREAM_ID: Final = 1


class EdgePublish:
    """Forwards one publisher's messages. When the origin goes, so does the publisher: SRS does not retry."""

    def __init__(self, upstream: Link, publisher: Link) -> None:
        self._upstream = upstream
        self._publisher = publisher
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def open(cls, context: Context, source: Source, request: StreamRequest, publisher: Link) -> EdgePublish:
        """Connect to the origin whose turn it is and begin to publish there.

        SRS counts for each stream anew, so that all of them go to the first origin (SRS #4187).

        Raises:
            OSError: it cannot be reached within the time.
            RefusedError: it refused.
        """
        vhost = source.vhost
        turn = source.forwards if "edge-publishes-to-the-first-origin" in context.faults else context.forwards
        source.forwards, context.forwards = source.forwards + 1, context.forwards + 1
        target = Upstream.of(vhost.origins[turn % len(vhost.origins)], vhost, request)
        try:
            link = await rtmp_client.connect(context, target, _CONNECT_SECONDS)
        except (LinkClosedError, ProtocolError) as error:
            raise RefusedError(f"{target.tc_url}: {error}") from error
        rtmp_client.publish(link, target, vhost.chunk_size)
        log.info("edge: forward %s to %s", request.stream, target.tc_url)
        return cls(link, publisher)

    async def send(self, message: Message) -> None:
        """Forward a message."""
        self._upstream.message(replace(message, stream_id=_STREAM_ID))
        await self._upstream.drain()

    def close(self) -> None:
        """End at the origin."""
        self._listener.cancel()
        self._upstream.close()

    async def _listen(self) -> None:
        """Take what the origin says; when it leaves or refuses, the publisher is cut."""
        try:
            while True:
                refused = rtmp_client.refusal(await self._upstream.command())
                if refused is not None:
                    raise refused
        except (LinkClosedError, ProtocolError, RefusedError, OSError) as error:
            log.error("edge: the origin ended a forwarded stream: %s", error)
            self._publisher.close()
