"""H.264: the decoder configuration record (ISO/IEC 14496-15 5.3.3.1), NAL units and the sequence parameter set."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.reading import BitReader, Buffer, Cursor

_START_CODE: Final = b"\0\0\1"
_MAX_SIDE: Final = 16384  # pixels; more than level 6.2 allows


class NalType(IntEnum):
    """NAL unit types that matter here (H.264 table 7-1)."""

    SLICE = 1
    IDR = 5
    SEI = 6
    SPS = 7
    PPS = 8
    ACCESS_UNIT_DELIMITER = 9


def nal_type(nal: bytes) -> int:
    """Return the type of a NAL unit that is not empty."""
    return nal[0] & 0x1F


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says of the picture; width and height are in pixels after cropping."""

    profile: int
    constraints: int
    level: int
    width: int
    height: int

    @classmethod
    def parse(cls, nal: bytes) -> Sps:
        """Parse a sequence parameter set (H.264 7.3.2.1.1); the usability information at its end is not read.

        Raises:
            ProtocolError: it is no SPS, is too short, or has impossible values.
        """
        if not nal or nal_type(nal) != NalType.SPS:
            found = f"type {nal_type(nal)}" if nal else "nothing"
            raise ProtocolError("H.264 SPS", 0, f"a NAL unit of type {int(NalType.SPS)}", found)
        bits = BitReader(nal[1:].replace(b"\0\0\3", b"\0\0"), "H.264 SPS")  # 7.4.1: emulation prevention
        profile, constraints, level = bits.bits(8), bits.bits(8), bits.bits(8)
        bits.unsigned_golomb()  # seq_parameter_set_id
        chroma = _read_chroma(bits) if profile in _HIGH_PROFILES else 1
        _skip_frame_order(bits)
        width, height = (bits.unsigned_golomb() + 1) * 16, (bits.unsigned_golomb() + 1) * 16
        fields = 2 - bits.bits(1)  # frame_mbs_only_flag
        if fields == 2:
            bits.bits(1)  # mb_adaptive_frame_field_flag
        bits.bits(1)  # direct_8x8_inference_flag
        height *= fields
        if bits.flag():
            left, right, top, bottom = (bits.unsigned_golomb() for _ in range(4))
            width -= (left + right) * (2 if chroma in (1, 2) else 1)
            height -= (top + bottom) * (2 if chroma == 1 else 1) * fields
        if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
            raise ProtocolError("H.264 SPS", 0, f"a picture of 1 to {_MAX_SIDE} pixels a side", f"{width}x{height}")
        return cls(profile, constraints, level, width, height)


_HIGH_PROFILES: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


def _read_chroma(bits: BitReader) -> int:
    """Skip what only the high profiles have, and return ChromaArrayType."""
    chroma = bits.unsigned_golomb()
    separate = chroma == 3 and bits.flag()
    bits.unsigned_golomb()  # bit_depth_luma_minus8
    bits.unsigned_golomb()  # bit_depth_chroma_minus8
    bits.bits(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():  # seq_scaling_matrix_present_flag
        for index in range(12 if chroma == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return 0 if separate else chroma


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    """Skip a scaling list (H.264 7.3.2.1.1.1)."""
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed_golomb()) % 256
        last = following or last


def _skip_frame_order(bits: BitReader) -> None:
    bits.unsigned_golomb()  # log2_max_frame_num_minus4
    order = bits.unsigned_golomb()  # pic_order_cnt_type
    if order == 0:
        bits.unsigned_golomb()  # log2_max_pic_order_cnt_lsb_minus4
    elif order == 1:
        bits.bits(1)  # delta_pic_order_always_zero_flag
        bits.signed_golomb()
        bits.signed_golomb()
        for _ in range(min(bits.unsigned_golomb(), 255)):
            bits.signed_golomb()
    bits.unsigned_golomb()  # max_num_ref_frames
    bits.bits(1)  # gaps_in_frame_num_value_allowed_flag


@dataclass(frozen=True, slots=True)
class AvcConfig:
    """A decoder configuration record: parameter sets, and the size of the length before each NAL unit."""

    profile: int
    compatibility: int
    level: int
    length_size: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    width: int
    height: int

    @classmethod
    def parse(cls, record: Buffer) -> AvcConfig:
        """Parse the record, e.g. the data of an AVC sequence header.

        Raises:
            ProtocolError: it is too short, of another version, or holds no usable SPS.
        """
        cursor = Cursor(record, "AVC decoder configuration")
        version = cursor.unsigned(1, "version")
        if version != 1:
            raise cursor.fail("version 1", str(version), back=1)
        profile, compatibility, level = cursor.take(3, "profile and level")
        length_size = (cursor.unsigned(1, "NAL unit length size") & 3) + 1
        if length_size == 3:
            raise cursor.fail("a NAL unit length of 1, 2 or 4 bytes", "3", back=1)
        sps = _parameter_sets(cursor, cursor.unsigned(1, "SPS count") & 0x1F, "an SPS")
        pps = _parameter_sets(cursor, cursor.unsigned(1, "PPS count"), "a PPS")
        if not sps:
            raise cursor.fail("an SPS", "none")
        picture = Sps.parse(sps[0])
        return cls(profile, compatibility, level, length_size, sps, pps, picture.width, picture.height)


def _parameter_sets(cursor: Cursor, count: int, what: str) -> tuple[bytes, ...]:
    return tuple(cursor.take(cursor.unsigned(2, f"the size of {what}"), what) for _ in range(count))


def split_nal_units(data: Buffer, length_size: int) -> list[bytes]:
    """Return the NAL units of a sample whose units have their length before them (ISO/IEC 14496-15 5.3.4.2).

    Raises:
        ProtocolError: a length goes beyond the end.
    """
    data = bytes(data)
    nals: list[bytes] = []
    position = 0
    while position < len(data):
        start = position + length_size
        end = start + int.from_bytes(data[position:start], "big")
        if end > len(data) or start > len(data):
            found = f"{max(len(data) - start, 0)} bytes to the end"
            raise ProtocolError("NAL units", position, f"a unit of {max(end - start, 0)} bytes", found)
        if end > start:
            nals.append(data[start:end])
        position = end
    return nals


def split_annexb(data: Buffer) -> list[bytes]:
    """Return the NAL units of a byte stream with start codes (H.264 annex B).

    Raises:
        ProtocolError: it does not begin with a start code.
    """
    first, *rest = bytes(data).split(_START_CODE)
    if first.strip(b"\0") or (first and not rest):
        raise ProtocolError("NAL units", 0, "a start code", repr(bytes(data[:8])))
    return [nal for nal in (part.rstrip(b"\0") for part in rest) if nal]


def vcl_digest(nals: Iterable[bytes]) -> int:
    """Return the CRC-32 over the coded picture alone, the NAL units of types 1 and 5.

    It is the same for the same picture in RTMP, FLV and MPEG-TS, where packaging, parameter sets and delimiters differ.
    """
    digest = 0
    for nal in nals:
        if nal and nal[0] & 0x1F in (NalType.SLICE, NalType.IDR):
            digest = zlib.crc32(nal.rstrip(b"\0"), digest)
    return digest
