"""What follows from a sequence of frames."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.viewers import facts
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Ending, Note, Protocol, Timeline
from tests.support.timelines import STARTED, end, good, good_hls, picture


def track(dts: list[float], arrivals: list[float] | None = None) -> list[Frame]:
    at = arrivals if arrivals is not None else [STARTED + value / 1000 for value in dts]
    return [Frame(Kind.VIDEO, i == 0, value, value, 1, at[i], i) for i, value in enumerate(dts)]


def test_a_sound_timeline_has_no_faults() -> None:
    timeline = good(8)
    assert timeline.first_is_keyframe
    assert timeline.first_frame_after() == pytest.approx(0.05)
    assert timeline.first_frame_after(Kind.AUDIO) == pytest.approx(0.05)
    assert not timeline.jumps()
    assert not timeline.gaps(0.5)
    assert not timeline.stalls(0.5)
    assert timeline.skew is not None
    assert timeline.skew < 50
    assert timeline.numbers == list(range(200))
    assert not timeline.missing_numbers(1500)
    assert not timeline.lost


def test_an_empty_timeline_says_so() -> None:
    timeline = Timeline("x", "rtmp://x/y/z", Protocol.RTMP)
    assert timeline.first_frame_after() is None
    assert timeline.first_is_keyframe is None
    assert timeline.skew is None
    assert timeline.gaps(0.1) == []
    assert timeline.stalls(1) == []
    assert timeline.numbers == []
    assert timeline.until >= timeline.started


def test_the_silence_that_goes_on_is_a_gap() -> None:
    timeline = good(4)
    assert timeline.as_of is not None
    timeline.as_of += 5
    (gap,) = timeline.gaps(1)
    assert gap.seconds == pytest.approx(5.0, abs=0.05)
    assert gap.start == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize(
    ("dts", "jumps"),
    [
        ([0, 40, 80, 80, 120], []),
        ([0, 40, 20], [-20]),
        ([0, 40, 1039], []),
        ([0, 40, 1041], [1001]),
        ([2**32 - 40, 0, 40], []),
        ([2**32 - 40, 0, 2**32 - 40], [-40]),
        ([1_000_000, 0], [-1_000_000]),
    ],
)
def test_jumps_with_the_wrap_of_rtmp(dts: list[float], jumps: list[float]) -> None:
    found = facts.jumps(track([float(value) for value in dts]), facts.RTMP_SPAN)
    assert [jump.milliseconds for jump in found] == jumps


def test_jumps_with_the_wrap_of_mpeg_ts() -> None:
    near_end = (2**33 - 3600) / 90
    assert not facts.jumps(track([near_end, 0.0, 40.0]), facts.TS_SPAN)
    assert facts.jumps(track([near_end, 0.0, 40.0]), facts.RTMP_SPAN)


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31) + 1, 2**31 - 1))
def test_a_step_is_the_difference_that_was_made(before: int, difference: int) -> None:
    after = (before + difference) % 2**32
    assert facts.step(float(before), float(after), facts.RTMP_SPAN) == difference


def test_a_stall_is_as_long_as_the_media_is_late() -> None:
    # A second of media at once, then nothing for 3 s, then media faster than real time.
    dts = [float(i * 40) for i in range(75)]
    arrivals = [STARTED] * 26 + [STARTED + 3 + i * 0.01 for i in range(49)]
    (stall,) = facts.stalls(track(dts, arrivals), 0.5, STARTED, STARTED + 4, facts.RTMP_SPAN)
    assert stall.start == pytest.approx(1.0, abs=0.05)
    assert stall.seconds == pytest.approx(3.12 - 1.0, abs=0.05)


def test_a_stall_that_goes_on_is_counted() -> None:
    dts = [float(i * 40) for i in range(26)]
    (stall,) = facts.stalls(track(dts), 0.2, STARTED, STARTED + 5, facts.RTMP_SPAN)
    assert stall.start + stall.seconds == pytest.approx(5.0)
    assert stall.seconds == pytest.approx(5 - 1.2, abs=0.05)


def test_a_player_that_never_fills_its_buffer_has_no_stall() -> None:
    assert not facts.stalls(track([0.0, 40.0]), 1.0, STARTED, STARTED + 5, facts.RTMP_SPAN)


def test_a_jump_of_timestamps_is_no_stall() -> None:
    dts = [float(i * 40 + (900_000 if i >= 50 else 0)) for i in range(100)]
    arrivals = [STARTED + i * 0.04 for i in range(100)]
    assert not facts.stalls(track(dts, arrivals), 0.5, STARTED, STARTED + 4, facts.RTMP_SPAN)


@given(st.lists(st.floats(0, 3), min_size=2, max_size=60), st.floats(0.1, 2))
def test_stalls_follow_one_another_within_the_watch(pauses: list[float], buffer: float) -> None:
    arrivals = [STARTED]
    for pause in pauses:
        arrivals.append(arrivals[-1] + pause)
    frames = track([float(i * 400) for i in range(len(arrivals))], arrivals)
    until = arrivals[-1] + 1
    found = facts.stalls(frames, buffer, STARTED, until, facts.RTMP_SPAN)
    position = 0.0
    for stall in found:
        assert stall.start >= position - 1e-6
        assert stall.seconds >= -1e-6
        position = stall.start + stall.seconds
    assert position <= until - STARTED + 1e-6


@pytest.mark.parametrize(
    ("numbers", "faults"),
    [
        ([1498, 1499, 0, 1], facts.NumberFaults()),
        ([5, 6, 6, 7], facts.NumberFaults(repeated=(6,))),
        ([5, 6, 9], facts.NumberFaults(missing=((6, 2),))),
        ([1499, 1], facts.NumberFaults(missing=((1499, 1),))),
        ([700, 100], facts.NumberFaults(back=((700, 100),))),
    ],
)
def test_number_faults(numbers: list[int], faults: facts.NumberFaults) -> None:
    assert facts.number_faults(numbers, 1500) == faults
    assert bool(faults) == (numbers[:2] != [1498, 1499])


def test_numbers_stand_in_the_order_of_the_pictures_not_of_decoding() -> None:
    frames = [replace(picture(i), pts=pts) for i, pts in enumerate([80.0, 200.0, 120.0, 160.0])]
    for frame, number in zip(frames, [0, 3, 1, 2], strict=True):
        frame.number = number
    assert facts.numbers(frames, facts.RTMP_SPAN) == [0, 1, 2, 3]


def test_numbers_across_a_restart_of_the_timestamps_keep_the_order_of_arrival() -> None:
    frames = [picture(i, first=50_000) for i in range(3)] + [picture(i) for i in range(2)]
    assert facts.numbers(frames, facts.RTMP_SPAN) == [0, 1, 2, 0, 1]


def test_the_skew_is_the_worst_one() -> None:
    timeline = good(2)
    for frame in timeline.frames[-20:]:
        if frame.kind is Kind.AUDIO:
            frame.dts -= 700
    assert timeline.skew is not None
    assert 650 < timeline.skew < 800


@pytest.mark.parametrize("timeline", [good(3), good_hls(), end(good(1), Ending.CLOSED, "cut")])
def test_json_keeps_everything_but_the_start(timeline: Timeline) -> None:
    timeline.notes.append(Note(STARTED + 1, "something"))
    content = json.loads(json.dumps(timeline.to_json()))
    back = Timeline.from_json(content)
    assert back.started == 0
    assert back.to_json() == content
    assert len(back.frames) == len(timeline.frames)
    assert back.numbers == timeline.numbers
    assert back.ending == timeline.ending
    assert back.first_frame_after() == pytest.approx(timeline.first_frame_after(), abs=1e-3)
    assert back.until == pytest.approx(timeline.until - STARTED, abs=1e-3)
    assert back.protocol is timeline.protocol
    assert [s.url for s in back.segments] == [s.url for s in timeline.segments]
    assert [s.at for s in back.segments] == pytest.approx([s.at - STARTED for s in timeline.segments], abs=1e-3)


@pytest.mark.parametrize("broken", [{}, {"format": 99}, {"format": 1}, {"format": 1, "frames": []}])
def test_json_that_is_no_timeline_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="timeline"):
        Timeline.from_json(broken)


def test_json_with_other_columns_is_refused() -> None:
    content = good(1).to_json()
    content["frames"] = {"columns": ["kind"], "rows": [["video"]]}
    with pytest.raises(ValueError, match="no table of Frame"):
        Timeline.from_json(content)
