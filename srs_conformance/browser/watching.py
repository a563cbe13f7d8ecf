"""A page in which a player plays one stream, and what was seen in it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from srs_conformance import watermark
from srs_conformance.browser.devtools import Page

_SCRIPT: Final = Path(__file__).parent / "page.js"


class Player(StrEnum):
    """A player that users have in their pages."""

    MPEGTS = "mpegts.js"  # HTTP-FLV
    HLS = "hls.js"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture presented.

    Attributes:
        at: seconds since the player was started.
        count: how many the browser had presented by then, this one included.
        number: the one drawn in it, read from a canvas; None where none can be trusted.
    """

    at: float
    count: int
    number: int | None


@dataclass(frozen=True)
class Sight:
    """What was seen in a page so far: pictures, the video element's and the player's events, a fatal error.

    `dropped` is how many pictures the browser says that it decoded and did not show, being late itself; `late` are the
    times in which it did not even run the page, from when to when.
    """

    label: str
    pictures: tuple[Picture, ...]
    events: tuple[tuple[float, str], ...]
    error: str
    until: float  # s since the player was started
    dropped: int = 0
    began: float = 0.0  # when it was started, on our clock (`time.monotonic()`, s)
    late: tuple[tuple[float, float], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it in values of JSON."""
        return asdict(self)


class Watching:
    """A player at work in a page, which is open already; `libraries` are the players' scripts."""

    def __init__(self, page: Page, player: Player, url: str, libraries: list[str], *, label: str) -> None:
        self._page, self._label = page, label
        for script in (*libraries, _SCRIPT.read_text(encoding="utf-8")):
            page.evaluate(f"{script}\n;true")
        arguments = (player, url, watermark.COLUMNS, watermark.ROWS, watermark.CELL_HEIGHT)
        page.evaluate(f"srsConformanceWatch({', '.join(json.dumps(each) for each in arguments)})")

    def sight(self) -> Sight:
        """Return what was seen until now."""
        saw = self._page.evaluate("srsConformanceSight()")
        pictures = (Picture(at / 1000, count, watermark.read_levels(cells)) for at, count, cells in saw["pictures"])
        events = tuple((at / 1000, name) for at, name in saw["events"])
        until = saw["until"] / 1000
        began = time.monotonic() - until
        late = tuple((since / 1000, to / 1000) for since, to in saw["late"])
        return Sight(self._label, tuple(pictures), events, saw["error"], until, saw["dropped"], began, late)
