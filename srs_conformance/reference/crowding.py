"""The faults that show only when others play the stream: many, or since long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from srs_conformance.reference.faults import Switches

_MANY: Final = 20
_TOO_MANY: Final = 40
_WAIT_SECONDS: Final = 3.0
_RUNNING_SECONDS: Final = 4.0
_JOIN_SECONDS: Final = 9.0
_STALL_SECONDS: Final = 3.0
_ONE_OF: Final = 5
_CAP_BYTES: Final = 10_000_000 / 8


class Crowd:
    """The players of one source, in the order in which they came; does nothing unless a fault is on.

    What befalls late ones at an `edge` does not befall edges at their origin: these would give up, and nobody play.
    """

    def __init__(self, faults: Switches, *, edge: bool = False) -> None:
        self._faults = faults
        self._edge = edge
        self._players: dict[int, tuple[float, Callable[[str], None]]] = {}  # when each came, and what ends it
        self._serial = 0
        self._free_at = 0.0

    def __len__(self) -> int:
        return len(self._players)

    def enter(self, end: Callable[[str], None]) -> Place:
        """Take a player, whose connection `end` ends, and return its place."""
        self._serial += 1
        now = time.monotonic()
        self._players[self._serial] = now, end
        first_came, end_first = next(iter(self._players.values()))
        after_others = self._edge and now - first_came > _RUNNING_SECONDS
        if "crowd-cuts-the-oldest" in self._faults and len(self._players) > _TOO_MANY:
            end_first("fault crowd-cuts-the-oldest")
        return Place(self, self._serial, late=len(self._players) > _MANY, after_others=after_others)

    def leave(self, number: int) -> None:
        """Let a player go."""
        self._players.pop(number, None)

    async def hold(self, place: Place, size: int) -> None:
        """Wait as long as the faults hold a write of so many bytes back."""
        if not self._faults:
            return
        if "crowd-waits" in self._faults and place.late:
            await asyncio.sleep(max(place.came + _WAIT_SECONDS - time.monotonic(), 0))
        if "late-joiners-wait" in self._faults and place.after_others:
            await asyncio.sleep(max(place.came + _JOIN_SECONDS - time.monotonic(), 0))
        if "crowd-stalls-some" in self._faults and len(self) > _MANY and place.number % _ONE_OF == 0:
            phase = time.monotonic() % (2 * _STALL_SECONDS)
            await asyncio.sleep(max(_STALL_SECONDS - phase, 0))
        if "crowd-shares-a-cap" in self._faults:
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + size / _CAP_BYTES
            await asyncio.sleep(max(self._free_at - now, 0))


class Place:
    """One player's place in a crowd; `late` where it found many there, `after_others` where they came long before."""

    def __init__(self, crowd: Crowd, number: int, *, late: bool, after_others: bool) -> None:
        self.crowd = crowd
        self.number = number
        self.late, self.after_others = late, after_others
        self.came = time.monotonic()

    async def hold(self, size: int) -> None:
        """Wait as long as the faults hold a write of so many bytes back."""
        await self.crowd.hold(self, size)

    def leave(self) -> None:
        """Go."""
        self.crowd.leave(self.number)
