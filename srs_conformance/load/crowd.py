"""Everybody who is watching or publishing from this process at the moment, for one look a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from srs_conformance.load.visits import Kind, Visit


class Member(Protocol):
    """Somebody of the crowd."""

    record: Visit

    def stalled(self, now: float) -> bool:
        """Whether it stands still at a time."""


@dataclass(slots=True)
class Standing:
    """How those of one kind stand, and what has come since the last look.

    Attributes:
        viewers: those past their first keyframe.
        joining: those before it.
        stalled: viewers that stand still.
        stalled_seconds: how long those who are there have stood still, in stalls that are over.
        received: bytes since the last look; of publishers, sent.
        joined: seconds to the first keyframe, of those who got it since the last look.
    """

    viewers: int = 0
    joining: int = 0
    stalled: int = 0
    stalled_seconds: float = 0.0
    received: int = 0
    joined: list[float] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Standing:
        """Read what `to_json` gave.

        Raises:
            TypeError: it has other fields.
        """
        return cls(**values)


@dataclass(slots=True)
class Group:
    """Those of one kind who are there, and what has come since the last look.

    Attributes:
        joining: visits that have begun and have no keyframe yet.
        members: those that have one.
        received: bytes since the last look; of publishers, sent.
        joined: seconds to the first keyframe, of those who got it since the last look.
    """

    joining: int = 0
    members: set[Member] = field(default_factory=set)
    received: int = 0
    joined: list[float] = field(default_factory=list)

    def look(self, now: float) -> Standing:
        """Return how they stand, and begin a new interval."""
        standing = Standing(len(self.members), self.joining, received=self.received, joined=self.joined)
        for member in self.members:
            standing.stalled += member.stalled(now)
            standing.stalled_seconds += member.record.stalled
        self.received, self.joined = 0, []
        return standing


class Crowd:
    """Everybody, by kind."""

    def __init__(self) -> None:
        self._groups: dict[Kind, Group] = {}

    def group(self, kind: Kind) -> Group:
        """Return those of a kind."""
        return self._groups.setdefault(kind, Group())

    def look(self, now: float) -> dict[Kind, Standing]:
        """Return how each kind stands that has ever been there, and begin a new interval."""
        return {kind: group.look(now) for kind, group in self._groups.items()}
