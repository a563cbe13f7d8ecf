"""Transport packets, sections and PES packets as they stand in a segment (ISO/IEC 13818-1 2.4.3, 2.4.4).

Unlike `media.mpegts` this reader goes on after everything that is wrong, gives what it found and says what was wrong
with it, so that each rule can be judged by itself. It terminates on any bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.mpegts import NULL_PID, PACKET_SIZE, SYNC_BYTE
from srs_conformance.media.pes import StreamKind, clock_reference
from srs_conformance.media.psi import PAT_PID, Pat, Pmt, TsStream, crc32_mpeg, parse_section

PAT_TABLE: Final = 0
PMT_TABLE: Final = 2
_STUFFING: Final = 0xFF
_LARGEST_SECTION: Final = 1024


@dataclass(frozen=True, slots=True)
class Packet:
    """One transport packet of 188 bytes (2.4.3.2).

    Attributes:
        offset: in the segment, in bytes.
        head: the 4 bytes of the header.
        field: the adaptation field without its length byte, as far as it lies within the packet.
        payload: what follows it; empty where there is none.
        wrong: what is wrong with adaptation_field_control or the field's length, "" for nothing.
    """

    offset: int
    head: bytes
    field: bytes
    payload: bytes
    wrong: str = ""

    @property
    def synchronized(self) -> bool:
        """Whether it begins with the sync byte."""
        return self.head[0] == SYNC_BYTE

    @property
    def error(self) -> bool:
        """transport_error_indicator."""
        return bool(self.head[1] & 0x80)

    @property
    def start(self) -> bool:
        """payload_unit_start_indicator."""
        return bool(self.head[1] & 0x40)

    @property
    def pid(self) -> int:
        """The packet identifier, 13 bits."""
        return (self.head[1] & 0x1F) << 8 | self.head[2]

    @property
    def has_payload(self) -> bool:
        """Whether adaptation_field_control announces a payload."""
        return bool(self.head[3] & 0x10)

    @property
    def counter(self) -> int:
        """continuity_counter, 4 bits."""
        return self.head[3] & 15

    @property
    def discontinuity(self) -> bool:
        """discontinuity_indicator."""
        return bool(self.field and self.field[0] & 0x80)

    @property
    def random_access(self) -> bool:
        """random_access_indicator."""
        return bool(self.field and self.field[0] & 0x40)

    @property
    def pcr(self) -> int | None:
        """The program clock reference in 27 MHz, or None."""
        whole = len(self.field) >= 7 and self.field[0] & 0x10
        return clock_reference(self.field[1:7]) if whole else None


def packets_of(data: bytes) -> tuple[Packet, ...]:
    """Return the packets of 188 bytes of a segment, whatever stands where their sync bytes must be."""
    return tuple(_packet(data[at : at + PACKET_SIZE], at) for at in range(0, len(data) - PACKET_SIZE + 1, PACKET_SIZE))


def _packet(data: bytes, offset: int) -> Packet:
    head, control = data[:4], data[3] >> 4 & 3
    if control < 2:
        return Packet(offset, head, b"", data[4:] if control else b"", "" if control else "adaptation_field_control 0")
    size = data[4]
    wrong = ""
    if control == 3 and size > 182:
        wrong = f"an adaptation field of {size} bytes before a payload"
    elif control == 2 and size != 183:
        wrong = f"an adaptation field of {size} bytes without a payload"
    elif size and data[5] & 0x10 and size < 7:
        wrong = f"a PCR in an adaptation field of {size} bytes"
    return Packet(offset, head, data[5 : 5 + size], data[5 + size :] if control == 3 else b"", wrong)


@dataclass(frozen=True, slots=True)
class Section:
    """One section with its header and CRC; `whole` unless the segment ends within it or it is longer than allowed."""

    offset: int
    pid: int
    data: bytes
    whole: bool

    @property
    def sound(self) -> bool:
        """Whether its CRC-32 is right (annex A)."""
        return self.whole and len(self.data) >= 12 and crc32_mpeg(self.data) == 0

    @property
    def table(self) -> Pat | Pmt | None:
        """The table in it, whether its CRC is right or not; None where it cannot be read."""
        body = self.data[:-4]
        try:
            return parse_section(body + crc32_mpeg(body).to_bytes(4, "big"), self.pid, self.offset)
        except (ProtocolError, IndexError):
            return None


def sections_of(packets: tuple[Packet, ...], pid: int) -> list[Section]:
    """Return the sections of one PID (2.4.4)."""
    found: list[Section] = []
    data, offset = bytearray(), -1
    for packet in packets:
        if packet.pid != pid or not packet.payload:
            continue
        if packet.start:
            pointer = packet.payload[0]
            if offset >= 0:
                _take(found, data + packet.payload[1 : 1 + pointer], offset, pid, last=True)
            data, offset = bytearray(packet.payload[1 + pointer :]), packet.offset
        elif offset >= 0:
            data += packet.payload
        if offset >= 0:
            data = _take(found, data, offset, pid, last=False)
    if offset >= 0:
        _take(found, data, offset, pid, last=True)
    return found


def _take(found: list[Section], data: bytearray, offset: int, pid: int, *, last: bool) -> bytearray:
    while len(data) >= 3 and data[0] != _STUFFING:
        size = 3 + ((data[1] & 0x0F) << 8 | data[2])
        if len(data) < size:
            if last or size > _LARGEST_SECTION:
                found.append(Section(offset, pid, bytes(data), whole=False))
                return bytearray()
            return data
        found.append(Section(offset, pid, bytes(data[:size]), whole=size <= _LARGEST_SECTION))
        del data[:size]
    return bytearray() if data[:1] == bytes([_STUFFING]) else data


@dataclass(frozen=True, slots=True)
class RawPes:
    """The bytes from one payload_unit_start_indicator to the next on a PID (2.4.3.6).

    Attributes:
        offset: of its first packet.
        data: the whole PES packet as it came, its header included.
        random_access, pcr: what its first packet's adaptation field says.
        last: whether the segment ends with it.
    """

    offset: int
    data: bytes
    random_access: bool = False
    pcr: int | None = None
    last: bool = False

    @property
    def size(self) -> int:
        """Bytes that its header announces, all included; 0: as many as come."""
        length = int.from_bytes(self.data[4:6], "big")
        return length + 6 if length else 0

    @property
    def started(self) -> bool:
        """Whether it begins with packet_start_code_prefix, and has a header that may hold timestamps."""
        return len(self.data) >= 9 and self.data[:3] == b"\0\0\1"

    @property
    def flags(self) -> int:
        """PTS_DTS_flags, 2 bits."""
        return self.data[7] >> 6 if self.started else 0

    @property
    def pts(self) -> int | None:
        """PTS, raw, 33 bits in 90 kHz, whatever its marker bits are; None where there is none."""
        return self._stamp(9) if self.flags & 2 else None

    @property
    def dts(self) -> int | None:
        """DTS likewise; the PTS where only that is there."""
        return self._stamp(14) if self.flags == 3 else self.pts

    @property
    def payload(self) -> bytes:
        """The elementary stream's bytes."""
        return self.data[9 + self.data[8] :] if self.started else b""

    def _stamp(self, at: int) -> int | None:
        field = int.from_bytes(self.data[at : at + 5], "big")
        if len(self.data) < at + 5:
            return None
        return (field >> 33 & 7) << 30 | (field >> 17 & 0x7FFF) << 15 | (field >> 1 & 0x7FFF)


def pes_of(packets: tuple[Packet, ...], pid: int) -> tuple[RawPes, ...]:
    """Return the PES packets of one PID; what comes before the first start is passed over, and what comes twice."""
    mine: list[Packet] = []
    for packet in packets:
        if packet.pid == pid and packet.has_payload:
            copy = mine and (packet.counter, packet.payload) == (mine[-1].counter, mine[-1].payload)
            mine += [] if copy else [packet]  # 2.4.3.3: a packet may be sent twice
    starts = [index for index, packet in enumerate(mine) if packet.start]
    found = []
    for first, end in zip(starts, [*starts[1:], len(mine)], strict=False):
        head = mine[first]
        data = b"".join(packet.payload for packet in mine[first:end])
        found.append(RawPes(head.offset, data, head.random_access, head.pcr, last=end == len(mine)))
    return tuple(found)


@dataclass(frozen=True)
class Segment:
    """One MPEG-TS segment as it came.

    Attributes:
        name: what places are told by, such as the end of its URL.
        data: its bytes.
        sequence, duration, discontinuity: what the playlist says of it; duration is EXTINF in seconds. `sequence` is
            None where no playlist names it.
    """

    name: str
    data: bytes = field(repr=False)
    sequence: int | None = None
    duration: float | None = None
    discontinuity: bool = False

    @cached_property
    def packets(self) -> tuple[Packet, ...]:
        """Its packets; bytes after the last whole one are in none."""
        return packets_of(self.data)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the PAT and of every PMT that it names."""
        pats = sections_of(self.packets, PAT_PID)
        pids = {pid for each in pats if isinstance(each.table, Pat) for pid in each.table.programs.values()}
        return (*pats, *(each for pid in sorted(pids - {PAT_PID}) for each in sections_of(self.packets, pid)))

    @cached_property
    def pat(self) -> Pat | None:
        """The first program association table."""
        return next((each.table for each in self.sections if isinstance(each.table, Pat)), None)

    @cached_property
    def pmt(self) -> Pmt | None:
        """The first program map table."""
        return next((each.table for each in self.sections if isinstance(each.table, Pmt)), None)

    @cached_property
    def streams(self) -> tuple[TsStream, ...]:
        """The elementary streams of the program."""
        return self.pmt.streams if self.pmt else ()

    @cached_property
    def pes(self) -> dict[int, tuple[RawPes, ...]]:
        """The PES packets of each elementary stream, by PID."""
        return {each.pid: pes_of(self.packets, each.pid) for each in self.streams if each.pid != NULL_PID}

    def track(self, *kinds: StreamKind) -> tuple[RawPes, ...]:
        """Return the PES packets of the first stream of one of these kinds."""
        pid = next((each.pid for each in self.streams if each.kind in kinds), None)
        return self.pes.get(pid, ()) if pid is not None else ()
