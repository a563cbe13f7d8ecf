"""The hypothesis settings of the media properties: the same examples each time, few enough to take seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from srs_conformance.media.errors import ProtocolError

Feed = Callable[[bytes], Sequence[object]]

QUICK = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
CUTS = st.lists(st.integers(0, 2**16), max_size=40)


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Cut the data at places that follow from the numbers; pieces may be empty."""
    places = sorted(cut % (len(data) + 1) for cut in cuts)
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def outcome(feed: Feed, parts: Iterable[bytes]) -> tuple[list[object], str]:
    """Return all events up to the end or the error, and the error's text."""
    events: list[object] = []
    for part in parts:
        try:
            events += feed(part)
        except ProtocolError as error:
            return [*events, *error.before], str(error)
    return events, ""
