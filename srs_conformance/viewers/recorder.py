"""From the payloads that a viewer receives to the frames of its timeline."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from srs_conformance.media.aac import AacConfig
from srs_conformance.media.avc import AvcConfig, NalType, nal_type, split_nal_units, vcl_digest
from srs_conformance.media.flv import AudioCodec, AudioPacket, VideoCodec, VideoPacket, parse_audio, parse_video
from srs_conformance.media.packets import PacketType
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Config, Note, Timeline

if TYPE_CHECKING:
    from srs_conformance.viewers.decoder import Decoder

_SLICES = frozenset({NalType.SLICE, 2, NalType.IDR})  # 2: the first of three data partitions (H.264 table 7-1)
NOTES = 200
"""Notes on payloads that are no frames; a server that sends many is not remembered for ever."""


class Recorder:
    """Writes frames, decoder configurations and notes into one timeline, and decodes pictures where asked."""

    def __init__(self, timeline: Timeline, *, decode: bool) -> None:
        self._timeline = timeline
        self._decoder = _decoder() if decode else None
        self._length_size = 4
        self._described: dict[Kind, tuple[str, str]] = {}

    def flv_video(self, payload: bytes, timestamp: int, arrival: float) -> None:
        """Take the payload of a video tag or message.

        Raises:
            ProtocolError: it is none.
        """
        if not payload:
            self.note("an empty video message")
            return
        packet = parse_video(payload)
        if packet.sequence_header:
            self._video_header(packet)
        elif packet.packet_type is PacketType.FRAMES:
            pts = timestamp + packet.composition_time
            frame = Frame(Kind.VIDEO, packet.keyframe, timestamp, pts, len(packet.data), arrival, 0)
            if packet.codec is VideoCodec.AVC:
                self.avc_video(split_nal_units(packet.data, self._length_size), packet.data, frame)
            else:
                frame.digest = zlib.crc32(packet.data)
                self._timeline.frames.append(frame)

    def flv_audio(self, payload: bytes, timestamp: int, arrival: float) -> None:
        """Take the payload of an audio tag or message.

        Raises:
            ProtocolError: it is none.
        """
        if not payload:
            self.note("an empty audio message")
            return
        packet = parse_audio(payload)
        if packet.sequence_header:
            self._audio_header(packet)
        elif packet.packet_type is PacketType.FRAMES:
            self.audio_frame(packet.data, timestamp, arrival)

    def avc_video(self, nals: Sequence[bytes], data: bytes, frame: Frame) -> None:
        """Take an access unit of H.264: its NAL units, and as it came; one without a slice is no picture.

        ffmpeg ends a stream with an end-of-sequence unit, which SRS 6 puts into HLS as an access unit of its own.
        """
        if not any(nal_type(nal) in _SLICES for nal in nals):
            types = ", ".join(str(nal_type(nal)) for nal in nals)
            self.note(f"an access unit without a picture at {frame.dts:.0f} ms (NAL unit types {types or 'none'})")
            return
        frame.digest = vcl_digest(nals)
        self._timeline.frames.append(frame)
        if self._decoder is not None:
            self._decode(self._decoder, data, frame)

    def audio_frame(self, data: bytes, dts: float, arrival: float) -> None:
        """Take one raw audio frame."""
        self._timeline.frames.append(Frame(Kind.AUDIO, True, dts, dts, len(data), arrival, zlib.crc32(data)))

    def config(self, kind: Kind, codec: str, description: str) -> None:
        """Take note of a decoder configuration, the first one and whenever it changes."""
        if self._described.get(kind) != (codec, description):
            self._described[kind] = codec, description
            frames = len(self._timeline.frames)
            self._timeline.configs.append(Config(kind, time.monotonic(), frames, codec, description))

    def note(self, text: str) -> None:
        """Take note of something that is no frame."""
        if len(self._timeline.notes) < NOTES:
            self._timeline.notes.append(Note(time.monotonic(), text))

    def _video_header(self, packet: VideoPacket) -> None:
        if packet.codec is not VideoCodec.AVC:
            self.config(Kind.VIDEO, packet.codec.name, "")
            return
        config = AvcConfig.parse(packet.data)
        self._length_size = config.length_size
        self.config(Kind.VIDEO, "AVC", describe_avc(config.profile, config.level, config.width, config.height))
        if self._decoder is not None:
            self._decoder.configure(packet.data)

    def _audio_header(self, packet: AudioPacket) -> None:
        if packet.codec is not AudioCodec.AAC:
            self.config(Kind.AUDIO, packet.codec.name, "")
            return
        config = AacConfig.parse(packet.data)
        self.config(Kind.AUDIO, "AAC", describe_aac(config.object_type, config.sample_rate, config.channels))

    def _decode(self, decoder: Decoder, data: bytes, frame: Frame) -> None:
        refused = decoder.undecodable
        decoder.decode(data, frame)
        if decoder.undecodable > refused:
            self.note(f"the picture at {frame.dts:.0f} ms cannot be decoded")
        if self._timeline.first_picture is None and decoder.pictures:
            self._timeline.first_picture = frame.arrival


def describe_avc(profile: int, level: int, width: int, height: int) -> str:
    """Return a short text, the same for a configuration record and for parameter sets in MPEG-TS."""
    return f"profile {profile} level {level / 10:g} {width}x{height}"


def describe_aac(object_type: int, sample_rate: int, channels: int) -> str:
    """Return a short text, the same for an AudioSpecificConfig and for an ADTS header."""
    return f"object type {object_type} {sample_rate} Hz {channels} channel(s)"


def _decoder() -> Decoder:
    from srs_conformance.viewers.decoder import Decoder  # noqa: PLC0415 - loading the codecs takes 0.2 s and 40 MB

    return Decoder()
