"""The RTMP viewer against servers of every kind of behaviour."""

import socket
import time

import pytest

from srs_conformance.checkers import playback
from srs_conformance.media.rtmp.events import PlayRequested
from srs_conformance.viewers import Ending, Timeline, Viewer, rtmp, watch
from tests.support import media
from tests.support.nginx import free_port
from tests.support.servers import Handler, RtmpPeer, Server, reset
from tests.support.waiting import wait_for


def send_media(peer: RtmpPeer) -> None:
    for tag in media.tags():
        peer.rtmp.send_media(tag.kind, tag.timestamp, tag.payload)
    peer.flush()


def plays(connection: socket.socket) -> None:
    peer = RtmpPeer(connection)
    peer.accept_play()
    send_media(peer)


def waits(connection: socket.socket) -> None:
    RtmpPeer(connection).accept_play()
    while connection.recv(4096):
        pass


def refuses(connection: socket.socket) -> None:
    peer = RtmpPeer(connection)
    peer.until(PlayRequested)
    peer.rtmp.send_status("error", "NetStream.Play.StreamNotFound", "no such stream", 1)
    peer.flush()
    while connection.recv(4096):
        pass


def sends_on(tc_url: str, stream_url: str) -> Handler:
    def handler(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.until(PlayRequested)
        peer.rtmp.send_redirect(tc_url, stream_url)
        peer.flush()
        while connection.recv(4096):
            pass

    return handler


def url(server: Server, stream: str = "a") -> str:
    return f"rtmp://127.0.0.1:{server.port}/live/{stream}"


def ended(viewer: Viewer) -> Timeline:
    wait_for(lambda: viewer.timeline.ended is not None, "the viewer's end")
    return viewer.stop()


def test_frames_configurations_and_numbers() -> None:
    with Server(plays) as server, watch(url(server), decode=True) as viewer:
        timeline = ended(viewer)
    assert timeline.ending is Ending.CLOSED
    assert timeline.error == "the server closed the connection while playing"
    assert timeline.server == "SRS/3.0.170(Test)"
    assert playback.sound(timeline).holds
    assert timeline.numbers == list(range(100))
    assert timeline.playing is not None
    texts = [note.text for note in timeline.notes]
    assert texts[:2] == [
        "NetStream.Play.Reset: Playing and resetting stream.",
        "NetStream.Play.Start: Started playing stream.",
    ]
    assert any(text.startswith("onMetaData: ") for text in texts)


def test_a_stream_that_nobody_sends_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtmp, "ANSWER_SECONDS", 0.1)
    with Server(waits) as server:
        viewer = watch(url(server)).start()
        wait_for(lambda: viewer.timeline.playing, "Play.Start")
        wait_for(lambda: playback.alive_without_data(viewer.timeline, 0.3).holds, "some waiting")
        started = time.monotonic()
        timeline = viewer.stop()
        assert time.monotonic() - started < 0.5
    assert timeline.ending is Ending.STOPPED


def test_the_stream_is_asked_for_with_its_parameters() -> None:
    asked: list[PlayRequested] = []

    def handler(connection: socket.socket) -> None:
        asked.append(RtmpPeer(connection).accept_play())

    with Server(handler) as server, watch(url(server, "a?token=x&vhost=y")) as viewer:
        ended(viewer)
    assert (asked[0].stream, asked[0].params) == ("a", "token=x&vhost=y")


def test_a_redirect_is_followed_and_noted() -> None:
    asked: list[PlayRequested] = []

    def handler(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        asked.append(peer.accept_play())
        send_media(peer)

    with Server(handler) as target:
        there = f"rtmp://127.0.0.1:{target.port}/live"
        with Server(sends_on(there, f"{there}/a")) as server, watch(url(server, "a?token=x")) as viewer:
            timeline = ended(viewer)
    assert len(timeline.video) == 100
    assert (asked[0].stream, asked[0].params) == ("a", "token=x")
    assert timeline.notes[0].text == f"NetConnection.Connect.Rejected: RTMP 302 Redirect, to {there}/a?token=x"


def test_a_redirect_is_followed_to_a_name_that_only_the_viewer_knows() -> None:
    def handler(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.accept_play()
        send_media(peer)

    with Server(handler) as target:
        there = f"rtmp://origin-1.socs:{target.port}/live"
        hosts = {"origin-1.socs": "127.0.0.1"}
        with Server(sends_on(there, f"{there}/a")) as server, watch(url(server), hosts=hosts) as viewer:
            timeline = ended(viewer)
    assert len(timeline.video) == 100
    assert viewer.hops == [f"{there}/a"]


def test_a_redirect_that_names_only_the_application_keeps_the_stream() -> None:
    asked: list[PlayRequested] = []

    def handler(connection: socket.socket) -> None:
        asked.append(RtmpPeer(connection).accept_play())

    with Server(handler) as target:
        there = f"rtmp://127.0.0.1:{target.port}/other"
        with Server(sends_on(there, "")) as server, watch(url(server)) as viewer:
            ended(viewer)
    assert asked[0].stream == "a"


def test_redirects_without_end_are_given_up() -> None:
    port = free_port()
    here = f"rtmp://127.0.0.1:{port}/live"
    with Server(sends_on(here, f"{here}/a"), port=port) as server:
        with watch(url(server)) as viewer:
            timeline = ended(viewer)
        assert len(server.connections) == rtmp.HOPS + 1
    assert timeline.ending is Ending.REDIRECTED
    assert len(timeline.notes) == rtmp.HOPS + 1


def test_a_redirect_to_nowhere_is_the_end() -> None:
    with Server(sends_on("rtmp://", "rtmp://")) as server, watch(url(server)) as viewer:
        assert ended(viewer).ending is Ending.REDIRECTED


def garbage(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 200)


def nonsense_later(connection: socket.socket) -> None:
    peer = RtmpPeer(connection)
    peer.accept_play()
    for tag in media.tags()[:50]:
        peer.rtmp.send_media(tag.kind, tag.timestamp, tag.payload)
    peer.flush()
    connection.sendall(b"\xff" * 5000)


def resets(connection: socket.socket) -> None:
    connection.recv(1)
    reset(connection)


def mute(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


@pytest.mark.parametrize(
    ("handler", "ending", "why"),
    [
        (refuses, Ending.REJECTED, "NetStream.Play.StreamNotFound: no such stream"),
        (lambda connection: connection.close(), Ending.CLOSED, "while handshake"),
        (resets, Ending.RESET, "reset"),
        (garbage, Ending.PROTOCOL_ERROR, "RTMP"),
        (nonsense_later, Ending.PROTOCOL_ERROR, "RTMP"),
        (mute, Ending.TIMEOUT, "timed out"),
    ],
    ids=["refused", "closed", "reset", "no RTMP", "nonsense later", "mute"],
)
def test_every_end_has_its_cause(handler: Handler, ending: Ending, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtmp, "ANSWER_SECONDS", 0.3)
    with Server(handler) as server, watch(url(server)) as viewer:
        timeline = ended(viewer)
    if handler is not refuses and timeline.ending is Ending.RESET:
        return  # closing with unread bytes is a reset, too
    assert timeline.ending is ending
    assert why in timeline.error
    if handler is nonsense_later:
        assert len(timeline.frames) > 30


def test_an_empty_message_is_noted_and_no_end() -> None:
    def handler(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.accept_play()
        peer.rtmp.send_media(9, 0, b"")
        peer.rtmp.send_media(8, 0, b"")
        send_media(peer)

    with Server(handler) as server, watch(url(server)) as viewer:
        timeline = ended(viewer)
    assert len(timeline.video) == 100
    assert {"an empty video message", "an empty audio message"} <= {note.text for note in timeline.notes}


def test_an_end_of_sequence_unit_is_no_picture() -> None:
    def handler(connection: socket.socket) -> None:
        peer = RtmpPeer(connection)
        peer.accept_play()
        send_media(peer)
        peer.rtmp.send_media(9, 4000, bytes.fromhex("1701000000 00000001 0a"))
        peer.flush()

    with Server(handler) as server, watch(url(server), decode=True) as viewer:
        timeline = ended(viewer)
    assert len(timeline.video) == 100
    assert "without a picture at 4000 ms (NAL unit types 10)" in timeline.notes[-1].text
