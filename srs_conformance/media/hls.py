"""HLS playlists (RFC 8216): the m3u8 library's model in frozen dataclasses of ours, and the raw lines.

The library forgives nearly everything, so what makes a text no playlist at all is judged from the lines; finer rules
are for those who judge a stream.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin

import m3u8

from srs_conformance.media.errors import ProtocolError

_VARIANT: Final = "#EXT-X-STREAM-INF:"
_SEGMENT: Final = "#EXTINF:"
_TARGET: Final = "#EXT-X-TARGETDURATION:"
# RFC 8216 4.2: a decimal-integer is up to 20 digits, a decimal-floating-point has no sign.
_INTEGERS: Final = (_TARGET, "#EXT-X-MEDIA-SEQUENCE:", "#EXT-X-DISCONTINUITY-SEQUENCE:", "#EXT-X-VERSION:")
_INTEGER: Final = re.compile(r"[0-9]{1,20}")
_DURATION: Final = re.compile(r"[0-9]+(\.[0-9]*)?(,.*)?")
_MEDIA_TAGS: Final = (_SEGMENT, _TARGET, "#EXT-X-MEDIA-SEQUENCE:", "#EXT-X-ENDLIST")


@dataclass(frozen=True, slots=True)
class Segment:
    """One media segment.

    Attributes:
        uri: absolute.
        duration: what EXTINF says, in seconds.
        title: what EXTINF says after the comma.
        discontinuity: whether EXT-X-DISCONTINUITY stands before it.
        sequence: its media sequence number.
        line: of its URI, from 1.
        program_date_time: what EXT-X-PROGRAM-DATE-TIME before it says, or None.
    """

    uri: str
    duration: float
    title: str
    discontinuity: bool
    sequence: int
    line: int
    program_date_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A media playlist; `uri` is its own."""

    uri: str
    target_duration: int
    media_sequence: int
    segments: tuple[Segment, ...]
    ended: bool = False
    version: int = 1
    discontinuity_sequence: int = 0
    raw: tuple[str, ...] = field(default=(), repr=False)

    @property
    def discontinuities(self) -> int:
        """How many segments have EXT-X-DISCONTINUITY before them."""
        return sum(segment.discontinuity for segment in self.segments)

    @property
    def duration(self) -> float:
        """Seconds of all segments together."""
        return sum(segment.duration for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Variant:
    """One entry of a master playlist: the absolute URI of a media playlist, and what is said of it."""

    uri: str
    bandwidth: int
    average_bandwidth: int | None = None
    codecs: str | None = None
    resolution: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class MasterPlaylist:
    """A master playlist; `uri` is its own."""

    uri: str
    variants: tuple[Variant, ...]
    raw: tuple[str, ...] = field(default=(), repr=False)


Playlist: TypeAlias = MasterPlaylist | MediaPlaylist


def parse_playlist(text: str, uri: str) -> Playlist:
    """Parse the playlist that was fetched from `uri`.

    Raises:
        ProtocolError: it is no playlist; the error names the line.
    """
    lines = tuple(re.split(r"\r\n|\n", text))
    if lines[-1] == "":
        lines = lines[:-1]
    _check_head(lines, uri)
    master = any(line.startswith(_VARIANT) for line in lines)
    places = _check_lines(lines, uri, master=master)
    model = _load(lines, uri)
    entries = model.playlists if master else model.segments
    if len(entries) != len(places):
        raise _error(uri, 1, f"{len(places)} entries, one for each URI", f"{len(entries)} that can be read")
    pairs = zip(entries, places, strict=True)
    if master:
        return MasterPlaylist(uri, tuple(_variant(entry, line, uri) for entry, line in pairs), lines)
    first = model.media_sequence or 0
    segments = (_segment(entry, line, first + index, uri) for index, (entry, line) in enumerate(pairs))
    return MediaPlaylist(
        uri,
        int(model.target_duration),
        first,
        tuple(segments),
        bool(model.is_endlist),
        int(model.version or 1),
        int(model.discontinuity_sequence or 0),
        lines,
    )


def _error(uri: str, line: int, expected: str, found: str) -> ProtocolError:
    return ProtocolError(f"playlist {uri}", line, expected, found, unit="line")


def _check_head(lines: tuple[str, ...], uri: str) -> None:
    """RFC 8216 4.3.1.1: EXTM3U is the first line, with no byte order mark before it (4.1)."""
    if not lines or lines[0] != "#EXTM3U":
        found = repr(lines[0][:80]) if lines else "an empty text"
        raise _error(uri, 1, "#EXTM3U", found)


def _check_lines(lines: tuple[str, ...], uri: str, *, master: bool) -> list[int]:
    """Check what no reader could do without, and return the lines on which entries' URIs stand."""
    announced = 0  # the line of an EXTINF or EXT-X-STREAM-INF that waits for its URI
    places: list[int] = []
    for number, line in enumerate(lines, 1):
        if len(line.splitlines()) > 1:  # RFC 8216 4.1: no control characters but CR LF; the library would split here
            raise _error(uri, number, "no control characters within a line", repr(line[:80]))
        if line.startswith("#EXT"):
            _check_tag(line, number, uri, master=master)
        if line.startswith((_SEGMENT, _VARIANT)):
            if announced:
                raise _error(uri, number, f"the URI that line {announced} announces", repr(line[:80]))
            announced = number
        elif line.strip() and not line.startswith("#"):
            if not announced:
                raise _error(uri, number, "#EXTINF or #EXT-X-STREAM-INF before a URI", repr(line[:80]))
            places.append(number)
            announced = 0
    if announced:
        raise _error(uri, announced, "a URI after it", "none")
    if not master and not any(line.startswith(_TARGET) for line in lines):
        raise _error(uri, len(lines), f"{_TARGET.rstrip(':')} in a media playlist", "none")
    return places


def _check_tag(line: str, number: int, uri: str, *, master: bool) -> None:
    if master and line.startswith(_MEDIA_TAGS):  # RFC 8216 4.3.3
        raise _error(uri, number, "no tag of a media playlist in a master playlist", repr(line[:80]))
    if line.startswith(_INTEGERS) and not _INTEGER.fullmatch(line.partition(":")[2].strip()):
        raise _error(uri, number, "a decimal integer that is not negative", repr(line[:80]))
    if line.startswith(_SEGMENT) and not _DURATION.fullmatch(line.removeprefix(_SEGMENT)):
        raise _error(uri, number, "#EXTINF:<seconds>,<title>", repr(line[:80]))


def _load(lines: tuple[str, ...], uri: str) -> Any:
    """Return the library's model; the line of which it makes nothing is found by halving."""
    try:
        return m3u8.loads("\n".join(lines), uri=uri)
    except Exception as error:  # noqa: BLE001 - the library lets any error of its code through
        good, bad = 0, len(lines)
        while bad - good > 1:
            middle = (good + bad) // 2
            try:
                m3u8.loads("\n".join(lines[:middle]), uri=uri)
                good = middle
            except Exception:  # noqa: BLE001 - as above
                bad = middle
        raise _error(uri, bad, f"a line that can be read ({error})", repr(lines[bad - 1][:80])) from None


def _segment(entry: Any, line: int, sequence: int, uri: str) -> Segment:
    return Segment(
        _absolute(entry.uri, uri, line),
        float(entry.duration),
        (entry.title or "").strip(),
        bool(entry.discontinuity),
        sequence,
        line,
        entry.program_date_time,
    )


def _variant(entry: Any, line: int, uri: str) -> Variant:
    info = entry.stream_info
    absolute = _absolute(entry.uri, uri, line)
    return Variant(absolute, int(info.bandwidth or 0), info.average_bandwidth, info.codecs, info.resolution)


def _absolute(reference: str, uri: str, line: int) -> str:
    try:
        return urljoin(uri, reference)
    except ValueError as error:
        raise _error(uri, line, f"a URI ({error})", repr(reference[:80])) from None
