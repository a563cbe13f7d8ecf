"""Durations counted in the buckets of an HDR histogram: 1 us to 1 h, three significant digits.

The buckets are kept sparsely, because the series keeps such a histogram for every second of a run, where the 190 kB of
an `hdrh` histogram with all its buckets would not do; `hdrh` reads and writes the common encoding. All that is told
follows from the buckets alone, so that it does not matter where and in what order values were recorded.
"""

from __future__ import annotations

import binascii
import math
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from hdrh.codec import HdrCookieException, HdrHistogramEncoder, HdrLengthException
from hdrh.histogram import HdrHistogram

LOWEST_US = 1
HIGHEST_US = 3_600_000_000
DIGITS = 3

# What HDR makes of three digits: buckets of 2048 steps, of which the upper half is used in all but the first.
_MASK = 2047
_HALF_BITS = 10
_HALF = 1 << _HALF_BITS


def bucket(microseconds: int) -> int:
    """Return the index of the bucket that holds a value."""
    octave = (microseconds | _MASK).bit_length() - _HALF_BITS - 1
    return ((octave + 1) << _HALF_BITS) + (microseconds >> octave) - _HALF


def bounds(index: int) -> tuple[int, int]:
    """Return the least and the largest value in microseconds that a bucket holds."""
    octave = (index >> _HALF_BITS) - 1
    if octave < 0:
        return index, index
    low = ((index & (_HALF - 1)) + _HALF) << octave
    return low, low + (1 << octave) - 1


class Histogram:
    """How often durations occurred; equal when every bucket is."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self._buckets == other._buckets

    __hash__ = None  # type: ignore[assignment] # it changes

    def record(self, seconds: float, times: int = 1) -> None:
        """Count a duration; what lies outside 1 us to 1 h counts as the nearest of the two.

        Raises:
            ValueError: it is not a number.
        """
        value = seconds * 1e6
        if value <= LOWEST_US:
            whole = LOWEST_US
        elif value >= HIGHEST_US:
            whole = HIGHEST_US
        else:
            whole = round(value)
        index = bucket(whole)
        self._buckets[index] = self._buckets.get(index, 0) + times

    def add(self, other: Histogram) -> None:
        """Count all that another one counted."""
        for index, times in other._buckets.items():
            self._buckets[index] = self._buckets.get(index, 0) + times

    @property
    def count(self) -> int:
        """Return how many durations were recorded."""
        return sum(self._buckets.values())

    def percentile(self, q: float) -> float | None:
        """Return the duration in seconds that `q` percent (0 to 100) do not exceed, None when there are none."""
        return self.percentiles([q])[0]

    def percentiles(self, qs: Sequence[float]) -> list[float | None]:
        """Return `percentile` of several, each from 0 to 100.

        The rank is rounded up and the bucket's upper end is told: a percentile is never better than what was seen, and
        at most 0.1 % worse.
        """
        total = self.count
        if not total:
            return [None for _ in qs]
        # 99.9 percent of 1000 is 999.0000000000001 in floats; the rank is 999
        ranks = [max(1, math.ceil(round(q * total / 100, 6))) for q in qs]
        found: list[float | None] = [None for _ in qs]
        order = sorted(range(len(qs)), key=ranks.__getitem__)
        passed = 0
        at = 0
        for index in sorted(self._buckets):
            passed += self._buckets[index]
            while at < len(order) and ranks[order[at]] <= passed:
                found[order[at]] = min(bounds(index)[1], HIGHEST_US) / 1e6
                at += 1
        return found

    @property
    def minimum(self) -> float | None:
        """Return the least duration in seconds, as its bucket's lower end; None when there are none."""
        return bounds(min(self._buckets))[0] / 1e6 if self._buckets else None

    @property
    def maximum(self) -> float | None:
        """Return the largest duration in seconds, as its bucket's upper end; None when there are none."""
        return self.percentile(100)

    @property
    def mean(self) -> float | None:
        """Return the mean in seconds, each duration taken as the middle of its bucket; None when there are none."""
        if not self._buckets:
            return None
        # whole numbers to the last step: a sum of floats would depend on the order
        doubled = sum(sum(bounds(index)) * times for index, times in self._buckets.items())
        return doubled / self.count / 2e6

    def curve(self) -> list[tuple[float, float]]:
        """Return (percent that do not exceed it, seconds) for each bucket in use, the shortest first."""
        total = self.count
        passed = 0
        points = []
        for index, times in sorted(self._buckets.items()):
            passed += times
            points.append((100 * passed / total, min(bounds(index)[1], HIGHEST_US) / 1e6))
        return points

    def pairs(self) -> list[list[float]]:
        """Return [seconds, times] for each bucket in use, the shortest first; `from_pairs` reads it."""
        return [[bounds(index)[0] / 1e6, times] for index, times in sorted(self._buckets.items())]

    @classmethod
    def from_pairs(cls, pairs: Iterable[Sequence[float]]) -> Histogram:
        """Read what `pairs` gave.

        Raises:
            ValueError, TypeError: it is no such list.
        """
        histogram = cls()
        for seconds, times in pairs:
            histogram.record(seconds, int(times))
        return histogram

    def encode(self) -> str:
        """Return the histogram in HdrHistogram's V2 encoding, compressed and in base 64."""
        full = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
        if self._buckets:
            for index, times in self._buckets.items():
                full.counts[index] = times
            full.set_internal_tacking_values(min(self._buckets), max(self._buckets), self.count)
        text: bytes = full.encode()
        return text.decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Histogram:
        """Read what `encode` gave, or any other writer of HDR histograms of this range and precision.

        Raises:
            ValueError: it is no such encoding.
        """
        try:
            payload = HdrHistogramEncoder.decode(text)
        except (binascii.Error, TypeError, ValueError, zlib.error, HdrCookieException, HdrLengthException) as error:
            raise ValueError(f"no encoded HDR histogram: {text[:40]!r}") from error
        header = payload.payload
        seen = (header.lowest_trackable_value, header.highest_trackable_value, header.significant_figures)
        if seen != (LOWEST_US, HIGHEST_US, DIGITS):
            raise ValueError(f"an HDR histogram of (lowest, highest, digits) {seen}")
        try:
            full: Any = HdrHistogram(*seen, hdr_payload=payload)
        except (IndexError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"a damaged HDR histogram: {text[:40]!r}") from error
        histogram = cls()
        histogram._buckets = {index: times for index, times in enumerate(full.counts[:]) if times}
        return histogram
