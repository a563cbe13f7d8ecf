"""How a load stands at a moment, as one line of JSON among others in a log, for whoever follows it from outside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final

MARK: Final = "load-moment "
"""What such a line begins with."""


class Phase(StrEnum):
    """Where a run is."""

    WAITING = "waiting"  # for its workers
    RUNNING = "running"
    ENDING = "ending"  # everybody leaves and is counted
    ENDED = "ended"  # there is a result, or none will come


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a load, all workers together as last heard of.

    Attributes:
        phase: where the run is.
        at: seconds since its start.
        workers: how many workers are there and answer.
        missing: how many were there and do not answer.
        users: simulated users, now.
        viewers: visits past their first keyframe, now.
        joining: visits before it, now.
        stalled: viewers whose playback stands still, now.
        rate: bytes a second, over the last seconds.
        keyframe_p99: seconds to the first keyframe that 99 of 100 visits so far did not exceed; None before the first.
        lag: the worst lag of the load generator itself since the moment before, in seconds.
        code: the exit code; None until the run has ended.
    """

    phase: Phase
    at: float = 0.0
    workers: int = 0
    missing: int = 0
    users: int = 0
    viewers: int = 0
    joining: int = 0
    stalled: int = 0
    rate: float = 0.0
    keyframe_p99: float | None = None
    lag: float = 0.0
    code: int | None = None

    def line(self) -> str:
        """Return it as one line."""
        return MARK + json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def parse(cls, line: str) -> Moment | None:
        """Read what `line` gave; None of any other line, be it half of one."""
        if not line.startswith(MARK):
            return None
        try:
            values: dict[str, Any] = json.loads(line.removeprefix(MARK))
            known = {each.name: values[each.name] for each in fields(cls) if each.name in values}
            return cls(**{**known, "phase": Phase(known["phase"])})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
