"""PES packets (ISO/IEC 13818-1 2.4.3.6): the header, its timestamps, and what the stream types mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.reading import Cursor

_WHERE: Final = "MPEG-TS PES"
# Stream ids whose packets have no optional header (table 2-21): program stream map and directory, padding, private 2,
# ECM, EMM, DSM-CC, H.222.1 type E.
_PLAIN: Final = frozenset({0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF})


class StreamKind(Enum):
    """What a PID carries, by the stream type in the PMT (table 2-34)."""

    AVC = "H.264"
    HEVC = "HEVC"
    AAC = "AAC in ADTS"
    MP3 = "MPEG audio"
    OTHER = "other"


STREAM_TYPES: Final = {
    0x03: StreamKind.MP3,
    0x04: StreamKind.MP3,
    0x0F: StreamKind.AAC,
    0x1B: StreamKind.AVC,
    0x24: StreamKind.HEVC,
}


@dataclass(frozen=True, slots=True)
class Pes:
    """One PES packet.

    Attributes:
        pid: where it came.
        kind: what its data is; several AAC frames may be in one packet.
        pts: presentation time, raw, 33 bits in 90 kHz, or None.
        dts: decoding time likewise; the same as pts where the packet has only that.
        data: the elementary stream's bytes.
        random_access: whether its first TS packet says that a decoder can start here.
        pcr: the program clock in its first TS packet, in 27 MHz, or None.
        offset: of its first TS packet in the stream, in bytes.
    """

    pid: int
    kind: StreamKind
    pts: int | None
    dts: int | None
    data: bytes
    random_access: bool = False
    pcr: int | None = None
    offset: int = 0


def clock_reference(field: bytes) -> int:
    """Return a PCR of 6 bytes in 27 MHz (2.4.3.5)."""
    number = int.from_bytes(field, "big")
    return (number >> 15) * 300 + (number & 0x1FF)


def pes_size(head: bytes | bytearray, offset: int) -> int:
    """Return the size that the first 6 bytes announce, with themselves; 0 where the packet ends with the next one.

    Raises:
        ProtocolError: it is not the start of a PES packet.
    """
    if head[:3] != b"\0\0\1":
        raise ProtocolError(_WHERE, offset, "the start code 000001", head[:3].hex())
    length = int.from_bytes(head[4:6], "big")
    return length + 6 if length else 0


def parse_pes(
    packet: bytes, pid: int, kind: StreamKind, *, offset: int = 0, random_access: bool = False, pcr: int | None = None
) -> Pes:
    """Parse a whole PES packet; `offset` is told in errors, whose own counts are not more exact than that.

    Raises:
        ProtocolError: the header is cut off, or its marker bits or flags are wrong.
    """
    cursor = Cursor(packet, _WHERE)
    try:
        cursor.take(3, "a start code")
        stream_id = cursor.unsigned(1, "a stream id")
        cursor.take(2, "a length")
        pts, dts = (None, None) if stream_id in _PLAIN else _read_header(cursor)
    except ProtocolError as error:
        raise ProtocolError(error.where, offset, error.expected, error.found) from None
    return Pes(pid, kind, pts, dts, cursor.take(cursor.remaining, "data"), random_access, pcr, offset)


def _read_header(cursor: Cursor) -> tuple[int | None, int | None]:
    """Read the optional header, and return PTS and DTS."""
    first, flags = cursor.take(2, "flags")
    if first >> 6 != 2:
        raise cursor.fail("the bits 10 after the length", f"{first >> 6:02b}")
    header = Cursor(cursor.take(cursor.unsigned(1, "a header size"), "a header"), _WHERE)
    match flags >> 6:
        case 0:
            return None, None
        case 2:
            pts = _timestamp(header, 2)
            return pts, pts
        case 3:
            return _timestamp(header, 3), _timestamp(header, 1)
    raise cursor.fail("PTS_DTS_flags of 0, 2 or 3", "1")


def _timestamp(header: Cursor, prefix: int) -> int:
    """Read 33 bits between marker bits (2.4.3.7)."""
    field = int.from_bytes(header.take(5, "a timestamp"), "big")
    if field >> 36 != prefix or field & 0x0100010001 != 0x0100010001:
        raise header.fail(f"a timestamp with prefix {prefix:04b} and marker bits", f"{field:010x}")
    return (field >> 33 & 7) << 30 | (field >> 17 & 0x7FFF) << 15 | (field >> 1 & 0x7FFF)
