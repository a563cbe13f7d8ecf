"""Everybody who is watching or publishing from this process at the moment, for one look a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Member(Protocol):
    """Somebody of the crowd."""

    def stalled(self, now: float) -> bool:
        """Whether it stands still at a time."""


@dataclass
class Crowd:
    """Who is there, and what has come since the last look.

    Attributes:
        joining: visits that have begun and have no keyframe yet.
        members: those that have one.
        received: bytes since the last look, of everybody; of publishers, sent.
        joined: seconds to the first keyframe, of those who got it since the last look.
    """

    joining: int = 0
    members: set[Member] = field(default_factory=set)
    received: int = 0
    joined: list[float] = field(default_factory=list)

    def look(self, now: float) -> Look:
        """Return how things stand, and begin a new interval."""
        stalled = sum(member.stalled(now) for member in self.members)
        seen = Look(len(self.members), self.joining, stalled, self.received, tuple(self.joined))
        self.received = 0
        self.joined.clear()
        return seen


@dataclass(frozen=True)
class Look:
    """One look at a crowd: how many, what they got in the interval, and how long the newly joined had waited (s)."""

    viewers: int
    joining: int
    stalled: int
    received: int
    joined: tuple[float, ...]
