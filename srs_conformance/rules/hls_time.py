"""A media playlist over time (RFC 8216 6.2): what a server may change in it, and when it must.

The fetches of one URL, in order, are judged two by two; of several that were under way at a time, as players have them
who play beside each other, nobody knows which the server answered first, and all but one are left out. A stream that is
published anew may begin a new playlist at the same URL; the specification knows that only as a presentation that was
removed, of which clients are told by 404 or 410 (6.2.1), so what comes after such an answer begins anew here, and a
playlist that begins anew without it is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from srs_conformance.rules.hls_lines import Text, is_playlist, texts
from srs_conformance.rules.rule import Rule, Verdict, judged, must
from srs_conformance.viewers.keeping import Response

REMOVED: Final = frozenset({404, 410})
"""Answers that tell a client that a presentation is gone (RFC 8216 6.2.1)."""
LATEST: Final = 1.5
EARLIEST: Final = 0.5
"""Target durations after a version of a live playlist at which the next one is due, and may come (6.2.1)."""
LEAST: Final = 3
"""Target durations that a live playlist must keep (6.2.2)."""
SLACK: Final = 0.25
"""Seconds that a look may be late: what we measure is when answers reach us on a busy machine."""


@dataclass(frozen=True)
class Version:
    """One version of a playlist: as it was first seen, and when it was asked for last before another one came."""

    text: Text
    until: float
    before: float | None
    """When the version before was asked for last; None for the first."""

    @property
    def at(self) -> float:
        """When it was first asked for."""
        return self.text.at


def presentations(responses: Iterable[Response]) -> list[list[Version]]:
    """Return the versions of each live or finished presentation: of one URL, with no 404 or 410 in between."""
    ordered = sorted(responses, key=lambda each: each.at)
    found: list[list[Version]] = []
    for url in dict.fromkeys(each.url for each in ordered if is_playlist(each, each.body)):
        run: list[Version] = []
        for each in _after_each_other(each for each in ordered if each.url == url):
            if each.status in REMOVED:
                found, run = [*found, run], []
            elif (fetched := texts([each])) and not fetched[0].master:
                _add(run, fetched[0])
        found.append(run)
    return [run for run in found if run]


def _after_each_other(responses: Iterable[Response]) -> Iterator[Response]:
    """Yield responses of which each was asked for when the one before was there, and each that tells of a removal."""
    until = float("-inf")
    for each in sorted(responses, key=lambda each: each.at + each.took):
        if each.at >= until or each.status in REMOVED:
            until = each.at + each.took
            yield each


def _add(run: list[Version], text: Text) -> None:
    if run and run[-1].text.body == text.body:
        run[-1] = Version(run[-1].text, text.at, run[-1].before)
    else:
        run.append(Version(text, text.at, run[-1].until if run else None))


def removed(before: Text, after: Text) -> int | None:
    """Return how many segments have left at the front; None where the two have none in common."""
    first = next((entry.uri for entry in after.entries), None)
    return next((index for index, entry in enumerate(before.entries) if entry.uri == first), None)


Check: TypeAlias = Callable[[Version, Version], "list[str] | None"]


def _forward(old: Version, new: Version) -> list[str] | None:
    before, after = old.text.sequence, new.text.sequence
    return [f"{before} -> {after}"] if after < before else []


def _step(old: Version, new: Version) -> list[str] | None:
    gone = removed(old.text, new.text)
    grown = new.text.sequence - old.text.sequence
    if gone is None or grown < 0:
        return None
    return [f"{gone} segments removed, {old.text.sequence} -> {new.text.sequence}"] if grown != gone else []


def _append_only(old: Version, new: Version) -> list[str] | None:
    if not old.text.entries or new.text.sequence < old.text.sequence:
        return None
    gone = removed(old.text, new.text)
    if gone is None:
        reused = old.text.sequence + len(old.text.entries) - new.text.sequence
        if reused <= 0:
            return None  # all have left; what came between was not seen
        now = new.text.entries[0].uri if new.text.entries else "no segment"
        return [f"number {new.text.sequence} is {now}, and was {old.text.entries[-reused].uri}"]
    kept = [entry.uri for entry in old.text.entries[gone:]]
    now_there = [entry.uri for entry in new.text.entries[: len(kept)]]
    wrong = [f"{was} where {is_now} is now" for was, is_now in zip(kept, now_there, strict=False) if was != is_now]
    return wrong + [f"{uri} has gone from the end" for uri in kept[len(now_there) :]]


def _segment_stays(old: Version, new: Version) -> list[str] | None:
    known = {entry.uri: entry for entry in old.text.entries}
    again = [(known[entry.uri], entry) for entry in new.text.entries if entry.uri in known]
    wrong = []
    for was, is_now in again:
        told = [(tag.name, tag.value) for tag in was.tags if tag.name not in _OF_THE_PLAYLIST]
        tells = [(tag.name, tag.value) for tag in is_now.tags if tag.name not in _OF_THE_PLAYLIST]
        if told != tells:
            wrong.append(f"{is_now.uri}: {told} -> {tells}")
    return wrong if again else None


_OF_THE_PLAYLIST: Final = frozenset(
    {
        *("EXTM3U", "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE"),
        *("EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-I-FRAMES-ONLY"),
        *("EXT-X-KEY", "EXT-X-MAP"),  # apply to all that follow: the first segment left takes them over
        "EXT-X-ALLOW-CACHE",  # of drafts before RFC 8216
    }
)


def _target_constant(old: Version, new: Version) -> list[str] | None:
    before, after = old.text.target, new.text.target
    if before is None or after is None:
        return None
    return [f"{before} s -> {after} s"] if before != after else []


def _discontinuity_sequence(old: Version, new: Version) -> list[str] | None:
    gone = removed(old.text, new.text)
    marks = [entry.discontinuity for entry in old.text.entries]
    told = old.text.number("EXT-X-DISCONTINUITY-SEQUENCE") or 0
    tells = new.text.number("EXT-X-DISCONTINUITY-SEQUENCE")
    if gone is None or (not any(marks) and not told and not tells):
        return None
    if gone and any(marks) and tells is None:
        return [f"{gone} segments removed, {sum(marks[:gone])} discontinuities with them, and no tag"]
    expected = told + sum(marks[:gone])
    return [f"{told} -> {tells or 0} where it must be {expected}"] if (tells or 0) != expected else []


def _in_time(old: Version, new: Version) -> list[str] | None:
    """Judge by the least time for which the old version can have stood."""
    return _too_long(old) if _grows(old, new) else None


def _not_early(old: Version, new: Version) -> list[str] | None:
    """Judge by the most time that can have passed between the two; the first version's beginning was not seen."""
    if not _grows(old, new) or old.before is None or old.text.target is None or new.text.ended:
        return None
    longest = new.at - old.before
    least = EARLIEST * old.text.target
    return [f"at most {longest:.2f} s after the last, at least {least:g} s due"] if longest < least - SLACK else []


def _grows(old: Version, new: Version) -> bool:
    known = {entry.uri for entry in old.text.entries}
    return not old.text.ended and any(entry.uri not in known for entry in new.text.entries)


def _too_long(version: Version) -> list[str] | None:
    if version.text.target is None or version.text.ended:
        return None
    stood, most = version.until - version.at, LATEST * version.text.target
    return [f"no new segment for {stood:.1f} s, {most:g} s due"] if stood > most + SLACK else []


def _ended(old: Version, new: Version) -> list[str] | None:
    if not old.text.ended:
        return None
    more = len(new.text.entries) - len(old.text.entries)
    return [f"{more:+} segments after EXT-X-ENDLIST" if more else "another text after EXT-X-ENDLIST"]


def _three_targets(old: Version, new: Version) -> list[str] | None:
    gone, target = removed(old.text, new.text), new.text.target
    if not gone or target is None or new.text.ended:
        return None
    seconds = new.text.duration
    return [f"{seconds:.1f} s left of {LEAST * target} s"] if seconds < LEAST * target else []


def _live_has_no_type(old: Version, new: Version) -> list[str] | None:
    if not removed(old.text, new.text):
        return None
    kind = new.text.first("EXT-X-PLAYLIST-TYPE")
    return [str(kind)] if kind else []


def _must(name: str, section: str, text: str) -> Rule:
    return must(name, f"RFC 8216 {section}", text)


CHECKS: Final[tuple[tuple[Rule, Check], ...]] = (
    (_must("HLS-SEQUENCE-FORWARD", "6.2.2", "The media sequence number never decreases."), _forward),
    (
        _must("HLS-SEQUENCE-STEP", "6.2.2", "It grows by exactly the number of segments that were removed."),
        _step,
    ),
    (
        _must("HLS-APPEND-ONLY", "6.2.1, 6.2.2", "Segments come at the end, go at the front, and keep their numbers."),
        _append_only,
    ),
    (
        _must("HLS-SEGMENT-STAYS", "6.2.1", "A segment keeps its duration, discontinuity and other tags."),
        _segment_stays,
    ),
    (_must("HLS-TARGET-CONSTANT", "6.2.1", "The target duration does not change."), _target_constant),
    (
        _must("HLS-DISCONTINUITY-SEQUENCE", "6.2.2", "Removed discontinuities are counted, by a tag that is there."),
        _discontinuity_sequence,
    ),
    (
        _must("HLS-IN-TIME", "6.2.1", "A new segment is there 1.5 target durations after the last one at the latest."),
        _in_time,
    ),
    (
        _must("HLS-NOT-EARLY", "6.2.1", "It comes no earlier than half a target duration after the last one."),
        _not_early,
    ),
    (_must("HLS-ENDED", "4.3.3.4", "After EXT-X-ENDLIST nothing changes any more."), _ended),
    (
        _must("HLS-THREE-TARGETS", "6.2.2", "No removal leaves a live playlist less than three target durations."),
        _three_targets,
    ),
    (
        _must("HLS-LIVE-HAS-NO-TYPE", "6.2.2", "A playlist from which segments go has no EXT-X-PLAYLIST-TYPE."),
        _live_has_no_type,
    ),
)
RULES: Final = tuple(rule for rule, _ in CHECKS)


def judge(responses: Iterable[Response]) -> list[Verdict]:
    """Judge how the media playlists among an HLS viewer's responses change: one verdict for each rule."""
    runs = presentations(responses)
    start = min((run[0].at for run in runs), default=0.0)
    return [_judge(rule, check, runs, start) for rule, check in CHECKS]


def _judge(rule: Rule, check: Check, runs: Sequence[Sequence[Version]], start: float) -> Verdict:
    results = [(old, new, check(old, new)) for run in runs for old, new in pairwise(run)]
    if check is _in_time:  # the last version may have stood for too long, too
        results += [(run[-1], run[-1], found) for run in runs if (found := _too_long(run[-1]))]
    seen = [(old, new, found) for old, new, found in results if found is not None]
    return judged(rule, list(_told(seen, start)), len(seen), "changes of playlists")


def _told(seen: Sequence[tuple[Version, Version, list[str]]], start: float) -> Iterator[str]:
    for _, new, found in seen:
        if found:
            yield f"{new.text.url} at {new.at - start:.1f} s: {'; '.join(found[:3])}"
