"""Playlists as the lines that came (RFC 8216 4): tags, URIs and where they stand, with nothing repaired."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias
from urllib.parse import urljoin

from srs_conformance.rules.rule import Rule, Verdict, judged
from srs_conformance.viewers.keeping import Response

#: RFC 8216 4.2: a decimal-integer has 1 to 20 digits, a decimal-floating-point no sign.
INTEGER: Final = re.compile(r"[0-9]{1,20}")
FLOAT: Final = re.compile(r"[0-9]+(\.[0-9]+)?")

SEGMENT_TAGS: Final = frozenset(
    {
        *("EXTINF", "EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-MAP"),
        *("EXT-X-PROGRAM-DATE-TIME", "EXT-X-DATERANGE"),
    }
)
MEDIA_TAGS: Final = frozenset(
    {
        *("EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-ENDLIST"),
        *("EXT-X-PLAYLIST-TYPE", "EXT-X-I-FRAMES-ONLY"),
    }
)
MASTER_TAGS: Final = frozenset(
    {
        *("EXT-X-MEDIA", "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA"),
        "EXT-X-SESSION-KEY",
    }
)
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Tag:
    """A line that begins with #EXT: the name without #, what stands behind the colon (None: no colon), its line."""

    name: str
    value: str | None
    line: int

    def __str__(self) -> str:
        value = "" if self.value is None else f":{self.value}"
        return f"line {self.line}: #{self.name}{value}"[:_SHOWN]


@dataclass(frozen=True, slots=True)
class Entry:
    """A URI line and the tags between it and the URI line before."""

    uri: str
    line: int
    tags: tuple[Tag, ...]

    def tag(self, name: str) -> Tag | None:
        """Return the last tag of a name, or None."""
        return next((tag for tag in reversed(self.tags) if tag.name == name), None)

    @property
    def duration(self) -> float | None:
        """What EXTINF says, in seconds; None where it says nothing that is a duration."""
        tag = self.tag("EXTINF")
        number = (tag.value or "").partition(",")[0] if tag else ""
        return float(number) if FLOAT.fullmatch(number) else None

    @property
    def discontinuity(self) -> bool:
        """Whether EXT-X-DISCONTINUITY stands before it."""
        return self.tag("EXT-X-DISCONTINUITY") is not None


@dataclass(frozen=True)
class Text:
    """One playlist as it was fetched: from where, when (monotonic, s), its bytes."""

    url: str
    at: float
    body: bytes

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends and without a byte order mark; a last one that has no end is among them."""
        lines = self.body.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
        if lines[-1] == "":
            lines.pop()
        return tuple(line.removesuffix("\r") for line in lines)

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """All tags in order."""
        found = []
        for number, line in enumerate(self.lines, 1):
            if line.startswith("#EXT"):
                name, colon, value = line[1:].partition(":")
                found.append(Tag(name, value if colon else None, number))
        return tuple(found)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All URI lines in order: segments, or variants of a master playlist."""
        tags, entries = {tag.line: tag for tag in self.tags}, []
        pending: list[Tag] = []
        for number, line in enumerate(self.lines, 1):
            if number in tags:
                pending.append(tags[number])
            elif line.strip() and not line.startswith("#"):
                entries.append(Entry(line, number, tuple(pending)))
                pending = []
        return tuple(entries)

    @cached_property
    def master(self) -> bool:
        """Whether it is a master playlist, by its tags; what has tags of both kinds counts as one, too."""
        return any(tag.name in MASTER_TAGS for tag in self.tags)

    @property
    def ended(self) -> bool:
        """Whether it has EXT-X-ENDLIST."""
        return self.first("EXT-X-ENDLIST") is not None

    @property
    def duration(self) -> float:
        """Seconds of all segments together."""
        return sum(entry.duration or 0.0 for entry in self.entries)

    def first(self, name: str) -> Tag | None:
        """Return the first tag of a name, or None."""
        return next((tag for tag in self.tags if tag.name == name), None)

    def number(self, name: str) -> int | None:
        """Return the decimal integer of the first tag of a name, or None."""
        tag = self.first(name)
        return int(tag.value) if tag and tag.value and INTEGER.fullmatch(tag.value) else None

    @property
    def target(self) -> int | None:
        """The target duration in seconds."""
        return self.number("EXT-X-TARGETDURATION")

    @property
    def sequence(self) -> int:
        """The media sequence number of the first segment (4.3.3.2: 0 where no tag says it)."""
        return self.number("EXT-X-MEDIA-SEQUENCE") or 0

    def absolute(self, uri: str) -> str:
        """Return where a URI leads that stands in it (RFC 8216 4.1); the URI itself where that cannot be said."""
        try:
            return urljoin(self.url, uri)
        except ValueError:
            return uri


def texts(responses: Iterable[Response]) -> list[Text]:
    """Return the playlists among responses, in the order of the requests: answers of 200 that are no media.

    A playlist is told by its URL, by its Content-Type or by its first line, so that one with the wrong name or type
    is still judged.
    """
    return [
        Text(each.url, each.at, body)
        for each in sorted(responses, key=lambda each: each.at)
        if each.status == 200 and not each.why and is_playlist(each, body := each.body)
    ]


def is_playlist(response: Response, body: bytes) -> bool:
    """Whether a response is meant to be a playlist; segments that bear a playlist's type are none."""
    path = response.url.partition("?")[0].partition("#")[0]
    kind = (response.header("content-type") or "").lower()
    typed = "mpegurl" in kind and body[:1] != b"G"  # the sync byte of MPEG-TS
    return path.endswith((".m3u8", ".m3u")) or typed or body.startswith(b"#EXTM3U")


Check: TypeAlias = Callable[[Text], "list[str] | None"]
"""What is wrong with one playlist by one rule, in words that name lines; None: nothing that the rule is about."""


def judge_each(checks: Sequence[tuple[Rule, Check]], playlists: Sequence[Text]) -> list[Verdict]:
    """Judge every distinct playlist by every rule; a playlist that breaks a rule is named once, by its first lines."""
    distinct = list({(each.url, each.body): each for each in reversed(playlists)}.values())[::-1]
    start = playlists[0].at if playlists else 0.0
    verdicts = []
    for rule, check in checks:
        wrong, looked_at = [], 0
        for each in distinct:
            found = check(each)
            looked_at += found is not None
            if found:
                wrong.append(f"{each.url} at {each.at - start:.1f} s: {'; '.join(found[:3])}")
        verdicts.append(judged(rule, wrong, looked_at, "playlists"))
    return verdicts
