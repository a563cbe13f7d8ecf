"""Whether the HLS of a stream that has ended goes when hls_dispose says so."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from srs_conformance.observing import Budget, Observation

#: Seconds since the stream ended, and the HTTP status of its playlist then; 0 where no answer came.
Look = tuple[float, int]


def disposed(looks: Sequence[Look], after: Budget, within: Budget) -> Observation:
    """Look whether a playlist stayed for one time after the end of its stream, and was gone within another."""
    gone = next((seconds for seconds, status in looks if status == HTTPStatus.NOT_FOUND), None)
    others = sorted({status for _, status in looks} - {HTTPStatus.OK, HTTPStatus.NOT_FOUND})
    right = gone is not None and after.seconds <= gone <= within.seconds and not others
    last = looks[-1][0] if looks else 0.0
    seen = f"gone after {gone:.1f} s" if gone is not None else f"still there after {last:.1f} s"
    expected = f"404 between {after.seconds:g} and {within.seconds:g} s after the stream's end, and 200 before that"
    return Observation(right, expected, seen + (f"; other answers: {others}" if others else ""))
