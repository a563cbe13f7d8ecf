"""The HLS viewer against a server whose playlists and segments are a script."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest

from srs_conformance.checkers import playback
from srs_conformance.viewers import Ending, Timeline, Viewer, hls, watch
from tests.support import media
from tests.support.nginx import free_port
from tests.support.servers import Server, chunked, request, response
from tests.support.waiting import wait_for

NOT_FOUND = response(b"not found", status="404 Not Found")
M3U8 = "Content-Type: application/vnd.apple.mpegurl"

Answer = bytes | Callable[[socket.socket], object]


class Site:
    """Answers each path with the answers given for it in turn, the last one again and again; keeps connections."""

    def __init__(self, paths: Mapping[str, list[Answer]]) -> None:
        self.paths = {f"/{name}": answers for name, answers in paths.items()}
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket) -> None:
        while target := request(connection):
            with self._lock:
                self.asked.append(target)
                answers = self.paths.get(target.partition("?")[0], [NOT_FOUND])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)


def segments(first: int = 0, count: int = 2) -> dict[str, list[Answer]]:
    data = media.segments()
    return {f"{number}.ts": [response(data[number % 2])] for number in range(first, first + count)}


def playlists(*texts: bytes) -> list[Answer]:
    return [response(text, M3U8) for text in texts]


def ended(viewer: Viewer) -> Timeline:
    wait_for(lambda: viewer.timeline.ended is not None, "the viewer's end")
    return viewer.stop()


def watched(site: Site, *, decode: bool = False, from_start: bool = False) -> Timeline:
    with Server(site) as server:
        address = f"http://127.0.0.1:{server.port}/a.m3u8"
        with watch(address, label="v", decode=decode, from_start=from_start) as viewer:
            return ended(viewer)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hls, "RETRY_SECONDS", 0.02)


def test_a_complete_playlist_is_played_to_its_end() -> None:
    timeline = watched(Site({"a.m3u8": playlists(media.playlist(0, 2, ended=True)), **segments()}), decode=True)
    assert timeline.ending is Ending.FINISHED
    assert playback.sound(timeline).holds
    assert playback.segments(timeline).holds
    assert playback.content_type(timeline, "application/vnd.apple.mpegurl").holds
    assert timeline.numbers == list(range(100))
    assert [(each.sequence, each.status, each.extinf) for each in timeline.segments] == [(0, 200, 2.0), (1, 200, 2.0)]
    assert [(each.first, each.last) for each in timeline.segments][1][1] == len(timeline.frames)
    assert [config.description for config in timeline.configs] == [
        "profile 77 level 3 640x360",
        "object type 2 44100 Hz 2 channel(s)",
    ]


def test_the_frames_are_those_of_rtmp_and_flv() -> None:
    timeline = watched(Site({"a.m3u8": playlists(media.playlist(0, 2, ended=True)), **segments()}))
    site = Site({"a.flv": [response(media.flv())]})
    with Server(site) as server, watch(f"http://127.0.0.1:{server.port}/a.flv", label="flv") as viewer:
        wait_for(lambda: len(viewer.timeline.video) == 100, "all pictures")
        other = viewer.stop()
    assert playback.same_frames([timeline, other], least=100).holds


def test_it_waits_for_the_first_playlist_and_notes_that_once() -> None:
    first = [NOT_FOUND, NOT_FOUND, NOT_FOUND, *playlists(media.playlist(0, 2, ended=True))]
    site = Site({"a.m3u8": first, **segments()})
    timeline = watched(site)
    assert [fetch.status for fetch in timeline.playlists] == [404, 404, 404, 200]
    assert [note.text for note in timeline.notes] == [f"{timeline.url}: 404"]
    assert playback.segments(timeline).holds
    assert timeline.playing is not None
    assert timeline.playing >= timeline.playlists[-1].at


def test_a_session_of_srs_keeps_its_query() -> None:
    master = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n/a.m3u8?hls_ctx=abc\n"
    text = media.playlist(0, 2, ended=True).replace(b".ts", b".ts?hls_ctx=abc")
    site = Site({"a.m3u8": playlists(master, text), **segments()})
    timeline = watched(site)
    assert site.asked == ["/a.m3u8", "/a.m3u8?hls_ctx=abc", "/0.ts?hls_ctx=abc", "/1.ts?hls_ctx=abc"]
    assert [fetch.master for fetch in timeline.playlists] == [True, False]
    assert playback.segments(timeline).holds


def test_a_master_playlist_of_itself_is_no_stream_and_no_busy_loop() -> None:
    master = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/a.m3u8?x=1\n"
    site = Site({"a.m3u8": playlists(master)})
    with Server(site) as server, watch(f"http://127.0.0.1:{server.port}/a.m3u8") as viewer:
        wait_for(lambda: viewer.timeline.notes, "a note")
        timeline = viewer.stop()
    assert "a master playlist where" in timeline.notes[0].text
    assert not timeline.segments


@pytest.mark.parametrize(("from_start", "first"), [(False, 5), (True, 0)])
def test_where_playback_begins(from_start: bool, first: int) -> None:
    live = media.playlist(0, 8, target=1, extinf=1.0)
    site = Site({"a.m3u8": playlists(live, media.playlist(0, 8, target=1, extinf=1.0, ended=True)), **segments(0, 8)})
    timeline = watched(site, from_start=from_start)
    assert [each.sequence for each in timeline.segments] == list(range(first, 8))


def test_a_playlist_that_advances_is_polled_by_its_target_duration() -> None:
    texts = [media.playlist(n, 3, target=1, extinf=1.0) for n in (0, 1, 1)]
    site = Site({"a.m3u8": playlists(*texts, media.playlist(1, 3, target=1, ended=True)), **segments(0, 6)})
    timeline = watched(site)
    assert [each.sequence for each in timeline.segments] == [0, 1, 2, 3]
    at = [fetch.at for fetch in timeline.playlists]
    pauses = [b - a for a, b in pairwise(at)]
    assert pauses == pytest.approx([1.0, 1.0, 0.5], abs=0.2)
    assert [fetch.media_sequence for fetch in timeline.playlists] == [0, 1, 1, 1]


def test_segments_that_left_the_playlist_unseen_are_noted() -> None:
    site = Site({"a.m3u8": playlists(media.playlist(0, 1, target=0), media.playlist(4, 2, target=0, ended=True))})
    site.paths.update({f"/{name}": answers for name, answers in segments(0, 6).items()})
    timeline = watched(site)
    assert [each.sequence for each in timeline.segments] == [0, 4, 5]
    assert "segments 1 to 3 have left the playlist unseen" in [note.text for note in timeline.notes]


def test_a_media_sequence_that_goes_back_is_noted_and_followed() -> None:
    site = Site({"a.m3u8": playlists(media.playlist(7, 2, target=0), media.playlist(0, 2, target=0, ended=True))})
    site.paths.update({f"/{name}": answers for name, answers in segments(0, 10).items()})
    timeline = watched(site)
    assert [each.sequence for each in timeline.segments] == [8, 0, 1]
    assert "the media sequence went back, from 9 to 2" in [note.text for note in timeline.notes]
    assert not playback.segments(timeline).holds


def cut(data: bytes) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(response(b"", f"Content-Length: {len(data)}", length=False) + data[: len(data) // 2])
        connection.shutdown(socket.SHUT_RDWR)

    return answer


GOOD = media.segments


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (lambda: NOT_FOUND, ""),
        (lambda: response(GOOD()[0][:-100]), "MPEG-TS"),
        (lambda: response(GOOD()[0][: 188 * 200] + GOOD()[0][188 * 210 :]), "packets are missing|MPEG-TS"),
        (lambda: response(b"\x00" * 376), "sync byte"),
        (lambda: response(b""), "no audio or video frame"),
        (lambda: response(GOOD()[0][: 188 * 2]), "no audio or video frame"),
        (lambda: cut(GOOD()[0]), "in the middle"),
    ],
    ids=["gone", "not whole packets", "packets missing", "no MPEG-TS", "empty", "tables only", "cut"],
)
def test_a_broken_segment_is_recorded_and_the_next_one_played(broken: Callable[[], Answer], problem: str) -> None:
    paths: dict[str, list[Answer]] = segments()
    paths["0.ts"] = [broken()]
    timeline = watched(Site({"a.m3u8": playlists(media.playlist(0, 2, ended=True)), **paths}))
    first, second = timeline.segments
    assert any(part in first.problem for part in problem.split("|"))
    assert (first.status == 404) is (problem == "")
    assert not second.problem
    assert second.last - second.first > 100
    assert not playback.segments(timeline).holds
    assert any(note.text.startswith("segment 0, http://") for note in timeline.notes)


def test_a_broken_playlist_is_a_problem_and_not_the_end() -> None:
    html = response(b"<html>SRS</html>", "Content-Type: text/html")
    site = Site({"a.m3u8": [html, *playlists(media.playlist(0, 2, ended=True))], **segments()})
    timeline = watched(site)
    assert "expected #EXTM3U" in timeline.playlists[0].problem
    assert timeline.ending is Ending.FINISHED


def test_a_connection_that_the_server_closes_between_requests_is_opened_again() -> None:
    def once(answer: bytes) -> Answer:
        def close(connection: socket.socket) -> None:
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_RDWR)

        return close

    site = Site({"a.m3u8": [once(response(media.playlist(0, 2, ended=True), M3U8))], **segments()})
    site.paths["/0.ts"] = [once(response(media.segments()[0]))]
    timeline = watched(site)
    assert playback.segments(timeline).holds
    assert len(timeline.segments) == 2


def test_chunked_segments() -> None:
    data = media.segments()[0]
    whole = b"".join(chunked([data[i : i + 1000] for i in range(0, len(data), 1000)]))
    timeline = watched(Site({"a.m3u8": playlists(media.playlist(0, 1, ended=True)), "0.ts": [whole]}))
    assert timeline.segments[0].size == len(data)
    assert playback.segments(timeline).holds


def hang(connection: socket.socket) -> None:
    """Answer nothing until the client goes away."""
    while connection.recv(4096):
        pass


@pytest.mark.parametrize("what", ["a.m3u8", "0.ts"])
def test_it_stops_promptly_in_the_middle_of_a_request(what: str) -> None:
    paths: dict[str, list[Answer]] = {"a.m3u8": playlists(media.playlist(0, 1)), what: [hang]}
    site = Site(paths)
    with Server(site) as server:
        viewer = watch(f"http://127.0.0.1:{server.port}/a.m3u8").start()
        wait_for(lambda: f"/{what}" in site.asked, "the request")
        started = time.monotonic()
        timeline = viewer.stop()
        assert time.monotonic() - started < 0.5
    assert timeline.ending is Ending.STOPPED


def test_a_playlist_that_never_comes_times_out_and_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hls, "PLAYLIST_SECONDS", 0.1)
    site = Site({"a.m3u8": [hang, *playlists(media.playlist(0, 2, ended=True))], **segments()})
    timeline = watched(site)
    assert timeline.playlists[0].status is None
    assert "timed out" in timeline.playlists[0].problem
    assert timeline.ending is Ending.FINISHED


def test_nobody_listens() -> None:
    with watch(f"http://127.0.0.1:{free_port()}/a.m3u8") as viewer:
        assert ended(viewer).ending is Ending.REFUSED


def test_a_server_that_goes_away_later_is_asked_again() -> None:
    site = Site({"a.m3u8": playlists(media.playlist(0, 1, target=0)), **segments()})
    with Server(site) as server:
        viewer = watch(f"http://127.0.0.1:{server.port}/a.m3u8").start()
        wait_for(lambda: viewer.timeline.segments, "a segment")
    wait_for(lambda: viewer.timeline.playlists[-1].status is None, "a failed request")
    assert viewer.alive
    timeline = viewer.stop()
    assert "refused" in timeline.notes[-1].text or "closed" in timeline.notes[-1].text
