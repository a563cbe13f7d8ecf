"""Viewers that come back, and seats on which viewers come and go, against servers that cut, refuse and serve."""

import socket
import threading
import time
from itertools import islice, pairwise

import pytest

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.viewers import Churn, Ending, Protocol, Returning, Timeline
from srs_conformance.viewers.returning import LONGEST_PAUSE, visits
from tests.support import media
from tests.support.nginx import free_port
from tests.support.servers import Handler, Server, request, reset, response
from tests.support.waiting import wait_for

FLV_TYPE = "Content-Type: video/x-flv"


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/live/a.flv"


def serves(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(response(media.flv(), FLV_TYPE))


def serves_and_holds(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(response(media.flv(), FLV_TYPE, length=False))
    while connection.recv(4096):
        pass


def serves_and_resets(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(response(media.flv(), FLV_TYPE, length=False))
    time.sleep(0.05)  # so that the bytes are read before the reset discards them
    reset(connection)


def closes(connection: socket.socket) -> None:
    request(connection)


def endings(timelines: list[Timeline]) -> list[Ending | None]:
    return [timeline.ending for timeline in timelines]


def test_a_viewer_that_is_cut_joins_again_until_it_is_stopped() -> None:
    told: list[tuple[int, Timeline]] = []
    with Server(serves, serves_and_resets, serves_and_holds) as server:
        viewer = Returning(url(server), "v", after=0.05, on_session=lambda *each: told.append(each)).start()
        wait_for(lambda: len(viewer.sessions) == 3 and viewer.playing, "the third session")
        assert viewer.alive
        timelines = viewer.stop()
    assert endings(timelines) == [Ending.CLOSED, Ending.RESET, Ending.STOPPED]
    assert [number for number, _ in told] == [1, 2, 3]
    assert [timeline for _, timeline in told] == timelines
    assert {timeline.viewer for timeline in timelines} == {"v"}
    assert all(timeline.frames for timeline in timelines)
    for before, after in pairwise(timelines):
        assert before.ended is not None
        assert 0.05 <= after.started - before.ended < 0.5
    assert not viewer.alive
    assert viewer.stop() == timelines


def test_the_pause_grows_while_nothing_comes_and_is_short_again_after_frames() -> None:
    with Server(serves, closes, closes, closes, serves, serves_and_holds) as server:
        viewer = Returning(url(server), "v", after=0.05).start()
        wait_for(lambda: len(viewer.sessions) == 6 and viewer.playing, "the sixth session")
        timelines = viewer.stop()
    pauses = [after.started - (before.ended or 0) for before, after in pairwise(timelines)]
    for pause, expected in zip(pauses, [0.05, 0.1, 0.2, 0.4, 0.05], strict=True):
        assert expected <= pause < expected + 0.25


def test_the_pause_has_an_end() -> None:
    with Server(closes) as server:
        viewer = Returning(url(server), "v", after=LONGEST_PAUSE).start()
        wait_for(lambda: len(viewer.sessions) >= 3, "the third try")
        timelines = viewer.stop()
    assert timelines[1].started - (timelines[0].ended or 0) < LONGEST_PAUSE + 0.5


def test_nobody_listens_and_then_somebody_does() -> None:
    port = free_port()
    viewer = Returning(f"http://127.0.0.1:{port}/live/a.flv", "v", after=0.02).start()
    wait_for(lambda: len(viewer.sessions) >= 2, "two refusals")
    with Server(serves_and_holds, port=port):
        wait_for(lambda: viewer.playing, "frames")
        timelines = viewer.stop()
    assert timelines[0].ending is Ending.REFUSED
    assert timelines[-1].ending is Ending.STOPPED


@pytest.mark.parametrize("handler", [serves_and_holds, closes])
def test_stopping_is_prompt_while_it_watches_and_while_it_pauses(handler: Handler) -> None:
    with Server(handler) as server:
        viewer = Returning(url(server), "v", after=1.0)
        with viewer:
            wait_for(lambda: viewer.sessions and viewer.sessions[0].connected, "a connection")
            began = time.monotonic()
        assert time.monotonic() - began < 0.7


def test_one_that_was_never_started_saw_nothing_and_a_bad_url_is_told_at_once() -> None:
    assert Returning("rtmp://127.0.0.1/live/a").stop() == []
    with pytest.raises(UsageError):
        Returning("http://127.0.0.1/live/a.mp4")
    with pytest.raises(UsageError, match="shortest, longest"):
        Churn("rtmp://127.0.0.1/live/a", seed=1, lasts=(3, 1))


def test_what_on_session_raises_comes_out_where_it_is_stopped() -> None:
    def fails(number: int, timeline: Timeline) -> None:
        raise ValueError("a defect")

    with Server(serves) as server:
        viewer = Returning(url(server), "v", on_session=fails).start()
        wait_for(lambda: not viewer.alive, "the end of its thread")
        with pytest.raises(EngineError, match="a defect"):
            viewer.stop()


def test_protocols_other_than_http_flv() -> None:
    refused = f"rtmp://127.0.0.1:{free_port()}/live/a"
    with Returning(refused, after=0.02) as viewer:
        wait_for(lambda: len(viewer.sessions) >= 2, "two tries")
    (first, *_) = viewer.stop()
    assert first.protocol is Protocol.RTMP
    assert first.viewer == refused


def test_the_same_seed_gives_the_same_schedule() -> None:
    ranges = {"lasts": (1.0, 4.0), "pause": (0.0, 2.0)}
    one, same, other = (list(islice(visits(seed, **ranges), 50)) for seed in (7, 7, 8))
    assert one == same != other
    for before, after in pairwise(one):
        assert 1.0 <= before.lasts <= 4.0
        assert 0.0 <= after.begins - before.begins - before.lasts <= 2.0
    assert 0.0 <= one[0].begins <= 2.0


def test_visitors_come_and_go_as_the_schedule_says_and_who_is_cut_does_not_come_back() -> None:
    over: list[float] = []
    ranges = {"lasts": (0.2, 0.4), "pause": (0.05, 0.1)}
    with Server(serves_and_holds, serves, closes, serves_and_holds) as server:
        began = time.monotonic()
        churn = Churn(url(server), "seat", seed=3, on_session=lambda *_: over.append(time.monotonic()), **ranges)
        churn.start()
        wait_for(lambda: len(over) >= 4, "four visits")
        timelines = churn.stop()
    assert endings(timelines[:4]) == [Ending.STOPPED, Ending.CLOSED, Ending.CLOSED, Ending.STOPPED]
    assert [timeline.viewer for timeline in timelines[:4]] == ["seat 1", "seat 2", "seat 3", "seat 4"]
    planned = islice(visits(3, **ranges), 4)
    for visit, timeline, ended in zip(planned, timelines[:4], over[:4], strict=True):
        assert visit.begins <= timeline.started - began < visit.begins + 0.25
        assert visit.begins + visit.lasts <= ended - began < visit.begins + visit.lasts + 0.4


def test_a_seat_that_is_stopped_ends_the_visit_that_goes_on() -> None:
    over = threading.Event()
    with Server(serves_and_holds) as server:
        churn = Churn(url(server), "seat", seed=1, lasts=(60, 90), pause=(0, 0), on_session=lambda *_: over.set())
        with churn:
            wait_for(lambda: churn.playing, "frames")
        assert over.is_set()
        (timeline,) = churn.stop()
    assert timeline.ending is Ending.STOPPED
