"""What a load from within a cluster shall be: read strictly before anything starts, and told to Locust as a file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from srs_conformance.errors import UsageError
from srs_conformance.load.draws import Draw, duration, parse_streams
from srs_conformance.load.shapes import USERS_MAX, Shape
from srs_conformance.load.slo import Slo

WORKERS_MAX = 500
RATE_PER_WORKER = 100.0
"""Users a second from which on Locust warns that a worker may not keep up."""
RAMP_SECONDS, RAMP_SHARE = 10.0, 0.25
"""In which the users come where nobody says how fast; of a short load in this share of its time."""
CONFIG_FOLDER = "/etc/load"
CLIP = "clip.flv"
"""In the image, where containers start."""


class Kind(StrEnum):
    """What a load is made of; each has a locustfile of its name."""

    RTMP = "rtmp"
    FLV = "flv"
    HLS = "hls"
    PUBLISH = "publish"
    MIXED = "mixed"


SCHEMES = {Kind.RTMP: "rtmp", Kind.FLV: "http", Kind.HLS: "http", Kind.PUBLISH: "rtmp"}
MIXED = (Kind.RTMP, Kind.FLV, Kind.HLS)
"""Those who come in a mixed load."""


@dataclass(frozen=True)
class Plan:
    """A load.

    Attributes:
        kind: of what.
        addresses: Locust's option -> URL: `host`, or of a mixed load `rtmp-url`, `flv-url` and `hls-url`.
        users: how many there shall be at most.
        workers: how many pods share them.
        seconds: how long it takes, coming included.
        spawn_rate: users that come in a second.
        shape: their course over time; None: they come and stay.
        slo: the text of what must hold; "" for nothing.
        web: whether the master serves Locust's page.
        options: further options of the locustfiles, by their long names.
    """

    kind: Kind
    addresses: Mapping[str, str]
    users: int
    workers: int
    seconds: float
    spawn_rate: float
    shape: Shape | None
    slo: str
    web: bool
    options: Mapping[str, str]

    def to_toml(self) -> str:
        """Return the file that master and workers read: Locust's options and ours by their long names."""
        values: dict[str, Any] = {
            "locustfile": f"loadtests/{self.kind}.py",
            **self.addresses,
            **self.options,
            "users": self.users,
            "spawn-rate": self.spawn_rate,
            "expect-workers": self.workers,
            "clip": CLIP,
            "only-summary": True,
            "progress": True,
        }
        if self.shape:
            values["shape"] = self.shape.text
        else:
            values["run-time"] = f"{math.ceil(self.seconds)}s"
        if self.slo:
            values["slo"] = f"{CONFIG_FOLDER}/slo.yaml"
        # A page needs a run that begins by itself and a process that ends with it, which headless ones do anyhow.
        values |= {"autostart": True, "autoquit": 1} if self.web else {"headless": True}
        # What JSON writes of strings, numbers and booleans, TOML reads.
        return "[tool.locust]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def plan(
    kind: Kind,
    *,
    addresses: Mapping[str, str],
    users: int | None,
    workers: int,
    time: str | None,
    spawn_rate: float | None,
    shape: str | None,
    slo: Path | None,
    web: bool,
    options: Mapping[str, str],
) -> Plan:
    """Check all that can be checked here, so that no cluster is asked for what cannot be.

    Args:
        kind: as in `Plan`.
        addresses: as there.
        users: how many; a shape says so by itself.
        workers: as in `Plan`.
        time: how long; None: a minute, or as long as the shape.
        spawn_rate: None: so that all have come after ten seconds, or a quarter of the time.
        shape: as `Shape.parse` reads it.
        slo: the file of what must hold.
        web: as in `Plan`.
        options: as there.

    Raises:
        UsageError: names the option, and what was expected.
    """
    course = Shape.parse(shape) if shape else None
    if course and (users is not None or time is not None or spawn_rate is not None):
        raise UsageError("--shape says how many users come and when: leave out --users, --for and --spawn-rate")
    if not course and users is None:
        raise UsageError("--users is missing; expected how many there shall be, or --shape")
    count = course.peak if course else users or 0
    for name, number, most in (("--users", count, USERS_MAX), ("--workers", workers, WORKERS_MAX)):
        if not 1 <= number <= most:
            raise UsageError(f"{name} {number}: expected 1 to {most}")
    seconds = course.duration if course else duration("60s" if time is None else time)
    if seconds < 1:
        raise UsageError(f"--for {time}: expected at least 1 s")
    if spawn_rate is not None and spawn_rate <= 0:
        raise UsageError(f"--spawn-rate {spawn_rate:g}: expected a number of users per second")
    _check_options(options)
    return Plan(
        kind=kind,
        addresses=dict(addresses),
        users=count,
        workers=workers,
        seconds=seconds,
        spawn_rate=spawn_rate or _rate(count, workers, seconds),
        shape=course,
        slo=_text(slo) if slo else "",
        web=web,
        options=dict(options),
    )


def _rate(users: int, workers: int, seconds: float) -> float:
    ramp = min(RAMP_SECONDS, RAMP_SHARE * seconds)
    return min(max(users / ramp, 1.0), RATE_PER_WORKER * workers)


def _check_options(options: Mapping[str, str]) -> None:
    readers = {"stream": parse_streams, "watch": Draw.parse, "rest": Draw.parse, "deep": _ratio}
    for name, text in options.items():
        if name in readers:
            readers[name](text)


def _ratio(text: str) -> None:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"--deep {text}: expected a number from 0 to 1")


def _text(slo: Path) -> str:
    Slo.load(slo)
    return slo.read_text(encoding="utf-8")
