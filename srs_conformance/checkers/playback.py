"""Judgements over one viewer's timeline: does it play, from the first frame on, without a break, with true timestamps.

Real SRS sends frames in bursts of 350 ms per hop, so that a player sees gaps of up to 0.4 s directly and 0.7 s through
an edge; only a longer silence counts as a break (docs/real-srs.md).
"""

from __future__ import annotations

from itertools import groupby

from srs_conformance.checkers.combining import all_of
from srs_conformance.checkers.comparing import same_frames
from srs_conformance.checkers.hls import segments
from srs_conformance.observing import Budget, Observation
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Protocol, Timeline

__all__ = [
    "alive_without_data",
    "both_tracks",
    "content_type",
    "continuous",
    "first_frame_within",
    "headers_first",
    "no_missing_numbers",
    "not_frozen",
    "plays",
    "same_frames",
    "segments",
    "sound",
    "starts_with_keyframe",
    "timestamps_monotonic",
    "tracks_together",
    "uninterrupted",
]

GAP_SECONDS = 1.5
SKEW_MS = 1000.0
"""Beyond this players drop or wait for a track; bursts and the GOP cache alone stay well below."""
FROZEN_FRAMES = 25
_SHOWN = 5


def plays(timeline: Timeline, within: Budget = Budget.FIRST_FRAME) -> Observation:
    """Judge that a player sees and hears the stream: both tracks, in time, decodable from the first picture on."""
    parts = [
        still_watching(timeline),
        first_frame_within(timeline, within),
        both_tracks(timeline),
        starts_with_keyframe(timeline),
        headers_first(timeline),
    ]
    return all_of(f"{_name(timeline)} plays", parts)


def sound(timeline: Timeline) -> Observation:
    """Judge that what came is a sound stream: decodable from the start, timestamps that advance, tracks together."""
    parts = [
        both_tracks(timeline),
        starts_with_keyframe(timeline),
        headers_first(timeline),
        timestamps_monotonic(timeline),
        tracks_together(timeline),
        not_frozen(timeline),
    ]
    return all_of(f"{_name(timeline)} got a sound stream", parts)


def uninterrupted(timeline: Timeline, gap: float = GAP_SECONDS) -> Observation:
    """Judge that since the first frame the viewer was neither cut nor kept waiting longer than `gap` seconds."""
    parts = [
        still_watching(timeline),
        any_frames(timeline),
        no_gaps(timeline, gap),
        timestamps_monotonic(timeline),
    ]
    return all_of(f"{_name(timeline)} is not interrupted", parts)


def continuous(timeline: Timeline, seconds: float, gap: float = GAP_SECONDS) -> Observation:
    """Judge that playback has gone on for at least `seconds` since the first frame, without an interruption."""
    first = timeline.frames[0].arrival if timeline.frames else timeline.until
    played = timeline.until - first
    waits = ((timeline.started, timeline.until),)
    long = Observation(
        played >= seconds, f"{seconds:g} s of playback", f"{played:.1f} s since the first frame", waits=waits
    )
    return all_of(f"{_name(timeline)} plays without a break", [long, uninterrupted(timeline, gap)])


def still_watching(timeline: Timeline) -> Observation:
    """Judge that the server has not ended the watch."""
    return Observation(not timeline.lost, "a connection that the server keeps", _ending(timeline))


def any_frames(timeline: Timeline) -> Observation:
    """Judge that anything came at all."""
    return Observation(bool(timeline.frames), "audio and video frames", _counts(timeline))


def first_frame_within(timeline: Timeline, within: Budget) -> Observation:
    """Judge that the first frame came within the budget."""
    after = timeline.first_frame_after()
    seen = f"after {after:.2f} s" if after is not None else f"none; {_ending(timeline)}"
    expected = f"the first frame within {within.seconds:g} s ({within.name})"
    waits = ((timeline.started, timeline.until if after is None else timeline.started + after),)
    return Observation(after is not None and after <= within.seconds, expected, seen, waits=waits)


def starts_with_keyframe(timeline: Timeline) -> Observation:
    """Judge that the first video frame is a keyframe, so that a player shows a picture at once."""
    keyframe = timeline.first_is_keyframe
    seen = {None: "no video frame", True: "a keyframe", False: "a frame that depends on others"}[keyframe]
    return Observation(keyframe is True, "a keyframe as the first video frame", seen)


def headers_first(timeline: Timeline) -> Observation:
    """Judge that each track's decoder configuration came before its first frame.

    In MPEG-TS that means parameter sets with the first keyframe, and AAC with ADTS headers.
    """
    late = [kind for kind in Kind if not _configured(timeline, kind)]
    expected = "each track's sequence header before its frames"
    return Observation(not late, expected, f"none before {' and '.join(late)}" if late else "so")


def both_tracks(timeline: Timeline) -> Observation:
    """Judge that audio and video frames came."""
    return Observation(bool(timeline.video and timeline.audio), "audio and video frames", _counts(timeline))


def timestamps_monotonic(timeline: Timeline) -> Observation:
    """Judge that each track's dts never goes back nor jumps more than a second ahead."""
    jumps = timeline.jumps()
    details = tuple(
        f"{jump.kind}: dts {jump.before:.0f} -> {jump.after:.0f} ms at {jump.arrival - timeline.started:.2f} s"
        for jump in jumps[:_SHOWN]
    )
    return Observation(not jumps, "timestamps that advance", f"{len(jumps)} jump(s)" if jumps else "so", details)


def tracks_together(timeline: Timeline, limit_ms: float = SKEW_MS) -> Observation:
    """Judge that audio and video stay together."""
    skew = timeline.skew
    seen = "only one track" if skew is None else f"up to {skew:.0f} ms apart"
    return Observation(skew is not None and skew <= limit_ms, f"tracks at most {limit_ms:.0f} ms apart", seen)


def no_gaps(timeline: Timeline, gap: float = GAP_SECONDS) -> Observation:
    """Judge that no silence after the first frame was longer than `gap` seconds.

    An HLS player gets whole segments: there, two target durations may pass on top.
    """
    allowed = gap + (2 * _target_duration(timeline) if timeline.protocol is Protocol.HLS else 0.0)
    gaps = timeline.gaps(allowed)
    details = tuple(f"{each.seconds:.2f} s from {each.start:.2f} s on" for each in gaps[:_SHOWN])
    seen = f"{len(gaps)} longer, the longest {max(each.seconds for each in gaps):.2f} s" if gaps else "so"
    waits = tuple((begins, begins + each.seconds) for each in gaps for begins in (timeline.started + each.start,))
    return Observation(not gaps, f"no silence longer than {allowed:g} s", seen, details, waits)


def no_missing_numbers(timeline: Timeline, period: int) -> Observation:
    """Judge that the pictures' numbers follow one another, beginning again at 0 after `period` (the clip's frames)."""
    numbers = timeline.numbers
    faults = timeline.missing_numbers(period)
    details = [f"{count} missing after {number}" for number, count in faults.missing[:_SHOWN]]
    details += [f"{number} twice" for number in faults.repeated[:_SHOWN]]
    details += [f"from {before} back to {after}" for before, after in faults.back[:_SHOWN]]
    unread = len(timeline.video) - len(numbers)
    seen = f"{len(numbers)} numbers, {unread} pictures without one" + (", with faults" if faults else "")
    return Observation(bool(numbers) and not faults, "every picture once and in order", seen, tuple(details))


def not_frozen(timeline: Timeline, frames: int = FROZEN_FRAMES) -> Observation:
    """Judge that the picture moves: no `frames` coded pictures in a row are the same (by number, else by content)."""
    longest = max((len(list(run)) for _, run in groupby(timeline.video, key=_content)), default=0)
    return Observation(longest < frames, "a picture that moves", f"the same picture {longest} time(s) in a row")


def alive_without_data(timeline: Timeline, seconds: float = 0.0) -> Observation:
    """Judge that a player of a stream that nobody sends is connected, for so long already, and kept waiting."""
    waited = timeline.until - timeline.connected if timeline.connected is not None else 0.0
    parts = [
        still_watching(timeline),
        Observation(timeline.connected is not None, "a connection", "so" if timeline.connected else "none"),
        Observation(not timeline.frames, "no frames", _counts(timeline)),
        Observation(waited >= seconds, f"{seconds:g} s of waiting", f"{waited:.1f} s"),
    ]
    return all_of(f"{_name(timeline)} waits for the stream", parts)


def content_type(timeline: Timeline, expected: str) -> Observation:
    """Judge the Content-Type of the HTTP answer, parameters and case aside."""
    got = timeline.content_type.split(";")[0].strip().lower()
    return Observation(got == expected.lower(), f"Content-Type: {expected}", got or "none")


def _configured(timeline: Timeline, kind: Kind) -> bool:
    first = next((i for i, frame in enumerate(timeline.frames) if frame.kind is kind), None)
    return first is None or any(c.kind is kind and c.position <= first for c in timeline.configs)


def _content(frame: Frame) -> tuple[int | None, int]:
    return (frame.number, 0) if frame.number is not None else (None, frame.digest)


def _target_duration(timeline: Timeline) -> float:
    return max((fetch.target_duration or 0.0 for fetch in timeline.playlists), default=0.0)


def _name(timeline: Timeline) -> str:
    return f"{timeline.viewer} ({timeline.protocol})"


def _counts(timeline: Timeline) -> str:
    return f"{len(timeline.video)} video, {len(timeline.audio)} audio"


def _ending(timeline: Timeline) -> str:
    if timeline.ending is None:
        return "connected" if timeline.connected is not None else "not connected"
    after = timeline.until - timeline.started
    return f"{timeline.ending} after {after:.2f} s" + (f": {timeline.error}" if timeline.error else "")
