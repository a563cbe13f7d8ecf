"""Judgements over the two copies of an HLS stream that SRS and nginx serve from one volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.hls import MediaPlaylist, parse_playlist
from srs_conformance.observing import Observation

LEAST_READINGS = 20
_TEMPORARY = (".tmp", ".temp")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a media playlist.

    Attributes:
        of: who served it.
        at: monotonic seconds.
        status: of the HTTP answer; None where none came.
        text: the body.
        master: whether the way there led through a master playlist.
    """

    of: str
    at: float
    status: int | None
    text: str = field(default="", repr=False)
    master: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """One answer to a request for a segment: its status, its size in bytes and its SHA-256."""

    status: int
    size: int
    digest: str


def same_bytes(copies: Mapping[str, Mapping[str, Body]]) -> Observation:
    """Judge that each segment (name -> who serves it -> what came) is there, and the same bytes, on all servers."""
    problems = [
        f"{name}: "
        + ", ".join(f"{server} {body.status} {body.size} B {body.digest[:12]}" for server, body in by.items())
        for name, by in copies.items()
        if {body.status for body in by.values()} != {200} or len({body.digest for body in by.values()}) != 1
    ]
    seen = f"{len(copies)} segments, {len(problems)} that differ or are missing"
    right = bool(copies) and not problems
    return Observation(right, "each segment the same bytes on every port", seen, tuple(problems[:_SHOWN]))


def whole(readings: Sequence[Reading], least: int = LEAST_READINGS) -> Observation:
    """Judge that a playlist, once there, was whole and never older than before: it must be replaced by a rename."""
    began = next((at for at, each in enumerate(readings) if each.status == 200), len(readings))
    looks = readings[began:]
    problems, newest = [], -1
    for each in looks:
        last, problem = _last_number(each)
        if not problem and last < newest:
            problem = f"ends with segment {last}, after one that ended with {newest}"
        newest = max(newest, last)
        problems += [f"at {each.at - looks[0].at:.2f} s: {problem}"] if problem else []
    wrong = bool(problems) or len(looks) < least
    expected = f"a whole playlist at each of at least {least} looks"
    seen = f"{len(looks)} looks, {len({each.text for each in looks})} different playlists, {len(problems)} broken"
    return Observation(not wrong, expected, seen, tuple(problems[:_SHOWN]))


def nothing_temporary(readings: Sequence[Reading]) -> Observation:
    """Judge that no playlist names a file that is still being written."""
    named = {uri for each in readings if each.status == 200 for uri in _uris(each.text)}
    wrong = sorted(uri for uri in named if uri.endswith(_TEMPORARY))
    return Observation(
        bool(named) and not wrong,
        "finished segments only",
        f"{len(named)} segments named, unfinished: {wrong or 'none'}",
    )


def same_playlist(readings: Sequence[Reading], of: str, other: str) -> Observation:
    """Judge that `other` named the segments that `of` did whenever this did not change between two looks of ours.

    What a server puts behind the names (`?hls_ctx=...`) is its own.
    """
    compared, problems = 0, []
    for before, between, after in zip(readings, readings[1:], readings[2:], strict=False):
        if (before.of, between.of, after.of) != (of, other, of) or named(before) != named(after):
            continue
        compared += bool(named(before) or named(between))
        if named(between) != named(before):
            problems.append(f"{of}: {_last_of(before)}; {other}: {_last_of(between)}")
    expected = f"the same segments in the playlists of {of} and {other}"
    seen = f"{len(problems)} of {compared} looks differ"
    return Observation(not problems and compared >= LEAST_READINGS, expected, seen, tuple(problems[:_SHOWN]))


def _last_number(reading: Reading) -> tuple[int, str]:
    """Return the number of a playlist's last segment, or -1 and what is wrong with it."""
    if reading.status != 200:
        return -1, f"status {reading.status}"
    if not reading.text.endswith("\n"):
        return -1, f"no line end after {reading.text[-40:]!r}"
    try:
        playlist = parse_playlist(reading.text, f"http://{reading.of}/")
    except ProtocolError as error:
        return -1, str(error)
    if not isinstance(playlist, MediaPlaylist) or not playlist.segments:
        return -1, "no segment in it"
    return playlist.segments[-1].sequence, ""


def _uris(text: str) -> list[str]:
    return [line.partition("?")[0] for line in text.splitlines() if line and not line.startswith("#")]


def named(reading: Reading) -> list[str]:
    """Return the names of the segments of a playlist, without what stands before and behind them."""
    return [uri.rpartition("/")[2] for uri in _uris(reading.text)] if reading.status == 200 else []


def _last_of(reading: Reading) -> str:
    return f"{reading.status}, {len(named(reading))} segments, the last one {(named(reading) or ['none'])[-1]}"
