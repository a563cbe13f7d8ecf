"""Program tables of a transport stream (ISO/IEC 13818-1 2.4.4): PAT and PMT, their CRC checked."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.pes import STREAM_TYPES, StreamKind
from srs_conformance.media.reading import Cursor

PAT_PID: Final = 0
_PAT_TABLE: Final = 0
_PMT_TABLE: Final = 2
_STUFFING: Final = 0xFF
_MAX_SECTION: Final = 1021  # bytes after the length, 2.4.4.4 and 2.4.4.9
_REVERSED: Final = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


@dataclass(frozen=True, slots=True)
class TsStream:
    """One elementary stream of a program."""

    pid: int
    kind: StreamKind
    stream_type: int


@dataclass(frozen=True, slots=True)
class Pat:
    """A program association table: program number to the PID of its PMT."""

    programs: Mapping[int, int]
    version: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Pmt:
    """A program map table: the program's streams, and the PID that carries its clock."""

    program: int
    pcr_pid: int
    streams: tuple[TsStream, ...]
    version: int = 0
    offset: int = 0


def crc32_mpeg(data: bytes) -> int:
    """Return the CRC-32 of annex A; over a section with its own CRC it is 0.

    It has zlib's polynomial with the bits in the other order.
    """
    reflected = zlib.crc32(data.translate(_REVERSED)) ^ 0xFFFFFFFF
    return int.from_bytes(reflected.to_bytes(4, "little").translate(_REVERSED), "big")


class SectionReader:
    """Puts the sections of one PID together, and gives the tables in them; other sections are passed over."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._data = bytearray()
        self._collecting = False

    def drop(self) -> None:
        """Forget the section that was begun, after a loss."""
        self._data.clear()
        self._collecting = False

    def receive(self, payload: bytes, offset: int, *, start: bool) -> list[Pat | Pmt]:
        """Take the payload of one TS packet, which stands at `offset`, and return the tables that it completes.

        Raises:
            ProtocolError: a section is malformed, or its CRC is wrong.
        """
        tables: list[Pat | Pmt] = []
        if start:
            if not payload or payload[0] >= len(payload):
                raise ProtocolError("MPEG-TS section", offset, "a pointer_field within the packet", payload[:1].hex())
            first = 1 + payload[0]
            if self._collecting:
                self._data += payload[1:first]
                self._take(tables, offset)
            self._data = bytearray(payload[first:])
            self._collecting = True
        elif self._collecting:
            self._data += payload
        self._take(tables, offset)
        return tables

    def _take(self, tables: list[Pat | Pmt], offset: int) -> None:
        while len(self._data) >= 3 and self._data[0] != _STUFFING:
            size = (self._data[1] & 0x0F) << 8 | self._data[2]
            if size > _MAX_SECTION:
                raise ProtocolError("MPEG-TS section", offset, f"{_MAX_SECTION} bytes at most", f"{size} bytes")
            if len(self._data) < 3 + size:
                return
            section = bytes(self._data[: 3 + size])
            del self._data[: 3 + size]
            table = parse_section(section, self._pid, offset)
            if table is not None:
                tables.append(table)
        if self._data[:1] == bytes([_STUFFING]):
            self.drop()


def parse_section(section: bytes, pid: int, offset: int) -> Pat | Pmt | None:
    """Return the table of a whole section with its CRC; None where it is another table, or not valid yet.

    Raises:
        ProtocolError: it is malformed, its CRC is wrong, or another table stands where a PAT must be.
    """
    expected = _PAT_TABLE if pid == PAT_PID else _PMT_TABLE
    if section[0] != expected:
        if pid == PAT_PID:
            raise ProtocolError("MPEG-TS PAT", offset, "table id 0", str(section[0]))
        return None
    where = "MPEG-TS PAT" if pid == PAT_PID else "MPEG-TS PMT"
    if len(section) < 12 or crc32_mpeg(section):
        found = f"{section[-4:].hex()} in {len(section)} bytes"
        raise ProtocolError(where, offset, f"CRC-32 {crc32_mpeg(section[:-4]):08x}", found)
    cursor = Cursor(section[3:-4], where)
    try:
        number, flags = cursor.unsigned(2, "an id"), cursor.unsigned(1, "a version")
        cursor.take(2, "section numbers")
        if not flags & 1:  # current_next_indicator: not valid yet
            return None
        version = flags >> 1 & 31
        if pid == PAT_PID:
            return Pat(_read_programs(cursor), version, offset)
        return _read_pmt(cursor, number, version, offset)
    except ProtocolError as error:
        raise ProtocolError(where, offset, error.expected, error.found) from None


def _read_programs(cursor: Cursor) -> dict[int, int]:
    programs = {}
    while cursor.remaining:
        number, pid = cursor.unsigned(2, "a program number"), cursor.unsigned(2, "a PID") & 0x1FFF
        if number:  # 0 names the network information table
            programs[number] = pid
    return programs


def _read_pmt(cursor: Cursor, program: int, version: int, offset: int) -> Pmt:
    pcr_pid = cursor.unsigned(2, "a PCR PID") & 0x1FFF
    cursor.take(cursor.unsigned(2, "a size") & 0x0FFF, "descriptors")
    streams = []
    while cursor.remaining:
        stream_type, pid = cursor.unsigned(1, "a stream type"), cursor.unsigned(2, "a PID") & 0x1FFF
        cursor.take(cursor.unsigned(2, "a size") & 0x0FFF, "descriptors")
        streams.append(TsStream(pid, STREAM_TYPES.get(stream_type, StreamKind.OTHER), stream_type))
    return Pmt(program, pcr_pid, tuple(streams), version, offset)
