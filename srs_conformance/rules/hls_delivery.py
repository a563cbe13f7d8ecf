"""How playlists and segments are delivered over HTTP (RFC 8216 4, 6.2; RFC 9110, 9111, 9112)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from srs_conformance.requirements import Level
from srs_conformance.rules.hls_lines import Text, is_playlist, texts
from srs_conformance.rules.rule import Rule, Verdict, judged
from srs_conformance.viewers.keeping import Response

PLAYLIST_TYPES: Final = frozenset({"application/vnd.apple.mpegurl", "audio/mpegurl"})
SEGMENT_TYPE: Final = "video/mp2t"
TEMPORARY: Final = re.compile(r"\.(tmp|temp|part|partial|swp)$|~$", re.IGNORECASE)
"""What unfinished files are called: SRS (.tmp, .temp), ffmpeg (.tmp), editors and copying tools."""

IDENTIFIED = Rule(
    "HLS-IDENTIFIED",
    Level.MUST,
    "RFC 8216 4",
    "A playlist is told by the end of its path, .m3u8 or .m3u, or by its Content-Type.",
)
PLAYLIST_TYPE = Rule(
    "HLS-PLAYLIST-TYPE",
    Level.SHOULD,
    "RFC 8216 4, RFC 9110 8.3",
    "A playlist's Content-Type is application/vnd.apple.mpegurl or audio/mpegurl, whatever its path.",
)
SEGMENT_TYPE_RULE = Rule(
    "HLS-SEGMENT-TYPE",
    Level.SHOULD,
    "RFC 9110 8.3, RFC 3555 4.2",
    "A segment's Content-Type is video/mp2t.",
)
NOT_CACHED = Rule(
    "HLS-NOT-CACHED",
    Level.SHOULD,
    "RFC 8216 6.2.1, RFC 9111 4.2",
    "No cache may take a live playlist for fresh for longer than its target duration.",
)
LENGTH = Rule("HLS-LENGTH", Level.MUST, "RFC 9112 6.2, 6.3", "The body has as many bytes as Content-Length says.")
LISTED = Rule("HLS-LISTED", Level.MUST, "RFC 8216 6.2.1", "A segment can be fetched while a playlist names it.")
AFTERWARDS = Rule(
    "HLS-AFTERWARDS",
    Level.MUST,
    "RFC 8216 6.2.2",
    "A segment that was removed can be fetched for its own duration and that of the longest playlist it was in.",
)
EXPIRES = Rule(
    "HLS-EXPIRES",
    Level.SHOULD,
    "RFC 8216 6.2.2",
    "A segment that will be removed has an Expires header.",
)
FINISHED = Rule(
    "HLS-FINISHED",
    Level.SHOULD,
    "RFC 8216 6.2.1",
    "No playlist names a temporary file: a segment is produced before it is named.",
)
RULES: Final = (
    IDENTIFIED,
    PLAYLIST_TYPE,
    SEGMENT_TYPE_RULE,
    NOT_CACHED,
    LENGTH,
    LISTED,
    AFTERWARDS,
    EXPIRES,
    FINISHED,
)


@dataclass
class Listing:
    """When a segment was in a media playlist, by the requests' times (monotonic, s).

    Attributes:
        first: the first playlist that named it; last: the last one.
        gone: the first later playlist of the same URL without it; None while it is still there.
        duration: what EXTINF says; longest: of the playlists that named it; both in seconds.
    """

    first: float
    last: float
    duration: float
    longest: float
    gone: float | None = None

    @property
    def available(self) -> float:
        """For how long it must be there after its removal, in seconds (6.2.2)."""
        return self.duration + self.longest


def listings(playlists: Iterable[Text]) -> dict[str, Listing]:
    """Return when each segment, by its absolute URI, was in the media playlists."""
    found: dict[str, Listing] = {}
    members: dict[str, set[str]] = {}  # of the last version, by the playlist's URL
    for text in playlists:
        if text.master:
            continue
        named = {text.absolute(entry.uri): entry for entry in text.entries}
        for uri, entry in named.items():
            seen = found.setdefault(uri, Listing(text.at, text.at, entry.duration or 0.0, 0.0))
            seen.last, seen.gone = text.at, None
            seen.longest = max(seen.longest, text.duration)
        for uri in members.get(text.url, set()) - named.keys():
            found[uri].gone = text.at if found[uri].gone is None else found[uri].gone
        members[text.url] = set(named)
    return found


def judge(responses: Sequence[Response], *, bodies: bool = True) -> list[Verdict]:
    """Judge an HLS viewer's responses, and those of whoever asked for removed segments: one verdict for each rule.

    `bodies` tells whether all bodies were kept: no length is judged where some were not.
    """
    playlists = texts(responses)
    named = listings(playlists)
    ordered = sorted(responses, key=lambda each: each.at)
    asked = [(each, named[each.url]) for each in ordered if each.url in named]
    good = [each for each in ordered if each.status == 200]
    of_playlists = [each for each in good if is_playlist(each, each.body)]
    return [
        _identified(of_playlists),
        _playlist_type(of_playlists),
        _segment_type([each for each, _ in asked if each.status == 200]),
        _not_cached(of_playlists),
        _length(good if bodies else []),
        _listed(asked),
        _afterwards(asked),
        _expires(asked),
        _finished(playlists),
    ]


def _kind(response: Response) -> str:
    return (response.header("content-type") or "").partition(";")[0].strip().lower()


def _identified(playlists: Sequence[Response]) -> Verdict:
    wrong = [
        f"{each.url}: {_kind(each) or 'no Content-Type'}"
        for each in playlists
        if not urlsplit(each.url).path.endswith((".m3u8", ".m3u")) and _kind(each) not in PLAYLIST_TYPES
    ]
    return judged(IDENTIFIED, wrong, len(playlists), "playlists")


def _playlist_type(playlists: Sequence[Response]) -> Verdict:
    wrong = [
        f"{each.url}: {_kind(each) or 'no Content-Type'}" for each in playlists if _kind(each) not in PLAYLIST_TYPES
    ]
    return judged(PLAYLIST_TYPE, wrong, len(playlists), "playlists")


def _segment_type(segments: Sequence[Response]) -> Verdict:
    wrong = [f"{each.url}: {_kind(each) or 'no Content-Type'}" for each in segments if _kind(each) != SEGMENT_TYPE]
    return judged(SEGMENT_TYPE_RULE, wrong, len(segments), "segments")


def _not_cached(playlists: Sequence[Response]) -> Verdict:
    wrong, looked_at = [], 0
    for each in playlists:
        text = Text(each.url, each.at, each.body)
        if text.master or text.ended or text.target is None:
            continue
        looked_at += 1
        fresh = freshness(each)
        if fresh is not None and fresh > text.target:
            wrong.append(f"{each.url}: fresh for {fresh:g} s, target duration {text.target} s")
    return judged(NOT_CACHED, wrong, looked_at, "live playlists")


def freshness(response: Response) -> float | None:
    """Return for how many seconds a response says a shared cache may take it for fresh (RFC 9111 4.2.1), or None."""
    control = (response.header("cache-control") or "").lower()
    directives = dict(part.strip().partition("=")[::2] for part in control.split(",") if part.strip())
    if directives.keys() & {"no-store", "no-cache", "private"}:
        return 0.0
    for name in ("s-maxage", "max-age"):
        value = directives.get(name, "").strip('"')
        if value.isascii() and value.isdecimal():
            return float(value)
    expires, date = _date(response.header("expires")), _date(response.header("date"))
    if expires is None or date is None:
        return None
    return max(expires - date, 0.0)


def _date(value: str | None) -> float | None:
    """Return an HTTP date as seconds, or None where it is none."""
    try:
        return parsedate_to_datetime(value).timestamp() if value else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _length(answers: Sequence[Response]) -> Verdict:
    told = [(each, each.header("content-length")) for each in answers]
    told = [(each, length) for each, length in told if length is not None]
    wrong = [
        f"{each.url}: Content-Length {length}, {len(each.body)} bytes"
        for each, length in told
        if length != str(len(each.body))
    ]
    return judged(LENGTH, wrong, len(told), "bodies")


def _listed(asked: Sequence[tuple[Response, Listing]]) -> Verdict:
    """Judge what was asked for between the first and the last playlist that named it."""
    then = [each for each, seen in asked if seen.first <= each.at and (seen.gone is None or each.at <= seen.last)]
    wrong = [f"{each.url}: {_answer(each)}" for each in then if each.status != 200 or each.why]
    return judged(LISTED, wrong, len(then), "segments that were named")


def _afterwards(asked: Sequence[tuple[Response, Listing]]) -> Verdict:
    """Judge what was asked for after its removal and, counted from when it was last named, within the time."""
    wrong, looked_at = [], 0
    for each, seen in asked:
        if seen.gone is None or not seen.gone < each.at <= seen.last + seen.available:
            continue
        looked_at += 1
        if each.status != 200 or each.why:
            late = each.at - seen.gone
            wrong.append(f"{each.url}: {_answer(each)} {late:.1f} s after its removal, {seen.available:.1f} s due")
    return judged(AFTERWARDS, wrong, looked_at, "segments that were removed")


def _expires(asked: Sequence[tuple[Response, Listing]]) -> Verdict:
    delivered = [each for each, seen in asked if seen.gone is not None and each.status == 200 and each.at <= seen.last]
    wrong = [
        f"{each.url}: Expires {each.header('expires') or 'is not there'}"
        for each in delivered
        if _date(each.header("expires")) is None
    ]
    return judged(EXPIRES, wrong, len(delivered), "segments that were removed later")


def _finished(playlists: Sequence[Text]) -> Verdict:
    named = {(text.url, text.body): text for text in playlists if text.entries}
    wrong = [
        f"{text.url} line {entry.line}: {entry.uri}"
        for text in named.values()
        for entry in text.entries
        if TEMPORARY.search(entry.uri.partition("?")[0])
    ]
    return judged(FINISHED, wrong, len(named), "playlists")


def _answer(response: Response) -> str:
    return f"{response.status or 'no answer'} {response.why}".rstrip()
