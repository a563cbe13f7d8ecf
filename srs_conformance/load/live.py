"""The page of a load that is still going on: its present figures, and its course so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from srs_conformance.load import charts, figures, plots
from srs_conformance.load.page import ENVIRONMENT
from srs_conformance.load.present import COLUMNS
from srs_conformance.load.series import Series

REFRESH = 2
"""Seconds after which the page fetches itself anew."""


@dataclass
class Live:
    """What the page tells.

    Attributes:
        command: what kind of run it is.
        urls: the addresses it goes to.
        streams: app/name of each.
        state: what is going on, in a word or two.
        seconds: since it began; None: it has not.
        rows: as `Present.rows` gives them.
        series: its course so far.
        links: (address, words) of where else to look.
    """

    command: str
    urls: Sequence[str] = ()
    streams: Sequence[str] = ()
    state: str = ""
    seconds: float | None = None
    rows: Sequence[dict[str, str]] = ()
    series: Series = field(default_factory=Series)
    links: Sequence[tuple[str, str]] = ()


def render(live: Live) -> str:
    """Return the page as HTML; whatever the server or the user named is escaped in it."""
    return ENVIRONMENT.get_template("live.html.j2").render(
        live=live,
        elapsed="" if live.seconds is None else figures.seconds(float(int(live.seconds))),
        columns=COLUMNS,
        charts=plots.so_far(live.series),
        geometry=charts,
        refresh=REFRESH,
    )
