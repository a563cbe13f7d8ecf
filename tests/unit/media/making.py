"""Builders for the media tests: coupled connections, and FLV and MPEG-TS bytes, right or wrong on purpose."""

from __future__ import annotations

from collections.abc import Sequence

from srs_conformance.media.psi import crc32_mpeg
from srs_conformance.media.rtmp.connection import ClientConnection, Event, ServerConnection
from tests.unit.media.loopback import answer, seeded


class Pair:
    """A client and a server that feed each other; all events are kept."""

    def __init__(self, client: ClientConnection | None = None) -> None:
        self.client = client or ClientConnection("rtmp://host/live", "live", random=seeded(1))
        self.server = ServerConnection(random=seeded(2))
        self.client_events: list[Event] = []
        self.server_events: list[Event] = []

    def pump(self, *, answering: bool = True) -> None:
        """Carry bytes both ways until nobody has more; the server answers as SRS does."""
        while data := self.client.data_to_send():
            for event in self.server.receive_data(data):
                self.server_events.append(event)
                if answering:
                    answer(self.server, event)
            if reply := self.server.data_to_send():
                self.client_events += self.client.receive_data(reply)

    def to_client(self) -> list[Event]:
        """Carry what the server has to send, and return what the client makes of it."""
        events = self.client.receive_data(self.server.data_to_send())
        self.client_events += events
        return events


def flv_tag(kind: int, timestamp: int, payload: bytes, *, stream_id: int = 0, previous: int | None = None) -> bytes:
    """Return a tag and the PreviousTagSize after it."""
    head = bytes([kind]) + len(payload).to_bytes(3, "big") + (timestamp & 0xFFFFFF).to_bytes(3, "big")
    head += bytes([timestamp >> 24]) + stream_id.to_bytes(3, "big")
    size = len(head) + len(payload) if previous is None else previous
    return head + payload + size.to_bytes(4, "big")


FLV_HEADER = b"FLV\1\5\0\0\0\x09\0\0\0\0"


def section(table: int, number: int, body: bytes, *, flags: int = 0xC1, crc: int | None = None) -> bytes:
    """Return a PSI section with its CRC, or a wrong one."""
    content = number.to_bytes(2, "big") + bytes([flags, 0, 0]) + body
    head = bytes([table]) + (0xB000 | len(content) + 4).to_bytes(2, "big") + content
    return head + (crc32_mpeg(head) if crc is None else crc).to_bytes(4, "big")


def pat(programs: dict[int, int]) -> bytes:
    """Return a PAT's section."""
    body = b"".join(number.to_bytes(2, "big") + (0xE000 | pid).to_bytes(2, "big") for number, pid in programs.items())
    return section(0, 1, body)


def pmt(streams: Sequence[tuple[int, int]], *, pcr: int = 0x100, program: int = 1) -> bytes:
    """Return a PMT's section; streams are (stream type, PID)."""
    body = (0xE000 | pcr).to_bytes(2, "big") + b"\xf0\0"
    for kind, pid in streams:
        body += bytes([kind]) + (0xE000 | pid).to_bytes(2, "big") + b"\xf0\0"
    return section(2, program, body)


def timestamp(prefix: int, value: int) -> bytes:
    """Return a PTS or DTS field."""
    field = prefix << 36 | (value >> 30 & 7) << 33 | (value >> 15 & 0x7FFF) << 17 | (value & 0x7FFF) << 1 | 0x0100010001
    return field.to_bytes(5, "big")


def pes(data: bytes, pts: int | None = 0, dts: int | None = None, *, stream: int = 0xE0, sized: bool = True) -> bytes:
    """Return a PES packet."""
    stamps, flags = b"", 0
    if pts is not None:
        stamps, flags = timestamp(2, pts), 0x80
        if dts is not None:
            stamps, flags = timestamp(3, pts) + timestamp(1, dts), 0xC0
    body = bytes([0x80, flags, len(stamps)]) + stamps + data
    return b"\0\0\1" + bytes([stream]) + (len(body) if sized else 0).to_bytes(2, "big") + body


class Packets:
    """Cuts sections and PES packets into TS packets, with counters that run on."""

    def __init__(self) -> None:
        self.counters: dict[int, int] = {}

    def packet(self, pid: int, payload: bytes, *, start: bool = False, adaptation: bytes | None = None) -> bytes:
        """Return one packet, stuffed in its adaptation field; `adaptation` is its flags and what follows them."""
        counter = self.counters[pid] = (self.counters.get(pid, -1) + 1) & 15
        field = b"" if adaptation is None else adaptation
        room = 184 - len(payload)
        control = 0x10
        if adaptation is not None or room:
            field = field or (b"\0" if room > 1 else b"")
            field = bytes([room - 1]) + field.ljust(room - 1, b"\xff")
            control = 0x30
        return bytes([0x47, start << 6 | pid >> 8, pid & 0xFF, control | counter]) + field + payload

    def table(self, pid: int, content: bytes) -> bytes:
        """Return the packets of one section."""
        return self._cut(pid, b"\0" + content, None)

    def pes(self, pid: int, content: bytes, *, random_access: bool = False, pcr: int | None = None) -> bytes:
        """Return the packets of one PES packet; pcr in 27 MHz."""
        adaptation = None
        if random_access or pcr is not None:
            adaptation = bytes([random_access << 6 | (pcr is not None) << 4])
            if pcr is not None:
                adaptation += (pcr // 300 << 15 | 0x3F << 9 | pcr % 300).to_bytes(6, "big")
        return self._cut(pid, content, adaptation)

    def _cut(self, pid: int, content: bytes, adaptation: bytes | None) -> bytes:
        first = 184 if adaptation is None else 183 - len(adaptation)
        out = [self.packet(pid, content[:first], start=True, adaptation=adaptation)]
        out += [self.packet(pid, content[at : at + 184]) for at in range(first, len(content), 184)]
        return b"".join(out)
