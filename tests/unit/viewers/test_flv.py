"""The HTTP-FLV viewer, and what all viewers share, against servers of every kind of behaviour."""

import socket
import time
from collections.abc import Callable

import pytest

from srs_conformance.checkers import playback
from srs_conformance.errors import EngineError, UsageError
from srs_conformance.viewers import Ending, Protocol, Timeline, Viewer, watch, wire
from tests.support import media
from tests.support.nginx import free_port
from tests.support.servers import Handler, Server, chunked, request, reset, response
from tests.support.waiting import wait_for

FLV_TYPE = "Content-Type: video/x-flv"


def serve(*pieces: bytes, then: Callable[[socket.socket], object] | None = None) -> Handler:
    def handler(connection: socket.socket) -> None:
        request(connection)
        for piece in pieces:
            connection.sendall(piece)
        if then is not None:
            then(connection)

    return handler


def hold(connection: socket.socket) -> None:
    """Keep the connection until the other side leaves."""
    while connection.recv(4096):
        pass


def url(server: Server, path: str = "/live/a.flv") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def ended(viewer: Viewer) -> Timeline:
    wait_for(lambda: viewer.timeline.ended is not None, "the viewer's end")
    assert not viewer.alive
    return viewer.stop()


def watched(*handlers: Handler, decode: bool = False) -> Timeline:
    with Server(*handlers) as server, watch(url(server), label="v", decode=decode) as viewer:
        return ended(viewer)


def test_frames_configurations_and_numbers_of_a_whole_stream() -> None:
    body = response(media.flv(), FLV_TYPE)
    timeline = watched(serve(body), decode=True)
    assert timeline.ending is Ending.CLOSED
    assert timeline.protocol is Protocol.HTTP_FLV
    assert timeline.server == "SRS/3.0.170(Test)"
    assert playback.content_type(timeline, "video/x-flv").holds
    assert playback.sound(timeline).holds
    assert playback.no_missing_numbers(timeline, media.CLIP.frames).holds
    assert timeline.numbers == list(range(100))
    assert [frame.keyframe for frame in timeline.video].count(True) == 2
    assert [config.description for config in timeline.configs] == [
        "profile 77 level 3 640x360",
        "object type 2 44100 Hz 2 channel(s)",
    ]
    assert timeline.received == len(body)
    assert timeline.first_picture == timeline.frames[0].arrival or timeline.first_picture == timeline.video[0].arrival
    started, connected, first, playing = timeline.started, timeline.connected, timeline.first_byte, timeline.playing
    assert connected is not None
    assert first is not None
    assert playing is not None
    assert started <= connected <= first <= playing <= timeline.frames[0].arrival


def test_any_chunking_gives_the_same_frames() -> None:
    data = media.flv()
    pieces = [data[i : i + 777] for i in range(0, len(data), 777)]
    timeline = watched(serve(*chunked(pieces)))
    whole = watched(serve(response(data)))
    assert [frame.digest for frame in timeline.frames] == [frame.digest for frame in whole.frames]
    assert len({frame.arrival for frame in timeline.frames}) > 1


def test_a_stream_that_nobody_sends_is_connected_without_data() -> None:
    with Server(serve(then=hold)) as server:
        viewer = watch(url(server)).start()
        wait_for(lambda: viewer.timeline.connected, "the connection")
        assert viewer.alive
        assert playback.alive_without_data(viewer.timeline).holds
        started = time.monotonic()
        timeline = viewer.stop()
        assert time.monotonic() - started < 0.5
    assert timeline.ending is Ending.STOPPED
    assert timeline.first_byte is None
    assert timeline.playing is None
    assert not timeline.lost


def test_stopping_in_the_middle_keeps_what_came() -> None:
    with Server(serve(response(b"", length=False) + media.flv(), then=hold)) as server:
        viewer = watch(url(server)).start()
        wait_for(lambda: len(viewer.timeline.video) == 100, "all pictures")
        assert viewer.stop() is viewer.stop()
    assert viewer.timeline.ending is Ending.STOPPED
    assert viewer.timeline.error == ""


def test_the_capture_is_the_first_bytes_and_bounded() -> None:
    body = response(media.flv())
    with Server(serve(body)) as server, watch(url(server)) as viewer:
        ended(viewer)
    assert viewer.capture == body[: wire.CAPTURE_SIZE]


@pytest.mark.parametrize(
    ("handler", "ending", "why"),
    [
        (serve(), Ending.CLOSED, "without an answer|in the middle"),
        (serve(response(b"gone", status="404 Not Found")), Ending.HTTP_STATUS, "404 Not Found: gone"),
        (serve(response(b"<p>\r\nno", status="404 Not Found")), Ending.HTTP_STATUS, "404 Not Found"),
        (serve(*chunked([media.flv()], end=False)), Ending.CLOSED, "in the middle"),
        (serve(*chunked([media.flv()])), Ending.CLOSED, "ended the response"),
        (serve(b"\0\1\2\3nonsense\r\n\r\n"), Ending.PROTOCOL_ERROR, "no HTTP"),
        (serve(response(b"<html>no FLV at all</html>")), Ending.PROTOCOL_ERROR, "the signature 'FLV'"),
        (reset, Ending.RESET, "reset"),
        (serve(response(b"", length=False), then=reset), Ending.RESET, "reset"),
    ],
    ids=["no answer", "404", "page", "cut", "ended", "no HTTP", "no FLV", "reset", "reset later"],
)
def test_every_end_has_its_cause(handler: Handler, ending: Ending, why: str) -> None:
    timeline = watched(handler)
    assert timeline.ending is ending
    assert any(part in timeline.error for part in why.split("|")), timeline.error
    assert "<p>" not in timeline.error
    assert timeline.lost


def test_frames_before_a_violation_are_kept() -> None:
    data = media.flv()
    broken = data[: media.tags()[60].offset] + b"\xff" * 100
    timeline = watched(serve(response(broken)))
    assert timeline.ending is Ending.PROTOCOL_ERROR
    assert "FLV tag" in timeline.error
    assert len(timeline.frames) > 40


def test_nobody_listens() -> None:
    with watch(f"http://127.0.0.1:{free_port()}/live/a.flv") as viewer:
        assert ended(viewer).ending is Ending.REFUSED
    assert viewer.timeline.connected is None


def test_no_such_host() -> None:
    with watch("http://nowhere.invalid/live/a.flv") as viewer:
        assert ended(viewer).ending is Ending.UNREACHABLE


def full() -> socket.socket:
    """Return a listener whose queue is full, so that connecting to it hangs."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        _fillers.append(filler)
    return listener


_fillers: list[socket.socket] = []


@pytest.fixture
def full_port() -> object:
    with full() as listener:
        yield listener.getsockname()[1]
    while _fillers:
        _fillers.pop().close()


def test_a_connection_that_hangs_times_out(full_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CONNECT_SECONDS", 0.1)
    with watch(f"http://127.0.0.1:{full_port}/live/a.flv") as viewer:
        assert ended(viewer).ending is Ending.TIMEOUT


def test_a_viewer_that_is_still_connecting_stops_promptly(full_port: int) -> None:
    viewer = watch(f"http://127.0.0.1:{full_port}/live/a.flv").start()
    wait_for(lambda: viewer.alive, "the viewer's start")
    started = time.monotonic()
    assert viewer.stop().ending is Ending.STOPPED
    assert time.monotonic() - started < 0.5


def test_redirects_are_followed() -> None:
    first = serve(response(b"", "Location: /live/b.flv", status="302 Found"))
    timeline = watched(first, serve(response(media.flv())))
    assert len(timeline.video) == 100
    assert "/live/b.flv" in timeline.notes[0].text


@pytest.mark.parametrize("place", ["/live/a.flv", "ftp://127.0.0.1/live/a.flv"])
def test_redirects_without_end_or_to_elsewhere_are_given_up(place: str) -> None:
    timeline = watched(serve(response(b"", f"Location: {place}", status="302 Found")))
    assert timeline.ending is Ending.REDIRECTED


def test_the_source_address_can_be_chosen() -> None:
    with Server(serve(response(media.flv()))) as server:
        with watch(url(server), source="127.0.0.7") as viewer:
            ended(viewer)
        assert server.peers == ["127.0.0.7"]


def test_an_impossible_source_address_is_unreachable() -> None:
    with Server(serve()) as server, watch(url(server), source="192.0.2.1") as viewer:
        assert ended(viewer).ending is Ending.UNREACHABLE


def test_a_defect_of_the_viewer_is_an_engine_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    with Server(serve(response(media.flv()))) as server:
        viewer = watch(url(server))
        monkeypatch.setattr(viewer._recorder, "flv_video", fail)
        viewer.start()
        wait_for(lambda: viewer.timeline.ended, "the end")
        with pytest.raises(EngineError, match="a defect"):
            viewer.stop()


def test_a_viewer_that_was_never_started_can_be_stopped() -> None:
    assert watch("http://127.0.0.1/live/a.flv").stop().ending is Ending.STOPPED


@pytest.mark.parametrize(
    "wrong", ["ftp://x/live/a.flv", "http://x/live/a.mp4", "rtmp://x/live", "http:///a.flv", "http://x:port/a.flv", ""]
)
def test_urls_that_cannot_be_watched_are_named(wrong: str) -> None:
    with pytest.raises(UsageError, match="cannot watch") as refused:
        watch(wrong)
    assert repr(wrong) in str(refused.value)
