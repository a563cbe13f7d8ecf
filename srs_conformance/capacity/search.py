"""Which number of viewers to try next: steps that double until one breaks, then halving what lies between. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from srs_conformance.errors import UsageError

GROWTH: Final = 2


@dataclass
class Search:
    """Looks for the most viewers that hold.

    Args:
        start: the first number.
        most: never more than these.
        resolution: how close is close enough, as a share of what held.

    Raises:
        UsageError: the numbers contradict each other.
    """

    start: int
    most: int
    resolution: float = 0.05
    held: int = 0
    """The most that held so far."""
    broke: int | None = None
    """The fewest that did not."""

    def __post_init__(self) -> None:
        if not 1 <= self.start <= self.most:
            raise UsageError(f"start with {self.start} of at most {self.most} viewers; expected 1 <= start <= most")
        if not 0 < self.resolution < 1:
            raise UsageError(f"resolution {self.resolution:g}; expected a share between 0 and 1, such as 0.05")

    @property
    def next(self) -> int | None:
        """Return how many to try next; None when it is known closely enough."""
        if self.broke is None:
            ahead = min(self.held * GROWTH or self.start, self.most)
            return ahead if ahead > self.held else None
        if self.broke - self.held <= max(1, self.resolution * self.held):
            return None
        if not self.held:
            return max(self.broke // GROWTH, 1) if self.broke > 1 else None
        return (self.held + self.broke) // 2

    def tell(self, users: int, *, holds: bool) -> None:
        """Take what became of a number of viewers."""
        if holds:
            self.held = max(self.held, users)
        else:
            self.broke = min(users, self.broke or users)
