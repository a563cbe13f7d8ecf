"""Figures that are kept as frames come, against those that the whole timeline gives."""

from __future__ import annotations

import pytest

from srs_conformance.viewers import Timeline
from srs_conformance.viewers.facts import RTMP_SPAN, Player
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.watching.tally import Tally, buffer_of
from tests.support import timelines
from tests.support.timelines import STARTED
from tests.unit.watching.making import figures


def silent_between(start: float, end: float) -> Timeline:
    """Eight seconds of the good stream; what would have come between two times comes at the second one."""
    timeline = timelines.good(8.0)
    for frame in timeline.frames:
        if STARTED + start <= frame.arrival < STARTED + end:
            frame.arrival = STARTED + end
    return timeline


def test_a_sound_stream_has_its_rates() -> None:
    seen = figures(timelines.good(8.0), 8.0)
    assert (seen.pictures, seen.keyframes) == (199, 4)
    assert seen.rate == pytest.approx(25.0)
    assert seen.keyframe_every == pytest.approx(2.0)
    assert seen.bits == pytest.approx(2000 * 8 * 25 + 186 * 8 * 43.07, rel=0.02)
    assert seen.skew is not None
    assert abs(seen.skew) < 45
    assert seen.stalls == 0
    assert seen.silent == pytest.approx(0.0, abs=0.05)


def test_nothing_is_told_of_what_has_not_come() -> None:
    seen = figures(timelines.good(8.0), 0.0)
    assert (seen.pictures, seen.rate, seen.bits, seen.skew, seen.silent, seen.playing) == (
        0,
        None,
        None,
        None,
        None,
        False,
    )


def test_rates_are_of_the_latest_media_alone() -> None:
    frames = [Frame(Kind.VIDEO, at == 0, at * 40.0, at * 40.0, 1000, STARTED + at * 0.04, at) for at in range(250)]
    frames += [
        Frame(Kind.VIDEO, False, 10_000 + at * 20.0, 0.0, 3000, STARTED + 10 + at * 0.02, at) for at in range(400)
    ]
    tally = Tally(RTMP_SPAN, 3.0)
    tally.take(frames)
    seen = tally.figures(STARTED + 18)
    assert seen.rate == pytest.approx(50.0)
    assert seen.bits == pytest.approx(3000 * 8 * 50)


def test_no_rate_is_told_of_less_than_a_second() -> None:
    assert figures(timelines.good(8.0), 0.9).rate is None
    assert figures(timelines.good(8.0), 0.9).bits is None
    assert figures(timelines.good(8.0), 1.2).rate == pytest.approx(25.0)


def test_a_player_fills_its_buffer_plays_stands_still_and_goes_on() -> None:
    timeline = silent_between(4.0, 7.5)
    before, empty, stalled, after = (figures(timeline, at) for at in (2.0, 6.9, 7.4, 8.0))
    assert not before.playing
    assert before.ahead == pytest.approx(1.92, abs=0.05)
    assert empty.playing
    assert empty.ahead == pytest.approx(0.1, abs=0.1)
    assert (stalled.playing, stalled.stalls, stalled.ahead) == (False, 1, 0.0)
    assert after.playing
    assert after.stalls == 1
    assert after.stalled == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("buffer", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("end", [4.5, 5.0, 7.5])
def test_stalls_are_those_of_the_timeline(buffer: float, end: float) -> None:
    timeline = silent_between(4.0, end)
    timeline.as_of = STARTED + 8.0
    stalls = timeline.stalls(buffer)
    seen = figures(timeline, 8.0, buffer)
    assert seen.stalls == len(stalls)
    assert seen.stalled == pytest.approx(sum(each.seconds for each in stalls))


def test_a_jump_of_the_timestamps_is_no_media() -> None:
    timeline = timelines.good(8.0)
    for frame in timeline.frames:
        frame.dts = (frame.dts + (1 << 32) - 3000) % (1 << 32) + (500_000 if frame.arrival > STARTED + 6 else 0)
    seen = figures(timeline, 7.9)
    assert seen.rate == pytest.approx(25.0)
    assert seen.ahead == pytest.approx(3.0, abs=0.15)


def test_sound_alone_fills_a_player_too() -> None:
    timeline = timelines.good(8.0)
    timeline.frames = timeline.audio
    seen = figures(timeline, 8.0)
    assert (seen.pictures, seen.rate, seen.playing) == (0, None, True)
    assert seen.ahead == pytest.approx(3.0, abs=0.1)


def test_over_hls_a_player_waits_for_a_target_duration_more() -> None:
    assert buffer_of(timelines.good_hls(), 3.0) == 5.0
    assert buffer_of(timelines.good(), 3.0) == 3.0


def test_a_player_knows_what_it_holds() -> None:
    player = Player(1.0)
    assert player.ahead(0.0) == 0.0
    player.hold(0.5, 0.0)
    assert player.ahead(5.0) == 0.5
    player.hold(1.0, 5.0)
    assert player.ahead(5.5) == 1.0
    assert player.ahead(7.0) == 0.0
