"""At what pace media come, over HTTP-FLV and RTMP alike: bounds of this suite, by what players can bear."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged

PROMPT_SECONDS: Final = 3.0
GAP_SECONDS: Final = 2.5


class Came(NamedTuple):
    """Something that came: when (`time.monotonic()`, s), and where it stands, for a verdict's details."""

    at: float
    where: str


def prompt(rule: Rule, first: Came | None, asked: float | None, whom: str) -> Verdict:
    """Judge that the first picture came soon after it was asked for (`time.monotonic()`, s) by `whom`, as "play"."""
    if first is None or asked is None:
        return Verdict(rule, Outcome.NOT_SEEN, "no picture")
    waited = first.at - asked
    wrong = [f"{first.where}: {waited:.1f} s after {whom}"] if waited > PROMPT_SECONDS else []
    return judged(rule, wrong, 1, "first pictures", ((asked, first.at),))


def flow(rule: Rule, came: Sequence[Came], what: str) -> Verdict:
    """Judge that nothing of what came, such as "pieces", was long in coming after what came before it."""
    steps = list(pairwise(came))
    slow = [(earlier, later) for earlier, later in steps if later.at - earlier.at > GAP_SECONDS]
    wrong = [f"{later.where}: nothing for {later.at - earlier.at:.1f} s before" for earlier, later in slow]
    waits = tuple((earlier.at, later.at) for earlier, later in slow)
    return judged(rule, wrong, len(steps), f"steps between {what}", waits)
