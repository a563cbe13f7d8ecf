"""What Locust's own statistics are told: a named entry per figure, of which `total` counts first keyframes only.

So its charts, its summary and its percentiles speak of how long viewers wait for a picture.
"""

from __future__ import annotations

from locust.env import Environment
from locust.stats import StatsEntry

from srs_conformance.load.visits import Kind, Visit

PERCENTILES = [0.5, 0.95, 0.99]
"""Of the first keyframe, in Locust's charts."""
_NAME = "first keyframe"


class Refused(Exception):  # noqa: N818 - it is no error of ours, and its name stands in Locust's table of failures
    """Somebody never got a first keyframe; its text groups with others' in Locust's failures."""


def joined(environment: Environment, record: Visit) -> None:
    """Tell of a first keyframe, with which a visit has really begun."""
    assert record.first_keyframe is not None
    who = _who(record)
    environment.events.request.fire(
        request_type=who,
        name=_NAME,
        response_time=record.first_keyframe * 1000,
        response_length=record.received,
        exception=None,
        context={},
    )
    for what, seconds in (("connect", record.connect), ("first byte", record.first_byte)):
        if seconds is not None:
            _log(environment.stats.get(what, who), seconds)


def visited(environment: Environment, record: Visit) -> None:
    """Tell how a visit ended."""
    who = _who(record)
    if not record.joined:
        if record.error:
            environment.events.request.fire(
                request_type=who,
                name=_NAME,
                response_time=None,  # it took no time that could stand among the others'
                response_length=record.received,
                exception=Refused(record.error),
                context={},
            )
        return
    stay = environment.stats.get("stay", who)
    _log(stay, record.watched, record.received)
    if record.cut:
        stay.log_error(record.error)
    if record.stalls:
        _log(environment.stats.get("stalled", who), record.stalled)


def _log(entry: StatsEntry, seconds: float, size: int = 0) -> None:
    entry.log(seconds * 1000, size)  # type: ignore[arg-type] # it is told whole ms, and takes any


def _who(record: Visit) -> str:
    return "PUBLISH" if record.kind is Kind.PUBLISHER else str(record.kind).upper()
