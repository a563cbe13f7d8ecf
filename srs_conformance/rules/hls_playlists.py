"""Playlists one by one (RFC 8216 4): their grammar, and the values in them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from srs_conformance.rules.hls_attributes import LISTS, VALUES, attribute, attributes, wrong_type
from srs_conformance.rules.hls_lines import (
    MEDIA_TAGS,
    SEGMENT_TAGS,
    Check,
    Text,
    judge_each,
    texts,
)
from srs_conformance.rules.hls_versions import needed_version
from srs_conformance.rules.rule import Rule, Verdict, must, should
from srs_conformance.viewers.keeping import Response

_BOM: Final = b"\xef\xbb\xbf"
#: RFC 3986 2: what may stand in a URI.
_URI: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


def _must(name: str, section: str, text: str) -> Rule:
    return must(name, f"RFC 8216 {section}", text)


def _should(name: str, section: str, text: str) -> Rule:
    return should(name, f"RFC 8216 {section}", text)


def _extm3u(text: Text) -> list[str]:
    first = text.lines[0] if text.lines else ""
    return [] if first == "#EXTM3U" else [f"line 1: {first[:40]!r}"]


def _utf8(text: Text) -> list[str]:
    try:
        text.body.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"byte {error.start}: {text.body[error.start : error.start + 4].hex()}"]
    return []


def _no_bom(text: Text) -> list[str]:
    return ["it begins with ef bb bf"] if text.body.startswith(_BOM) else []


def _normalized(text: Text) -> list[str]:
    return [
        f"line {number}: {line[:60]!r}"
        for number, line in enumerate(text.lines, 1)
        if not unicodedata.is_normalized("NFC", line)
    ]


def _no_control(text: Text) -> list[str]:
    return [
        f"line {number}: {line[:60]!r}"
        for number, line in enumerate(text.lines, 1)
        if any(ord(sign) < 0x20 or 0x7F <= ord(sign) <= 0x9F for sign in line)
    ]


def _whole_lines(text: Text) -> list[str]:
    last = text.lines[-1] if text.lines else ""
    return [] if text.body.endswith(b"\n") else [f"line {len(text.lines)}, {last[:60]!r}, has no end"]


def _no_whitespace(text: Text) -> list[str]:
    """Titles and quoted strings may have spaces, comments too; control characters are another rule's."""
    tags = {tag.line: tag for tag in text.tags}
    wrong = []
    for number, line in enumerate(text.lines, 1):
        if number in tags:
            value = tags[number].value or ""
            value = value.partition(",")[0] if tags[number].name == "EXTINF" else re.sub(r'"[^"]*"', "", value)
            line = tags[number].name + value  # noqa: PLW2901 - what is left of the line
        elif line.startswith("#"):
            continue
        if " " in line or "\u00a0" in line:
            wrong.append(f"line {number}: {line[:60]!r}")
    return wrong


def _attribute_lists(text: Text) -> list[str] | None:
    lists = [tag for tag in text.tags if tag.name in LISTS]
    problems = [(tag, attributes(tag)[1]) for tag in lists]
    return [f"line {tag.line}: {problem}" for tag, problem in problems if problem] if lists else None


def _value_types(text: Text) -> list[str]:
    return [problem for tag in text.tags if (problem := wrong_type(tag))]


def _one_version(text: Text) -> list[str] | None:
    found = [tag for tag in text.tags if tag.name == "EXT-X-VERSION"]
    return [str(tag) for tag in found[1:]] if found else None


def _one_of_each(text: Text) -> list[str] | None:
    counts = Counter(tag.name for tag in text.tags if tag.name in MEDIA_TAGS)
    return [f"{count} times {name}" for name, count in counts.items() if count > 1] if counts else None


def _target_there(text: Text) -> list[str] | None:
    if text.master:
        return None
    return [] if text.first("EXT-X-TARGETDURATION") else ["none"]


def _sequence_first(text: Text) -> list[str] | None:
    names = {"EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE"}
    found = [tag for tag in text.tags if tag.name in names]
    first = min((entry.line for entry in text.entries), default=len(text.lines) + 1)
    mark = text.first("EXT-X-DISCONTINUITY")
    wrong = [str(tag) for tag in found if tag.line > first]
    if mark is not None:
        late = [tag for tag in found if tag.name == "EXT-X-DISCONTINUITY-SEQUENCE" and mark.line < tag.line < first]
        wrong += [f"{tag}, after line {mark.line}" for tag in late]
    return wrong if found else None


def _version_enough(text: Text) -> list[str]:
    needed, why = needed_version(text)
    told = text.number("EXT-X-VERSION") or 1
    return [f"version {told}, and {why} needs {needed}"] if told < needed else []


def _version_no_more(text: Text) -> list[str] | None:
    told = text.number("EXT-X-VERSION")
    if told is None:
        return None
    needed, why = needed_version(text)
    return [f"version {told}, where {why or 'all'} needs {needed}"] if told > needed else []


def _extinf(text: Text) -> list[str] | None:
    if text.master:
        return None
    pattern, form = VALUES["EXTINF"]
    wrong = [f"line {each.line}: no EXTINF before {each.uri[:40]}" for each in text.entries if not each.tag("EXTINF")]
    tags = [tag for tag in text.tags if tag.name == "EXTINF"]
    wrong += [f"{tag} is not {form}" for tag in tags if not (tag.value and pattern.fullmatch(tag.value))]
    return wrong if text.entries or wrong else None


def _not_mixed(text: Text) -> list[str]:
    if not text.master:
        return []
    return [str(tag) for tag in text.tags if tag.name in MEDIA_TAGS | SEGMENT_TAGS]


def _stream_inf(text: Text) -> list[str] | None:
    found = [tag for tag in text.tags if tag.name == "EXT-X-STREAM-INF"]
    following = {number: text.lines[number] for number in range(1, len(text.lines))}  # by the number of the line before
    wrong = []
    for tag in found:
        if attribute(tag, "BANDWIDTH") is None:
            wrong.append(f"{tag}: no BANDWIDTH")
        uri = following.get(tag.line, "")
        if not uri or uri.startswith("#"):
            wrong.append(f"line {tag.line + 1}: {uri[:40]!r} where its URI must be")
    return wrong if found else None


def _codecs(text: Text) -> list[str] | None:
    found = [tag for tag in text.tags if tag.name == "EXT-X-STREAM-INF"]
    return [str(tag) for tag in found if attribute(tag, "CODECS") is None] if found else None


def _within_target(text: Text) -> list[str] | None:
    target = text.target
    timed = [(entry, entry.duration) for entry in text.entries if entry.duration is not None]
    if target is None or not timed:
        return None
    return [
        f"line {entry.line}: {entry.uri[:60]} lasts {seconds:g} s, and the target duration is {target} s"
        for entry, seconds in timed
        if seconds is not None and not within_target(seconds, target)
    ]


def _resolvable(text: Text) -> list[str] | None:
    return [f"line {each.line}: {each.uri[:60]!r}" for each in text.entries if not _leads(text, each.uri)] or (
        [] if text.entries else None
    )


def _unique(text: Text) -> list[str] | None:
    counts = Counter(
        (text.absolute(entry.uri), entry.tag("EXT-X-BYTERANGE") and entry.tags) for entry in text.entries
    )  # sub-ranges of one resource share its URI
    return [f"{count} times {uri}" for (uri, _), count in counts.items() if count > 1] if counts else None


def within_target(seconds: float, target: float) -> bool:
    """Whether a segment is no longer than the target duration, both in whole seconds (RFC 8216 4.3.3.1)."""
    return int(seconds + 0.5) <= target


def _leads(text: Text, uri: str) -> bool:
    if not _URI.fullmatch(uri.replace(" ", "")) or not text.absolute(uri):
        return False
    try:
        parts = urlsplit(text.absolute(uri))
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


CHECKS: Final[tuple[tuple[Rule, Check], ...]] = (
    (_must("HLS-EXTM3U", "4.3.1.1", "EXTM3U is the first line of every playlist."), _extm3u),
    (_must("HLS-UTF8", "4.1", "A playlist is encoded in UTF-8."), _utf8),
    (_must("HLS-NO-BOM", "4.1", "A playlist has no byte order mark."), _no_bom),
    (_must("HLS-NORMALIZED", "4.1", "Its text is in Unicode's normalization form C."), _normalized),
    (_must("HLS-NO-CONTROL", "4.1", "It has no control characters but CR and LF at the ends of lines."), _no_control),
    (_must("HLS-WHOLE-LINES", "4.1, 6.2.1", "Every line has an end: nobody sees a half-written one."), _whole_lines),
    (
        _must("HLS-NO-WHITESPACE", "4.1", "No whitespace but in titles and quoted strings."),
        _no_whitespace,
    ),
    (_must("HLS-ATTRIBUTE-LISTS", "4.2", "Attribute lists have their form, and no attribute twice."), _attribute_lists),
    (
        _must("HLS-VALUE-TYPES", "4.2, 4.3", "Values of tags and attributes have their types."),
        _value_types,
    ),
    (_must("HLS-ONE-VERSION", "4.3.1.2", "EXT-X-VERSION comes once at most."), _one_version),
    (_must("HLS-ONE-OF-EACH", "4.3.3", "A tag of the whole media playlist comes once at most."), _one_of_each),
    (_must("HLS-TARGETDURATION", "4.3.3.1", "A media playlist has EXT-X-TARGETDURATION."), _target_there),
    (
        _must("HLS-SEQUENCE-FIRST", "4.3.3.2, 4.3.3.3", "Sequence tags stand before all segments and discontinuities."),
        _sequence_first,
    ),
    (
        _must("HLS-VERSION-ENOUGH", "4.3.1.2, 7", "EXT-X-VERSION is at least what the tags and values need."),
        _version_enough,
    ),
    (_should("HLS-VERSION-NO-MORE", "6.2.1", "EXT-X-VERSION is no more than what they need."), _version_no_more),
    (_must("HLS-EXTINF", "4.3.2.1", "Each segment has EXTINF, a duration and a comma."), _extinf),
    (_must("HLS-NOT-MIXED", "4.1, 4.3.3, 4.3.4", "No playlist has tags of both kinds of playlists."), _not_mixed),
    (_must("HLS-STREAM-INF", "4.3.4.2", "EXT-X-STREAM-INF has BANDWIDTH, and a URI on the next line."), _stream_inf),
    (_should("HLS-CODECS", "4.3.4.2", "EXT-X-STREAM-INF has CODECS."), _codecs),
    (
        _must("HLS-WITHIN-TARGET", "4.3.3.1", "No EXTINF, rounded to whole seconds, is above the target duration."),
        _within_target,
    ),
    (_must("HLS-RESOLVABLE", "4.1", "Each URI, relative to the playlist's, leads somewhere."), _resolvable),
    (_must("HLS-UNIQUE", "6.2.1", "Each segment of a playlist has a URI of its own."), _unique),
)
RULES: Final = tuple(rule for rule, _ in CHECKS)


def judge(responses: Iterable[Response]) -> list[Verdict]:
    """Judge each playlist among an HLS viewer's responses by itself: one verdict for each rule."""
    return judge_each(CHECKS, texts(responses))
