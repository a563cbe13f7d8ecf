"""How things are said: what a server wrote is shown as it may be shown, and columns have one width."""

from __future__ import annotations

from srs_conformance.errors import UsageError
from srs_conformance.load.draws import duration
from srs_conformance.viewers.timeline import Protocol

NAME_WIDTH = 12
_SHOWN = 300
PROTOCOLS = {Protocol.RTMP: "RTMP", Protocol.HTTP_FLV: "HTTP-FLV", Protocol.HLS: "HLS"}


def plain(text: str) -> str:
    """Return what a peer wrote so that it does nothing to a terminal: control characters as escapes, cut where long."""
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


def time_of(option: str, text: str, *, least: float = 0.0) -> float:
    """Return the seconds of a duration that was given by an option.

    Raises:
        UsageError: it is none, or not more than `least` seconds.
    """
    try:
        seconds = duration(text)
    except UsageError as error:
        raise UsageError(f"{option}: {error.message}", hint=error.hint) from error
    if seconds <= least:
        raise UsageError(f"{option}: {text!r} is too short; expected more than {least:g} s")
    return seconds


def row(name: str, text: str) -> str:
    """Return a line of a table of two columns."""
    return f"  {name:{NAME_WIDTH}}  {text}".rstrip()


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: 1 picture, 1,200 pictures."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
