from __future__ import annotations

import pytest

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.connection import (
    CommandReceived,
    ConnectRequested,
    CreateStreamRequested,
    HandshakeDone,
    PlayRequested,
    PublishRequested,
    ServerConnection,
    ServerState,
)
from srs_conformance.media.rtmp.messages import Command, SetChunkSize, WindowAcknowledgementSize
from srs_conformance.media.rtmp.server import REQUESTS
from tests.unit.media.making import Pair

CONNECT = Command("connect", 1, {"app": "live", "tcUrl": "rtmp://host/live"})


def shaken() -> Pair:
    """Return a pair after the handshake, whose client has sent no command yet."""
    pair = Pair()
    pair.server.receive_data(pair.client.data_to_send())
    pair.client.receive_data(pair.server.data_to_send())
    pair.client.handshake.data_to_send()
    data = pair.client.data_to_send()
    assert [type(event) for event in pair.server.receive_data(data[:1536])] == [HandshakeDone]
    return pair


def send(pair: Pair, *commands: Command) -> list[object]:
    for command in commands:
        pair.client.send_command(command)
    return list(pair.server.receive_data(pair.client.data_to_send()))


def connected() -> Pair:
    pair = Pair()
    pair.pump()
    assert pair.server.state is ServerState.CONNECTED
    return pair


def test_every_request_of_the_table_is_a_method() -> None:
    for method in REQUESTS.values():
        assert callable(getattr(ServerConnection, method))


def test_connect_tells_all_that_came() -> None:
    pair = shaken()
    (event,) = send(pair, Command("connect", 1, CONNECT.object, ({"srs_id": 1.0},)))
    assert event == ConnectRequested("live", "rtmp://host/live", CONNECT.object, ({"srs_id": 1.0},), 1.0)


def test_the_answer_to_connect_comes_in_the_order_of_srs() -> None:
    pair = Pair()
    pair.pump()
    names = [type(getattr(event, "control", event)).__name__ for event in pair.client_events]
    assert names == ["HandshakeDone", "WindowAcknowledgementSize", "SetPeerBandwidth", "SetChunkSize", "Connected"]


def test_another_order_can_be_had() -> None:
    pair = Pair()
    pair.pump(answering=False)
    pair.server.answer_connect({}, {"code": "NetConnection.Connect.Success"})
    pair.server.send_control(WindowAcknowledgementSize(5))
    pair.server.send_control(SetChunkSize(500))
    names = [type(getattr(event, "control", event)).__name__ for event in pair.to_client()]
    assert names == ["Connected", "WindowAcknowledgementSize", "SetChunkSize"]


def test_connect_is_answered_once() -> None:
    pair = connected()
    with pytest.raises(LocalProtocolError, match="connect was answered while connected"):
        pair.server.accept_connect()


def test_streams_get_ids() -> None:
    pair = connected()
    assert send(pair, Command("createStream", 2)) == [CreateStreamRequested(2.0)]
    assert pair.server.accept_create_stream(CreateStreamRequested(2)) == 1
    assert pair.server.accept_create_stream(CreateStreamRequested(3)) == 2
    assert pair.server.accept_create_stream(CreateStreamRequested(4), 9) == 9


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (Command("play", 0, None, ("s",), 1), PlayRequested("s", "", 1, 0.0, -2.0)),
        (Command("play", 4, None, ("s?a=b?c", -1000.0), 1), PlayRequested("s", "a=b?c", 1, 4.0, -1000.0)),
        (Command("publish", 5, None, ("s?k=v", "record"), 1), PublishRequested("s", "k=v", 1, 5.0, "record")),
        (Command("publish", 5, None, ("s",), 1), PublishRequested("s", "", 1, 5.0, "live")),
        (Command("pause", 0, None, (True,), 1), CommandReceived(Command("pause", 0.0, None, (True,), 1))),
    ],
)
def test_requests_are_told(command: Command, event: object) -> None:
    assert send(connected(), command) == [event]


def test_a_client_need_not_wait_for_the_answer_to_connect() -> None:
    events = send(shaken(), CONNECT, Command("createStream", 2))
    assert [type(event) for event in events] == [ConnectRequested, CreateStreamRequested]


def test_connect_comes_first_and_once() -> None:
    with pytest.raises(ProtocolError, match="fits 'waiting for connect', found 'createStream'"):
        send(shaken(), Command("createStream", 2))
    with pytest.raises(ProtocolError, match="fits 'connected', found 'connect'"):
        send(connected(), CONNECT)


@pytest.mark.parametrize(
    ("command", "expected"),
    [(Command("play", 0), "a stream name"), (Command("publish", 0, None, (1.0,)), "a stream name")],
)
def test_a_request_without_a_name_is_an_error(command: Command, expected: str) -> None:
    with pytest.raises(ProtocolError, match=expected):
        send(connected(), command)


def test_connect_without_an_app_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="expected an app, found None"):
        send(shaken(), Command("connect", 1, {}))


def test_a_closed_server_sends_no_more() -> None:
    pair = connected()
    pair.server.send_status("status", "X", "")
    pair.server.close()
    assert pair.server.data_to_send()
    with pytest.raises(LocalProtocolError):
        pair.server.send_status("status", "X", "")


def test_only_media_is_sent_as_media() -> None:
    with pytest.raises(LocalProtocolError, match="is no media"):
        connected().server.send_media(20, 0, b"")
