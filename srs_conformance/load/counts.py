"""What finished visits add up to, such that it does not matter who counted them and in what order."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from srs_conformance.load.visits import Visit

SHOWN_ERRORS = 50
KEPT_ERRORS = 500
OTHERS = "others"

_TICKS = 65536
"""Seconds are kept as multiples of 1/65536: those add up exactly in a float, in any order (up to 10^11 s)."""

_TEXT_LIMIT = 200
_VARYING = re.compile(
    r"""(?P<address>\b\d+(?:\.\d+){3}\b)       # stays: one bad node must show
    |(?<=:)\d{2,5}\b                           # a port
    |\b0x[0-9a-fA-F]+\b
    |(?<![\w/])\d+\.\d+                        # a measured time; HTTP/1.1 stays
    |(?<!\w)\d{4,}\b                           # status codes and error numbers have three digits and stay
    """,
    re.VERBOSE | re.ASCII,
)


def exact(seconds: float) -> float:
    """Return the seconds, rounded to what adds up exactly."""
    return round(seconds * _TICKS) / _TICKS


def grouped(error: str, stream: str) -> str:
    """Return an error's text without what differs from visit to visit: the stream, ports, measured times, offsets."""
    text = " ".join(error.replace(stream, "STREAM").split()) if stream else " ".join(error.split())
    return _VARYING.sub(lambda match: match["address"] or "*", text)[:_TEXT_LIMIT]


@dataclass(slots=True)
class Counts:
    """What the visits of one kind, or of all viewers, add up to.

    Attributes:
        visits: finished visits.
        joined: those that came to a first keyframe.
        refused: those that never did.
        cut: joined ones that ended before we or the stream were done.
        viewer_seconds: seconds watched by joined visits.
        deep: joined visits whose media were parsed: only those can see stalls and jumps.
        deep_seconds: seconds watched by them.
        stalled_seconds: seconds that playback stood still.
        stalls: how often it did.
        stalled_viewers: visits in which it did.
        gaps: silences over 1.5 s.
        jumps: steps of a track's dts that are not playback.
        received: bytes (publisher: bytes sent).
        endings: how many visits ended in which way.
        errors: how often which text occurred, the most frequent first; numbers that vary are a "*" in it.
    """

    visits: int = 0
    joined: int = 0
    refused: int = 0
    cut: int = 0
    viewer_seconds: float = 0.0
    deep: int = 0
    deep_seconds: float = 0.0
    stalled_seconds: float = 0.0
    stalls: int = 0
    stalled_viewers: int = 0
    gaps: int = 0
    jumps: int = 0
    received: int = 0
    endings: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)

    def visit(self, visit: Visit) -> None:
        """Count a finished visit."""
        self.visits += 1
        if visit.first_keyframe is None:
            self.refused += 1
        else:
            self.joined += 1
            watched = exact(visit.watched)
            self.viewer_seconds += watched
            if visit.deep:
                self.deep += 1
                self.deep_seconds += watched
            self.cut += visit.cut
        if visit.stalls:
            self.stalls += visit.stalls
            self.stalled_viewers += 1
            self.stalled_seconds += exact(visit.stalled)
        self.gaps += visit.gaps
        self.jumps += visit.jumps
        self.received += visit.received
        ending = str(visit.ending)
        self.endings[ending] = self.endings.get(ending, 0) + 1
        if visit.error:
            self._error(grouped(visit.error, visit.stream), 1)

    def add(self, other: Counts) -> None:
        """Count all that another one counted."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for ending, times in other.endings.items():
            self.endings[ending] = self.endings.get(ending, 0) + times
        for text, times in other.errors.items():
            self._error(text, times)

    def _error(self, text: str, times: int) -> None:
        errors = self.errors
        if text not in errors and text != OTHERS and len(errors) - (OTHERS in errors) >= KEPT_ERRORS:
            # Which texts stay must not depend on the order in which they came: the ones of the least checksum do.
            last = max((kept for kept in errors if kept != OTHERS), key=_rank)
            if _rank(text) > _rank(last):
                text = OTHERS
            else:
                errors[OTHERS] = errors.get(OTHERS, 0) + errors.pop(last)
        errors[text] = errors.get(text, 0) + times

    def told(self) -> Counts:
        """Return a copy for reports: in a stable order, of the errors the 50 most frequent, the rest as "others"."""
        texts = sorted((text for text in self.errors if text != OTHERS), key=lambda text: (-self.errors[text], text))
        errors = {text: self.errors[text] for text in texts[:SHOWN_ERRORS]}
        rest = sum(self.errors[text] for text in texts[SHOWN_ERRORS:]) + self.errors.get(OTHERS, 0)
        if rest:
            errors[OTHERS] = rest
        endings = dict(sorted(self.endings.items(), key=lambda item: (-item[1], item[0])))
        return replace(self, endings=endings, errors=errors)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as plain JSON values."""
        told = self.told()
        return {each.name: getattr(told, each.name) for each in fields(self)}

    def changes(self) -> dict[str, Any]:
        """Return what is not zero or empty, as plain JSON values; `from_json` reads it too."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Counts:
        """Read what `to_json` or `changes` gave.

        Raises:
            ValueError: it holds something else.
        """
        counts = cls()
        for each in fields(cls):
            before = getattr(counts, each.name)
            value = values.get(each.name, before)
            if not isinstance(before, dict):
                setattr(counts, each.name, _number(each.name, value, type(before)))
            elif isinstance(value, Mapping):
                setattr(counts, each.name, {str(key): _number(each.name, many, int) for key, many in value.items()})
            else:
                raise ValueError(f"{each.name}: expected numbers by name, found {value!r}")  # noqa: TRY004 - read
        return counts


_NUMBERS = tuple(each.name for each in fields(Counts) if each.name not in ("endings", "errors"))


def _number(name: str, value: Any, type_: type[float | int]) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name}: expected a number, found {value!r}")  # noqa: TRY004 - what was read is wrong
    return type_(value)


def _rank(text: str) -> tuple[int, str]:
    return zlib.crc32(text.encode(errors="surrogatepass")), text
