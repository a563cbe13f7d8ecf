"""Audio, video and script data of one viewer, whichever protocol they came by: FLV tags and RTMP messages alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import TagKind
from srs_conformance.media.packets import AudioPacket, PacketType, VideoPacket, parse_audio, parse_video
from srs_conformance.media.timestamps import unwrap32


@dataclass(frozen=True, slots=True)
class Sample:
    """One audio, video or script payload as it came.

    Attributes:
        kind: the tag's or the message's type.
        timestamp: raw, 32 bits, in milliseconds.
        payload: without the header of the tag or message.
        at: when its last byte had come, in seconds of `time.monotonic()`.
        offset: of its first byte, from the beginning of what the server sent.
    """

    kind: TagKind
    timestamp: int
    payload: bytes
    at: float
    offset: int

    @property
    def where(self) -> str:
        """Where it stands, for a verdict's details."""
        return f"byte {self.offset}, {self.timestamp} ms"


@dataclass(frozen=True, slots=True)
class Picture:
    """A video payload that could be read; `time` is its decoding time in ms with wrap-arounds undone."""

    sample: Sample
    packet: VideoPacket
    time: int


@dataclass(frozen=True, slots=True)
class Sound:
    """An audio payload that could be read; `time` as in `Picture`."""

    sample: Sample
    packet: AudioPacket
    time: int


@dataclass
class Media:
    """What came, in order: by track, what cannot be read apart; `mixed` has both tracks' coded frames.

    `again_after` is as of `codecs.Published`.
    """

    video: list[Picture] = field(default_factory=list)
    audio: list[Sound] = field(default_factory=list)
    unreadable: list[tuple[Sample, ProtocolError]] = field(default_factory=list)
    mixed: list[Picture | Sound] = field(default_factory=list)
    scripts: list[Sample] = field(default_factory=list)
    again_after: float | None = None

    @property
    def pictures(self) -> list[Picture]:
        """The coded pictures, without configurations."""
        return [each for each in self.video if each.packet.packet_type is PacketType.FRAMES]

    @property
    def sounds(self) -> list[Sound]:
        """The coded sound, without configurations."""
        return [each for each in self.audio if each.packet.packet_type is PacketType.FRAMES]


def read(samples: Iterable[Sample], again_after: float | None = None) -> Media:
    """Sort samples into tracks, and undo the wrap of their timestamps of 32 bits (RTMP 1.0 4; FLV 10.1 E.4.1)."""
    media = Media(again_after=again_after)
    near: dict[TagKind, int] = {}
    for sample in samples:
        if sample.kind is TagKind.SCRIPT:
            media.scripts.append(sample)
            continue
        time = near[sample.kind] = unwrap32(sample.timestamp, near.get(sample.kind))
        try:
            _add(media, sample, time)
        except ProtocolError as error:
            media.unreadable.append((sample, error))
    return media


def _add(media: Media, sample: Sample, time: int) -> None:
    each: Picture | Sound
    if sample.kind is TagKind.VIDEO:
        each = Picture(sample, parse_video(sample.payload), time)
        media.video.append(each)
    else:
        each = Sound(sample, parse_audio(sample.payload), time)
        media.audio.append(each)
    if each.packet.packet_type is PacketType.FRAMES:
        media.mixed.append(each)


def arrivals(sizes: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return (offset of the end, arrival) of pieces given as (size, arrival), for `bisect`."""
    ends: list[tuple[int, float]] = []
    end = 0
    for size, at in sizes:
        end += size
        ends.append((end, at))
    return ends
