"""Judgements over several viewers of one stream: they get the same frames, whatever the protocol and the hops."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from srs_conformance.checkers.combining import all_of
from srs_conformance.observing import Observation
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Timeline

ANCHORS = 100
CANDIDATES = 8
LEAST_IN_COMMON = 25


def same_frames(timelines: Sequence[Timeline], least: int = LEAST_IN_COMMON) -> Observation:
    """Judge that all viewers got the same coded pictures and the same sound over the time that they share.

    The frames are compared by their digests, each viewer with the first one. Viewers join and leave at different times:
    the longest alignment counts, and must have at least `least` frames of each track in common.
    """
    reference, *others = timelines
    parts = [_compare(reference, other, kind, least) for other in others for kind in Kind]
    return all_of(f"the same frames as {reference.viewer} ({reference.protocol})", parts)


@dataclass(frozen=True)
class _Overlap:
    """How two sequences lie beside each other: b[i - offset] stands beside a[i] for start <= i < end."""

    offset: int
    start: int
    end: int
    wrong: tuple[int, ...]

    @property
    def equal(self) -> int:
        return self.end - self.start - len(self.wrong)

    @property
    def equal_first(self) -> int:
        return (self.wrong[0] if self.wrong else self.end) - self.start


def _compare(one: Timeline, other: Timeline, kind: Kind, least: int) -> Observation:
    a, b = (one.video, other.video) if kind is Kind.VIDEO else (one.audio, other.audio)
    overlaps = _alignments([frame.digest for frame in a], [frame.digest for frame in b])
    expected = f"{other.viewer} ({other.protocol}): the same {kind}, at least {least} frames of it"
    if not overlaps:
        return Observation(False, expected, f"no {kind} frame in common")
    best = max(overlaps, key=lambda overlap: overlap.equal)
    common = best.end - best.start
    if not best.wrong:
        return Observation(common >= least, expected, f"{common} {kind} frames in common")
    # After a lost frame another alignment may agree for longer; where they part is told by the one that agrees first.
    part = max((each for each in overlaps if each.wrong), key=lambda overlap: overlap.equal_first)
    index = part.wrong[0]
    detail = f"{_place(one, a, index)} is not {_place(other, b, index - part.offset)}"
    return Observation(False, expected, f"{len(best.wrong)} of {common} {kind} frames in common differ", (detail,))


def _place(timeline: Timeline, track: Sequence[Frame], index: int) -> str:
    if not 0 <= index < len(track):
        return f"any {timeline.viewer} got"
    frame = track[index]
    return f"{frame.kind} frame {index} of {timeline.viewer} (dts {frame.dts:.0f}, {frame.size} B)"


def _alignments(a: Sequence[int], b: Sequence[int]) -> list[_Overlap]:
    """Return the alignments that the first frames of either side suggest most often."""
    votes: Counter[int] = Counter()
    for offset, count in _votes(a, b[:ANCHORS]).items():
        votes[offset] += count
    for offset, count in _votes(b, a[:ANCHORS]).items():
        votes[-offset] += count
    return [_overlap(a, b, offset) for offset, _ in votes.most_common(CANDIDATES)]


def _votes(sequence: Sequence[int], anchors: Sequence[int]) -> Counter[int]:
    """Return how many anchors suggest each offset; digests that come very often (silence) suggest nothing."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    for index, digest in enumerate(sequence):
        places[digest].append(index)
    votes: Counter[int] = Counter()
    for index, digest in enumerate(anchors):
        found = places.get(digest, [])
        if len(found) <= max(CANDIDATES, len(sequence) // 20):
            votes.update(place - index for place in found)
    return votes


def _overlap(a: Sequence[int], b: Sequence[int], offset: int) -> _Overlap:
    start, end = max(0, offset), min(len(a), len(b) + offset)
    wrong = tuple(index for index in range(start, end) if a[index] != b[index - offset])
    return _Overlap(offset, start, end, wrong)
