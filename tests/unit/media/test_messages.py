from __future__ import annotations

import pytest

from srs_conformance.media import amf0
from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.chunks import Message
from srs_conformance.media.rtmp.messages import (
    Abort,
    Acknowledgement,
    Command,
    Control,
    Data,
    Limit,
    PingRequest,
    PingResponse,
    SetBufferLength,
    SetChunkSize,
    SetPeerBandwidth,
    StreamBegin,
    StreamDry,
    StreamEof,
    StreamIsRecorded,
    UserControl,
    WindowAcknowledgementSize,
    control_message,
    parse_control,
    split_aggregate,
)

CONTROLS: list[tuple[Control, int, str]] = [
    (SetChunkSize(60000), 1, "0000ea60"),
    (Abort(5), 2, "00000005"),
    (Acknowledgement(1), 3, "00000001"),
    (WindowAcknowledgementSize(2_500_000), 5, "002625a0"),
    (SetPeerBandwidth(2_500_000, Limit.DYNAMIC), 6, "002625a0 02"),
    (StreamBegin(1), 4, "0000 00000001"),
    (StreamEof(1), 4, "0001 00000001"),
    (StreamDry(1), 4, "0002 00000001"),
    (SetBufferLength(1, 3000), 4, "0003 00000001 00000bb8"),
    (StreamIsRecorded(1), 4, "0004 00000001"),
    (PingRequest(9), 4, "0006 00000009"),
    (PingResponse(9), 4, "0007 00000009"),
    (UserControl(0x1A, b"\1"), 4, "001a 01"),
]


@pytest.mark.parametrize(("control", "type_id", "form"), CONTROLS, ids=[type(row[0]).__name__ for row in CONTROLS])
def test_a_control_message_has_its_form_both_ways(control: Control, type_id: int, form: str) -> None:
    message = Message(type_id, 0, 0, bytes.fromhex(form), 2)
    assert control_message(control) == message
    assert parse_control(message) == control


@pytest.mark.parametrize(
    ("type_id", "form", "expected"),
    [
        (5, "000000", "4 bytes"),
        (6, "00000000", "5 bytes"),
        (6, "00000000 03", "a limit type of 0, 1 or 2"),
        (4, "00", "an event type of 2 bytes"),
        (4, "0003 00000001", "8 bytes"),
        (4, "0006 00000009 00", "4 bytes"),
    ],
)
def test_a_control_message_of_a_wrong_size_or_value_is_an_error(type_id: int, form: str, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_control(Message(type_id, 0, 0, bytes.fromhex(form), 2))
    assert caught.value.expected == expected


def test_a_control_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="WindowAcknowledgementSize"):
        control_message(WindowAcknowledgementSize(1 << 32))


def test_a_command_has_its_form_both_ways() -> None:
    command = Command("play", 4, None, ("livestream", -2.0), 1)
    message = command.message()
    assert (message.type_id, message.stream_id, message.chunk_stream_id) == (20, 1, 5)
    assert amf0.decode(message.payload) == ["play", 4.0, None, "livestream", -2.0]
    assert Command.parse(message) == command
    assert Command("createStream", 2).message().chunk_stream_id == 3


def test_a_command_in_amf3_form_begins_with_a_zero() -> None:
    payload = b"\0" + amf0.encode("createStream", 2, None)
    assert Command.parse(Message(17, 0, 0, payload)) == Command("createStream", 2)


def test_a_command_may_end_after_its_number() -> None:
    assert Command.parse(Message(20, 0, 0, amf0.encode("onBWDone", 0))) == Command("onBWDone", 0)
    assert Command.parse(Message(20, 0, 0, amf0.encode("onFCPublish"))) == Command("onFCPublish", 0)


@pytest.mark.parametrize("values", [(), (1, 1), ("connect", "1"), (None, 1)])
def test_a_command_needs_a_name_and_a_number(values: tuple[amf0.Value, ...]) -> None:
    with pytest.raises(ProtocolError, match="a name and a transaction number"):
        Command.parse(Message(20, 0, 0, amf0.encode(*values)))


def test_a_data_message_has_its_form_both_ways() -> None:
    data = Data("onMetaData", (amf0.EcmaArray(width=64.0),), 7, 1)
    assert Data.parse(data.message()) == data


def test_set_data_frame_is_dropped() -> None:
    payload = amf0.encode("@setDataFrame", "onMetaData", amf0.EcmaArray(width=64))
    assert Data.parse(Message(18, 1, 0, payload)).name == "onMetaData"


def test_a_data_message_needs_a_name() -> None:
    for values in ((), (1,), ("@setDataFrame", 1)):
        with pytest.raises(ProtocolError, match="expected a name"):
            Data.parse(Message(18, 1, 0, amf0.encode(*values)))


def part(kind: int, timestamp: int, payload: bytes, back: int | None = None) -> bytes:
    head = bytes([kind]) + len(payload).to_bytes(3, "big") + (timestamp & 0xFFFFFF).to_bytes(3, "big")
    head += bytes([timestamp >> 24, 0, 0, 0])
    return head + payload + (len(payload) + 11 if back is None else back).to_bytes(4, "big")


def test_an_aggregate_holds_messages_whose_times_move_with_it() -> None:
    payload = part(9, 0x01000000, b"v") + part(8, 0x01000014, b"")
    messages = split_aggregate(Message(22, 1, 500, payload, 6))
    assert messages == [Message(9, 1, 500, b"v", 6), Message(8, 1, 520, b"", 6)]


@pytest.mark.parametrize(
    ("payload", "offset"), [(part(9, 0, b"v")[:-1], 12), (part(9, 0, b"v", back=11), 12), (rb"\9", 0)]
)
def test_a_broken_aggregate_says_where(payload: bytes, offset: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        split_aggregate(Message(22, 1, 0, payload))
    assert caught.value.where == "RTMP aggregate"
    assert caught.value.offset >= offset
