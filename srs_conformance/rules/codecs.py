"""Rules of decoder configurations, and of the coded frames that follow them, whichever protocol carries both.

H.264 and H.265 have a record of ISO/IEC 14496-15 (H.265 under codec id 12, as SRS has it, or as 'hvc1' of Enhanced
RTMP), AAC an AudioSpecificConfig of ISO/IEC 14496-3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from srs_conformance.media.aac import AacConfig
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.packets import AudioCodec, PacketType, VideoCodec
from srs_conformance.requirements import Level
from srs_conformance.rules.nal_units import Configured, avc_configuration, hevc_configuration, wrong_in_record
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged
from srs_conformance.rules.samples import Media, Picture

AVC_CONFIGURATION: Final = Rule(
    "CODEC-AVC-CONFIGURATION",
    Level.MUST,
    "ISO/IEC 14496-15 5.3.3.1",
    "An H.264 configuration is a record of version 1 with an SPS and a PPS, its reserved bits are ones, and its profile"
    " and level are the SPS's.",
)
HEVC_CONFIGURATION: Final = Rule(
    "CODEC-HEVC-CONFIGURATION",
    Level.MUST,
    "ISO/IEC 14496-15 8.3.3.1",
    "An H.265 configuration is a record of version 1 with a VPS, an SPS and a PPS, each in the array of its type.",
)
AAC_CONFIGURATION: Final = Rule(
    "CODEC-AAC-CONFIGURATION",
    Level.MUST,
    "ISO/IEC 14496-3 1.6.2.1",
    "An AAC configuration is an AudioSpecificConfig of an AAC object type with a sampling rate and channels that are"
    " defined.",
)
NAL_SIZES: Final = Rule(
    "CODEC-NAL-SIZES",
    Level.MUST,
    "ISO/IEC 14496-15 5.3.4.2",
    "A picture is NAL units with their lengths before them, of the size that the configuration says, which fill it up.",
)
PARAMETER_SETS: Final = Rule(
    "CODEC-PARAMETER-SETS",
    Level.MUST,
    "H.264 7.4.1.2.1, 7.4.3",
    "Each slice of H.264 names a PPS of the configuration, and that a SPS of it.",
)
IN_BAND: Final = Rule(
    "CODEC-IN-BAND",
    Level.MUST,
    "ISO/IEC 14496-15 5.3.4.1, 8.3.4",
    "A parameter set that a picture carries is one of the configuration.",
)
KEYFRAME: Final = Rule(
    "CODEC-KEYFRAME",
    Level.MUST,
    "FLV 10.1 E.4.3.1",
    "A picture from which decoding can start (IDR, IRAP) is marked as a keyframe, and no other picture is, but for one"
    " of H.264 that has no IDR slice at all and says so by a recovery point.",
)
AAC_RAW: Final = Rule(
    "CODEC-AAC-RAW",
    Level.MUST,
    "FLV 10.1 E.4.2.2",
    "AAC comes as raw frames: not empty, and without ADTS headers.",
)
AS_PUBLISHED: Final = Rule(
    "CODEC-AS-PUBLISHED",
    Level.MUST,
    "RTMP 1.0 7.1.4, 7.1.5",
    "The configurations are those that the publisher sent: the same parameter sets, object type, sampling rate and"
    " channels.",
)
RULES: Final[tuple[Rule, ...]] = (
    AVC_CONFIGURATION,
    HEVC_CONFIGURATION,
    AAC_CONFIGURATION,
    NAL_SIZES,
    PARAMETER_SETS,
    IN_BAND,
    KEYFRAME,
    AAC_RAW,
    AS_PUBLISHED,
)
_AAC_TYPES: Final = frozenset({1, 2, 3, 4, 5, 6, 17, 19, 20, 23, 29, 39, 42})
"""Object types that are AAC in one form or another (ISO/IEC 14496-3 table 1.17)."""


@dataclass(frozen=True, slots=True)
class Published:
    """What is known of the publisher.

    Attributes:
        video, audio: its decoder configurations as its file has them; None where it has no such track or says none.
        again_after: seconds after which it may send the same pictures again, since it sends a file in a loop; None: it
            does not while it is watched.
    """

    video: bytes | None = None
    audio: bytes | None = None
    again_after: float | None = None


def judge_codecs(media: Media, published: Published | None = None) -> list[Verdict]:
    """Judge configurations and coded frames; `published` is what they must be equal to."""
    reading = _Reading(media)
    return [
        _records(AVC_CONFIGURATION, reading.records[VideoCodec.AVC], "H.264 configurations"),
        _records(HEVC_CONFIGURATION, reading.records[VideoCodec.HEVC], "H.265 configurations"),
        _records(AAC_CONFIGURATION, reading.sounds, "AAC configurations"),
        _records(NAL_SIZES, reading.sizes, "pictures"),
        _records(PARAMETER_SETS, reading.named, "H.264 pictures"),
        _records(IN_BAND, reading.in_band, "parameter sets in pictures"),
        _records(KEYFRAME, reading.keyframes, "pictures"),
        _records(AAC_RAW, list(_raw(media)), "AAC frames"),
        _as_published(media, published),
    ]


def _records(rule: Rule, looked_at: list[str], what: str) -> Verdict:
    return judged(rule, [each for each in looked_at if each], len(looked_at), what)


class _Reading:
    """What was looked at, by rule: "" where the rule is kept, else where it is broken."""

    def __init__(self, media: Media) -> None:
        self.records: dict[VideoCodec, list[str]] = {VideoCodec.AVC: [], VideoCodec.HEVC: []}
        self.sounds = [
            _aac(each.packet.data, each.sample.where)
            for each in media.audio
            if each.packet.sequence_header and each.packet.codec is AudioCodec.AAC
        ]
        self.sizes: list[str] = []
        self.named: list[str] = []
        self.in_band: list[str] = []
        self.keyframes: list[str] = []
        self._configured: Configured | None = None
        for each in media.video:
            if each.packet.codec in self.records:
                self._take(each)

    def _take(self, each: Picture) -> None:
        packet, where = each.packet, each.sample.where
        if packet.packet_type is PacketType.SEQUENCE_HEADER:
            configure = avc_configuration if packet.codec is VideoCodec.AVC else hevc_configuration
            try:
                self._configured = configure(packet.data)
                wrong = wrong_in_record(packet.data) if packet.codec is VideoCodec.AVC else ""
            except ProtocolError as error:
                self._configured, wrong = None, str(error)
            self.records[packet.codec].append(f"{where}: {wrong}" if wrong else "")
            return
        configured = self._configured
        if packet.packet_type is PacketType.FRAMES and configured and packet.codec is configured.codec:
            self._picture(each, configured)

    def _picture(self, each: Picture, configured: Configured) -> None:
        where = each.sample.where
        try:
            nals = configured.split(each.packet.data)
        except ProtocolError as error:
            self.sizes.append(f"{where}: {error}")
            return
        self.sizes.append("" if nals else f"{where}: no NAL unit at all")
        for nal in nals:
            if configured.is_set(nal):
                found = "" if configured.has(nal) else f"{where}: {configured.name(nal)} of {len(nal)} bytes"
                self.in_band.append(found)
        if configured.codec is VideoCodec.AVC:
            unknown = configured.unknown_set(nals)
            self.named.append(f"{where}: {unknown}" if unknown else "")
        wrong = configured.wrong_mark(nals, marked=each.packet.keyframe)
        self.keyframes.append(f"{where}: {wrong}" if wrong else "")


def _aac(data: bytes, where: str) -> str:
    try:
        config = AacConfig.parse(data)
    except ProtocolError as error:
        return f"{where}: {error}"
    return "" if config.object_type in _AAC_TYPES else f"{where}: object type {config.object_type}"


def _raw(media: Media) -> Iterator[str]:
    for each in media.sounds:
        if each.packet.codec is AudioCodec.AAC:
            data = each.packet.data
            if not data:
                yield f"{each.sample.where}: an empty frame"
            elif len(data) > 1 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
                yield f"{each.sample.where}: an ADTS header, {data[:7].hex()}"
            else:
                yield ""


def _as_published(media: Media, published: Published | None) -> Verdict:
    if published is None or (published.video is None and published.audio is None):
        return Verdict(AS_PUBLISHED, Outcome.NOT_SEEN, "nothing is known of what was published")
    looked_at = [
        _difference(_ESSENCES[each.packet.codec], each.packet.data, published.video, each.sample.where)
        for each in media.video
        if each.packet.sequence_header and each.packet.codec in _ESSENCES and published.video is not None
    ]
    looked_at += [
        _difference(AacConfig.parse, each.packet.data, published.audio, each.sample.where)
        for each in media.audio
        if each.packet.sequence_header and each.packet.codec is AudioCodec.AAC and published.audio is not None
    ]
    return _records(AS_PUBLISHED, looked_at, "configurations")


def _difference(essence: Callable[[bytes], object], came: bytes, sent: bytes | None, where: str) -> str:
    try:
        ours = essence(sent or b"")
    except ProtocolError as error:
        return f"{where}: another codec than was published ({error})"
    try:
        theirs = essence(came)
    except ProtocolError as error:
        return f"{where}: {error}"
    return "" if theirs == ours else f"{where}: {theirs} in place of {ours}"


def _video_essence(configure: Callable[[bytes], Configured]) -> Callable[[bytes], object]:
    def essence(record: bytes) -> object:
        configured = configure(record)
        return configured.length_size, configured.hexadecimal

    return essence


_ESSENCES: Final[dict[VideoCodec, Callable[[bytes], object]]] = {
    VideoCodec.AVC: _video_essence(avc_configuration),
    VideoCodec.HEVC: _video_essence(hevc_configuration),
}
