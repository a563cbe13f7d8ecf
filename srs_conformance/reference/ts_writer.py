"""MPEG-TS segments (ISO/IEC 13818-1) of one H.264 and one AAC track, as an HLS segment holds them."""

from __future__ import annotations

from typing import Final

PACKET: Final = 188
PMT_PID: Final = 0x1001
VIDEO_PID: Final = 0x100
AUDIO_PID: Final = 0x101
_H264: Final = 0x1B  # stream types, table 2-34
_AAC_ADTS: Final = 0x0F
_VIDEO_STREAM: Final = 0xE0  # stream ids, table 2-22
_AUDIO_STREAM: Final = 0xC0
_CLOCK: Final = 90  # ticks per millisecond
_START: Final = b"\0\0\0\1"
_DELIMITER: Final = _START + b"\x09\xf0"


class TsWriter:
    """Writes one program; continuity counters run on over segments, as they must within one playlist.

    Args:
        gaps: leave a number out within each picture of several packets, as a fault.
        clock: write PCRs; without them as a fault.
        sound_crc: write the right CRC of a PMT; a wrong one as a fault.
    """

    def __init__(self, *, gaps: bool = False, clock: bool = True, sound_crc: bool = True) -> None:
        self._counters: dict[int, int] = {}
        self._gaps, self._clock, self._sound_crc = gaps, clock, sound_crc

    def tables(self, *, audio: bool, video: bool) -> bytes:
        """Return PAT and PMT (2.4.4), which begin each segment."""
        pat = _section(0, b"\0\1" + (0xE000 | PMT_PID).to_bytes(2, "big"), 1)
        pcr = VIDEO_PID if video else AUDIO_PID
        streams = b"".join(
            bytes([kind]) + (0xE000 | pid).to_bytes(2, "big") + b"\xf0\0"
            for kind, pid, there in ((_H264, VIDEO_PID, video), (_AAC_ADTS, AUDIO_PID, audio))
            if there
        )
        pmt = _section(2, (0xE000 | pcr).to_bytes(2, "big") + b"\xf0\0" + streams, 1)
        if not self._sound_crc:
            pmt = pmt[:-1] + bytes([pmt[-1] ^ 1])
        return self._table(0, pat) + self._table(PMT_PID, pmt)

    def video(self, nals: list[bytes], pts: float, dts: float, *, keyframe: bool) -> bytes:
        """Return the packets of one access unit; pts and dts in ms. Parameter sets must be among a keyframe's units."""
        data = _DELIMITER + b"".join(_START + nal for nal in nals)
        return self._pes(VIDEO_PID, _VIDEO_STREAM, data, pts, dts, pcr=True, random_access=keyframe)

    def audio(self, frames: bytes, pts: float, *, pcr: bool = False) -> bytes:
        """Return the packets of ADTS frames; pts in ms. `pcr` where the program has no video."""
        return self._pes(AUDIO_PID, _AUDIO_STREAM, frames, pts, pts, pcr=pcr, random_access=pcr)

    def _table(self, pid: int, section: bytes) -> bytes:
        return self._header(pid, start=True, field=b"") + (b"\0" + section).ljust(PACKET - 4, b"\xff")

    def _pes(
        self, pid: int, stream: int, data: bytes, pts: float, dts: float, *, pcr: bool, random_access: bool
    ) -> bytes:
        stamps = _stamp(3 if pts != dts else 2, pts) + (_stamp(1, dts) if pts != dts else b"")
        flags = 0xC0 if pts != dts else 0x80
        length = 3 + len(stamps) + len(data)
        size = length if length < 0x10000 and stream != _VIDEO_STREAM else 0  # 2.4.3.7: 0 is allowed for video only
        pes = b"\0\0\1" + bytes([stream]) + size.to_bytes(2, "big") + bytes([0x80, flags, len(stamps)]) + stamps + data
        pcr = pcr and self._clock
        content = bytes([random_access << 6 | pcr << 4]) if pcr or random_access else b""
        content += _clock_reference(dts) if pcr else b""
        out = bytearray()
        while pes:
            room = PACKET - 4 - len(_adaptation(content, 0))
            field = _adaptation(content, max(room - len(pes), 0))
            room = PACKET - 4 - len(field)
            if self._gaps and len(out) == PACKET and pid == VIDEO_PID:
                self._counters[pid] = (self._counters[pid] + 1) & 15
            out += self._header(pid, start=not out, field=field) + pes[:room]
            pes, content = pes[room:], b""
        return bytes(out)

    def _header(self, pid: int, *, start: bool, field: bytes) -> bytes:
        """Return the packet header (2.4.3.2) and the adaptation field."""
        counter = self._counters.get(pid, 0)
        self._counters[pid] = (counter + 1) & 15
        return bytes([0x47, start << 6 | pid >> 8, pid & 0xFF, (0x30 if field else 0x10) | counter]) + field


def _adaptation(content: bytes, stuffing: int) -> bytes:
    """Return an adaptation field (2.4.3.4) with its length, made longer by `stuffing` bytes; empty where not needed."""
    if not content:
        if stuffing < 2:
            return bytes(stuffing)
        content, stuffing = b"\0", stuffing - 2
    return bytes([len(content) + stuffing]) + content + b"\xff" * stuffing


def adts(frame: bytes, object_type: int, rate_index: int, channel_configuration: int) -> bytes:
    """Return an AAC frame with its ADTS header (ISO/IEC 14496-3 1.A.2.2)."""
    size = len(frame) + 7
    profile = min(max(object_type - 1, 0), 3)
    return (
        bytes(
            [
                0xFF,
                0xF1,
                profile << 6 | rate_index << 2 | channel_configuration >> 2,
                (channel_configuration & 3) << 6 | size >> 11,
                size >> 3 & 0xFF,
                (size & 7) << 5 | 0x1F,
                0xFC,
            ]
        )
        + frame
    )


def _stamp(marker: int, milliseconds: float) -> bytes:
    """Return a PTS or DTS (2.4.3.7): 33 bits in three parts, each followed by a marker bit."""
    ticks = round(milliseconds * _CLOCK) & ((1 << 33) - 1)
    parts = (marker << 4 | (ticks >> 30) << 1 | 1, (ticks >> 15 & 0x7FFF) << 1 | 1, (ticks & 0x7FFF) << 1 | 1)
    return parts[0].to_bytes(1, "big") + parts[1].to_bytes(2, "big") + parts[2].to_bytes(2, "big")


def _clock_reference(milliseconds: float) -> bytes:
    """Return a PCR (2.4.3.5) without its extension: 33 bits, 6 reserved, 9 zero."""
    ticks = round(milliseconds * _CLOCK) & ((1 << 33) - 1)
    return (ticks << 15 | 0x7E00).to_bytes(6, "big")


def _section(table: int, body: bytes, number: int) -> bytes:
    """Return a section (2.4.4.3, 2.4.4.8) with its CRC; `number` is the transport stream's or the program's."""
    size = 5 + len(body) + 4
    section = bytes([table]) + (0xB000 | size).to_bytes(2, "big") + number.to_bytes(2, "big") + b"\xc1\0\0" + body
    return section + _crc(section).to_bytes(4, "big")


def _crc(data: bytes) -> int:
    """Return the CRC-32 of annex A, which is not zlib's: most significant bit first, not inverted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc
