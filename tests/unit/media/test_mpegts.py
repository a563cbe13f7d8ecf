from __future__ import annotations

import pytest

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.mpegts import ContinuityError, Pat, Pes, Pmt, StreamKind, TsEvent, TsParser, TsStream
from srs_conformance.media.psi import crc32_mpeg
from tests.unit.media.making import Packets, pat, pes, pmt, section

VIDEO, AUDIO, PMT_PID = 0x100, 0x101, 0x1001
STREAMS = ((0x1B, VIDEO), (0x0F, AUDIO))


def tables(packets: Packets) -> bytes:
    return packets.table(0, pat({1: PMT_PID})) + packets.table(PMT_PID, pmt(STREAMS))


def started() -> tuple[TsParser, Packets]:
    parser, packets = TsParser(), Packets()
    parser.receive_data(tables(packets))
    return parser, packets


def test_the_crc() -> None:
    assert crc32_mpeg(b"123456789") == 0x0376E6E7  # CRC-32/MPEG-2, catalogue of parametrised CRC algorithms
    assert crc32_mpeg(pat({1: 256})) == 0


def test_tables() -> None:
    assert TsParser().receive_data(tables(Packets())) == [
        Pat({1: PMT_PID}, 0, 0),
        Pmt(1, VIDEO, (TsStream(VIDEO, StreamKind.AVC, 0x1B), TsStream(AUDIO, StreamKind.AAC, 0x0F)), 0, 188),
    ]


@pytest.mark.parametrize(
    ("stream_type", "kind"),
    [(0x24, StreamKind.HEVC), (0x03, StreamKind.MP3), (0x04, StreamKind.MP3), (0x06, StreamKind.OTHER)],
)
def test_stream_types(stream_type: int, kind: StreamKind) -> None:
    packets = Packets()
    data = packets.table(0, pat({1: PMT_PID})) + packets.table(PMT_PID, pmt([(stream_type, VIDEO)]))
    table = TsParser().receive_data(data)[1]
    assert isinstance(table, Pmt)
    assert table.streams[0].kind is kind


def test_a_pes_packet_of_announced_size_comes_at_once() -> None:
    parser, packets = started()
    data = packets.pes(VIDEO, pes(b"v" * 500, 9000, 3000), random_access=True, pcr=27_000_007)
    assert parser.receive_data(data) == [
        Pes(VIDEO, StreamKind.AVC, 9000, 3000, b"v" * 500, random_access=True, pcr=27_000_007, offset=376)
    ]
    assert parser.flush() == []


def test_a_pes_packet_of_no_size_ends_with_the_next_one_or_the_stream() -> None:
    parser, packets = started()
    assert parser.receive_data(packets.pes(VIDEO, pes(b"1", 1, sized=False))) == []
    first = parser.receive_data(packets.pes(VIDEO, pes(b"2", 2, sized=False)))
    assert first == [Pes(VIDEO, StreamKind.AVC, 1, 1, b"1", offset=376)]
    assert parser.flush() == [Pes(VIDEO, StreamKind.AVC, 2, 2, b"2", offset=564)]


def test_timestamps_have_33_bits_or_are_absent() -> None:
    parser, packets = started()
    (first,) = parser.receive_data(packets.pes(AUDIO, pes(b"a", 2**33 - 1, stream=0xC0)))
    (second,) = parser.receive_data(packets.pes(AUDIO, pes(b"a", None, stream=0xC0)))
    assert isinstance(first, Pes)
    assert isinstance(second, Pes)
    assert (first.pts, first.dts, second.pts, second.dts) == (2**33 - 1, 2**33 - 1, None, None)


def test_streams_without_the_optional_header() -> None:
    parser, packets = started()
    (event,) = parser.receive_data(packets.pes(VIDEO, b"\0\0\1\xbf\0\3abc"))
    assert event == Pes(VIDEO, StreamKind.AVC, None, None, b"abc", offset=376)


def test_a_long_table_goes_over_several_packets() -> None:
    packets = Packets()
    streams = [(0x0F, 0x200 + index) for index in range(100)]
    data = packets.table(0, pat({1: PMT_PID})) + packets.table(PMT_PID, pmt(streams))
    assert len(data) == 4 * 188
    table = TsParser().receive_data(data)[1]
    assert isinstance(table, Pmt)
    assert [stream.pid for stream in table.streams] == [pid for _, pid in streams]


def test_the_pointer_field_ends_the_section_before() -> None:
    packets = Packets()
    table = pmt(STREAMS)
    data = packets.table(0, pat({1: PMT_PID}))
    data += packets.packet(PMT_PID, b"\0" + section(0x42, 1, bytes(160)) + table[:9], start=True)
    data += packets.packet(PMT_PID, bytes([len(table) - 9]) + table[9:] + table, start=True)
    assert [type(event) for event in TsParser().receive_data(data)] == [Pat, Pmt, Pmt]


def test_other_pids_null_packets_and_packets_without_payload_are_passed_over() -> None:
    parser, packets = started()
    empty = bytes([0x47, 1, 0, 0x20, 183]) + bytes([0]) + b"\xff" * 182
    data = packets.packet(0x1FFF, b"\xff" * 184) + packets.packet(0x50, b"x" * 184, start=True) + empty
    data += packets.pes(VIDEO, pes(b"v"))
    assert len(parser.receive_data(data)) == 1


def test_tables_that_do_not_hold_yet_are_passed_over() -> None:
    packets = Packets()
    assert TsParser().receive_data(packets.table(0, section(0, 1, b"\0\1\xe1\0", flags=0xC0))) == []


def test_the_network_table_is_no_program() -> None:
    (table,) = TsParser().receive_data(Packets().table(0, pat({0: 0x10, 2: 0x20})))
    assert isinstance(table, Pat)
    assert table.programs == {2: 0x20}


def test_a_lost_packet_is_told_and_drops_the_open_pes_packet() -> None:
    parser, packets = started()
    data = packets.pes(VIDEO, pes(b"v" * 500, 1, sized=False))
    lossy = data[:188] + data[376:] + packets.pes(VIDEO, pes(b"w", 2))
    assert parser.receive_data(lossy) == [
        ContinuityError(VIDEO, 1, 2, 376 + 188),
        Pes(VIDEO, StreamKind.AVC, 2, 2, b"w", offset=376 + 376),
    ]


def test_a_repeated_packet_is_taken_once() -> None:
    parser, packets = started()
    data = packets.pes(VIDEO, pes(b"v" * 300, 1))
    events = parser.receive_data(data[:188] + data[:188] + data[188:])
    assert events == [Pes(VIDEO, StreamKind.AVC, 1, 1, b"v" * 300, offset=376)]


def test_the_same_counter_with_other_bytes_is_an_error() -> None:
    parser, packets = started()
    packets.counters[VIDEO] = 4
    data = packets.pes(VIDEO, pes(b"v", 1))
    packets.counters[VIDEO] = 4
    data += packets.pes(VIDEO, pes(b"w", 1))
    assert [type(event) for event in parser.receive_data(data)] == [Pes, ContinuityError, Pes]


def test_the_discontinuity_indicator_resets_the_counter() -> None:
    parser, packets = started()
    parser.receive_data(packets.pes(VIDEO, pes(b"v")))
    packets.counters[VIDEO] = 9
    data = packets.packet(VIDEO, pes(b"w"), start=True, adaptation=b"\x80")
    assert [type(event) for event in parser.receive_data(data)] == [Pes]


def test_a_lost_packet_of_a_table_drops_the_table() -> None:
    packets = Packets()
    data = packets.table(0, pat({1: PMT_PID}))
    long = packets.table(PMT_PID, pmt([(0x0F, 0x200 + index) for index in range(100)]))
    events = TsParser().receive_data(data + long[:188] + long[376:] + packets.table(PMT_PID, pmt(STREAMS)))
    assert [type(event) for event in events] == [Pat, ContinuityError, Pmt]


def wrong(offset: int, value: int) -> bytes:
    packet = bytearray(Packets().table(0, pat({1: PMT_PID})))
    packet[offset] = value
    return bytes(packet)


@pytest.mark.parametrize(
    ("data", "offset", "expected"),
    [
        (b"<", 0, "the sync byte 0x47"),
        (Packets().table(0, pat({1: PMT_PID})) + b"\x48", 188, "the sync byte 0x47"),
        (wrong(1, 0xC0), 1, "transport_error_indicator 0"),
        (wrong(3, 0x90), 3, "a packet that is not scrambled"),
        (wrong(3, 0x00), 3, "an adaptation_field_control of 1 to 3"),
        (wrong(4, 200), 4, "an adaptation field of 182 bytes at most"),
        (Packets().table(0, section(0, 1, b"\0\1\xe1\0", crc=5)), 0, "CRC-32 "),
        (Packets().table(0, section(3, 1, b"")), 0, "table id 0"),
        (Packets().table(0, section(0, 1, b"\0\1\xe1")), 0, "2 bytes of a PID"),
        (Packets().table(0, b"\0\xb4\0" + bytes(100)), 0, "1021 bytes at most"),
        (Packets().packet(0, b"\xff" * 184, start=True), 0, "a pointer_field within the packet"),
    ],
)
def test_broken_packets_and_tables_say_where(data: bytes, offset: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        TsParser().receive_data(data)
    assert caught.value.offset == offset
    assert caught.value.expected.startswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\0\0\2" + bytes(20), "the start code 000001"),
        (b"\0\0\1\xe0\0\1\x80", "2 bytes of flags"),
        (b"\0\0\1\xe0\0\3\x40\0\0", "the bits 10 after the length"),
        (b"\0\0\1\xe0\0\3\x80\x40\0", "PTS_DTS_flags of 0, 2 or 3"),
        (b"\0\0\1\xe0\0\3\x80\x80\0", "5 bytes of a timestamp"),
        (b"\0\0\1\xe0\0\x08\x80\x80\5" + bytes(5), "a timestamp with prefix 0010 and marker bits"),
        (b"\0\0\1\xe0\0\3\x80\x80\5", "5 bytes of a header"),
        (pes(b"v")[:-1] + b"vv", "a PES packet of 15 bytes on PID 256"),
    ],
)
def test_broken_pes_packets_are_errors(content: bytes, expected: str) -> None:
    parser, packets = started()
    with pytest.raises(ProtocolError) as caught:
        parser.receive_data(packets.pes(VIDEO, content))
    assert (caught.value.offset, caught.value.expected) == (376, expected)


def test_a_pcr_needs_its_bytes() -> None:
    parser, packets = started()
    packet = bytearray(packets.packet(VIDEO, bytes(182), start=True))
    packet[4:6] = bytes([1, 0x10])
    with pytest.raises(ProtocolError, match="an adaptation field of 7 bytes or more"):
        parser.receive_data(bytes(packet))


def test_the_end_must_not_cut_anything() -> None:
    parser, packets = started()
    parser.receive_data(packets.pes(AUDIO, pes(b"a" * 300, 1))[:188])
    with pytest.raises(ProtocolError, match="a PES packet of 314 bytes on PID 257") as caught:
        parser.flush()
    assert caught.value.offset == 376
    with pytest.raises(LocalProtocolError):
        parser.flush()


def test_the_end_within_a_packet_is_an_error_after_what_is_whole() -> None:
    parser, packets = started()
    parser.receive_data(packets.pes(VIDEO, pes(b"v", 1, sized=False)) + b"\x47")
    with pytest.raises(ProtocolError, match="byte 564: expected a packet of 188 bytes") as caught:
        parser.flush()
    assert caught.value.before == (Pes(VIDEO, StreamKind.AVC, 1, 1, b"v", offset=376),)


def test_a_next_pes_packet_must_not_come_early() -> None:
    parser, packets = started()
    data = packets.pes(VIDEO, pes(b"v" * 300, 1))[:188]
    packets.counters[VIDEO] = 0
    with pytest.raises(ProtocolError, match="before the next one"):
        parser.receive_data(data + packets.pes(VIDEO, pes(b"w", 2)))


def test_open_pes_packets_are_bounded_together() -> None:
    parser, packets = TsParser(max_pes_size=1000), Packets()
    parser.receive_data(tables(packets))
    events: list[TsEvent] = parser.receive_data(packets.pes(VIDEO, pes(b"v" * 700, 1, sized=False)))
    with pytest.raises(ProtocolError, match="1000 bytes of open PES packets at most"):
        parser.receive_data(packets.pes(AUDIO, pes(b"a" * 700, 1, sized=False, stream=0xC0)))
    assert events == []


def test_a_viewer_may_join_within_a_pes_packet() -> None:
    parser, packets = started()
    joined = packets.packet(VIDEO, b"x" * 184)
    assert [type(event) for event in parser.receive_data(joined + packets.pes(VIDEO, pes(b"v")))] == [Pes]


def test_an_adaptation_field_may_be_one_byte() -> None:
    parser, packets = started()
    data = packets.pes(VIDEO, pes(b"v" * (183 - 14)))
    assert data[4] == 0
    assert [type(event) for event in parser.receive_data(data)] == [Pes]
