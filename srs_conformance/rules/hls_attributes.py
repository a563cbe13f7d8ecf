"""Attribute lists and the types of values (RFC 8216 4.2), as far as tags of ours and of common packagers use them."""

from __future__ import annotations

import re
from typing import Final

from srs_conformance.rules.hls_lines import FLOAT, INTEGER, Tag

_NAME: Final = re.compile(r"[A-Z0-9-]+")
_QUOTED: Final = re.compile(r'"[^"\r\n]*"')
_ENUMERATED: Final = re.compile(r'[^",\s]+')
_RESOLUTION: Final = re.compile(r"[0-9]{1,20}x[0-9]{1,20}")
_HEXADECIMAL: Final = re.compile(r"0[xX][0-9A-F]+")
_RANGE: Final = re.compile(r"[0-9]{1,20}(@[0-9]{1,20})?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_PLAYLIST_TYPE: Final = re.compile(r"EVENT|VOD")
_DURATION: Final = re.compile(rf"{FLOAT.pattern},.*")

#: Tags whose value is an attribute list.
LISTS: Final = frozenset(
    {
        *("EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-MEDIA", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY"),
        *("EXT-X-KEY", "EXT-X-MAP", "EXT-X-DATERANGE", "EXT-X-START"),
    }
)
#: Tags that have no value.
BARE: Final = frozenset(
    {"EXTM3U", "EXT-X-DISCONTINUITY", "EXT-X-ENDLIST", "EXT-X-I-FRAMES-ONLY", "EXT-X-INDEPENDENT-SEGMENTS"}
)
#: Values of the other tags, with what they are called.
VALUES: Final = {
    "EXT-X-VERSION": (INTEGER, "a decimal-integer"),
    "EXT-X-TARGETDURATION": (INTEGER, "a decimal-integer"),
    "EXT-X-MEDIA-SEQUENCE": (INTEGER, "a decimal-integer"),
    "EXT-X-DISCONTINUITY-SEQUENCE": (INTEGER, "a decimal-integer"),
    "EXT-X-PLAYLIST-TYPE": (_PLAYLIST_TYPE, "EVENT or VOD"),
    "EXT-X-BYTERANGE": (_RANGE, "<n>[@<o>]"),
    "EXT-X-PROGRAM-DATE-TIME": (_DATE, "a date and time of ISO 8601"),
    "EXTINF": (_DURATION, "<duration>,[<title>]"),
}
_STRINGS: Final = ("CODECS", "URI", "AUDIO", "VIDEO", "SUBTITLES", "GROUP-ID", "NAME", "LANGUAGE", "KEYFORMAT")
#: Attributes of one type wherever they stand.
_TYPES: Final = {
    "BANDWIDTH": (INTEGER, "a decimal-integer"),
    "AVERAGE-BANDWIDTH": (INTEGER, "a decimal-integer"),
    "RESOLUTION": (_RESOLUTION, "a decimal-resolution"),
    "FRAME-RATE": (FLOAT, "a decimal-floating-point"),
    "IV": (_HEXADECIMAL, "a hexadecimal-sequence"),
    "METHOD": (_ENUMERATED, "an enumerated-string"),
    "TYPE": (_ENUMERATED, "an enumerated-string"),
    **dict.fromkeys(_STRINGS, (_QUOTED, "a quoted-string")),
}


def attributes(tag: Tag) -> tuple[list[tuple[str, str]], str]:
    """Return the attributes of a list, names and values as they stand, and what is wrong with its form ("": nothing).

    No attribute may come twice, no whitespace may stand outside of a quoted string (RFC 8216 4.2).
    """
    found: list[tuple[str, str]] = []
    rest = tag.value or ""
    while True:
        name = _NAME.match(rest)
        if name is None or rest[name.end() : name.end() + 1] != "=":
            return found, f"no AttributeName=AttributeValue at {rest[:20]!r}"
        rest = rest[name.end() + 1 :]
        value = _QUOTED.match(rest) or _ENUMERATED.match(rest)
        if value is None:
            return found, f"no value of {name.group()} at {rest[:20]!r}"
        if any(name.group() == known for known, _ in found):
            return found, f"{name.group()} twice"
        found.append((name.group(), value.group()))
        rest = rest[value.end() :]
        if not rest:
            return found, ""
        if rest[0] != ",":
            return found, f"no comma after {name.group()}, but {rest[:20]!r}"
        rest = rest[1:]


def attribute(tag: Tag, name: str) -> str | None:
    """Return the value of an attribute, without quotes, or None."""
    return next((value.strip('"') for known, value in attributes(tag)[0] if known == name), None)


def wrong_type(tag: Tag) -> str:
    """Return what is wrong with the type of a tag's value or of its attributes' values, "" for nothing."""
    if tag.name in BARE:
        return "" if tag.value is None else f"{tag} has a value"
    if tag.name in VALUES and tag.name != "EXTINF":
        pattern, what = VALUES[tag.name]
        return "" if tag.value is not None and pattern.fullmatch(tag.value) else f"{tag} is not {what}"
    if tag.name in LISTS:
        for name, value in attributes(tag)[0]:
            pattern, what = _TYPES.get(name, (re.compile(r".*"), ""))
            if not pattern.fullmatch(value):
                return f"line {tag.line}: {name}={value[:40]} is not {what}"
    return ""
