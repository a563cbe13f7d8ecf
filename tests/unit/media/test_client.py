from __future__ import annotations

import pytest

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.chunks import Message
from srs_conformance.media.rtmp.client import ANSWERS, STATUSES
from srs_conformance.media.rtmp.connection import (
    Audio,
    ClientConnection,
    ClientState,
    Closed,
    CommandReceived,
    Connected,
    ControlReceived,
    CreateStreamRequested,
    DataReceived,
    Event,
    HandshakeDone,
    MessageIgnored,
    Metadata,
    PlayRequested,
    PublishRequested,
    Redirected,
    Status,
    StreamCreated,
    Video,
    WindowAcknowledged,
)
from srs_conformance.media.rtmp.messages import (
    Acknowledgement,
    Command,
    Data,
    Limit,
    PingRequest,
    PingResponse,
    SetBufferLength,
    SetChunkSize,
    SetPeerBandwidth,
    WindowAcknowledgementSize,
)
from tests.unit.media.loopback import seeded
from tests.unit.media.making import Pair


def playing() -> Pair:
    pair = Pair()
    pair.client.play("livestream?key=1")
    pair.pump()
    return pair


def of(events: list[Event], kind: type) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def controls(events: list[Event]) -> list[object]:
    return [event.control for event in events if isinstance(event, ControlReceived)]


def test_every_step_of_the_tables_is_a_method_and_a_state() -> None:
    for method, state in ANSWERS.values():
        assert callable(getattr(ClientConnection, method))
        assert isinstance(state, ClientState)
    assert set(STATUSES.values()) == {ClientState.PLAYING, ClientState.PUBLISHING}


def test_a_player_goes_all_the_way() -> None:
    pair = playing()
    assert pair.client.state is ClientState.PLAYING
    assert of(pair.server_events, PlayRequested) == [PlayRequested("livestream", "key=1", 1, 0.0, -2.0)]
    assert controls(pair.server_events) == [WindowAcknowledgementSize(2_500_000), SetBufferLength(1, 1000)]
    told = [type(event) for event in pair.client_events if not isinstance(event, ControlReceived)]
    assert told == [HandshakeDone, Connected, StreamCreated, Status, Status, DataReceived]
    codes = [event.code for event in pair.client_events if isinstance(event, Status)]
    assert codes == ["NetStream.Play.Reset", "NetStream.Play.Start"]


def test_a_publisher_goes_all_the_way() -> None:
    pair = Pair(ClientConnection("rtmp://host/live", "live", digest=True, random=seeded(), chunk_size=60000))
    pair.client.publish("livestream")
    pair.pump()
    assert pair.client.state is ClientState.PUBLISHING
    assert of(pair.server_events, PublishRequested) == [PublishRequested("livestream", "", 1, 0.0, "live")]
    calls = [event.command.name for event in pair.server_events if isinstance(event, CommandReceived)]
    assert calls == ["releaseStream", "FCPublish"]
    assert controls(pair.server_events)[0] == SetChunkSize(60000)
    pair.client.send_media(9, 40, b"v" * 70_000)
    pair.client.send_media(8, 44, b"a")
    pair.client.send_data(Data("onMetaData", ({"width": 64.0},), 0, 1))
    pair.pump()
    assert pair.server_events[-3:] == [Video(40, b"v" * 70_000, 1), Audio(44, b"a", 1), Metadata({"width": 64.0}, 0, 1)]
    pair.client.close()
    pair.pump()
    last = [event.command.name for event in pair.server_events[-2:] if isinstance(event, CommandReceived)]
    assert last == ["FCUnpublish", "deleteStream"]
    with pytest.raises(LocalProtocolError, match="closed connection"):
        pair.client.send_media(8, 44, b"a")


def test_play_may_be_called_after_connecting() -> None:
    pair = Pair()
    pair.pump()
    assert pair.client.state is ClientState.CONNECTED
    pair.client.play("a", start=-1)
    pair.pump()
    assert of(pair.server_events, PlayRequested) == [PlayRequested("a", start=-1.0)]


def test_a_connection_has_one_stream() -> None:
    client = ClientConnection("rtmp://host/live", "live")
    client.play("a")
    with pytest.raises(LocalProtocolError, match="has its stream: play 'a'"):
        client.publish("b")


def test_nothing_can_be_sent_before_the_handshake() -> None:
    with pytest.raises(LocalProtocolError, match="before the handshake"):
        ClientConnection("rtmp://host/live", "live").send_media(8, 0, b"")


def test_what_the_server_says_of_itself() -> None:
    pair = Pair()
    pair.pump(answering=False)
    pair.server.accept_connect({"fmsVer": "X"}, {"data": {"srs_server": "SRS/3.0"}})
    connected = of(pair.to_client(), Connected)[0]
    assert isinstance(connected, Connected)
    assert connected.properties["fmsVer"] == "X"
    assert connected.info["data"] == {"srs_server": "SRS/3.0"}
    assert connected.info["code"] == "NetConnection.Connect.Success"


def test_media_in_both_kinds_and_metadata() -> None:
    pair = playing()
    pair.server.send_media(18, 0, Data("onMetaData", ({"width": 64.0},)).message().payload)
    pair.server.send_media(9, 0xFFFFFFFF, b"v")
    pair.server.send_media(8, 1 << 32, b"a")
    assert pair.to_client() == [Metadata({"width": 64.0}, 0, 1), Video(0xFFFFFFFF, b"v", 1), Audio(0, b"a", 1)]


def test_a_message_type_that_is_not_read_is_told() -> None:
    pair = playing()
    pair.server.send(Message(19, 1, 0, b"abc"))
    assert pair.to_client() == [MessageIgnored(19, 3)]


def test_an_aggregate_gives_its_parts_and_holds_no_other() -> None:
    pair = playing()
    inner = bytes.fromhex("09 000001 000000 00 000000 76 0000000c")
    pair.server.send(Message(22, 1, 5, inner))
    assert pair.to_client() == [Video(5, b"v", 1)]
    nested = bytes([22]) + len(inner).to_bytes(3, "big") + bytes(7) + inner + (len(inner) + 11).to_bytes(4, "big")
    pair.server.send(Message(22, 1, 5, nested))
    with pytest.raises(ProtocolError, match="no aggregate within an aggregate"):
        pair.to_client()


def test_pings_are_answered() -> None:
    pair = playing()
    pair.server.send_control(PingRequest(77))
    assert pair.to_client() == [ControlReceived(PingRequest(77))]
    pair.pump()
    assert pair.server_events[-1] == ControlReceived(PingResponse(77))


def test_acknowledgements_are_sent_when_the_window_is_full() -> None:
    pair = playing()
    pair.server.send_control(WindowAcknowledgementSize(1000))
    pair.to_client()
    pair.pump()
    before = of(pair.server_events, WindowAcknowledged)
    pair.server.send_media(9, 0, b"v" * 500)
    pair.to_client()
    assert pair.client.data_to_send() == b""
    pair.server.send_media(9, 0, b"v" * 500)
    pair.to_client()
    pair.pump()
    assert of(pair.server_events, WindowAcknowledged) == [*before, WindowAcknowledged(pair.client.bytes_received)]


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ([SetPeerBandwidth(1000, Limit.HARD)], [1000]),
        ([SetPeerBandwidth(1000, Limit.SOFT)], [1000]),
        ([SetPeerBandwidth(9_000_000, Limit.SOFT)], []),
        ([SetPeerBandwidth(1000, Limit.DYNAMIC)], []),
        ([SetPeerBandwidth(1000, Limit.HARD), SetPeerBandwidth(500, Limit.DYNAMIC)], [1000, 500]),
    ],
)
def test_bandwidth_limits_are_answered_where_the_window_changes(
    wanted: list[SetPeerBandwidth], answer: list[int]
) -> None:
    pair = playing()
    told = len(pair.server_events)
    for limit in wanted:
        pair.server.send_control(limit)
    pair.to_client()
    pair.pump()
    assert controls(pair.server_events[told:]) == [WindowAcknowledgementSize(size) for size in answer]


def test_the_servers_acknowledgements_are_told() -> None:
    pair = playing()
    pair.server.send_control(Acknowledgement(123))
    assert pair.to_client() == [WindowAcknowledged(123)]


def test_a_302_is_a_redirect() -> None:
    pair = Pair()
    pair.client.play("livestream")
    pair.pump(answering=False)
    pair.server.accept_connect()
    pair.to_client()
    pair.pump(answering=False)
    pair.server.accept_create_stream(CreateStreamRequested(2))
    pair.to_client()
    pair.pump(answering=False)
    pair.server.send_redirect("rtmp://oc-1.socs:1935/live", "rtmp://oc-1.socs:1935/live/livestream")
    (event,) = pair.to_client()
    assert isinstance(event, Redirected)
    assert event.to == "rtmp://oc-1.socs:1935/live/livestream"
    assert event.tc_url == "rtmp://oc-1.socs:1935/live"
    assert event.status.code == "NetConnection.Connect.Rejected"
    assert event.status.description == "RTMP 302 Redirect"
    assert pair.client.state is ClientState.REFUSED


def test_a_redirect_without_a_stream_names_the_tc_url() -> None:
    pair = playing()
    pair.server.send_status(
        "error", "NetConnection.Connect.Rejected", "", ex={"code": 302.0, "redirect": "rtmp://b/live"}
    )
    (event,) = pair.to_client()
    assert isinstance(event, Redirected)
    assert event.to == event.tc_url == "rtmp://b/live"


@pytest.mark.parametrize("ex", [None, {"code": 404.0}, {"code": 302.0}, "302"])
def test_an_error_that_names_no_place_is_a_status(ex: object) -> None:
    pair = playing()
    pair.server.send_status("error", "NetConnection.Connect.Rejected", "no", ex=ex)
    (event,) = pair.to_client()
    assert isinstance(event, Status)
    assert event.level == "error"


def test_a_refused_connect_is_an_error_status() -> None:
    pair = Pair()
    pair.pump(answering=False)
    info: dict[str, object] = {"code": "NetConnection.Connect.InvalidApp", "description": "no such app"}
    pair.server.send_command(Command("_error", 1, None, (info,)))
    (event,) = pair.to_client()
    assert isinstance(event, Status)
    assert (event.level, event.code) == ("error", "NetConnection.Connect.InvalidApp")
    assert pair.client.state is ClientState.REFUSED


def test_an_error_before_the_stream_is_open_refuses_and_later_does_not() -> None:
    pair = Pair()
    pair.pump()
    pair.server.send_status("error", "NetStream.Play.StreamNotFound", "")
    pair.to_client()
    assert pair.client.state is ClientState.REFUSED
    pair = playing()
    pair.server.send_status("error", "NetStream.Play.Failed", "")
    pair.to_client()
    assert pair.client.state is ClientState.PLAYING


@pytest.mark.parametrize("arguments", [(), ("1",), (0.0,), (1.5,), (float("nan"),), (float("inf"),), (-1.0,)])
def test_create_stream_must_be_answered_with_an_id(arguments: tuple[object, ...]) -> None:
    pair = Pair()
    pair.client.play("a")
    pair.pump(answering=False)
    pair.server.accept_connect()
    pair.to_client()
    pair.pump(answering=False)
    pair.server.send_command(Command("_result", 2, None, arguments))
    with pytest.raises(ProtocolError, match="a stream id in the answer"):
        pair.to_client()


def test_other_commands_and_stray_answers_are_told() -> None:
    pair = playing()
    for command in (Command("onBWDone"), Command("_result", 99), Command("_error", 98)):
        pair.server.send_command(command)
        assert pair.to_client() == [CommandReceived(command)]


def test_an_edge_sends_who_it_is() -> None:
    me = {"srs_server": "SRS/3.0"}
    client = ClientConnection("rtmp://v/live", "live", properties={"flashVer": "X"}, arguments=(me,))
    pair = Pair(client)
    pair.pump()
    requested = next(event for event in pair.server_events if type(event).__name__ == "ConnectRequested")
    assert requested.arguments == (me,)
    assert requested.properties["flashVer"] == "X"


def test_the_end_is_told_with_what_was_missing() -> None:
    pair = playing()
    pair.client.receive_data(b"\x04\0\0")
    assert pair.client.receive_eof() == [Closed(3)]
    assert pair.client.closed


def test_a_closed_client_reads_on_but_answers_nothing() -> None:
    pair = Pair()
    pair.client.play("a")
    pair.pump(answering=False)
    pair.client.close()
    pair.server.accept_connect()
    pair.server.send_control(PingRequest(1))
    pair.server.send_control(SetPeerBandwidth(1000, Limit.HARD))
    assert pair.to_client()
    assert pair.client.data_to_send() == b""


def test_a_client_closed_during_the_handshake_sends_no_connect() -> None:
    pair = Pair()
    pair.client.close()
    pair.pump()
    assert [type(event) for event in pair.server_events] == [HandshakeDone]


def test_an_error_keeps_the_events_before_it() -> None:
    pair = playing()
    pair.server.send_media(8, 1, b"a")
    with pytest.raises(ProtocolError) as caught:
        pair.client.receive_data(pair.server.data_to_send() + b"\xc9")
    assert caught.value.before == (Audio(1, b"a", 1),)
    assert caught.value.offset == pair.client.bytes_received - 1
    with pytest.raises(LocalProtocolError, match="had failed"):
        pair.client.receive_data(b"x")


def test_a_player_that_closes_deletes_its_stream() -> None:
    pair = playing()
    pair.client.close()
    pair.pump()
    assert pair.server_events[-1] == CommandReceived(Command("deleteStream", 3, None, (1.0,)))
