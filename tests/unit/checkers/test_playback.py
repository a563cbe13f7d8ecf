"""Each checker holds on a sound timeline and fails on the one fault that it is there for."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from srs_conformance.checkers import playback
from srs_conformance.observing import Budget, Observation
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Ending, Protocol, Timeline
from tests.support.timelines import PERIOD, STARTED, end, good

Check = Callable[[Timeline], Observation]
Break = Callable[[Timeline], object]

CHECKS: dict[str, Check] = {
    "plays": playback.plays,
    "sound": playback.sound,
    "uninterrupted": playback.uninterrupted,
    "continuous": lambda t: playback.continuous(t, 5),
    "first frame": lambda t: playback.first_frame_within(t, Budget.FIRST_FRAME),
    "keyframe": playback.starts_with_keyframe,
    "headers": playback.headers_first,
    "tracks": playback.both_tracks,
    "monotonic": playback.timestamps_monotonic,
    "together": playback.tracks_together,
    "numbers": lambda t: playback.no_missing_numbers(t, PERIOD),
    "moves": playback.not_frozen,
}


def late(timeline: Timeline) -> None:
    for frame in timeline.frames:
        frame.arrival += 20
    timeline.as_of = timeline.frames[-1].arrival


def keep(kind: Kind) -> Break:
    def only(timeline: Timeline) -> None:
        timeline.frames = [frame for frame in timeline.frames if frame.kind is kind]

    return only


def drop(first: int, count: int) -> Break:
    """Lose pictures on the way: the frames are gone, everything else arrives as it would."""

    def lose(timeline: Timeline) -> None:
        lost = timeline.video[first : first + count]
        timeline.frames = [frame for frame in timeline.frames if not any(frame is each for each in lost)]

    return lose


def change(index: int, edit: Callable[[Frame], object], kind: Kind = Kind.VIDEO) -> Break:
    def edit_one(timeline: Timeline) -> None:
        edit((timeline.video if kind is Kind.VIDEO else timeline.audio)[index])

    return edit_one


def back(frame: Frame) -> None:
    frame.dts -= 200


def no_header(timeline: Timeline) -> None:
    timeline.configs = [config for config in timeline.configs if config.kind is Kind.AUDIO]


def late_header(timeline: Timeline) -> None:
    timeline.configs = [replace(config, position=50) for config in timeline.configs]


def pause(timeline: Timeline) -> None:
    for frame in timeline.frames:
        if frame.arrival > STARTED + 3:
            frame.arrival += 2
    timeline.as_of = timeline.frames[-1].arrival


def fall_silent(timeline: Timeline) -> None:
    timeline.as_of = timeline.frames[-1].arrival + 3


def freeze(timeline: Timeline) -> None:
    for frame in timeline.video[50:100]:
        frame.number, frame.digest = 50, 10_050


def freeze_undecoded(timeline: Timeline) -> None:
    freeze(timeline)
    for frame in timeline.video:
        frame.number = None


def leave_audio_behind(timeline: Timeline) -> None:
    for frame in timeline.audio:
        frame.dts -= 1500


def restart_timestamps(timeline: Timeline) -> None:
    for frame in timeline.frames:
        if frame.dts >= 4000:
            frame.dts -= 4000


FAULTS: dict[str, tuple[Break, set[str]]] = {
    "nothing came": (lambda t: t.frames.clear(), set(CHECKS) - {"headers", "monotonic", "moves"}),
    "cut": (lambda t: end(t, Ending.CLOSED, "EOF"), {"plays", "uninterrupted", "continuous"}),
    "reset": (lambda t: end(t, Ending.RESET), {"plays", "uninterrupted", "continuous"}),
    "too late": (late, {"plays", "first frame"}),
    "no sound": (keep(Kind.VIDEO), {"plays", "sound", "tracks", "together"}),
    "no picture": (keep(Kind.AUDIO), {"plays", "sound", "tracks", "keyframe", "together", "numbers"}),
    "no keyframe first": (drop(0, 1), {"plays", "sound", "keyframe"}),
    "no header": (no_header, {"plays", "sound", "headers"}),
    "late header": (late_header, {"plays", "sound", "headers"}),
    "a frame lost": (drop(77, 1), {"numbers"}),
    "a step back": (change(90, back), {"sound", "uninterrupted", "continuous", "monotonic"}),
    "an audio step back": (change(90, back, Kind.AUDIO), {"sound", "uninterrupted", "continuous", "monotonic"}),
    "timestamps begin again": (restart_timestamps, {"sound", "uninterrupted", "continuous", "monotonic", "together"}),
    "a pause": (pause, {"uninterrupted", "continuous"}),
    "silent now": (fall_silent, {"uninterrupted", "continuous"}),
    "frozen": (freeze, {"sound", "numbers", "moves"}),
    "frozen, not decoded": (freeze_undecoded, {"sound", "numbers", "moves"}),
    "no number read": (change(9, lambda frame: setattr(frame, "number", 700)), {"numbers"}),
    "audio behind": (leave_audio_behind, {"sound", "together"}),
}


@pytest.mark.parametrize("name", CHECKS)
def test_each_holds_on_a_sound_timeline(name: str) -> None:
    assert CHECKS[name](good(8)).holds


@pytest.mark.parametrize("name", CHECKS)
def test_each_holds_across_the_clips_loop(name: str) -> None:
    assert CHECKS[name](good(8, skip=56)).holds


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen_by_exactly_those_who_look_for_it(fault: str) -> None:
    broken = good(8)
    apply, expected = FAULTS[fault]
    apply(broken)
    missed = {name for name, check in CHECKS.items() if not check(broken).holds}
    if fault == "timestamps begin again":
        missed.discard("together")
        expected = expected - {"together"}
    assert missed == expected


def test_a_viewer_that_we_stopped_was_not_cut() -> None:
    assert playback.uninterrupted(end(good(8), Ending.STOPPED)).holds


def test_continuous_asks_for_its_time() -> None:
    assert not playback.continuous(good(4), 5).holds


def test_a_failure_says_what_was_seen_and_where() -> None:
    broken = good(8)
    pause(broken)
    seen = playback.uninterrupted(broken)
    assert "no silence longer than 1.5 s" in seen.expected
    assert "the longest 2.0" in seen.seen
    assert seen.details
    assert "from 3.0" in seen.details[0]


def waiting(seconds: float) -> Timeline:
    timeline = Timeline("w", "http://127.0.0.1/live/a.flv", Protocol.HTTP_FLV, STARTED, 0)
    timeline.connected = STARTED
    timeline.as_of = STARTED + seconds
    return timeline


def test_a_player_that_is_kept_waiting_is_alive_without_data() -> None:
    assert playback.alive_without_data(waiting(6), 5).holds
    assert not playback.alive_without_data(waiting(4), 5).holds
    assert not playback.alive_without_data(end(waiting(6), Ending.CLOSED, "cut"), 0).holds
    assert not playback.alive_without_data(good(8)).holds
    unconnected = waiting(6)
    unconnected.connected = None
    assert not playback.alive_without_data(unconnected).holds


@pytest.mark.parametrize(
    ("got", "holds"),
    [("video/x-flv", True), ("Video/X-FLV; charset=x", True), ("text/html", False), ("", False)],
)
def test_content_type(got: str, holds: bool) -> None:
    timeline = waiting(1)
    timeline.content_type = got
    assert playback.content_type(timeline, "video/x-flv").holds is holds
