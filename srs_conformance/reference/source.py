"""Streams: who publishes, who plays, and what a player gets who comes late."""

from __future__ import annotations

import asyncio
from typing import Protocol

from srs_conformance.reference.consumer import Consumer
from srs_conformance.reference.crowding import Crowd
from srs_conformance.reference.media import AUDIO, VIDEO, Packet
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import Vhost


class Sink(Protocol):
    """What writes a stream somewhere, such as HLS."""

    def begin(self, request: StreamRequest) -> None:
        """The stream begins, perhaps again, published as this."""

    def write(self, packet: Packet) -> None:
        """Take a packet."""

    def end(self) -> None:
        """The stream ends, perhaps not for good."""


class Demand(Protocol):
    """What wants to know whether anybody plays: the pull of an edge."""

    def joined(self, consumer: Consumer) -> None:
        """A player has come."""

    def left(self) -> None:
        """A player has gone."""


class Source:
    """One stream: metadata, sequence headers, the GOP cache, its players and sinks."""

    def __init__(self, vhost: Vhost, url: str, crowd: Crowd) -> None:
        self.vhost = vhost
        self.crowd = crowd
        self.url = url
        self.consumers: set[Consumer] = set()
        self.sinks: list[Sink] = []
        self.demand: Demand | None = None
        self.busy = False  # somebody publishes, here or through this edge
        self.active = False
        self.forwards = 0  # how often it has been published through this edge
        self.turn = asyncio.Lock()  # by a fault: players' writes wait for each other
        self.request: StreamRequest | None = None  # as it was published last
        self.lost = False  # by a fault: what comes reaches nobody
        self.metadata: Packet | None = None
        self.audio_header: Packet | None = None
        self.video_header: Packet | None = None
        self._gop: list[Packet] = []

    def publish(self, request: StreamRequest) -> None:
        """Begin: the players that wait stay."""
        self.active, self.lost, self.request = True, False, request
        for sink in self.sinks:
            sink.begin(request)

    def unpublish(self) -> None:
        """End: forget what players start with, and cut players over HTTP-FLV, whose mount goes with the stream."""
        self.active = False
        self.metadata = self.audio_header = self.video_header = None
        self._gop.clear()
        for sink in self.sinks:
            sink.end()
        self.unmount()

    def unmount(self) -> None:
        """Cut the players over HTTP-FLV who have got media."""
        for consumer in self.consumers:
            if consumer.kind == "flv" and consumer.got_media:
                consumer.end("unmounted")

    def push(self, packet: Packet) -> None:
        """Give a packet to players, sinks and caches."""
        if self.lost:
            return
        if packet.header and packet.kind == VIDEO:
            self.video_header = packet
        elif packet.header:
            self.audio_header = packet
        elif packet.kind not in (AUDIO, VIDEO):
            self.metadata = packet
        elif self.vhost.gop_cache:
            self._cache(packet)
        else:
            self._gop.clear()
        for consumer in self.consumers:
            consumer.put(packet)
        for sink in self.sinks:
            sink.write(packet)

    def repeat(self) -> None:
        """Send all players the cached GOP once more."""
        for packet in self._gop:
            for consumer in self.consumers:
                consumer.put(packet)

    def join(self, consumer: Consumer) -> None:
        """Take a player: metadata, audio header, video header and the GOP cache go out first."""
        for packet in (self.metadata, self.audio_header, self.video_header, *self._gop):
            if packet is not None:
                consumer.put(packet)
        self.consumers.add(consumer)
        consumer.place = self.crowd.enter(consumer.end)
        if self.demand is not None:
            self.demand.joined(consumer)

    def leave(self, consumer: Consumer) -> None:
        """Let a player go."""
        self.consumers.discard(consumer)
        if consumer.place is not None:
            consumer.place.leave()
        if self.demand is not None:
            self.demand.left()

    def _cache(self, packet: Packet) -> None:
        if packet.keyframe:
            self._gop = [packet]
        elif self._gop:
            self._gop.append(packet)
