"""What the proxy did: in all, by kind of fault, and connection by connection."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from srs_conformance.proxy.plan import Direction, Drawn, Kind

#: How many connections that have ended are told of; the sums count all.
_REMEMBERED: Final = 1000


@dataclass
class Effect:
    """What one kind of fault did: to connections, and to bytes held back for so many seconds in all."""

    chosen: int = 0  # connections that a plan's draw has chosen for it, counted once for each plan
    took_effect: int = 0  # of these, the ones to which it was done
    bytes: int = 0
    seconds: float = 0.0


@dataclass
class Connection:
    """One connection; times in seconds since the proxy began."""

    number: int
    port: int
    client: str
    opened: float
    ended: float | None = None
    end: str = ""  # how: "closed", "cut by a peer", "unreachable", "reset", "truncated", "proxy ended"
    bytes: dict[Direction, int] = field(default_factory=lambda: dict.fromkeys(Direction, 0))
    faults: set[Kind] = field(default_factory=set)


class Counters:
    """Counts; used by the proxy's one thread alone."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._numbers: dict[int, int] = {}
        self._open: dict[tuple[int, int], Connection] = {}
        self._ended: deque[Connection] = deque(maxlen=_REMEMBERED)
        self._ends: dict[str, int] = {}
        self._bytes = dict.fromkeys(Direction, 0)
        self.effects: dict[Kind, Effect] = {kind: Effect() for kind in Kind}

    def opened(self, port: int, client: str) -> Connection:
        """Begin to count a connection; each port's are numbered from 0."""
        number = self._numbers.get(port, 0)
        self._numbers[port] = number + 1
        connection = self._open[port, number] = Connection(number, port, client, self._now())
        return connection

    def ended(self, connection: Connection, end: str) -> None:
        """Note how a connection ended."""
        connection.ended, connection.end = self._now(), end
        self._ended.append(self._open.pop((connection.port, connection.number)))
        self._ends[end] = self._ends.get(end, 0) + 1

    def chosen(self, faults: Iterable[Drawn]) -> None:
        """Count the faults that a connection was chosen for."""
        for fault in faults:
            self.effects[fault.kind].chosen += 1

    def passed(self, connection: Connection, direction: Direction, count: int) -> None:
        """Count bytes that were sent on."""
        connection.bytes[direction] += count
        self._bytes[direction] += count

    def did(self, connection: Connection, kind: Kind, *, first: bool, count: int = 0, seconds: float = 0.0) -> None:
        """Note that a fault was done; `first` where it is for the first time to this connection under this plan."""
        connection.faults.add(kind)
        effect = self.effects[kind]
        effect.took_effect += first
        effect.bytes += count
        effect.seconds += seconds

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "seconds": round(self._now(), 3),
            "accepted": sum(self._numbers.values()),
            "open": len(self._open),
            "ends": dict(self._ends),
            **{str(direction): count for direction, count in self._bytes.items()},
            "faults": {kind: {**vars(each), "seconds": round(each.seconds, 3)} for kind, each in self.effects.items()},
            "connections": [_row(each) for each in (*self._ended, *self._open.values())],
        }

    def _now(self) -> float:
        return time.monotonic() - self._began


def _row(connection: Connection) -> dict[str, Any]:
    return {
        "port": connection.port,
        "number": connection.number,
        "client": connection.client,
        "opened": round(connection.opened, 3),
        "ended": None if connection.ended is None else round(connection.ended, 3),
        "end": connection.end,
        **{str(direction): count for direction, count in connection.bytes.items()},
        "faults": sorted(connection.faults),
    }
