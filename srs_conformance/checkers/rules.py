"""From the verdicts of rules to an observation: what a specification demands, and what it recommends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from srs_conformance.observing import Observation
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Outcome, Rule, Verdict, broken


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


def keeps(verdicts: Mapping[str, Iterable[Verdict]], rules: Collection[Rule], level: Level = Level.MUST) -> Observation:
    """Look whether the rules of a level among these are kept at each place; what was not seen breaks none.

    Args:
        verdicts: place -> what came of judging what it sent.
        rules: those that are asked for.
        level: MUST or SHOULD.
    """
    wanted = {rule.id for rule in rules if rule.level is level}
    asked = [(place, each) for place, found in verdicts.items() for each in found if each.rule.id in wanted]
    wrong = [(place, each) for place, each in asked if each.outcome is Outcome.BROKEN]
    count = sum(each.outcome is Outcome.KEPT for _, each in asked)
    details = tuple(line for place, each in wrong for line in _at(place, told(each)))
    expected = f"every {level} of {len(wanted)} rules kept, of what was seen"
    seen = f"{count} kept, {len(wrong)} broken" if count or wrong else "nothing that they could be judged by"
    return Observation(bool(count) and not wrong, expected, seen, details)


def _at(place: str, lines: list[str]) -> list[str]:
    return [f"{place}: {lines[0]}", *lines[1:]]


def told(verdict: Verdict) -> list[str]:
    """Return the lines that tell a broken rule: what it demands, how much was wrong, and the first places."""
    rule = verdict.rule
    return [
        f"{rule.id} ({rule.source}): {rule.text} Broken: {verdict.seen}",
        *(f"  {each}" for each in verdict.details),
    ]
