"""Judgements over playlists and segments."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from srs_conformance.checkers import hls, playback
from srs_conformance.viewers.timeline import Timeline
from tests.support.timelines import good, good_hls

CHECKS = {
    "advance": hls.playlists_advance,
    "target": hls.durations_within_target,
    "reachable": hls.segments_reachable,
    "keyframe": hls.segments_start_with_keyframe,
    "true": hls.durations_true,
}


def edit_segment(**values: object) -> Callable[[Timeline], None]:
    def edit(timeline: Timeline) -> None:
        timeline.segments[1] = replace(timeline.segments[1], **values)

    return edit


def edit_playlist(**values: object) -> Callable[[Timeline], None]:
    def edit(timeline: Timeline) -> None:
        timeline.playlists[2] = replace(timeline.playlists[2], **values)

    return edit


def cut_first_picture(timeline: Timeline) -> None:
    segment = timeline.segments[1]
    first = timeline.video[50]
    assert timeline.frames.index(first) >= segment.first
    first.keyframe = False


FAULTS: dict[str, tuple[Callable[[Timeline], None], set[str]]] = {
    "media sequence goes back": (edit_playlist(media_sequence=0), {"advance"}),
    "playlist gone": (edit_playlist(media_sequence=None, status=404), {"advance"}),
    "playlist broken": (edit_playlist(media_sequence=None, problem="no #EXTM3U"), {"advance"}),
    "no playlist at all": (lambda t: t.playlists.clear(), {"advance", "target"}),
    "segment gone": (edit_segment(status=404, first=0, last=0), {"reachable"}),
    "segment broken": (edit_segment(problem="continuity counter"), {"reachable"}),
    "no segments": (lambda t: t.segments.clear(), {"reachable"}),
    "above target": (edit_segment(extinf=2.6), {"target", "true"}),
    "EXTINF too short": (edit_segment(extinf=1.2), {"true"}),
    "no keyframe": (cut_first_picture, {"keyframe"}),
}


def test_all_hold_on_a_sound_timeline() -> None:
    timeline = good_hls(5)
    assert [name for name, check in CHECKS.items() if not check(timeline).holds] == []
    assert playback.segments(timeline).holds
    assert playback.uninterrupted(timeline).holds
    assert playback.plays(timeline).holds


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen_by_exactly_those_who_look_for_it(fault: str) -> None:
    timeline = good_hls(5)
    apply, expected = FAULTS[fault]
    apply(timeline)
    assert {name for name, check in CHECKS.items() if not check(timeline).holds} == expected
    assert not playback.segments(timeline).holds


def test_a_playlist_that_is_not_there_yet_is_no_fault() -> None:
    timeline = good_hls(5)
    early = replace(timeline.playlists[0], status=404, media_sequence=None)
    timeline.playlists.insert(0, early)
    assert playback.segments(timeline).holds


def test_a_viewer_of_another_protocol_has_no_segments() -> None:
    assert not playback.segments(good(8)).holds


def test_a_missed_segment_leaves_the_durations_of_its_neighbours_alone() -> None:
    timeline = good_hls(5)
    del timeline.segments[2]
    assert hls.durations_true(timeline).holds


def test_an_hls_viewer_waits_for_segments_without_being_interrupted() -> None:
    timeline = good_hls(3)
    assert timeline.as_of is not None
    timeline.as_of += 4
    assert playback.uninterrupted(timeline).holds
    timeline.as_of += 2
    assert not playback.uninterrupted(timeline).holds
