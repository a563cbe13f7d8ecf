"""A schedule of disturbances: drawn once from a seed, so that what a run went through can be had again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of disturbance.

    Attributes:
        name: as the history calls it.
        takes: seconds from its beginning until everything has recovered, with room to see that it has; no other begins
            before that.
    """

    name: str
    takes: float


@dataclass(frozen=True)
class Planned:
    """A disturbance to come.

    Attributes:
        at: seconds after the start.
        kind: what is done.
        draw: a number from [0, 1) by which whoever does it chooses what to do it to, and how.
    """

    at: float
    kind: Kind
    draw: float

    @property
    def over(self) -> float:
        """Return when everything has recovered from it, in seconds after the start."""
        return self.at + self.kind.takes


#: The longest time without a disturbance beyond what the one before takes, as a part of that.
_SLACK = 0.3


def schedule(seed: int | str, kinds: Sequence[Kind], start: float, end: float) -> tuple[Planned, ...]:
    """Return the disturbances between two times, in seconds: the same seed gives the same ones.

    Each kind comes once, in a drawn order, before any comes for the second time; of those that are due only what is
    over before the end is taken. Between two there is as much time as the first one takes, and some more, drawn.
    """
    draws = random.Random(f"schedule {seed}")
    found: list[Planned] = []
    at = start
    for deck in _decks(draws, kinds):
        taken = False
        for kind in deck:
            begins, draw = at + draws.uniform(0, _SLACK) * kind.takes, draws.random()
            planned = Planned(round(begins, 2), kind, draw)
            if planned.over <= end:
                found.append(planned)
                at, taken = planned.over, True
        if not taken:
            break
    return tuple(found)


def _decks(draws: random.Random, kinds: Sequence[Kind]) -> Iterator[list[Kind]]:
    while kinds:
        yield draws.sample(kinds, len(kinds))
