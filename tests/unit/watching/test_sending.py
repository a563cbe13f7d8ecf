"""A publication as it goes on and as it ended, at fixed times, and what ffmpeg reports of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from srs_conformance.errors import ExitCode, UsageError
from srs_conformance.publisher import DemoClip
from srs_conformance.publisher.sending import Sent, reports
from srs_conformance.watching.broadcast import Broadcast, described
from srs_conformance.watching.sending import TAKEN_SECONDS, Sending, document, exit_code, line, lines, rows, state

GOOD = Sending("rtmp://127.0.0.1/live/a", "the demo clip", 10.0, Sent(250, 750_000, 10.0))
REFUSED = Sending(
    "rtmp://127.0.0.1/live/a",
    "the demo clip",
    0.5,
    Sent(),
    died=True,
    last_words="[rtmp @ 0x55d0] [error] Server error: Stream busy.\n[out#0/flv @ 0x56] [error] Error opening output",
)


def test_reports_of_ffmpeg_are_read_and_unknown_values_are_none() -> None:
    text = b"frame=25\nbitrate=600.1kbits/s\ntotal_size=75000\nout_time_us=1020000\nspeed=1x\nprogress=continue\n"
    unknown = b"frame=0\ntotal_size=N/A\nout_time_us=N/A\nprogress=continue\n"
    early = b"frame=1\nout_time_us=-23000\nprogress=end\nframe=9\n"
    found = list(reports((unknown + text + early).splitlines(keepends=True)))
    assert found == [Sent(), Sent(25, 75000, 1.02), Sent(1)]
    assert sum(found, Sent()) == Sent(26, 75000, 1.02)


def test_the_view_and_the_line_of_what_is_taken() -> None:
    assert rows(GOOD) == [
        "rtmp://127.0.0.1/live/a  10 s",
        "  sends         the demo clip",
        "  state         taken",
        "  sent          250 pictures, 750 kB, 600 kbit/s",
        "  restarts      0",
    ]
    assert line(GOOD) == "  10 s  taken  250 pictures  750 kB  600 kbit/s"
    assert rows(replace(GOOD, last_words="[error] a\n[error] b"))[-1] == "  last said     b"
    assert line(replace(GOOD, restarts=2)).endswith("  2 restarts")


def test_what_is_slow_to_be_taken_is_told_as_such() -> None:
    assert state(replace(GOOD, seconds=12.5)) == "taken, 2.5 s behind"
    assert state(replace(GOOD, seconds=12.5, restarts=1)) == "taken"
    assert state(replace(GOOD, sent=Sent())) == "the server has taken nothing yet"
    assert state(REFUSED) == "ended"
    assert rows(REFUSED)[-1] == "  last said     Error opening output"


def test_a_server_has_its_time_to_take_a_stream() -> None:
    waiting = replace(GOOD, sent=Sent(), seconds=TAKEN_SECONDS - 0.1)
    assert not waiting.hopeless
    assert replace(waiting, seconds=TAKEN_SECONDS).hopeless
    assert not replace(waiting, seconds=TAKEN_SECONDS, republishes=True).hopeless
    assert REFUSED.hopeless
    assert not replace(GOOD, seconds=TAKEN_SECONDS).hopeless


@pytest.mark.parametrize(
    ("sending", "code", "words"),
    [
        (GOOD, ExitCode.HOLDS, "was published for 10 s"),
        (replace(GOOD, seconds=10.012), ExitCode.HOLDS, "was published for 10 s"),
        (replace(GOOD, died=True), ExitCode.MISSED, "was cut after 10 s"),
        (replace(GOOD, restarts=1), ExitCode.MISSED, "was cut 1 time in 10 s, and published again"),
        (REFUSED, ExitCode.COULD_NOT_TEST, "could not be published: the server did not take it in 500 ms"),
        (
            replace(GOOD, died=True, killed="SIGKILL"),
            ExitCode.COULD_NOT_TEST,
            "could not be published: ffmpeg was ended by SIGKILL",
        ),
    ],
)
def test_each_end_has_its_exit_code_and_its_words(sending: Sending, code: ExitCode, words: str) -> None:
    assert exit_code(sending) is code
    assert lines(sending)[0] == f"rtmp://127.0.0.1/live/a: {words}"
    assert document(sending, int(code))["exit_code"] == code


def test_a_refusal_is_told_in_the_server_s_words() -> None:
    assert lines(REFUSED)[1:3] == ["  Server error: Stream busy.", "  Error opening output"]
    assert lines(GOOD)[1:] == ["  sent          250 pictures in 10 s of media, 750 kB, 600 kbit/s"]


def test_what_is_sent_is_described() -> None:
    assert described(DemoClip(b_frames=2), live_encode=True) == (
        "the demo clip: 640x360, 25 pictures/s, a keyframe every 2 s, 500kbit/s of H.264 main, 2 B-frames, "
        "64kbit/s of AAC, encoded while it is sent"
    )
    assert described(Path("a.mp4"), live_encode=False) == "a.mp4 in a loop"


@pytest.mark.parametrize("url", ["http://a/live/b", "rtmp://a", "rtmp://a/b", "rtmps:///live/a"])
def test_only_urls_of_rtmp_can_be_published_to(url: str) -> None:
    with pytest.raises(UsageError, match=r"expected rtmp://host\[:port\]/app/stream"):
        Broadcast(url, DemoClip(), republish=False, live_encode=False)
