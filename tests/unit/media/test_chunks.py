from __future__ import annotations

import pytest

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.chunks import ChunkReader, ChunkWriter, Message

AUDIO = Message(8, 1, 1000, b"abcd", 4)


def read(*forms: str, reader: ChunkReader | None = None) -> list[Message]:
    return (reader or ChunkReader()).receive_data(bytes.fromhex("".join(forms)))


def test_the_example_of_the_specification() -> None:
    # RTMP 1.0 5.3.2.1: four audio messages of 32 bytes, 20 ms apart; chunks of types 0, 2, 3 and 3.
    body = "55" * 32
    messages = read("03 0003e8 000020 08 39300000", body, "83 000014", body, "c3", body, "c3", body)
    assert messages == [Message(8, 12345, 1000 + 20 * index, b"U" * 32, 3) for index in range(4)]


def test_a_long_message_goes_on_in_type_3_chunks() -> None:
    # RTMP 1.0 5.3.2.2: a video message of 307 bytes in chunks of 128.
    body = bytes(range(256)) + bytes(51)
    form = "04 0003e8 000133 09 3a300000" + body[:128].hex() + "c4" + body[128:256].hex() + "c4" + body[256:].hex()
    assert read(form) == [Message(9, 12346, 1000, body, 4)]
    assert ChunkWriter().write(Message(9, 12346, 1000, body, 4)) == bytes.fromhex(form)


def test_type_1_has_a_delta_a_length_and_a_type() -> None:
    assert read("04 0003e8 000004 08 01000000 61626364", "44 000005 000002 09 6566") == [
        AUDIO,
        Message(9, 1, 1005, b"ef", 4),
    ]


@pytest.mark.parametrize(
    ("chunk_stream_id", "basic"),
    [(2, "02"), (63, "3f"), (64, "00 00"), (319, "00 ff"), (320, "01 0001"), (65599, "01 ffff")],
)
def test_chunk_stream_ids_have_three_forms(chunk_stream_id: int, basic: str) -> None:
    message = Message(8, 1, 1000, b"abcd", chunk_stream_id)
    form = basic + "0003e8 000004 08 01000000 61626364"
    assert read(form) == [message]
    assert ChunkWriter().write(message) == bytes.fromhex(form)


def test_the_three_byte_form_may_name_a_small_id() -> None:
    assert read("01 0400 0003e8 000004 08 01000000 61626364") == [Message(8, 1, 1000, b"abcd", 68)]


def test_an_extended_timestamp_is_in_type_3_chunks_too() -> None:
    message = Message(9, 1, 0x01000000, b"x" * 130, 6)
    form = "06 ffffff 000082 09 01000000 01000000" + "78" * 128 + "c6 01000000 7878"
    assert ChunkWriter().write(message) == bytes.fromhex(form)
    assert read(form) == [message]


def test_an_extended_delta_is_in_the_type_3_chunk_that_repeats_it() -> None:
    head = "04 000000 000001 08 01000000 61"
    messages = read(head, "84 ffffff 01000000 62", "c4 01000000 63")
    assert [message.timestamp for message in messages] == [0, 0x01000000, 0x02000000]


def test_a_type_3_chunk_without_the_extended_timestamp_is_an_error() -> None:
    form = "06 ffffff 000082 09 01000000 01000000" + "78" * 128 + "c6 78787878"
    with pytest.raises(ProtocolError, match="byte 145: expected the extended timestamp 16777216 again") as caught:
        read(form)
    assert caught.value.found == str(0x78787878)


def test_timestamps_wrap() -> None:
    messages = read("04 ffffff 000001 08 01000000 fffffff0 61", "84 000020 62")
    assert [message.timestamp for message in messages] == [0xFFFFFFF0, 0x10]


def test_type_3_after_type_0_takes_the_timestamp_as_delta() -> None:
    # RTMP 1.0 5.3.1.2.4
    assert [m.timestamp for m in read("04 0003e8 000001 08 01000000 61", "c4 62")] == [1000, 2000]


def test_set_chunk_size_holds_from_the_next_chunk_on() -> None:
    reader = ChunkReader()
    messages = read("02 000000 000004 01 00000000 00000100", reader=reader)
    assert messages == [Message(1, 0, 0, b"\0\0\1\0", 2)]
    assert reader.chunk_size == 256
    assert len(read("04 0003e8 000100 08 01000000", "61" * 256, reader=reader)[0].payload) == 256


def test_a_writer_follows_the_set_chunk_size_that_it_writes() -> None:
    writer = ChunkWriter()
    writer.write(Message(1, 0, 0, b"\0\0\1\0", 2))
    assert len(writer.write(Message(8, 1, 0, b"x" * 256, 4))) == 12 + 256


def test_abort_drops_the_unfinished_message() -> None:
    half = "04 0003e8 000100 08 01000000" + "61" * 128
    abort = "02 000000 000004 02 00000000 00000004"
    messages = read(half, abort, "04 0003e8 000004 08 01000000 61626364")
    assert messages[1:] == [AUDIO]


def test_abort_of_an_idle_or_unknown_chunk_stream_is_nothing() -> None:
    assert len(read("02 000000 000004 02 00000000 00000004", "c2 00000002")) == 2


def test_messages_of_several_chunk_streams_interleave() -> None:
    video = "06 000000 000084 09 01000000" + "76" * 128
    audio = "04 0003e8 000004 08 01000000 61626364"
    assert [message.type_id for message in read(video, audio, "c6 76767676")] == [8, 9]


def test_an_empty_message_is_a_message() -> None:
    assert read("04 0003e8 000000 08 01000000") == [Message(8, 1, 1000, b"", 4)]
    assert ChunkWriter().write(Message(8, 1, 1000, b"", 4)) == bytes.fromhex("04 0003e8 000000 08 01000000")


def test_librtmp_may_begin_its_control_chunk_stream_with_type_1() -> None:
    assert read("42 000000 000006 04 0007 00000001") == [Message(4, 0, 0, b"\0\7\0\0\0\1", 2)]


@pytest.mark.parametrize(
    ("form", "offset", "expected"),
    [
        ("c4", 0, "type 0 first on chunk stream 4"),
        ("84 000001", 0, "type 0 first on chunk stream 4"),
        ("82 000001", 0, "type 0 first on chunk stream 2"),
        (
            "04 000000 000100 08 01000000" + "61" * 128 + "44 000001",
            140,
            "a type 3 chunk on chunk stream 4, whose message lacks 128 bytes",
        ),
        ("02 000000 000004 01 00000000 00000000", 0, "a chunk size of 1 to 2147483647"),
        ("02 000000 000004 01 00000000 80000080", 0, "a chunk size of 1 to 2147483647"),
        ("02 000000 000003 01 00000000 000080", 0, "a control message of 4 bytes"),
        ("04 000000 000401 08 01000000", 1, "1024 bytes of unfinished messages at most"),
    ],
)
def test_what_breaks_the_rules_says_where(form: str, offset: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read(form, reader=ChunkReader(max_message_size=1024))
    assert (caught.value.where, caught.value.offset, caught.value.expected) == ("RTMP chunk", offset, expected)


def test_unfinished_messages_are_bounded_together() -> None:
    begun = [f"{csid:02x} 000000 000200 08 01000000" + "61" * 128 for csid in (4, 5)]
    reader = ChunkReader(max_message_size=1024)
    assert read(*begun, reader=reader) == []
    with pytest.raises(ProtocolError, match="1024 and a message of 1"):
        read("06 000000 000001 08 01000000 61", reader=reader)


def test_chunk_streams_are_bounded() -> None:
    reader = ChunkReader(max_chunk_streams=2)
    with pytest.raises(ProtocolError, match="2 chunk streams at most") as caught:
        read(*(f"{csid:02x} 000000 000000 08 01000000" for csid in (3, 4, 5)), reader=reader)
    assert len(caught.value.before) == 2


def test_an_error_counts_from_where_the_chunk_stream_began() -> None:
    with pytest.raises(ProtocolError) as caught:
        read("04 0003e8 000004 08 01000000 61626364", "c5", reader=ChunkReader(offset=3073))
    assert caught.value.offset == 3073 + 16
    assert caught.value.before == (AUDIO,)


def test_a_reader_that_failed_takes_no_more() -> None:
    reader = ChunkReader()
    with pytest.raises(ProtocolError):
        read("c4", reader=reader)
    with pytest.raises(LocalProtocolError, match="had failed"):
        read("00", reader=reader)


def test_a_compressing_writer_uses_all_header_types() -> None:
    writer = ChunkWriter(compress=True)
    messages = [
        Message(8, 1, time, payload, 4) for time, payload in ((10, b"a"), (30, b"bc"), (50, b"de"), (70, b"fg"))
    ]
    forms = [writer.write(message) for message in messages]
    assert [form[0] >> 6 for form in forms] == [0, 1, 3, 3]
    forms.append(writer.write(Message(8, 1, 95, b"hi", 4)))
    forms.append(writer.write(Message(8, 1, 90, b"jk", 4)))  # time goes back: only type 0 can say so
    forms.append(writer.write(Message(8, 2, 95, b"jk", 4)))
    assert [form[0] >> 6 for form in forms[4:]] == [2, 0, 0]
    reader = ChunkReader()
    times = [message.timestamp for message in reader.receive_data(b"".join(forms))]
    assert times == [10, 30, 50, 70, 95, 90, 95]


@pytest.mark.parametrize(
    "message",
    [
        Message(8, 1, 0, b"", 1),
        Message(8, 1, 0, b"", 65600),
        Message(8, 1, 1 << 32, b""),
        Message(8, 1, -1, b""),
        Message(256, 1, 0, b""),
        Message(8, 1 << 32, 0, b""),
        Message(8, 1, 0, bytes(1 << 24)),
        Message(1, 0, 0, b"\0\0\0\0", 2),
        Message(1, 0, 0, b"\0", 2),
    ],
    ids=lambda message: f"{message.type_id} {message.stream_id} {message.timestamp} {message.chunk_stream_id}",
)
def test_a_message_that_does_not_fit_is_refused(message: Message) -> None:
    with pytest.raises(LocalProtocolError):
        ChunkWriter().write(message)
