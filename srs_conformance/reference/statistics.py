"""What the HTTP API tells of streams and clients, and how long rows live."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from srs_conformance.media.aac import AacConfig
from srs_conformance.media.avc import AvcConfig
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import parse_audio, parse_video
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.media import VIDEO, Packet
from srs_conformance.reference.personality import Ids, Personality
from srs_conformance.reference.request import StreamRequest


class Counters(Protocol):
    """Bytes of one connection."""

    received: int
    sent: int


@dataclass
class Video:
    """The video as its sequence header says it."""

    profile: str
    level: str
    width: int
    height: int


@dataclass
class Audio:
    """The audio as its sequence header says it."""

    sample_rate: int
    channels: int
    profile: str


@dataclass
class StreamRow:
    """One stream in the API."""

    id: str
    request: StreamRequest
    url: str
    active: bool = False
    publisher: str = ""
    clients: int = 0
    frames: int = 0
    past_sent: int = 0
    past_received: int = 0
    video: Video | None = None
    audio: Audio | None = None


@dataclass
class ClientRow:
    """One client in the API: a publisher, a player, or an edge's pull."""

    id: str
    stream: StreamRow
    request: StreamRequest
    type: str
    publish: bool
    counters: Counters
    since: float = field(default_factory=time.monotonic)


_AVC_PROFILES = {66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High(Intra)", 122: "High422"}
_AAC_PROFILES = {1: "Main", 2: "LC", 3: "SSR", 5: "HE", 29: "HEv2"}


class Statistics:
    """The tables of one server."""

    def __init__(self, personality: Personality, ids: Ids, faults: Switches) -> None:
        self.server = ids.entity()
        self.service = ids.service()
        self.streams: dict[str, StreamRow] = {}
        self.clients: dict[str, ClientRow] = {}
        self.vhosts: dict[str, str] = {}
        self._personality = personality
        self._ids = ids
        self._faults = faults

    def vhost_id(self, name: str) -> str:
        """Return the id of a vhost, which is made when its first client comes."""
        if name not in self.vhosts:
            self.vhosts[name] = self._ids.entity()
        return self.vhosts[name]

    def stream(self, request: StreamRequest) -> StreamRow:
        """Return the row of a stream, a new one where there is none."""
        url = request.url(without_extension=self._personality.keeps_extension)
        if url not in self.streams:
            self.vhost_id(request.vhost)
            self.streams[url] = StreamRow(self._ids.entity(), request, url)
        return self.streams[url]

    def enter(self, request: StreamRequest, kind: str, counters: Counters, *, publish: bool = False) -> ClientRow:
        """List a client."""
        return self.enter_as(self._ids.client(), request, kind, counters, publish=publish)

    def enter_as(
        self, client: str, request: StreamRequest, kind: str, counters: Counters, *, publish: bool = False
    ) -> ClientRow:
        """List a client that has an id already, such as an HLS player's."""
        row = ClientRow(client, self.stream(request), request, kind, publish, counters)
        row.stream.clients += 1
        self.clients[row.id] = row
        return row

    def leave(self, row: ClientRow) -> None:
        """Take a client off the list, and its stream where nothing keeps it."""
        if self.clients.pop(row.id, None) is None:
            return
        row.stream.clients -= 1
        row.stream.past_sent += row.counters.sent
        row.stream.past_received += row.counters.received
        self._clean(row.stream)

    def published(self, request: StreamRequest, publisher: str) -> StreamRow:
        """Note that a stream is active, published by this client."""
        row = self.stream(request)
        row.active, row.publisher = True, publisher
        return row

    def unpublished(self, row: StreamRow) -> None:
        """Note that a stream is no longer active. SRS 3 takes it off the list at once."""
        if "stream-stays-active" in self._faults:
            return
        row.active, row.video, row.audio = False, None, None
        if self._personality.keeps_stale_streams:
            self._remove(row)
        else:
            self._clean(row)

    def packet(self, row: StreamRow, packet: Packet) -> None:
        """Note codecs from sequence headers, and count frames."""
        if packet.header:
            try:
                self._codec(row, packet)
            except ProtocolError:
                return
        elif packet.kind == VIDEO:
            row.frames += 1

    def _codec(self, row: StreamRow, packet: Packet) -> None:
        if packet.kind == VIDEO:
            avc = AvcConfig.parse(parse_video(packet.payload).data)
            # SRS 3 tells the coded height, whole macroblocks of 16 lines.
            height = -(-avc.height // 16) * 16 if self._personality.number == 3 else avc.height
            level = f"{avc.level / 10:g}"
            row.video = Video(_AVC_PROFILES.get(avc.profile, "Other"), level, avc.width, height)
            return
        tag = parse_audio(packet.payload)
        aac = AacConfig.parse(tag.data)
        row.audio = Audio(tag.sample_rate, tag.channels, _AAC_PROFILES.get(aac.object_type, "Other"))

    def _clean(self, row: StreamRow) -> None:
        if not self._personality.keeps_stale_streams and not row.active and not row.clients:
            self._remove(row)

    def _remove(self, row: StreamRow) -> None:
        if self.streams.get(row.url) is row:
            del self.streams[row.url]
