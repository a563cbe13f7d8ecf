"""Which protocol version a playlist needs (RFC 8216 7)."""

from __future__ import annotations

from srs_conformance.rules.hls_attributes import attribute
from srs_conformance.rules.hls_lines import Tag, Text


def needed_version(text: Text) -> tuple[int, str]:
    """Return the least version that a playlist's tags and values are allowed in, and which line needs it ("": none)."""
    framed = text.first("EXT-X-I-FRAMES-ONLY") is not None
    needed, why = 1, ""
    for tag in text.tags:
        version = _needs(tag, framed=framed)
        if version > needed:
            needed, why = version, str(tag)
    return needed, why


def _needs(tag: Tag, *, framed: bool) -> int:
    match tag.name:
        case "EXTINF":
            return 3 if "." in (tag.value or "").partition(",")[0] else 1
        case "EXT-X-BYTERANGE" | "EXT-X-I-FRAMES-ONLY":
            return 4
        case "EXT-X-MAP":
            return 5 if framed else 6
        case "EXT-X-KEY" | "EXT-X-SESSION-KEY":
            formatted = attribute(tag, "KEYFORMAT") or attribute(tag, "KEYFORMATVERSIONS")
            return 5 if formatted else 2 if attribute(tag, "IV") else 1
        case "EXT-X-MEDIA":
            return 7 if (attribute(tag, "INSTREAM-ID") or "").startswith("SERVICE") else 1
    return 1
