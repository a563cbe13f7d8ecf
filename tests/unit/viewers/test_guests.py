"""Guests come, watch wherever there is a place, join again when they are cut, and leave when their time is over."""

import socket
import time

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.viewers import Ending, Timeline
from srs_conformance.viewers.guests import Guests
from tests.support import media
from tests.support.servers import Server, request, reset, response
from tests.support.waiting import wait_for

FLV_TYPE = "Content-Type: video/x-flv"


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/live/a.flv"


def holds(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(response(media.flv(), FLV_TYPE, length=False))
    while connection.recv(4096):
        pass


def cuts(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(response(media.flv(), FLV_TYPE, length=False))
    time.sleep(0.05)  # so that the bytes are read before the reset discards them
    reset(connection)


class Told:
    """What a seat told."""

    def __init__(self) -> None:
        self.sessions: list[tuple[str, str, int, Timeline]] = []
        self.left: list[str] = []

    def session(self, guest: str, place: str, session: int, timeline: Timeline) -> None:
        self.sessions.append((guest, place, session, timeline))


def seat(places: list[tuple[str, str]], told: Told, seconds: float = 0.4, **more: object) -> Guests:
    """A seat that takes the places one after the other, the last one again and again."""
    asked: list[float] = []

    def where(draw: float) -> tuple[str, str]:
        asked.append(draw)
        # the seat looks at the first place when it is made
        return places[min(max(len(asked) - 2, 0), len(places) - 1)]

    values = {"seed": 1, "lasts": (seconds, seconds), "pause": (0.0, 0.05), "after": 0.05, **more}
    return Guests(where, "seat", on_session=told.session, on_left=told.left.append, **values)


def test_a_guest_that_is_cut_joins_again_at_another_place_and_the_next_one_follows() -> None:
    told = Told()
    with Server(cuts, holds, holds) as one, Server(*[holds] * 9) as other:
        places = [("one", url(one)), ("other", url(other))]
        with seat(places, told, seconds=1.5):  # a busy machine may be late with the cut
            wait_for(lambda: len(told.left) >= 2, "two guests who have left")
    guests = [(guest, place, session, timeline.ending) for guest, place, session, timeline in told.sessions]
    assert guests[:3] == [
        ("seat 1", "one", 1, Ending.RESET),
        ("seat 1", "other", 2, Ending.STOPPED),
        ("seat 2", "other", 1, Ending.STOPPED),
    ]
    assert told.left[:2] == ["seat 1", "seat 2"]
    assert {timeline.viewer for _, _, _, timeline in told.sessions[:2]} == {"seat 1"}


def test_nothing_is_kept_of_a_session_that_was_told() -> None:
    told = Told()
    with Server(*[holds] * 9) as server, seat([("one", url(server))], told, seconds=0.1) as guests:
        wait_for(lambda: len(told.left) >= 3, "three guests who have left")
        assert len(guests.sessions) <= 1


def test_a_guest_leaves_when_the_seat_is_stopped() -> None:
    told = Told()
    with Server(holds) as server:
        guests = seat([("one", url(server))], told, seconds=60).start()
        wait_for(lambda: guests.playing, "a guest who watches")
        guests.stop()
    assert [timeline.ending for *_, timeline in told.sessions] == [Ending.STOPPED]
    assert told.left == ["seat 1"]


def test_the_same_seed_asks_for_the_same_places() -> None:
    def draws() -> list[float]:
        asked: list[float] = []

        def where(draw: float) -> tuple[str, str]:
            asked.append(draw)
            return "nobody", "http://127.0.0.1:1/live/a.flv"

        told = Told()
        values = {"lasts": (0.3, 0.3), "pause": (0.0, 0.01)}
        with Guests(where, "seat", seed=7, on_session=told.session, on_left=told.left.append, **values):
            wait_for(lambda: len(told.left) >= 1, "a guest who has left")
        return asked[:2]

    assert draws() == draws()


@pytest.mark.parametrize("wrong", [{"lasts": (2.0, 1.0)}, {"lasts": (0.0, 1.0)}, {"pause": (-1.0, 0.0)}])
def test_ranges_that_are_none_are_refused(wrong: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(UsageError, match="expected \\(shortest, longest\\)"):
        seat([("one", "http://127.0.0.1:1/live/a.flv")], Told(), **wrong)
    with pytest.raises(UsageError, match="cannot watch"):
        seat([("one", "gopher://a/b")], Told())
