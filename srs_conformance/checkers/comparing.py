"""Judgements over several viewers of one stream: they get the same frames, whatever the protocol and the hops."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from srs_conformance.checkers.combining import all_of
from srs_conformance.observing import Observation
from srs_conformance.viewers.frames import Kind
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


def _compare(one: Timeline, other: Timeline, kind: Kind, least: int) -> Observation:
    a, b = (one.video, other.video) if kind is Kind.VIDEO else (one.audio, other.audio)
    overlap = _align([frame.digest for frame in a], [frame.digest for frame in b])
    expected = f"{other.viewer} ({other.protocol}): the same {kind}, at least {least} frames of it"
    if overlap is None:
        return Observation(False, expected, f"no {kind} frame in common")
    common = overlap.end - overlap.start
    details = tuple(
        f"{kind} frame {index} of {one.viewer} (dts {a[index].dts:.0f}, {a[index].size} B) is frame "
        f"{index - overlap.offset} of {other.viewer} (dts {b[index - overlap.offset].dts:.0f}, "
        f"{b[index - overlap.offset].size} B)"
        for index in overlap.wrong[:1]
    )
    seen = f"{common} {kind} frames in common" + (f", {len(overlap.wrong)} of them differ" if overlap.wrong else "")
    return Observation(not overlap.wrong and common >= least, expected, seen, details)


def _align(a: Sequence[int], b: Sequence[int]) -> _Overlap | None:
    """Return the alignment with the most equal frames, among those that the first frames of either side suggest."""
    votes: Counter[int] = Counter()
    for offset, count in _votes(a, b[:ANCHORS]).items():
        votes[offset] += count
    for offset, count in _votes(b, a[:ANCHORS]).items():
        votes[-offset] += count
    overlaps = [_overlap(a, b, offset) for offset, _ in votes.most_common(CANDIDATES)]
    return max(overlaps, key=lambda overlap: overlap.equal, default=None)


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
