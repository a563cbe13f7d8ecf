"""The same frames at every viewer."""

from srs_conformance.checkers.playback import same_frames
from srs_conformance.viewers.frames import Kind
from srs_conformance.viewers.timeline import Protocol, Timeline
from tests.support.timelines import good, good_hls


def lose(timeline: Timeline, kind: Kind, index: int) -> Timeline:
    lost = [frame for frame in timeline.frames if frame.kind is kind][index]
    timeline.frames = [frame for frame in timeline.frames if frame is not lost]
    return timeline


def test_viewers_that_join_at_different_times_share_a_range() -> None:
    assert same_frames([good(8), good(10, Protocol.HTTP_FLV, skip=2), good(4, Protocol.RTMP, skip=4)]).holds


def test_viewers_of_another_protocol_have_other_timestamps() -> None:
    shifted = good_hls(4)
    for frame in shifted.frames:
        frame.dts += 1400.5
    assert same_frames([good(8), shifted]).holds


def test_a_range_across_the_clips_loop() -> None:
    assert same_frames([good(20, skip=50), good(20, skip=54)]).holds


def test_a_lost_picture_is_seen_with_its_place() -> None:
    seen = same_frames([good(8), lose(good(8, skip=2), Kind.VIDEO, 60)])
    assert not seen.holds
    assert "video frames in common" in seen.seen
    assert "video frame 110 of rtmp viewer" in seen.details[0]


def test_a_lost_sound_is_seen() -> None:
    assert not same_frames([good(8), lose(good(8), Kind.AUDIO, 100)]).holds


def test_a_lost_first_frame_is_no_difference() -> None:
    assert same_frames([good(8), lose(good(8), Kind.VIDEO, 0)]).holds


def test_a_changed_picture_near_the_start_is_seen() -> None:
    changed = good(8)
    changed.video[0].digest = 1
    assert not same_frames([good(8), changed]).holds


def test_a_repeated_picture_is_seen() -> None:
    repeated = good(8)
    repeated.frames.insert(100, repeated.frames[98])
    assert not same_frames([good(8), repeated]).holds


def test_nothing_in_common_is_no_agreement() -> None:
    other = good(8)
    for frame in other.frames:
        frame.digest += 1_000_000
    seen = same_frames([good(8), other])
    assert not seen.holds
    assert "no video frame in common" in seen.seen


def test_too_little_in_common_is_no_agreement() -> None:
    assert not same_frames([good(4.4), good(8, skip=4)]).holds


def test_no_frames_at_all_is_no_agreement() -> None:
    empty = good(1)
    empty.frames.clear()
    assert not same_frames([good(8), empty]).holds
    assert not same_frames([empty, good(8)]).holds


def test_silence_that_repeats_does_not_mislead_the_alignment() -> None:
    one, other = good(8), good(8, skip=2)
    for timeline in (one, other):
        for frame in timeline.audio:
            if frame.digest % 10:
                frame.digest = 7
    assert same_frames([one, other]).holds
