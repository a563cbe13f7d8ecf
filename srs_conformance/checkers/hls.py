"""Judgements over what an HLS viewer saw of playlists and segments: what a player needs of RFC 8216.

The specification itself, rule by rule and over the bytes as they came, is `rules.hls`; what is the same there is that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from srs_conformance.checkers.combining import all_of
from srs_conformance.observing import Observation
from srs_conformance.rules.hls_media import DURATION_TOLERANCE, differs
from srs_conformance.rules.hls_playlists import within_target
from srs_conformance.viewers import facts
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import PlaylistFetch, Protocol, SegmentFetch, Timeline

_SHOWN = 5


def segments(timeline: Timeline) -> Observation:
    """Judge that the HLS stream can be played from what its playlists promise.

    The media sequence never goes back, target durations hold, every segment can be fetched, begins with a keyframe and
    lasts as long as EXTINF says.
    """
    parts = [
        Observation(timeline.protocol is Protocol.HLS, "an HLS viewer", timeline.protocol),
        playlists_advance(timeline),
        durations_within_target(timeline),
        segments_reachable(timeline),
        segments_start_with_keyframe(timeline),
        durations_true(timeline),
    ]
    return all_of(f"{timeline.viewer} plays from its playlists", parts)


def playlists_advance(timeline: Timeline) -> Observation:
    """Judge that playlists came, and that their media sequence number never goes back (RFC 8216 6.2.2)."""
    valid = _valid(timeline)
    back = [
        f"{before.media_sequence} -> {after.media_sequence} at {after.at - timeline.started:.1f} s"
        for before, after in pairwise(valid)
        if (after.media_sequence or 0) < (before.media_sequence or 0)
    ]
    problems = [
        f"{fetch.url} at {fetch.at - timeline.started:.1f} s: {fetch.status or 'no answer'} {fetch.problem}".rstrip()
        for fetch in timeline.playlists[_first_valid(timeline.playlists) :]
        if not fetch.master and fetch.media_sequence is None
    ]
    seen = f"{len(valid)} playlists, {len(back)} go back, {len(problems)} broken"
    wrong = not valid or bool(back) or bool(problems)
    return Observation(not wrong, "playlists whose media sequence advances", seen, tuple((back + problems)[:_SHOWN]))


def durations_within_target(timeline: Timeline) -> Observation:
    """Judge that no segment is longer than the target duration, both rounded to whole seconds (RFC 8216 4.3.3.1)."""
    target = max((fetch.target_duration or 0.0 for fetch in timeline.playlists), default=0.0)
    wrong = [each for each in timeline.segments if not within_target(each.extinf, target)]
    seen = f"{len(wrong)} longer" if wrong else "so"
    expected = f"segments of at most the target duration, {target:g} s"
    return Observation(not wrong, expected, seen, tuple(f"{s.url}: {s.extinf:g} s" for s in wrong[:_SHOWN]))


def segments_reachable(timeline: Timeline) -> Observation:
    """Judge that every segment that a playlist named could be fetched and read."""
    wrong = [each for each in timeline.segments if each.status != 200 or each.problem]
    details = tuple(f"{each.url}: {each.status or 'no answer'} {each.problem}".rstrip() for each in wrong[:_SHOWN])
    good = len(timeline.segments) - len(wrong)
    return Observation(
        bool(good) and not wrong, "every segment can be fetched", f"{good} good, {len(wrong)} not", details
    )


def segments_start_with_keyframe(timeline: Timeline) -> Observation:
    """Judge that every segment with pictures begins with a keyframe, so that a player can join there."""
    firsts = [(each, _track(timeline, each)[:1]) for each in timeline.segments]
    wrong = [each.url for each, first in firsts if first and not first[0].keyframe]
    return Observation(not wrong, "a keyframe first in every segment", f"{len(wrong)} without", tuple(wrong[:_SHOWN]))


def durations_true(timeline: Timeline, tolerance: float = DURATION_TOLERANCE) -> Observation:
    """Judge that each segment's pictures last as long as its EXTINF says."""
    wrong = []
    for each, following in pairwise([*timeline.segments, None]):
        if each is None:
            break
        lasts = _duration(timeline, each, following)
        if lasts is not None and differs(lasts, each.extinf, tolerance):
            wrong.append(f"{each.url}: EXTINF {each.extinf:.3f} s, pictures for {lasts:.3f} s")
    return Observation(not wrong, "EXTINF as long as the media", f"{len(wrong)} differ", tuple(wrong[:_SHOWN]))


def _duration(timeline: Timeline, segment: SegmentFetch, following: SegmentFetch | None) -> float | None:
    """Return the seconds from a segment's first picture to the next one's, or to a frame after its last."""
    track = _track(timeline, segment)
    if len(track) < 2:
        return None
    within = facts.step(track[0].dts, track[-1].dts, timeline.span)
    if following is not None and following.sequence == segment.sequence + 1 and not following.discontinuity:
        next_track = _track(timeline, following)
        if next_track:
            return facts.step(track[0].dts, next_track[0].dts, timeline.span) / 1000
    return within * len(track) / (len(track) - 1) / 1000


def _track(timeline: Timeline, segment: SegmentFetch) -> list[Frame]:
    return [frame for frame in timeline.frames[segment.first : segment.last] if frame.kind is Kind.VIDEO]


def _valid(timeline: Timeline) -> list[PlaylistFetch]:
    return [fetch for fetch in timeline.playlists if fetch.media_sequence is not None]


def _first_valid(fetches: Sequence[PlaylistFetch]) -> int:
    """Return where the first media playlist stands: before it there may be none yet (404)."""
    return next((i for i, fetch in enumerate(fetches) if fetch.media_sequence is not None), len(fetches))
