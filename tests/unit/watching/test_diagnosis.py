"""Why nothing came: each way in which a stream stays away has words of its own, and something to do."""

from __future__ import annotations

import pytest

from srs_conformance.viewers import Ending, Protocol, Timeline
from srs_conformance.viewers.timeline import PlaylistFetch, SegmentFetch
from srs_conformance.watching.diagnosis import diagnose, sniffed
from tests.support.timelines import STARTED
from tests.unit.watching.making import over

URL = "http://127.0.0.1/live/a.m3u8"


def timeline(protocol: Protocol = Protocol.RTMP, **marks: float) -> Timeline:
    made = Timeline("v", f"{protocol}://127.0.0.1/live/a", protocol, STARTED, 1.7e9)
    for name, after in marks.items():
        setattr(made, name, STARTED + after)
    return made


def of_hls(status: int | None, sequence: int | None = None, problem: str = "", *, master: bool = False) -> Timeline:
    made = timeline(Protocol.HLS, connected=0, first_byte=0)
    target = None if sequence is None else 2.0
    made.playlists.append(PlaylistFetch(URL, STARTED, 0.1, status, 9, master, sequence, 3, target, problem=problem))
    return over(made, 3.0)


def of_segment(status: int | None, problem: str) -> Timeline:
    made = of_hls(200, 7)
    made.segments.append(SegmentFetch("http://127.0.0.1/live/7.ts", 7, 2.0, STARTED, 0.1, status, problem=problem))
    return made


TALKING = {"connected": 0.0, "first_byte": 0.0}
CASES = {
    "refused": (over(timeline(), 0.1, Ending.REFUSED, "refused"), "nobody listens there: refused"),
    "unreachable": (over(timeline(), 0.1, Ending.UNREACHABLE, "no route"), "it cannot be reached: no route"),
    "down": (over(timeline(), 5.0, Ending.TIMEOUT, "timed out"), "nobody answers: timed out"),
    "too early": (over(timeline(), 2.0), "no connection in 2 s"),
    "no TLS": (over(timeline(), 0.1, Ending.PROTOCOL_ERROR, "no TLS"), "no connection: no TLS"),
    "mute": (
        over(timeline(connected=0), 10.0, Ending.TIMEOUT, "timed out"),
        "the connection stands, and the server has said nothing in 10 s",
    ),
    "waiting": (
        over(timeline(Protocol.HTTP_FLV, connected=0), 7.0),
        "the connection stands, and the server has said nothing in 7 s",
    ),
    "hung up": (
        over(timeline(connected=0), 1.0, Ending.CLOSED, "closed"),
        "the server hung up without a word: closed",
    ),
    "reset": (over(timeline(connected=0), 1.0, Ending.RESET, "reset"), "the server hung up without a word: reset"),
    "rejected": (
        over(timeline(**TALKING), 1.0, Ending.REJECTED, "NetStream.Play.StreamNotFound"),
        "the server refuses to play it: NetStream.Play.StreamNotFound",
    ),
    "sent on": (
        over(timeline(**TALKING), 1.0, Ending.REDIRECTED, "to b"),
        "the server sends its players elsewhere: to b",
    ),
    "not found": (
        over(timeline(Protocol.HTTP_FLV, **TALKING), 1.0, Ending.HTTP_STATUS, "404 Not Found"),
        "the server has no such stream: status 404 Not Found",
    ),
    "unpublished": (
        over(timeline(**TALKING, playing=0.0), 5.0),
        "the server says that it plays; no frame came in 5 s",
    ),
    "not playing": (over(timeline(**TALKING), 5.0), "the server answers, and plays nothing; no frame came in 5 s"),
    "cut": (over(timeline(**TALKING), 5.0, Ending.CLOSED, "closed"), "no frame came: closed"),
    "no playlist": (of_hls(404), "no playlist: status 404 for /live/a.m3u8"),
    "no answer": (of_hls(None, problem="timed out"), "no playlist: timed out"),
    "broken playlist": (of_hls(200, problem="line 1: ..."), "no playlist that can be played: line 1: ..."),
    "master alone": (of_hls(200, master=True), "a master playlist, and no media playlist behind it"),
    "empty": (of_hls(200, 7), "a playlist of 3 segments, and no frame"),
    "no segment": (of_segment(404, ""), "a playlist whose segments cannot be played: /live/7.ts: status 404"),
    "broken segment": (of_segment(200, "no TS"), "a playlist whose segments cannot be played: /live/7.ts: no TS"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_way_to_stay_away_has_its_words(case: str) -> None:
    seen, words = CASES[case]
    assert diagnose(seen, b"").what == words


def test_what_can_be_done_is_told() -> None:
    assert "is the server up" in diagnose(CASES["refused"][0], b"").hint
    assert "is it published" in diagnose(CASES["unpublished"][0], b"").hint
    assert "another protocol" in diagnose(CASES["waiting"][0], b"").hint


def test_another_protocol_outweighs_what_it_led_to() -> None:
    ended = over(timeline(**TALKING), 1.0, Ending.PROTOCOL_ERROR, "version 83")
    assert (
        diagnose(ended, b"SSH-2.0-x\r\n").what
        == "what listens there does not speak RTMP: it is an SSH server (SSH-2.0-x)"
    )


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (b"", ""),
        (b"\x03\0\0\0", ""),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it is an HTTP server (HTTP/1.1 400 Bad Request)"),
        (b"\x15\x03\x01\0\x02\x02\x46", "it speaks TLS"),
        (b"220 mail ESMTP\r\n", "it says '220 mail ESMTP'"),
        (b"\xff\xfd\x18\xff", "it begins with the bytes ff fd 18 ff"),
        (b"\x1b[2J", "it begins with the bytes 1b 5b 32 4a"),
    ],
)
def test_who_it_is_shows_in_the_first_bytes(first: bytes, words: str) -> None:
    assert sniffed(Protocol.RTMP, first) == words


@pytest.mark.parametrize("protocol", [Protocol.HTTP_FLV, Protocol.HLS])
def test_http_is_told_from_all_else(protocol: Protocol) -> None:
    assert sniffed(protocol, b"HTTP/1.0 200 OK\r\n") == ""
    assert sniffed(protocol, b"HT") == ""
    assert sniffed(protocol, b"\x03\0\0\0\0") == "it looks like an RTMP server"
