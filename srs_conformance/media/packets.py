"""The payloads of audio and video tags: codecs, frame types and packet types, plain and enhanced.

Sources: Adobe Flash Video File Format 10.1 annex E; Enhanced RTMP v1 and v2 (Veovera).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from srs_conformance.media.reading import Buffer, Cursor


class VideoCodec(Enum):
    """Video codecs by name; the value is the FourCC of enhanced FLV, or the name for the old ones."""

    AVC = "avc1"
    HEVC = "hvc1"
    AV1 = "av01"
    VP8 = "vp08"
    VP9 = "vp09"
    H263 = "Sorenson H.263"
    SCREEN = "Screen video"
    VP6 = "On2 VP6"
    VP6_ALPHA = "On2 VP6 with alpha"
    SCREEN_2 = "Screen video 2"


class AudioCodec(Enum):
    """Audio codecs by name; the value is the FourCC of enhanced FLV, or the name for the old ones."""

    AAC = "mp4a"
    MP3 = ".mp3"
    OPUS = "Opus"
    FLAC = "fLaC"
    AC3 = "ac-3"
    EAC3 = "ec-3"
    PCM = "linear PCM"
    ADPCM = "ADPCM"
    NELLYMOSER = "Nellymoser"
    G711_A = "G.711 A-law"
    G711_MU = "G.711 mu-law"
    SPEEX = "Speex"
    DEVICE = "device-specific"


class FrameType(IntEnum):
    """Frame types (E.4.3.1)."""

    KEY = 1
    INTER = 2
    DISPOSABLE = 3
    GENERATED_KEY = 4
    COMMAND = 5


class PacketType(Enum):
    """What a packet carries, over both forms of FLV."""

    SEQUENCE_HEADER = "sequence header"
    FRAMES = "coded frames"
    END = "end of sequence"
    METADATA = "metadata"
    COMMAND = "command"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """The payload of a video tag; composition_time (pts - dts) is in milliseconds."""

    codec: VideoCodec
    frame_type: FrameType
    packet_type: PacketType
    composition_time: int
    data: bytes
    enhanced: bool = False

    @property
    def keyframe(self) -> bool:
        """Whether it is a coded keyframe, from which a player can start."""
        return self.frame_type is FrameType.KEY and self.packet_type is PacketType.FRAMES

    @property
    def sequence_header(self) -> bool:
        """Whether it carries the decoder's configuration."""
        return self.packet_type is PacketType.SEQUENCE_HEADER


@dataclass(frozen=True, slots=True)
class AudioPacket:
    """The payload of an audio tag.

    sample_rate (Hz), bits and channels are what the tag's first byte says; for AAC that is always 44100, 16 and 2, the
    truth is in the sequence header. They are 0 in enhanced packets.
    """

    codec: AudioCodec
    packet_type: PacketType
    data: bytes
    sample_rate: int = 0
    bits: int = 0
    channels: int = 0
    enhanced: bool = False

    @property
    def sequence_header(self) -> bool:
        """Whether it carries the decoder's configuration."""
        return self.packet_type is PacketType.SEQUENCE_HEADER


_VIDEO_IDS: Final = {
    2: VideoCodec.H263,
    3: VideoCodec.SCREEN,
    4: VideoCodec.VP6,
    5: VideoCodec.VP6_ALPHA,
    6: VideoCodec.SCREEN_2,
    7: VideoCodec.AVC,
    12: VideoCodec.HEVC,  # not Adobe's; SRS, ffmpeg forks and CDNs use it
}
_AUDIO_IDS: Final = {
    0: AudioCodec.PCM,
    1: AudioCodec.ADPCM,
    2: AudioCodec.MP3,
    3: AudioCodec.PCM,
    4: AudioCodec.NELLYMOSER,
    5: AudioCodec.NELLYMOSER,
    6: AudioCodec.NELLYMOSER,
    7: AudioCodec.G711_A,
    8: AudioCodec.G711_MU,
    10: AudioCodec.AAC,
    11: AudioCodec.SPEEX,
    14: AudioCodec.MP3,
    15: AudioCodec.DEVICE,
}
_VIDEO_FOURCCS: Final = {
    codec.value.encode(): codec
    for codec in (VideoCodec.AVC, VideoCodec.HEVC, VideoCodec.AV1, VideoCodec.VP8, VideoCodec.VP9)
}
_AUDIO_FOURCCS: Final = {
    codec.value.encode(): codec
    for codec in (
        AudioCodec.AAC,
        AudioCodec.MP3,
        AudioCodec.OPUS,
        AudioCodec.FLAC,
        AudioCodec.AC3,
        AudioCodec.EAC3,
    )
}
# Enhanced RTMP v1 and v2, "Enhanced Video" and "Enhanced Audio"; 3 is coded frames without a composition time.
_PACKET_TYPES: Final = {
    0: PacketType.SEQUENCE_HEADER,
    1: PacketType.FRAMES,
    2: PacketType.END,
    3: PacketType.FRAMES,
    4: PacketType.METADATA,
}
_SOUND_RATES: Final = (5512, 11025, 22050, 44100)


def parse_video(payload: Buffer) -> VideoPacket:
    """Parse the payload of a video tag or message (E.4.3, Enhanced RTMP).

    Raises:
        ProtocolError: it is too short, or names an unknown frame type or codec; the offset counts from its start.
    """
    cursor = Cursor(payload, "video payload")
    first = cursor.unsigned(1, "frame type and codec")
    enhanced = bool(first & 0x80)
    number = first >> 4 & 7
    try:
        frame_type = FrameType(number)
    except ValueError:
        raise cursor.fail("a frame type of 1 to 5", str(number), back=1) from None
    if enhanced:
        return _parse_enhanced_video(cursor, frame_type, first & 15)
    codec = _VIDEO_IDS.get(first & 15)
    if codec is None:
        raise cursor.fail(f"a codec id of {sorted(_VIDEO_IDS)}", str(first & 15), back=1)
    if frame_type is FrameType.COMMAND:
        return VideoPacket(codec, frame_type, PacketType.COMMAND, 0, cursor.take(cursor.remaining, "a command"))
    if codec not in (VideoCodec.AVC, VideoCodec.HEVC):
        return VideoPacket(codec, frame_type, PacketType.FRAMES, 0, cursor.take(cursor.remaining, "a frame"))
    kind = cursor.unsigned(1, "AVCPacketType")
    if kind > 2:
        raise cursor.fail("an AVCPacketType of 0 to 2", str(kind), back=1)
    time = _composition_time(cursor)
    return VideoPacket(codec, frame_type, _PACKET_TYPES[kind], time, cursor.take(cursor.remaining, "data"))


def _parse_enhanced_video(cursor: Cursor, frame_type: FrameType, kind: int) -> VideoPacket:
    codec = _VIDEO_FOURCCS.get(fourcc := cursor.take(4, "a video FourCC"))
    if codec is None:
        raise cursor.fail("a video FourCC of enhanced RTMP", repr(fourcc), back=4)
    packet_type = _PACKET_TYPES.get(kind, PacketType.OTHER)
    if frame_type is FrameType.COMMAND and packet_type is not PacketType.METADATA:
        packet_type = PacketType.COMMAND
    timed = kind == 1 and packet_type is PacketType.FRAMES and codec in (VideoCodec.AVC, VideoCodec.HEVC)
    time = _composition_time(cursor) if timed else 0
    data = cursor.take(cursor.remaining, "data")
    return VideoPacket(codec, frame_type, packet_type, time, data, enhanced=True)


def _composition_time(cursor: Cursor) -> int:
    return int.from_bytes(cursor.take(3, "a composition time"), "big", signed=True)


def parse_audio(payload: Buffer) -> AudioPacket:
    """Parse the payload of an audio tag or message (E.4.2, Enhanced RTMP).

    Raises:
        ProtocolError: it is too short, or names an unknown codec; the offset counts from its start.
    """
    cursor = Cursor(payload, "audio payload")
    first = cursor.unsigned(1, "sound format")
    number = first >> 4
    if number == 9:
        return _parse_enhanced_audio(cursor, first & 15)
    codec = _AUDIO_IDS.get(number)
    if codec is None:
        raise cursor.fail(f"a sound format of {sorted(_AUDIO_IDS)}", str(number), back=1)
    packet_type = PacketType.FRAMES
    if codec is AudioCodec.AAC:
        kind = cursor.unsigned(1, "AACPacketType")
        if kind > 1:
            raise cursor.fail("an AACPacketType of 0 or 1", str(kind), back=1)
        packet_type = _PACKET_TYPES[kind]
    data = cursor.take(cursor.remaining, "data")
    rate = _SOUND_RATES[first >> 2 & 3]
    return AudioPacket(codec, packet_type, data, rate, 16 if first & 2 else 8, 2 if first & 1 else 1)


def _parse_enhanced_audio(cursor: Cursor, kind: int) -> AudioPacket:
    codec = _AUDIO_FOURCCS.get(fourcc := cursor.take(4, "an audio FourCC"))
    if codec is None:
        raise cursor.fail("an audio FourCC of enhanced RTMP", repr(fourcc), back=4)
    packet_type = {0: PacketType.SEQUENCE_HEADER, 1: PacketType.FRAMES, 2: PacketType.END}.get(kind, PacketType.OTHER)
    return AudioPacket(codec, packet_type, cursor.take(cursor.remaining, "data"), enhanced=True)
