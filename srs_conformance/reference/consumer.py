"""The queue of one player: merged writes, corrected timestamps, and what faults make of the stream."""

from __future__ import annotations

import asyncio
from typing import Final

from srs_conformance.reference.crowding import Place
from srs_conformance.reference.distortion import Distortion
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.media import SCRIPT, Packet
from srs_conformance.reference.settings import Vhost

#: More messages than this are sent in one write, once they span the merged-write time.
_LEAST_MESSAGES: Final = 8
_JITTER_MS: Final = 250
_STEP_MS: Final = 10


class EndedError(Exception):
    """The server ends this player's connection."""


class Clock:
    """Corrects timestamps as SRS does by default: they begin at 0, and a step of more than 250 ms becomes 10 ms."""

    def __init__(self) -> None:
        self._last = 0
        self._corrected = -1

    def correct(self, timestamp: int) -> int:
        """Return the time for the player, in milliseconds."""
        step = timestamp - self._last
        if not -_JITTER_MS <= step <= _JITTER_MS:
            step = _STEP_MS
        self._corrected = max(0, self._corrected + step)
        self._last = timestamp
        return self._corrected


class Consumer:
    """One player of a source; `kind` is rtmp or flv."""

    def __init__(self, vhost: Vhost, faults: Switches, kind: str) -> None:
        self.kind = kind
        self.got_media = False
        self.place: Place | None = None  # among the source's players
        self._vhost = vhost
        self._queue: list[Packet] = []
        self._ready = asyncio.Event()
        self._clock = Clock()
        self._distortion = Distortion(faults, kind)
        self._ended = ""

    def put(self, packet: Packet) -> None:
        """Queue a packet for the player."""
        distorted = self._distortion.packets(packet)
        if not distorted:
            return
        self.got_media = True
        self._queue += distorted
        # Headers carry the time at which publishing began, however long ago: they do not count as waiting since then.
        media = (queued.timestamp for queued in self._queue if not queued.header and queued.kind != SCRIPT)
        span = distorted[-1].timestamp - next(media, distorted[-1].timestamp)
        if span > self._vhost.queue_seconds * 1000:
            self._shrink()
        waits = self._vhost.merged_write_seconds * 1000
        if not waits or (len(self._queue) > _LEAST_MESSAGES and abs(span) > waits):
            self._ready.set()

    def end(self, reason: str) -> None:
        """Make the player's connection end."""
        self._ended = reason
        self._ready.set()

    async def take(self) -> list[Packet]:
        """Wait until there is enough for a write, and return it with the player's timestamps.

        Raises:
            EndedError: the server ends the connection.
        """
        await self._ready.wait()
        await self._distortion.hold()
        if self.place is not None:
            await self.place.hold(sum(len(packet.payload) for packet in self._queue))
        if self._ended:
            raise EndedError(self._ended)
        self._ready.clear()
        queue, self._queue = self._queue, []
        return [packet if packet.kind == SCRIPT else self._timed(packet) for packet in queue]

    def _timed(self, packet: Packet) -> Packet:
        return packet.at(self._distortion.shift(packet, self._clock.correct(packet.timestamp)))

    def _shrink(self) -> None:
        """A player that takes nothing loses the queue but for the sequence headers, as in SRS."""
        self._queue = [packet for packet in self._queue if packet.header or packet.kind == SCRIPT]
