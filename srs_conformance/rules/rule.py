"""A rule, and what came of judging it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from srs_conformance.requirements import Level
from srs_conformance.witness import Span

SHOWN = 5
"""Places that a verdict names; how many there are stands in `seen`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One demand of a specification.

    Attributes:
        id: such as HLS-EXTM3U: the family and a name that says what it is about; never changed once released.
        level: MUST or SHOULD, as the specification has it.
        source: the specification and its section, such as "RFC 8216 4.3.1.1".
        text: what it demands, in a sentence of ours.
    """

    id: str
    level: Level
    source: str
    text: str


def must(name: str, source: str, text: str) -> Rule:
    """Return a rule of level MUST."""
    return Rule(name, Level.MUST, source, text)


def should(name: str, source: str, text: str) -> Rule:
    """Return a rule of level SHOULD."""
    return Rule(name, Level.SHOULD, source, text)


class Outcome(StrEnum):
    """What came of judging a rule."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_SEEN = "not-seen"
    """There was nothing that the rule could be judged by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule judged; `seen` says on how much, or what broke it, and `details` where (first `SHOWN` places).

    `waits` are the times that were too long, as in `observing.Observation`.
    """

    rule: Rule
    outcome: Outcome
    seen: str
    details: tuple[str, ...] = ()
    waits: tuple[Span, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether a MUST is broken."""
        return self.outcome is Outcome.BROKEN and self.rule.level is Level.MUST


def judged(rule: Rule, wrong: Sequence[str], looked_at: int, what: str, waits: tuple[Span, ...] = ()) -> Verdict:
    """Return the verdict of a rule that was looked at so many times, with the places where it was broken.

    Args:
        rule: of which.
        wrong: each place where it is broken, in words that name line, offset or time and what stands there.
        looked_at: how often it could have been broken; 0: not seen.
        what: what was looked at, in the plural: "segments".
        waits: of a rule of pace, the times that were too long.
    """
    if wrong:
        return Verdict(rule, Outcome.BROKEN, f"{len(wrong)} of {looked_at} {what}", tuple(wrong[:SHOWN]), waits)
    if not looked_at:
        return Verdict(rule, Outcome.NOT_SEEN, f"no {what}")
    return Verdict(rule, Outcome.KEPT, f"{looked_at} {what}")


def broken(verdicts: Iterable[Verdict], *, level: Level | None = None) -> list[Verdict]:
    """Return the verdicts of rules that are broken, of one level or of both."""
    return [each for each in verdicts if each.outcome is Outcome.BROKEN and level in {None, each.rule.level}]
