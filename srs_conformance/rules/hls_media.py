"""Segments and the playlist that names them (RFC 8216 3, 4.3.2): durations, discontinuities, sound with the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from srs_conformance.media.aac import split_adts
from srs_conformance.media.avc import NalType, nal_type, split_annexb
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.mpegts import NULL_PID
from srs_conformance.media.pes import StreamKind
from srs_conformance.media.timestamps import unwrap33
from srs_conformance.requirements import Level
from srs_conformance.rules.hls_delivery import listings
from srs_conformance.rules.hls_lines import Entry, texts
from srs_conformance.rules.rule import Rule, Verdict, judged
from srs_conformance.rules.ts_packets import RawPes, Segment
from srs_conformance.viewers.keeping import Response

DURATION_TOLERANCE: Final = 0.5
"""Seconds between EXTINF and the media: a keyframe's distance is exact, rounding and the audio track are not."""
JUMP: Final = 0.5
"""Seconds by which timestamps may leave the sequence of the segment before: a lost frame or two is no new sequence."""
APART: Final = 0.5
"""Seconds between the first picture and the first sound of a segment: as far as they may be interleaved."""
_TICKS: Final = 90_000
_VIDEO: Final = (StreamKind.AVC, StreamKind.HEVC)
_SOUND: Final = (StreamKind.AAC, StreamKind.MP3)

EXTINF_TRUE = Rule(
    "HLS-EXTINF-TRUE", Level.MUST, "RFC 8216 3, 4.3.2.1", "EXTINF is as long as the segment's media, to half a second."
)
UNMARKED_TIMESTAMPS = Rule(
    "HLS-UNMARKED-TIMESTAMPS",
    Level.MUST,
    "RFC 8216 3, 4.3.2.3",
    "Timestamps go on from segment to segment unless EXT-X-DISCONTINUITY stands between.",
)
UNMARKED_TRACKS = Rule(
    "HLS-UNMARKED-TRACKS",
    Level.MUST,
    "RFC 8216 4.3.2.3",
    "Number, type and identifiers of tracks do not change unless EXT-X-DISCONTINUITY stands between.",
)
UNMARKED_ENCODING = Rule(
    "HLS-UNMARKED-ENCODING",
    Level.SHOULD,
    "RFC 8216 4.3.2.3",
    "Parameter sets and AAC configurations do not change unless EXT-X-DISCONTINUITY stands between.",
)
COUNTERS_GO_ON = Rule(
    "HLS-COUNTERS-GO-ON",
    Level.SHOULD,  # of the "values in a series" the section names two, and these are neither; SRS begins anew
    "RFC 8216 3",
    "Continuity counters go on from segment to segment unless EXT-X-DISCONTINUITY stands between.",
)
TOGETHER = Rule(
    "HLS-TOGETHER",
    Level.SHOULD,
    "RFC 8216 3",
    "The sound of a segment begins with its picture, to half a second: each track goes on where it ended.",
)
RULES: Final = (EXTINF_TRUE, UNMARKED_TIMESTAMPS, UNMARKED_TRACKS, UNMARKED_ENCODING, COUNTERS_GO_ON, TOGETHER)


def segments_of(responses: Sequence[Response]) -> list[Segment]:
    """Return the segments that playlists name and that came whole, in the order of their numbers, each once."""
    playlists = [text for text in texts(responses) if not text.master]
    named: dict[str, tuple[int, Entry]] = {}
    for text in playlists:
        for index, entry in enumerate(text.entries):
            named.setdefault(text.absolute(entry.uri), (text.sequence + index, entry))
    found: dict[str, Segment] = {}
    for each in sorted(responses, key=lambda each: each.at):
        if each.url in named and each.status == 200 and not each.why and each.url not in found:
            sequence, entry = named[each.url]
            name = each.url.partition("?")[0].rpartition("/")[2]
            found[each.url] = Segment(name, each.body, sequence, entry.duration, entry.discontinuity)
    first = {url: seen.first for url, seen in listings(playlists).items()}  # numbers may begin anew, time does not
    ordered = sorted(found.items(), key=lambda pair: (first[pair[0]], pair[1].sequence or 0))
    return [segment for _, segment in ordered]


def times(track: Sequence[RawPes]) -> list[int]:
    """Return the DTS of PES packets in 90 kHz, unwrapped from the first one on."""
    unwrapped: list[int] = []
    for pes in track:
        if pes.dts is not None:
            unwrapped.append(unwrap33(pes.dts, unwrapped[-1] if unwrapped else None))
    return unwrapped


def lasting(segment: Segment, following: Segment | None) -> float | None:
    """Return for how many seconds a segment lasts: to the first picture of the next one, or a frame after its last.

    `following` is None where no next one is known, or where a discontinuity stands before it. A segment without
    pictures lasts as long as its sound; None where it has neither.
    """
    for kinds in (_VIDEO, _SOUND):
        mine = times(segment.track(*kinds))
        if len(mine) < 2:
            continue
        if following is not None and (then := times(following.track(*kinds))):
            return (unwrap33(then[0] % (1 << 33), mine[-1]) - mine[0]) / _TICKS
        return (mine[-1] - mine[0]) * len(mine) / (len(mine) - 1) / _TICKS
    return None


def differs(lasts: float | None, extinf: float | None, tolerance: float = DURATION_TOLERANCE) -> bool:
    """Whether the media of a segment and its EXTINF are further apart than they may be, both in seconds."""
    return lasts is not None and extinf is not None and abs(lasts - extinf) > tolerance


def judge(segments: Sequence[Segment]) -> list[Verdict]:
    """Judge segments in the order in which playlists name them: one verdict for each rule."""
    successive = [
        (one, other)
        for one, other in pairwise(segments)
        if one.sequence is not None and other.sequence == one.sequence + 1 and not other.discontinuity
    ]
    return [
        _extinf_true(segments, {id(one): other for one, other in successive}),
        _pairs(UNMARKED_TIMESTAMPS, _jump, successive),
        _pairs(UNMARKED_TRACKS, _tracks_change, successive),
        _pairs(UNMARKED_ENCODING, _encoding_changes, successive),
        _pairs(COUNTERS_GO_ON, _counters_leap, successive),
        _together(segments),
    ]


def _extinf_true(segments: Sequence[Segment], following: dict[int, Segment]) -> Verdict:
    """Judge by the next segment where its timestamps go on; where they leap, that is another rule's."""
    wrong, looked_at = [], 0
    for each in segments:
        then = following.get(id(each))
        lasts = lasting(each, None if then is not None and _jump(each, then) else then)
        if lasts is None or each.duration is None:
            continue
        looked_at += 1
        if differs(lasts, each.duration):
            wrong.append(f"{each.name}: EXTINF {each.duration:.3f} s, media for {lasts:.3f} s")
    return judged(EXTINF_TRUE, wrong, looked_at, "segments")


Pair: TypeAlias = Callable[[Segment, Segment], "list[str] | None"]


def _pairs(rule: Rule, check: Pair, successive: Iterable[tuple[Segment, Segment]]) -> Verdict:
    results = [(f"{one.name}, {other.name}", check(one, other)) for one, other in successive]
    wrong = [f"{names}: {'; '.join(found[:3])}" for names, found in results if found]
    looked_at = sum(found is not None for _, found in results)
    return judged(rule, wrong, looked_at, "pairs of segments without a discontinuity between")


def _jump(one: Segment, other: Segment) -> list[str] | None:
    """Judge the step from the last frame of a track to the first one of the next segment by the track's own step."""
    wrong, looked_at = [], 0
    for kinds in (_VIDEO, _SOUND):
        before, after = times(one.track(*kinds)), times(other.track(*kinds))
        if len(before) < 2 or not after:
            continue
        looked_at += 1
        usual = (before[-1] - before[0]) / (len(before) - 1)
        step = unwrap33(after[0] % (1 << 33), before[-1]) - before[-1]
        if abs(step - usual) > JUMP * _TICKS:
            wrong.append(f"{kinds[0].value} goes on {step / _TICKS:+.3f} s after the last frame")
    return wrong if looked_at else None


def _tracks_change(one: Segment, other: Segment) -> list[str] | None:
    if one.pmt is None or other.pmt is None:
        return None
    was, is_now = ({(each.pid, each.stream_type) for each in segment.streams} for segment in (one, other))
    return [f"{_told(was)} -> {_told(is_now)}"] if was != is_now else []


def _told(streams: set[tuple[int, int]]) -> str:
    return ", ".join(f"PID {pid:#x} type {kind:#04x}" for pid, kind in sorted(streams)) or "no stream"


def _encoding_changes(one: Segment, other: Segment) -> list[str] | None:
    wrong, looked_at = [], 0
    for what, read in (("parameter sets", _parameter_sets), ("AAC configuration", _aac)):
        was, is_now = read(one), read(other)
        if was and is_now:
            looked_at += 1
            wrong += [f"{what} {_shown(was)} -> {_shown(is_now)}"] if was != is_now else []
    return wrong if looked_at else None


def _shown(values: frozenset[bytes]) -> str:
    return ", ".join(sorted(value.hex()[:16] for value in values))


def _parameter_sets(segment: Segment) -> frozenset[bytes]:
    """Return SPS and PPS of the first PES packet that has any."""
    for pes in segment.track(StreamKind.AVC):
        try:
            nals = split_annexb(pes.payload)
        except ProtocolError:
            continue
        found = frozenset(nal for nal in nals if nal_type(nal) in {NalType.SPS, NalType.PPS})
        if found:
            return found
    return frozenset()


def _aac(segment: Segment) -> frozenset[bytes]:
    for pes in segment.track(StreamKind.AAC):
        try:
            frames = split_adts(pes.payload)
        except (ProtocolError, IndexError):
            continue
        if frames:
            first = frames[0]
            return frozenset({f"{first.object_type} {first.sample_rate} {first.channels}".encode()})
    return frozenset()


def _counters_leap(one: Segment, other: Segment) -> list[str] | None:
    """Judge each PID by the last packet with payload here and the first one there."""
    last = {each.pid: each for each in one.packets if each.has_payload and each.pid != NULL_PID}
    first = {each.pid: each for each in reversed(other.packets) if each.has_payload}
    wrong = [
        f"PID {pid:#x} counts {first[pid].counter} after {last[pid].counter}"
        for pid in sorted(last.keys() & first.keys())
        if first[pid].counter != (last[pid].counter + 1) & 15 and not first[pid].discontinuity
    ]
    return wrong if last.keys() & first.keys() else None


def _together(segments: Sequence[Segment]) -> Verdict:
    wrong, looked_at = [], 0
    for each in segments:
        picture, sound = times(each.track(*_VIDEO)), times(each.track(*_SOUND))
        if picture and sound:
            looked_at += 1
            apart = (unwrap33(sound[0], picture[0]) - picture[0]) / _TICKS
            if abs(apart) > APART:
                wrong.append(f"{each.name}: sound {apart:+.3f} s from the picture")
    return judged(TOGETHER, wrong, looked_at, "segments with sound and picture")
