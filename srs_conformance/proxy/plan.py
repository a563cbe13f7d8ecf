"""Plans: what is to be done to connections, and the draw that says to which.

A plan in JSON:

    {"faults": [{"kind": "stall", "direction": "down", "share": 0.5, "after_seconds": [1, 3], "seconds": 5}]}

kind            delay, throttle, stall, reset or truncate
direction       "up" (from whoever connects), "down" (to them) or "both", which is the default; a reset has no direction
port            only connections of this listening port; all by default
share           of the connections, 0 to 1; 1 by default
present         true: only connections that are there when the plan is put, false: only new ones; both by default
after_seconds   counted from the connection's begin, or the plan's where the connection was there before; 0 by default
after_bytes     counted likewise, in the fault's direction (for a reset in both together); 0 by default
seconds         delay: by how much; stall: how long, without it until the next plan
rate            throttle: bytes a second in each direction of each connection

seconds, after_seconds, after_bytes and rate are numbers, or pairs [least, most] to draw from.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from srs_conformance.proxy.errors import PlanError


class Kind(StrEnum):
    """What can be done to a connection."""

    DELAY = "delay"  # every byte arrives later; nothing is lost and the order stays
    THROTTLE = "throttle"  # no more than so many bytes a second
    STALL = "stall"  # nothing is passed for a while; the sender is held back
    RESET = "reset"  # both sides see RST
    TRUNCATE = "truncate"  # the receiver sees an orderly end before its time


class Direction(StrEnum):
    """Which way bytes go, as seen from whoever connected."""

    UP = "up"
    DOWN = "down"


Range = tuple[float, float]
_NOW: Range = (0.0, 0.0)
_FIELDS = {"kind", "direction", "port", "share", "present", "after_seconds", "after_bytes", "seconds", "rate"}
_NEEDS = {Kind.DELAY: "seconds", Kind.THROTTLE: "rate"}
_TAKES = {"seconds": (Kind.DELAY, Kind.STALL), "rate": (Kind.THROTTLE,)}


@dataclass(frozen=True)
class Fault:
    """One fault of a plan. Ranges are what is drawn from, for each connection anew."""

    kind: Kind
    directions: tuple[Direction, ...] = tuple(Direction)
    port: int | None = None
    share: float = 1.0
    present: bool | None = None
    after_seconds: Range = _NOW
    after_bytes: Range = _NOW
    seconds: Range | None = None
    rate: Range | None = None


@dataclass(frozen=True)
class Drawn:
    """The plan's `at`-th fault as it is for one connection; `seconds` is infinite for a stall without an end."""

    at: int
    kind: Kind
    directions: tuple[Direction, ...]
    after_seconds: float
    after_bytes: int
    seconds: float
    rate: float


@dataclass(frozen=True)
class Plan:
    """What is to be done. `serial` numbers the plans of a proxy: another plan draws anew."""

    faults: tuple[Fault, ...] = ()
    serial: int = 0

    def draw(self, seed: int, route: int, number: int, *, port: int, present: bool = False) -> tuple[Drawn, ...]:
        """Return what becomes of the number-th connection of the route-th port; only faults that are for it.

        The draw depends on nothing else, so neither on what other connections do nor on which port it is.
        """
        drawn = []
        for at, fault in enumerate(self.faults):
            draws = random.Random(f"{seed}/{self.serial}/{at}/{route}/{number}")
            chosen = draws.random() < fault.share
            if chosen and fault.port in (None, port) and fault.present in (None, present):
                drawn.append(
                    Drawn(
                        at,
                        fault.kind,
                        fault.directions,
                        after_seconds=draws.uniform(*fault.after_seconds),
                        after_bytes=round(draws.uniform(*fault.after_bytes)),
                        seconds=math.inf if fault.seconds is None else draws.uniform(*fault.seconds),
                        rate=math.inf if fault.rate is None else draws.uniform(*fault.rate),
                    )
                )
        return tuple(drawn)


def parse(value: Any, serial: int = 0) -> Plan:
    """Read a plan.

    Raises:
        PlanError: names what is wrong, and what was expected.
    """
    if not isinstance(value, Mapping) or set(value) != {"faults"} or not isinstance(value["faults"], list):
        raise PlanError('a plan is {"faults": [...]}')
    return Plan(tuple(_fault(each, f"faults[{at}]") for at, each in enumerate(value["faults"])), serial)


def _fault(value: Any, where: str) -> Fault:
    if not isinstance(value, Mapping):
        raise PlanError(f"{where}: expected an object")
    if unknown := set(value) - _FIELDS:
        raise PlanError(f"{where}: unknown {', '.join(sorted(unknown))}; there are {', '.join(sorted(_FIELDS))}")
    if value.get("kind") not in list(Kind):
        raise PlanError(f"{where}.kind: {value.get('kind')!r}; there are {', '.join(Kind)}")
    kind = Kind(value["kind"])
    needed = _NEEDS.get(kind)
    if needed and needed not in value:
        raise PlanError(f"{where}: {kind} needs {needed}")
    for name, kinds in _TAKES.items():
        if name in value and kind not in kinds:
            raise PlanError(f"{where}.{name}: {kind} takes none")
    fault = Fault(
        kind,
        directions=_directions(value.get("direction", "both"), f"{where}.direction"),
        port=_port(value.get("port"), f"{where}.port"),
        present=_bool(value.get("present"), f"{where}.present"),
        share=_number(value.get("share", 1), f"{where}.share", most=1),
        after_seconds=_range(value.get("after_seconds", 0), f"{where}.after_seconds"),
        after_bytes=_range(value.get("after_bytes", 0), f"{where}.after_bytes"),
        seconds=_range(value["seconds"], f"{where}.seconds") if "seconds" in value else None,
        rate=_range(value["rate"], f"{where}.rate") if "rate" in value else None,
    )
    if fault.rate and fault.rate[0] < 1:
        raise PlanError(f"{where}.rate: at least 1 byte a second; a stall passes none")
    return fault


def _directions(value: Any, where: str) -> tuple[Direction, ...]:
    if value == "both":
        return tuple(Direction)
    if value not in list(Direction):
        raise PlanError(f"{where}: {value!r}; there are up, down and both")
    return (Direction(value),)


def _port(value: Any, where: str) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise PlanError(f"{where}: {value!r}; expected a port's number")
    return value


def _bool(value: Any, where: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise PlanError(f"{where}: {value!r}; expected true or false")


def _range(value: Any, where: str) -> Range:
    if not isinstance(value, list):
        return (_number(value, where),) * 2
    if len(value) != 2:
        raise PlanError(f"{where}: {value!r}; expected a number, or a pair [least, most]")
    least, most = (_number(each, where) for each in value)
    if least > most:
        raise PlanError(f"{where}: {value!r}; the least comes first")
    return least, most


def _number(value: Any, where: str, most: float = sys.float_info.max) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise PlanError(f"{where}: {value!r}; expected a number from 0 {'on' if most > 1 else 'to 1'}")
    return float(value)
