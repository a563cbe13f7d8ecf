"""MPEG transport streams (ISO/IEC 13818-1): packets in; tables, PES packets and continuity errors out.

Packets must follow each other without a gap: where a sync byte is missing the stream is wrong, and no new start is
sought.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.pes import Pes, StreamKind, clock_reference, parse_pes, pes_size
from srs_conformance.media.psi import PAT_PID, Pat, Pmt, SectionReader, TsStream
from srs_conformance.media.reading import StreamParser

__all__ = ["ContinuityError", "Pat", "Pes", "Pmt", "StreamKind", "TsEvent", "TsParser", "TsStream"]

PACKET_SIZE: Final = 188
SYNC_BYTE: Final = 0x47
NULL_PID: Final = 0x1FFF
MAX_PES_SIZE: Final = 16 * 1024 * 1024
_WHERE: Final = "MPEG-TS packet"


@dataclass(frozen=True, slots=True)
class ContinuityError:
    """Packets are missing or out of order (2.4.3.3); the PES packet that was open on this PID is dropped."""

    pid: int
    expected: int
    found: int
    offset: int


TsEvent: TypeAlias = Pat | Pmt | Pes | ContinuityError


@dataclass(slots=True)
class _OpenPes:
    offset: int
    random_access: bool
    pcr: int | None
    data: bytearray = field(default_factory=bytearray)
    size: int | None = None  # as announced, with the header; 0: it ends with the next one; None: not known yet


@dataclass(frozen=True, slots=True)
class _Adaptation:
    size: int = 0  # with the length byte
    discontinuity: bool = False
    random_access: bool = False
    pcr: int | None = None


class TsParser(StreamParser[TsEvent]):
    """Transport stream bytes in, events out; `flush` gives the PES packets that end with the stream.

    All open PES packets together may have `max_pes_size` bytes.
    """

    def __init__(self, *, max_pes_size: int = MAX_PES_SIZE) -> None:
        super().__init__()
        self._max_pes_size = max_pes_size
        self._last: dict[int, tuple[int, bytes]] = {}  # the last counter and payload, by PID
        self._sections: dict[int, SectionReader] = {PAT_PID: SectionReader(PAT_PID)}
        self._streams: dict[int, TsStream] = {}
        self._open: dict[int, _OpenPes] = {}
        self._held = 0  # bytes in open PES packets

    def flush(self) -> list[TsEvent]:
        """Take the end of the stream, and return the PES packets that it completes.

        Raises:
            ProtocolError: the stream ends within a packet, or within a PES packet that announced more.
            LocalProtocolError: the parser had failed.
        """
        if self._failure is not None:
            raise LocalProtocolError(f"a parser was flushed that had failed: {self._failure}")
        events: list[TsEvent] = []
        try:
            for pid in list(self._open):
                self._finish(pid, events, "the end of the stream")
            self._check_end()
        except ProtocolError as error:
            error.before = tuple(events)
            self._failure = error
            raise
        return events

    def _check_end(self) -> None:
        if self.buffered:
            raise self._error(0, f"a packet of {PACKET_SIZE} bytes", f"the end after {self.buffered}")

    def _parse_unit(self, view: memoryview, events: list[TsEvent]) -> int:
        if view[0] != SYNC_BYTE:
            raise self._error(0, f"the sync byte {SYNC_BYTE:#x}", f"{view[0]:#04x}")
        if len(view) < PACKET_SIZE:
            return 0
        packet = bytes(view[:PACKET_SIZE])
        start, pid = bool(packet[1] & 0x40), (packet[1] & 0x1F) << 8 | packet[2]
        if packet[1] & 0x80:
            raise self._error(1, "transport_error_indicator 0", "1")
        if pid == NULL_PID or (pid not in self._sections and pid not in self._streams):
            return PACKET_SIZE
        if packet[3] & 0xC0:
            raise self._error(3, "a packet that is not scrambled", f"transport_scrambling_control {packet[3] >> 6}")
        adaptation = self._read_adaptation(packet)
        if not packet[3] & 0x10:
            return PACKET_SIZE  # no payload, and the counter does not advance
        payload = packet[4 + adaptation.size :]
        if self._is_new(pid, packet[3] & 15, payload, events, reset=adaptation.discontinuity):
            if pid in self._sections:
                self._read_section(pid, payload, start, events)
            else:
                self._read_pes(pid, payload, start, adaptation, events)
        return PACKET_SIZE

    def _read_adaptation(self, packet: bytes) -> _Adaptation:
        """Read the adaptation field (2.4.3.4)."""
        control = packet[3] >> 4 & 3
        if control == 0:
            raise self._error(3, "an adaptation_field_control of 1 to 3", "0")
        if control == 1:
            return _Adaptation()
        size = packet[4]
        most = 183 if control == 2 else 182
        if size > most:
            raise self._error(4, f"an adaptation field of {most} bytes at most", f"{size} bytes")
        if not size:
            return _Adaptation(1)
        flags, pcr = packet[5], None
        if flags & 0x10:
            if size < 7:
                raise self._error(4, "an adaptation field of 7 bytes or more, for its PCR", f"{size} bytes")
            pcr = clock_reference(packet[6:12])
        return _Adaptation(1 + size, bool(flags & 0x80), bool(flags & 0x40), pcr)

    def _is_new(self, pid: int, found: int, payload: bytes, events: list[TsEvent], *, reset: bool) -> bool:
        """Check the continuity counter of a packet with payload, and return whether the payload is new."""
        last, before = self._last.get(pid, (found - 1, b""))
        self._last[pid] = found, payload
        if reset or found == (last + 1) & 15:
            return True
        if found == last and payload == before:
            return False  # 2.4.3.3: a packet may be sent twice
        events.append(ContinuityError(pid, (last + 1) & 15, found, self.offset))
        self._drop(pid)
        if pid in self._sections:
            self._sections[pid].drop()
        return True

    def _read_section(self, pid: int, payload: bytes, start: bool, events: list[TsEvent]) -> None:
        for table in self._sections[pid].receive(payload, self.offset, start=start):
            events.append(table)
            if isinstance(table, Pat):
                for pmt_pid in table.programs.values():
                    self._sections.setdefault(pmt_pid, SectionReader(pmt_pid))
            else:
                self._streams.update({each.pid: each for each in table.streams if each.pid not in self._sections})

    def _read_pes(self, pid: int, payload: bytes, start: bool, adaptation: _Adaptation, events: list[TsEvent]) -> None:
        if start:
            self._finish(pid, events, "the next one")
            self._open[pid] = _OpenPes(self.offset, adaptation.random_access, adaptation.pcr)
        pes = self._open.get(pid)
        if pes is None:  # joined, or resumed after a loss, within a PES packet
            return
        self._held += len(payload)
        if self._held > self._max_pes_size:
            raise self._error(4, f"{self._max_pes_size} bytes of open PES packets at most", f"{self._held}")
        pes.data += payload
        if pes.size is None and len(pes.data) >= 6:
            pes.size = pes_size(pes.data, pes.offset)
        if pes.size and len(pes.data) >= pes.size:
            self._finish(pid, events, "its end")

    def _finish(self, pid: int, events: list[TsEvent], what: str) -> None:
        pes = self._open.get(pid)
        if pes is None:
            return
        self._drop(pid)
        if pes.size is None or (pes.size and len(pes.data) != pes.size):
            expected = f"a PES packet of {pes.size or 'at least 6'} bytes on PID {pid}"
            raise ProtocolError("MPEG-TS PES", pes.offset, expected, f"{len(pes.data)} bytes before {what}")
        kind, data = self._streams[pid].kind, bytes(pes.data)
        events.append(parse_pes(data, pid, kind, offset=pes.offset, random_access=pes.random_access, pcr=pes.pcr))

    def _drop(self, pid: int) -> None:
        pes = self._open.pop(pid, None)
        if pes is not None:
            self._held -= len(pes.data)

    def _error(self, position: int, expected: str, found: str) -> ProtocolError:
        return ProtocolError(_WHERE, self.offset + position, expected, found)
