"""Short visits that ask a server who it is."""

import socket

import pytest

from srs_conformance.media import amf0
from srs_conformance.media.rtmp.events import ConnectRequested
from srs_conformance.viewers import Ending, greeting
from srs_conformance.viewers.greeting import greet, metadata, sent_on
from srs_conformance.viewers.wire import Ended
from tests.support.nginx import free_port
from tests.support.servers import RtmpPeer, Server


def until_gone(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def tells(version: amf0.Value):
    def handler(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.until(ConnectRequested)
        peer.rtmp.accept_connect(info={"data": {"srs_server": "SRS/9.9.9(Test)", "srs_version": version}})
        peer.flush()
        until_gone(connection)

    return handler


def plays(connection: socket.socket) -> None:
    peer = RtmpPeer(connection)
    peer.accept_play()
    peer.rtmp.send_media(18, 0, amf0.encode("onMetaData", {"server_version": "3.0.170"}))
    peer.flush()
    until_gone(connection)


@pytest.mark.parametrize(("version", "told"), [("3.0.170", "3.0.170"), (None, "SRS/9.9.9(Test)")])
def test_a_server_tells_its_version_in_its_answer(version: amf0.Value, told: str) -> None:
    with Server(tells(version)) as server:
        assert greet("127.0.0.1", server.port) == told


def test_a_player_is_told_the_metadata() -> None:
    with Server(plays) as server:
        assert metadata(f"rtmp://127.0.0.1:{server.port}/live/a")["server_version"] == "3.0.170"


def test_one_that_refuses_or_hangs_up_or_is_silent_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "ANSWER_SECONDS", 0.1)
    endings = []
    with Server(socket.socket.close, until_gone) as server:
        for port in (free_port(), server.port, server.port):
            with pytest.raises(Ended) as ended:
                greet("127.0.0.1", port)
            endings.append(ended.value.ending)
    assert endings == [Ending.REFUSED, endings[1], Ending.TIMEOUT]
    assert endings[1] in (Ending.CLOSED, Ending.RESET)


def test_where_a_player_is_sent_on_is_told_and_not_followed() -> None:
    def sends_on(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.accept_play()
        peer.rtmp.send_redirect("rtmp://o-1.socs:1935/live", "rtmp://o-1.socs:1935/live/a")
        peer.flush()
        until_gone(connection)

    with Server(sends_on) as server:
        found = sent_on(f"rtmp://127.0.0.1:{server.port}/live/a")
    assert (found.tc_url, found.to) == ("rtmp://o-1.socs:1935/live", "rtmp://o-1.socs:1935/live/a")


def test_who_plays_itself_or_refuses_sends_nobody_on() -> None:
    def has_it(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.accept_play()
        peer.rtmp.send_media(9, 0, b"\x17\x01")
        peer.flush()
        until_gone(connection)

    def refuses(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.accept_play()
        peer.rtmp.send_status("error", "NetStream.Play.StreamNotFound", "no such stream")
        peer.flush()
        until_gone(connection)

    for handler, ending in ((has_it, Ending.FINISHED), (refuses, Ending.REJECTED)):
        with Server(handler) as server, pytest.raises(Ended) as ended:
            sent_on(f"rtmp://127.0.0.1:{server.port}/live/a")
        assert ended.value.ending is ending
