"""What the SRS HTTP API answers, as dataclasses that are the same for SRS 3, 4, 5 and 6.

Identifiers are strings in every version (SRS 3 counts publishers with numbers in strings, later ones use seven or
eight characters). The byte and bit rate counters are left out: SRS 3 shows uninitialised memory in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: One JSON object of an answer.
Json = Mapping[str, Any]


class ClientKind(StrEnum):
    """Who a client of a stream is. SRS 3 calls RTMP and HTTP-FLV players alike, SRS 4 calls both RTMP players."""

    PUBLISHER = "publisher"
    RTMP_PLAYER = "rtmp-player"
    FLV_PLAYER = "flv-player"
    HLS_PLAYER = "hls-player"
    PLAYER = "player"  # a player over a protocol that this version does not tell, or another one (WebRTC, SRT)


_PLAYER_KINDS = {
    "rtmp-play": ClientKind.RTMP_PLAYER,
    "flv-play": ClientKind.FLV_PLAYER,
    "hls-play": ClientKind.HLS_PLAYER,
}


@dataclass(frozen=True)
class Version:
    """`/api/v1/versions`: which server answers, and which run of it."""

    major: int
    minor: int
    revision: int
    text: str  # "6.0.157"
    reference: bool  # the suite's own reference server, which never passes for SRS
    server_id: str
    service_id: str  # "" before SRS 5

    @property
    def instance(self) -> str:
        """Return what changes whenever the server process starts anew.

        SRS 4 and later may keep the server's own id in a file; SRS 5 and later give each run a service id.
        """
        return f"{self.server_id}/{self.service_id}"

    @classmethod
    def from_answer(cls, answer: Json) -> Version:
        """Build from a whole answer. Raises `KeyError`, `TypeError` or `ValueError` where it lacks a field."""
        data = answer["data"]
        return cls(
            major=int(data["major"]),
            minor=int(data["minor"]),
            revision=int(data["revision"]),
            text=str(data["version"]),
            reference=bool(answer.get("reference") or data.get("reference")),
            server_id=str(answer["server"]),
            service_id=str(answer.get("service", "")),
        )


@dataclass(frozen=True)
class Summary:
    """`/api/v1/summaries`: the server process."""

    version: str
    pid: int
    uptime: float  # s
    connections: int  # all of SRS, as the kernel counts them for its ports; sampled every few seconds
    memory: int  # kB, resident
    cpu: float  # share of one core since the last sample, 0..1
    arguments: str
    folder: str

    @classmethod
    def from_answer(cls, answer: Json) -> Summary:
        """Build from a whole answer. Raises `KeyError`, `TypeError` or `ValueError` where it lacks a field."""
        process = answer["data"]["self"]
        return cls(
            version=str(process["version"]),
            pid=int(process["pid"]),
            uptime=float(process["srs_uptime"]),
            connections=int(answer["data"]["system"]["conn_srs"]),
            memory=int(process["mem_kbyte"]),
            cpu=float(process["cpu_percent"]),
            arguments=str(process["argv"]),
            folder=str(process["cwd"]),
        )


@dataclass(frozen=True)
class VideoTrack:
    """The video of a stream as the sequence header says it. SRS 3 gives the coded height (368 for 360 lines)."""

    codec: str
    profile: str
    level: str
    width: int
    height: int


@dataclass(frozen=True)
class AudioTrack:
    """The audio of a stream as the sequence header says it."""

    codec: str
    profile: str
    sample_rate: int  # Hz, as the FLV tag rounds it
    channels: int


@dataclass(frozen=True)
class StreamRow:
    """One row of `/api/v1/streams/`.

    SRS 3 removes the row when the publisher leaves and lists streams that were only ever asked for under the name
    "none"; SRS 5 and 6 keep an inactive row as long as it has clients, and name a stream that was first asked for over
    HTTP-FLV with ".flv" at its end, so that there the name is taken from the row's URL.
    """

    id: str
    name: str
    app: str
    vhost: str  # the id of the vhost, not its name
    active: bool
    clients: int  # the publisher counts too
    publisher_id: str  # "" where nobody has published
    video: VideoTrack | None
    audio: AudioTrack | None

    @classmethod
    def from_json(cls, row: Json) -> StreamRow:
        """Build from one row. Raises `KeyError`, `TypeError` or `ValueError` where it lacks a field."""
        publish = row["publish"]
        return cls(
            id=str(row["id"]),
            name=str(row.get("url") or row["name"]).rsplit("/", 1)[-1],
            app=str(row["app"]),
            vhost=str(row["vhost"]),
            active=bool(publish["active"]),
            clients=int(row["clients"]),
            publisher_id=str(publish.get("cid", "")),
            video=_video(row["video"]),
            audio=_audio(row["audio"]),
        )


@dataclass(frozen=True)
class ClientRow:
    """One row of `/api/v1/clients/`: a publisher or player of a stream, an edge's upstream connection included."""

    id: str
    ip: str
    type: str  # in the version's own words
    publish: bool
    stream: str  # the id of the stream
    vhost: str  # the id of the vhost
    url: str  # "/live/livestream"
    tc_url: str
    alive: float  # s

    @property
    def name(self) -> str:
        """Return the stream's name, from the URL: what SRS 5 and 6 call `name` may end in ".flv" or ".m3u8"."""
        return self.url.rsplit("/", 1)[-1]

    @property
    def app(self) -> str:
        """Return the stream's app, from the URL."""
        return "/".join(self.url.split("/")[1:-1])

    @property
    def kind(self) -> ClientKind:
        """Return who the client is, in the same words for every version."""
        if self.publish:
            return ClientKind.PUBLISHER
        # SRS 4 says "rtmp-play" of HTTP-FLV players as well, and tells them apart nowhere.
        return _PLAYER_KINDS.get(self.type, ClientKind.PLAYER)

    @classmethod
    def from_json(cls, row: Json) -> ClientRow:
        """Build from one row. Raises `KeyError`, `TypeError` or `ValueError` where it lacks a field."""
        return cls(
            id=str(row["id"]),
            ip=str(row["ip"]),
            type=str(row["type"]),
            publish=bool(row["publish"]),
            stream=str(row["stream"]),
            vhost=str(row["vhost"]),
            url=str(row["url"]),
            tc_url=str(row["tcUrl"]),
            alive=float(row["alive"]),
        )


def _video(track: Json | None) -> VideoTrack | None:
    if track is None:
        return None
    return VideoTrack(
        codec=str(track["codec"]),
        profile=str(track["profile"]),
        level=str(track["level"]),
        width=int(track["width"]),
        height=int(track["height"]),
    )


def _audio(track: Json | None) -> AudioTrack | None:
    if track is None:
        return None
    return AudioTrack(
        codec=str(track["codec"]),
        profile=str(track["profile"]),
        sample_rate=int(track["sample_rate"]),
        channels=int(track["channel"]),
    )
