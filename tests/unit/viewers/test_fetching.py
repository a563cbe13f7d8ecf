"""Short HTTP requests on a kept connection: whole bodies, with and without a told length, kept and thrown away."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from srs_conformance.viewers.fetching import Fetcher
from srs_conformance.viewers.http1 import HttpUrl
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import Wire
from tests.support.servers import Handler, Server, chunked, request

BODY = bytes(range(256)) * 4096  # more than one read, and than the socket holds


class Seen:
    """Counts what a connection receives."""

    size = 0

    def count(self, data: bytes | memoryview) -> None:
        self.size += len(data)


def answering(*answers: bytes) -> Handler:
    """Answer a connection's requests in turn, and close it behind the last one."""

    def handle(connection: socket.socket) -> None:
        for answer in answers:
            if request(connection):
                connection.sendall(answer)

    return handle


@pytest.fixture
def wires() -> Iterator[list[Wire]]:
    made: list[Wire] = []
    yield made
    for wire in made:
        wire.close()


def fetcher(wires: list[Wire], seen: Seen) -> Fetcher:
    def connect(place: HttpUrl) -> Wire:
        wires.append(Wire(seen))
        wires[-1].connect(place.host, place.port)
        return wires[-1]

    return Fetcher(connect)


def told(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


def in_chunks(body: bytes) -> bytes:
    return b"".join(chunked([body]))


def test_whole_bodies_come_over_one_connection_however_they_are_framed(wires: list[Wire]) -> None:
    answers = [told(BODY), told(b"short"), in_chunks(BODY), told(b""), told(BODY[::-1])]
    with Server(answering(*answers)) as server:
        fetch = fetcher(wires, Seen())
        url = f"http://127.0.0.1:{server.port}/live/a-1.ts"
        got = [fetch.fetch_whole(url, 5) for _ in answers]
    assert [bytes(body) for _, body in got] == [BODY, b"short", BODY, b"", BODY[::-1]]
    assert all(fetched.complete and fetched.size == len(body) for fetched, body in got)
    assert len(wires) == 1


def test_a_body_that_is_not_kept_is_counted_and_leaves_the_connection_usable(wires: list[Wire]) -> None:
    seen = Seen()
    with Server(answering(told(BODY), in_chunks(BODY), told(b"after"))) as server:
        fetch = fetcher(wires, seen)
        url = f"http://127.0.0.1:{server.port}/live/a-1.ts"
        thrown = [fetch.fetch_whole(url, 5, keep=False) for _ in range(2)]
        after, body = fetch.fetch_whole(url, 5)
    assert [(fetched.size, bytes(kept)) for fetched, kept in thrown] == [(len(BODY), b"")] * 2
    assert (after.complete, bytes(body)) == (True, b"after")
    assert len(wires) == 1
    assert seen.size > 2 * len(BODY)


def test_a_connection_that_closes_in_the_middle_of_a_body_says_so(wires: list[Wire]) -> None:
    with Server(answering(told(BODY[:1000], length=len(BODY))), answering(told(b"again"))) as server:
        fetch = fetcher(wires, Seen())
        url = f"http://127.0.0.1:{server.port}/live/a-1.ts"
        cut, _ = fetch.fetch_whole(url, 5)
        again, body = fetch.fetch_whole(url, 5)
    assert cut.ending is Ending.CLOSED
    assert f"{len(BODY) - 1000} bytes before the end" in cut.why
    assert (again.complete, bytes(body)) == (True, b"again")


def test_a_kept_connection_that_the_server_has_closed_is_opened_anew(wires: list[Wire]) -> None:
    with Server(answering(told(b"one")), answering(told(b"two"))) as server:
        fetch = fetcher(wires, Seen())
        url = f"http://127.0.0.1:{server.port}/live/a.m3u8"
        assert bytes(fetch.fetch_whole(url, 5)[1]) == b"one"
        assert bytes(fetch.fetch_whole(url, 5)[1]) == b"two"
    assert len(wires) == 2


def test_an_answer_that_is_no_success_has_no_body(wires: list[Wire]) -> None:
    with Server(answering(told(b"nothing here", "404 Not Found"), told(b"there"))) as server:
        fetch = fetcher(wires, Seen())
        url = f"http://127.0.0.1:{server.port}/live/a.m3u8"
        missing, nothing = fetch.fetch_whole(url, 5)
        there, body = fetch.fetch_whole(url, 5)
    assert (missing.status, missing.complete, bytes(nothing)) == (404, False, b"")
    assert (there.complete, bytes(body)) == (True, b"there")
