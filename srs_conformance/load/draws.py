"""Random choices of a load, how long a viewer stays and what it watches; how durations and streams are written."""

from __future__ import annotations

import math
import random
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import accumulate

from srs_conformance.errors import UsageError

STREAMS_MAX = 10_000

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>{_NUMBER}){unit}(?![a-z]))?" for unit in _UNITS))
_HINT_DURATION = "a duration is a number of seconds, or numbers with units: 90s, 2m, 1h30m, 250ms"

_FORMS = {
    "fixed": "fixed:60s",
    "exponential": "exponential:60s (the mean)",
    "uniform": "uniform:10s-2m",
    "lognormal": "lognormal:60s,0.8 (the median, and sigma of the logarithm)",
    "forever": "forever",
}
_HINT_DRAW = f"known are a duration such as 60s, {', '.join(_FORMS.values())}"

_STREAM = re.compile(
    r"(?P<before>[\w.~-]+/[\w.~-]*)(?:\[(?P<first>[0-9]{1,9})-(?P<last>[0-9]{1,9})\])?(?P<after>[\w.~-]*)", re.ASCII
)
_HINT_STREAM = "a stream is app/name, such as live/livestream; several are live/a,live/b or live/s[1-20]"


def duration(text: str) -> float:
    """Return the seconds of a duration such as 90s, 2m, 1h30m, 250ms or 60 (seconds).

    Raises:
        UsageError: it is none, or negative.
    """
    plain = text.strip()
    if re.fullmatch(_NUMBER, plain):
        return float(plain)
    match = _DURATION.fullmatch(plain)
    if not plain or match is None:
        raise UsageError(f"{text!r} is no duration", hint=_HINT_DURATION)
    return sum(float(number) * _UNITS[unit] for unit, number in match.groupdict().items() if number)


@dataclass(frozen=True, slots=True)
class Draw:
    """A distribution of durations; `parse` makes one.

    Attributes:
        form: fixed, exponential, uniform, lognormal or forever.
        first: the duration of fixed, the mean of exponential, the least of uniform, the median of lognormal; seconds.
        second: the largest of uniform in seconds, sigma of lognormal.
        text: as it was written.
    """

    form: str
    first: float = 0.0
    second: float = 0.0
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Draw:
        """Read 60s, fixed:60s, exponential:60s, uniform:10s-2m, lognormal:60s,0.8 or forever.

        Raises:
            UsageError: it is none of these.
        """
        form, colon, values = text.strip().partition(":")
        if not colon and form[:1].isdigit():
            form, values = "fixed", form
        if form not in _FORMS:
            near = get_close_matches(form, _FORMS, 1)
            suggestion = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"{text!r}: unknown distribution {form!r}{suggestion}", hint=_HINT_DRAW)
        try:
            first, second = _READERS[form](values)
        except (UsageError, ValueError) as error:
            reason = error.message if isinstance(error, UsageError) else str(error)
            raise UsageError(f"{text!r}: {reason}", hint=f"expected {_FORMS[form]}; {_HINT_DURATION}") from error
        return cls(form, first, second, text.strip())

    def draw(self, rng: random.Random) -> float:
        """Return a duration in seconds, inf for forever."""
        match self.form:
            case "fixed":
                return self.first
            case "exponential":
                return rng.expovariate(1 / self.first)
            case "uniform":
                return rng.uniform(self.first, self.second)
            case "lognormal":
                return rng.lognormvariate(math.log(self.first), self.second)
        return math.inf

    @property
    def mean(self) -> float:
        """Return the mean in seconds, inf for forever."""
        match self.form:
            case "fixed" | "exponential":
                return self.first
            case "uniform":
                return (self.first + self.second) / 2
            case "lognormal":
                return self.first * math.exp(self.second**2 / 2)
        return math.inf


def _fixed(text: str) -> tuple[float, float]:
    return duration(text), 0.0


def _exponential(text: str) -> tuple[float, float]:
    return _positive(text), 0.0


def _uniform(text: str) -> tuple[float, float]:
    low, dash, high = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is no range")
    least, most = duration(low), duration(high)
    if least > most:
        raise ValueError(f"the range {text} goes backwards")
    return least, most


def _lognormal(text: str) -> tuple[float, float]:
    median, _, sigma = text.partition(",")
    if not re.fullmatch(_NUMBER, sigma.strip()) or float(sigma) > 5:
        raise ValueError(f"sigma {sigma.strip()!r} is no number from 0 to 5")
    return _positive(median), float(sigma)


def _forever(text: str) -> tuple[float, float]:
    if text:
        raise ValueError("forever takes no value")
    return 0.0, 0.0


def _positive(text: str) -> float:
    seconds = duration(text)
    if not seconds:
        raise ValueError("expected more than 0 s")
    return seconds


_READERS = {
    "fixed": _fixed,
    "exponential": _exponential,
    "uniform": _uniform,
    "lognormal": _lognormal,
    "forever": _forever,
}


class Popularity:
    """Which stream a viewer watches: the n-th of the list with a weight of 1/n^exponent (Zipf), 0 for all alike."""

    def __init__(self, streams: Sequence[str], exponent: float = 1.0) -> None:
        """Keep the streams, the most popular first.

        Raises:
            UsageError: there is no stream, or the exponent is not a number from 0 to 10.
        """
        if not streams:
            raise UsageError("no stream to watch", hint=_HINT_STREAM)
        if not 0 <= exponent <= 10:
            raise UsageError(
                f"popularity {exponent} is no exponent from 0 to 10", hint="0: all alike; 1: Zipf's law, the usual one"
            )
        self._streams = list(streams)
        self._sums = list(accumulate(1 / rank**exponent for rank in range(1, len(streams) + 1)))

    def draw(self, rng: random.Random) -> str:
        """Return a stream."""
        at = bisect_right(self._sums, rng.random() * self._sums[-1])
        return self._streams[min(at, len(self._streams) - 1)]


def parse_streams(text: str) -> list[str]:
    """Return the streams, each app/name, of a list such as live/a,live/s[1-20]; live/s[01-20] keeps the zeros.

    Raises:
        UsageError: one is no app/name, a range goes backwards, one stands there twice, or there are over 10,000.
    """
    streams: list[str] = []
    for item in text.split(","):
        match = _STREAM.fullmatch(item.strip())
        if match is None or not (match["first"] or match["after"] or not match["before"].endswith("/")):
            raise UsageError(f"{item.strip()!r} is no stream", hint=_HINT_STREAM)
        streams += _range(item.strip(), match)
        if len(streams) > STREAMS_MAX:
            raise UsageError(f"{text!r} names more than {STREAMS_MAX:,} streams", hint=_HINT_STREAM)
    seen: set[str] = set()
    for stream in streams:
        if stream in seen:
            raise UsageError(f"{text!r} names {stream} twice", hint="name each stream once")
        seen.add(stream)
    return streams


def _range(item: str, match: re.Match[str]) -> list[str]:
    before, first, last, after = match["before"], match["first"], match["last"], match["after"]
    if first is None:
        return [before + after]
    if int(first) > int(last):
        raise UsageError(f"{item!r}: the range goes backwards", hint=_HINT_STREAM)
    if int(last) - int(first) >= STREAMS_MAX:
        raise UsageError(f"{item!r} names more than {STREAMS_MAX:,} streams", hint=_HINT_STREAM)
    width = len(first) if first.startswith("0") else 0
    return [f"{before}{number:0{width}}{after}" for number in range(int(first), int(last) + 1)]
