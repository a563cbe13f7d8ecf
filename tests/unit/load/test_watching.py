"""What a cheap viewer suffers, from hand-made steps; and the same stalls as the full viewer's timeline tells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srs_conformance.load.visits import Kind, Visit
from srs_conformance.load.watching import Watch
from srs_conformance.media.steps import AUDIO, FRAME, HEADER, KEYFRAME, VIDEO
from srs_conformance.viewers import facts
from srs_conformance.viewers.frames import Frame
from srs_conformance.viewers.frames import Kind as Track
from srs_conformance.viewers.timeline import Ending

BUFFER = 1.0


def watch(stalls: list[float] | None = None) -> Watch:
    made = [] if stalls is None else stalls
    return Watch(Visit(Kind.RTMP, "live/a"), BUFFER, 100.0, on_stall=made.append)


def video(*milliseconds: int) -> list[tuple[int, int, int]]:
    return [(VIDEO, each, KEYFRAME if each % 2000 == 0 else FRAME) for each in milliseconds]


def test_it_joins_with_the_first_keyframe_and_not_before() -> None:
    viewer = watch()
    viewer.take([(VIDEO, 0, HEADER), (AUDIO, 0, FRAME), (VIDEO, 40, FRAME)], 100.2)
    assert not viewer.joined
    viewer.take(video(2000, 2040), 100.5)
    assert viewer.visit.first_keyframe == pytest.approx(0.5)


def test_a_stall_lasts_until_the_buffer_is_full_again() -> None:
    stalls: list[float] = []
    viewer = watch(stalls)
    viewer.take(video(*range(0, 2001, 40)), 100.0)  # two seconds of media: plays until 102
    assert not viewer.stalled(101.9)
    assert viewer.stalled(102.5)
    viewer.take(video(*range(2040, 2441, 40)), 105.0)  # 0.4 s are not enough to go on
    assert viewer.stalled(105.1)
    viewer.take(video(*range(2480, 3481, 40)), 106.0)
    record = viewer.finish(106.5, Ending.STOPPED)
    assert stalls == [pytest.approx(4.0)]
    assert (record.stalls, record.stalled, record.gaps) == (1, pytest.approx(4.0), 1)
    assert record.watched == pytest.approx(6.5)


def test_a_stall_that_goes_on_at_the_end_counts() -> None:
    viewer = watch()
    viewer.take(video(*range(0, 1201, 40)), 100.0)
    record = viewer.finish(104.2, Ending.CLOSED, "gone")
    assert (record.stalls, record.stalled) == (1, pytest.approx(3.0))
    assert record.cut


@pytest.mark.parametrize(("times", "jumps"), [((0, 40, 20), 1), ((0, 40, 1500), 1), ((0, 1000, 2000), 0)])
def test_steps_back_and_leaps_are_jumps(times: tuple[int, ...], jumps: int) -> None:
    viewer = watch()
    viewer.take([(VIDEO, each, KEYFRAME) for each in times], 100.0)
    assert viewer.visit.jumps == jumps


def test_timestamps_may_wrap() -> None:
    viewer = watch()
    viewer.take([(VIDEO, (1 << 32) - 40, KEYFRAME), (VIDEO, 0, FRAME), (VIDEO, 40, FRAME)], 100.0)
    assert viewer.visit.jumps == 0


def test_of_a_drained_viewer_silence_beyond_the_buffer_is_a_stall() -> None:
    viewer = watch()
    viewer.take(video(*range(0, 2001, 40)), 100.0)
    for at in (100.5, 101.0, 104.0, 104.5):
        viewer.take_bytes(at)
    assert (viewer.visit.stalls, viewer.visit.stalled) == (1, pytest.approx(2.0))
    assert not viewer.stalled(105.0)
    assert viewer.stalled(105.6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.floats(0, 3)), min_size=1, max_size=20))
def test_stalls_are_those_of_the_full_viewers_timeline(batches: list[tuple[int, float]]) -> None:
    viewer, frames, at, number = watch(), [], 100.0, 0
    for count, wait in batches:
        at += wait
        times = [(number + index) * 125 for index in range(count)]
        number += count
        viewer.take([(VIDEO, each, KEYFRAME) for each in times], at)
        frames += [Frame(Track.VIDEO, True, each, each, 1, at, 0) for each in times]
    record = viewer.finish(at + 1, Ending.STOPPED)
    expected = facts.stalls(frames, BUFFER, 100.0, at + 1, float(1 << 32))
    assert record.stalled == pytest.approx(sum(stall.seconds for stall in expected), abs=1e-6)
