"""For every rule of segments a stream in which one segment breaks it and no other."""

from __future__ import annotations

from collections.abc import Callable

from srs_conformance.reference import ts_writer
from tests.unit.rules.making import AUDIO_PID, PACKET, VIDEO_PID, Making, Stream, first_of, good, patched, pid

NULL = b"\x47\x1f\xff\x10" + b"\xff" * 184
Packets = list[bytes]


def with_bytes(packet: bytes, at: int, new: bytes) -> bytes:
    assert at + len(new) <= PACKET
    return packet[:at] + new + packet[at + len(new) :]


def at_pes(packets: Packets, wanted: int, offset: int, change: Callable[[bytes], bytes], *, skip: int) -> Packets:
    """Change bytes of the PES header that begins in a packet; `change` gets all that stands there from `offset` on."""
    index = first_of(packets, wanted, skip=skip)
    packet = packets[index]
    start = 4 + (1 + packet[4] if packet[3] & 0x20 else 0) + offset
    packets[index] = with_bytes(packet, start, change(packet[start:]))
    return packets


def longer(packets: Packets) -> Packets:
    return [*packets, b"G" * 5]


def with_error(packets: Packets) -> Packets:
    packets[5] = with_bytes(packets[5], 1, bytes([packets[5][1] | 0x80]))
    return packets


def without_control(packets: Packets) -> Packets:
    return [*packets, b"\x47\x03\x00\x00" + bytes(184)]


def without_pmt(packets: Packets) -> Packets:
    return [each for each in packets if pid(each) != ts_writer.PMT_PID]


def null_first(packets: Packets) -> Packets:
    return [NULL, *packets]


def wrong_crc(packets: Packets) -> Packets:
    index = first_of(packets, ts_writer.PMT_PID)
    size = 3 + (packets[index][6] & 15) * 256 + packets[index][7]
    packets[index] = with_bytes(packets[index], 5 + size - 1, bytes([packets[index][5 + size - 1] ^ 1]))
    return packets


def two_programs(packets: Packets) -> Packets:
    programs = b"".join(
        number.to_bytes(2, "big") + (0xE000 | ts_writer.PMT_PID).to_bytes(2, "big") for number in (1, 2)
    )
    packets[0] = packets[0][:5] + ts_writer._section(0, programs, 1).ljust(183, b"\xff")
    return packets


def packet_lost(packets: Packets) -> Packets:
    del packets[first_of(packets, VIDEO_PID, start=False)]
    return packets


def clocked(packet: bytes) -> bool:
    return pid(packet) == VIDEO_PID and bool(packet[3] & 0x20) and packet[4] >= 7 and bool(packet[5] & 0x10)


def without_clock(packets: Packets) -> Packets:
    return [with_bytes(each, 5, bytes([each[5] & ~0x10])) if clocked(each) else each for each in packets]


def clock_ahead(packets: Packets) -> Packets:
    def later(packet: bytes) -> bytes:
        number = int.from_bytes(packet[6:12], "big") + (2 * 90_000 << 15)
        return with_bytes(packet, 6, (number & (1 << 48) - 1).to_bytes(6, "big"))

    return [later(each) if clocked(each) else each for each in packets]


def made(**values: object) -> Stream:
    def change(number: int, making: Making) -> None:
        for name, value in values.items() if number == 3 else ():
            setattr(making, name, value)

    return good(change)


def no_pts(packets: Packets) -> Packets:
    return at_pes(packets, AUDIO_PID, 7, lambda _: b"\x00", skip=0)


def pts_before_dts(packets: Packets) -> Packets:
    return at_pes(
        packets, VIDEO_PID, 9, lambda data: bytes([data[5] | 0x20]) + data[6:9] + bytes([data[9] - 2]), skip=9
    )


BROKEN: dict[str, Callable[[], Stream]] = {
    "TS-PACKETS": lambda: patched(longer),
    "TS-NO-ERROR": lambda: patched(with_error),
    "TS-ADAPTATION": lambda: patched(without_control),
    "TS-TABLES": lambda: patched(without_pmt),
    "TS-TABLES-FIRST": lambda: patched(null_first),
    "TS-CRC": lambda: patched(wrong_crc),
    "TS-ONE-PROGRAM": lambda: patched(two_programs),
    "TS-CONTINUITY": lambda: patched(packet_lost),
    "TS-PCR": lambda: patched(without_clock),
    "TS-PCR-NEAR": lambda: patched(clock_ahead),
    "TS-STREAM-TYPES": lambda: patched(lambda packets: at_pes(packets, AUDIO_PID, 14, lambda _: b"\0", skip=0)),
    "TS-PES-START": lambda: patched(lambda packets: at_pes(packets, VIDEO_PID, 3, lambda _: b"\xc0", skip=4)),
    "TS-PES-LENGTH": lambda: patched(
        lambda packets: at_pes(packets, AUDIO_PID, 5, lambda data: bytes([data[0] ^ 1]), skip=2)
    ),
    "TS-STAMPS": lambda: patched(
        lambda packets: at_pes(packets, VIDEO_PID, 13, lambda data: bytes([data[0] & 0xFE]), skip=4)
    ),
    "TS-PTS": lambda: patched(no_pts),
    "TS-DTS": lambda: patched(pts_before_dts),
    "TS-ADTS": lambda: made(cut=3),
    "TS-KEYFRAME": lambda: made(keyed=False),
    "TS-RANDOM-ACCESS": lambda: made(marked=False),
}
