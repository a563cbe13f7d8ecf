"""An HTTP-FLV player on the server's side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from srs_conformance.reference import flv_writer, http_server
from srs_conformance.reference.consumer import Consumer, EndedError
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.media import Packet
from srs_conformance.reference.players import ends_early, left
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.slow_players import Outlet
from srs_conformance.reference.source import Source


@dataclass
class _Counters:
    received: int
    sent: int = 0


class FlvOut:
    """Sends a stream as chunked FLV; there is no answer at all until the first media, as in SRS."""

    def __init__(
        self, context: Context, source: Source, request: StreamRequest, received: int, headers: Mapping[str, str]
    ) -> None:
        self._context = context
        self._source = source
        self._request = request
        self._counters = _Counters(received)
        self._headers = headers

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play until the player leaves or the stream ends; then the connection ends without a last chunk."""
        statistics = self._context.statistics
        row = statistics.enter(self._request, self._context.personality.player_types["flv"], self._counters)
        consumer = Consumer(self._source.vhost, self._context.faults, "flv")
        self._source.join(consumer)
        watcher = asyncio.create_task(_watch(reader, consumer))
        guard = ends_early(self._context, self._source, consumer)
        try:
            await self._send(consumer, writer)
        except EndedError as ended:
            log.info("http: end flv of %s for %s: %s", self._request.stream, self._request.ip, ended)
        finally:
            guard()
            watcher.cancel()
            self._source.leave(consumer)
            statistics.leave(row)
            left(self._context)

    async def _send(self, consumer: Consumer, writer: asyncio.StreamWriter) -> None:
        outlet = Outlet(self._context, self._source, writer, writer.drain)
        packets = await consumer.take()
        self._write(writer, self._head())
        faults = self._context.faults
        self._write(writer, _chunk([flv_writer.header(audio="flv-header-denies-audio" not in faults)]))
        while True:
            self._write(writer, _chunk(_tags(packets, miscounted="flv-wrong-previous-tag-size" in faults)))
            await outlet.drain()
            packets = await consumer.take()

    def _head(self) -> bytes:
        personality = self._context.personality
        wrong = "flv-wrong-content-type" in self._context.faults
        headers = {
            "Connection": "Keep-Alive" if personality.keep_alive else "Close",
            "Content-Type": "application/octet-stream" if wrong else "video/x-flv",
            "Server": personality.signature,
            "Transfer-Encoding": "chunked",
            **self._headers,
        }
        return http_server.head(200, headers)

    def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        self._counters.sent += len(data)
        writer.write(data)


async def _watch(reader: asyncio.StreamReader, consumer: Consumer) -> None:
    """End the play when the player closes: while it waits, nothing is written that would show it."""
    try:
        while await reader.read(4096):
            pass
    except ConnectionError:
        pass
    consumer.end("the player has left")


def _tags(packets: list[Packet], *, miscounted: bool) -> list[bytes]:
    counted = 0 if miscounted else flv_writer.HEADER
    return [
        piece
        for packet in packets
        for piece in flv_writer.tag(packet.kind, packet.timestamp, packet.payload, counted=counted)
    ]


def _chunk(pieces: list[bytes]) -> bytes:
    """Return one chunk of chunked transfer coding (RFC 9112 7.1)."""
    size = sum(map(len, pieces))
    return b"".join((b"%x\r\n" % size, *pieces, b"\r\n"))
