"""H.265: the decoder configuration record (ISO/IEC 14496-15 8.3.3.1) and NAL units, as far as they tell of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from srs_conformance.media.reading import Buffer, Cursor


class HevcNalType(IntEnum):
    """NAL unit types that matter here (H.265 table 7-1)."""

    BLA_W_LP = 16
    """The first of those from which decoding can start (IRAP)."""
    IDR_N_LP = 20
    """An IDR picture without leading pictures."""
    RESERVED_IRAP = 23
    """The last of them."""
    VPS = 32
    SPS = 33
    PPS = 34


PARAMETER_SETS = frozenset({HevcNalType.VPS, HevcNalType.SPS, HevcNalType.PPS})


def nal_type(nal: bytes) -> int:
    """Return the type of a NAL unit that is not empty (H.265 7.3.1.2)."""
    return nal[0] >> 1 & 0x3F


def is_start(kind: int) -> bool:
    """Tell whether a NAL unit of this type belongs to a picture from which decoding can start (IRAP)."""
    return HevcNalType.BLA_W_LP <= kind <= HevcNalType.RESERVED_IRAP


@dataclass(frozen=True, slots=True)
class HevcConfig:
    """A decoder configuration record: its parameter sets, and the size of the length before each NAL unit."""

    profile: int
    tier: int
    level: int
    length_size: int
    vps: tuple[bytes, ...]
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @classmethod
    def parse(cls, record: Buffer) -> HevcConfig:
        """Parse the record, e.g. the data of an HEVC sequence header.

        Raises:
            ProtocolError: it is too short, of another version, or lacks a VPS, SPS or PPS; a set stands in the array
                of another type.
        """
        cursor = Cursor(record, "HEVC decoder configuration")
        version = cursor.unsigned(1, "version")
        if version != 1:
            raise cursor.fail("version 1", str(version), back=1)
        first = cursor.unsigned(1, "profile")
        cursor.take(4 + 6, "compatibility and constraints")
        level = cursor.unsigned(1, "level")
        cursor.take(2 + 1 + 1 + 1 + 1 + 2, "segmentation, parallelism, chroma, depths and frame rate")
        length_size = (cursor.unsigned(1, "NAL unit length size") & 3) + 1
        if length_size == 3:
            raise cursor.fail("a NAL unit length of 1, 2 or 4 bytes", "3", back=1)
        sets: dict[int, list[bytes]] = {kind: [] for kind in PARAMETER_SETS}
        for _ in range(cursor.unsigned(1, "the number of arrays")):
            kind = cursor.unsigned(1, "an array's type") & 0x3F
            for _ in range(cursor.unsigned(2, "the number of NAL units")):
                nal = cursor.take(cursor.unsigned(2, "a NAL unit's size"), "a NAL unit")
                if not nal or nal_type(nal) != kind:
                    found = f"type {nal_type(nal)}" if nal else "nothing"
                    raise cursor.fail(f"a NAL unit of type {kind}", found, back=len(nal))
                sets.setdefault(kind, []).append(nal)
        for kind in PARAMETER_SETS:
            if not sets[kind]:
                raise cursor.fail(f"a parameter set of type {int(kind)}", "none")
        vps, sps, pps = (tuple(sets[kind]) for kind in (HevcNalType.VPS, HevcNalType.SPS, HevcNalType.PPS))
        return cls(first & 0x1F, first >> 5 & 1, level, length_size, vps, sps, pps)
