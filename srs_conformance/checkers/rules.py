"""From the verdicts of rules to an observation: what a specification demands, and what it recommends."""

from __future__ import annotations

from collections.abc import Iterable

from srs_conformance.observing import Observation
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Outcome, Verdict, broken


def kept(what: str, verdicts: Iterable[Verdict], level: Level = Level.MUST) -> Observation:
    """Look whether every rule of a level is kept; each that is broken is told with its section, and where.

    A rule that there was nothing to judge by is neither kept nor broken; where that is true of all, nothing holds.
    """
    mine = [each for each in verdicts if each.rule.level is level]
    wrong = broken(mine)
    unseen = [each.rule.id for each in mine if each.outcome is Outcome.NOT_SEEN]
    good = len(mine) - len(wrong) - len(unseen)
    seen = f"{good} rules kept, {len(wrong)} broken" + (f", nothing seen of {', '.join(unseen)}" if unseen else "")
    details = tuple(line for each in wrong for line in told(each))
    return Observation(good > 0 and not wrong, f"{what}: what the specification says by {level}", seen, details)


def told(verdict: Verdict) -> list[str]:
    """Return the lines that tell a broken rule: what it demands, how much was wrong, and the first places."""
    rule = verdict.rule
    return [
        f"{rule.id} ({rule.source}): {rule.text} Broken: {verdict.seen}",
        *(f"  {each}" for each in verdict.details),
    ]
