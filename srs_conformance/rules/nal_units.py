"""What a configuration of H.264 or H.265 says, and what NAL units of a picture say against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from srs_conformance.media import avc, hevc
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.packets import VideoCodec, VideoPacket
from srs_conformance.media.reading import BitReader

_AVC_SLICES: Final = frozenset(range(1, 6))
_AVC_SETS: Final = {7: "an SPS", 8: "a PPS"}
_HEVC_SETS: Final = {32: "a VPS", 33: "an SPS", 34: "a PPS"}
_RECOVERY_POINT: Final = b"\6"
"""The first payload type in an SEI unit that marks a point from which decoding can start (H.264 D.1.1)."""
_HEADER_BYTES: Final = 16
"""Of a slice: more than the three numbers that are read of it can take."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A decoder that has been configured: `sets` are its parameter sets, `pps` an H.264 PPS's id -> its SPS's id."""

    codec: VideoCodec
    length_size: int
    sets: frozenset[bytes]
    pps: dict[int, int]
    sps: frozenset[int]

    @property
    def hexadecimal(self) -> tuple[str, ...]:
        """The parameter sets, to be compared and shown."""
        return tuple(sorted(each.hex() for each in self.sets))

    def split(self, data: bytes) -> list[bytes]:
        """Return the NAL units of a picture.

        Raises:
            ProtocolError: they do not fill it up.
        """
        return avc.split_nal_units(data, self.length_size)

    def kind(self, nal: bytes) -> int:
        """Return a NAL unit's type."""
        return avc.nal_type(nal) if self.codec is VideoCodec.AVC else hevc.nal_type(nal)

    def is_set(self, nal: bytes) -> bool:
        """Tell whether it is a parameter set."""
        return self.kind(nal) in (_AVC_SETS if self.codec is VideoCodec.AVC else _HEVC_SETS)

    def has(self, nal: bytes) -> bool:
        """Tell whether the configuration has this parameter set, zero bytes at its end aside (H.264 7.4.1)."""
        return nal.rstrip(b"\0") in {each.rstrip(b"\0") for each in self.sets}

    def name(self, nal: bytes) -> str:
        """Return what a parameter set is called."""
        return (_AVC_SETS if self.codec is VideoCodec.AVC else _HEVC_SETS)[self.kind(nal)]

    def unknown_set(self, nals: list[bytes]) -> str:
        """Return which parameter set of H.264 a slice names that is not there, or ""."""
        for nal in nals:
            if self.kind(nal) not in _AVC_SLICES or self.kind(nal) in (3, 4):  # partitions B and C name none
                continue
            try:
                bits = BitReader(_unescaped(nal[1:_HEADER_BYTES]), "H.264 slice")
                bits.unsigned_golomb()  # first_mb_in_slice
                bits.unsigned_golomb()  # slice_type
                number = bits.unsigned_golomb()
            except ProtocolError as error:
                return str(error)
            if number not in self.pps:
                return f"a slice of PPS {number}, the configuration has {sorted(self.pps)}"
            if self.pps[number] not in self.sps:
                return f"PPS {number} of SPS {self.pps[number]}, the configuration has {sorted(self.sps)}"
        return ""

    def wrong_mark(self, nals: list[bytes], *, marked: bool) -> str:
        """Return what is wrong with a picture's mark as a keyframe, or ""."""
        kinds = {self.kind(nal) for nal in nals}
        if self.codec is VideoCodec.AVC:
            starts = avc.NalType.IDR in kinds
            recovers = any(self.kind(nal) == avc.NalType.SEI and nal[1:2] == _RECOVERY_POINT for nal in nals)
        else:
            starts, recovers = any(hevc.is_start(kind) for kind in kinds), False
        if starts and not marked:
            return "decoding can start here, and it is not marked as a keyframe"
        if marked and not starts and not recovers and kinds:
            return f"marked as a keyframe, with NAL units of types {sorted(kinds)}"
        return ""


def avc_configuration(record: bytes) -> Configured:
    """Read an AVCDecoderConfigurationRecord.

    Raises:
        ProtocolError: it is none, or lacks a PPS; a PPS or SPS cannot be read.
    """
    config = avc.AvcConfig.parse(record)
    if not config.pps:
        raise ProtocolError("AVC decoder configuration", len(record), "a PPS", "none")
    pps: dict[int, int] = {}
    for nal in config.pps:
        if not nal or avc.nal_type(nal) != avc.NalType.PPS:
            raise ProtocolError("AVC decoder configuration", 0, "a NAL unit of type 8 as PPS", nal[:1].hex() or "none")
        bits = BitReader(_unescaped(nal[1:_HEADER_BYTES]), "H.264 PPS")
        pps[bits.unsigned_golomb()] = bits.unsigned_golomb()
    sps = set()
    for nal in config.sps:
        avc.Sps.parse(nal)
        bits = BitReader(_unescaped(nal[4:_HEADER_BYTES]), "H.264 SPS")
        sps.add(bits.unsigned_golomb())
    return Configured(VideoCodec.AVC, config.length_size, frozenset(config.sps + config.pps), pps, frozenset(sps))


def hevc_configuration(record: bytes) -> Configured:
    """Read an HEVCDecoderConfigurationRecord.

    Raises:
        ProtocolError: it is none.
    """
    config = hevc.HevcConfig.parse(record)
    sets = frozenset(config.vps + config.sps + config.pps)
    return Configured(VideoCodec.HEVC, config.length_size, sets, {}, frozenset())


def wrong_in_record(record: bytes) -> str:
    """Return what an H.264 record that can be read says wrongly, or "" (ISO/IEC 14496-15 5.3.3.1.2)."""
    config = avc.AvcConfig.parse(record)
    said, meant = bytes(record[1:4]), config.sps[0][1:4]
    if said != meant:
        return f"profile, compatibility and level {said.hex()}, and {meant.hex()} in the SPS"
    if record[4] & 0b11111100 != 0b11111100 or record[5] & 0b11100000 != 0b11100000:
        return f"reserved bits that are not ones in {record[4]:#010b} {record[5]:#010b}"
    return ""


def closes_gop(packet: VideoPacket) -> bool:
    """Tell whether all pictures that are decoded after this one are also shown after it.

    An IDR picture of H.264 (7.4.1.2.4), and one of H.265 without leading pictures (IDR_N_LP, 7.4.2.2). Lengths are
    taken to have 4 bytes, as nearly everybody's have; of other pictures nothing is known.
    """
    if not packet.keyframe or packet.codec not in (VideoCodec.AVC, VideoCodec.HEVC):
        return False
    try:
        nals = avc.split_nal_units(packet.data, 4)
    except ProtocolError:
        return False
    if packet.codec is VideoCodec.AVC:
        return any(avc.nal_type(nal) == avc.NalType.IDR for nal in nals)
    return any(hevc.nal_type(nal) == hevc.HevcNalType.IDR_N_LP for nal in nals)


def _unescaped(data: bytes) -> bytes:
    """Return it without emulation prevention (H.264 7.4.1)."""
    return data.replace(b"\0\0\3", b"\0\0")
