"""From the verdicts of rules to an observation: what a specification demands, and what it recommends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from srs_conformance.observing import Observation
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Outcome, Rule, Verdict


def keeps(
    verdicts: Mapping[str, Iterable[Verdict]], rules: Collection[Rule] | None = None, level: Level = Level.MUST
) -> Observation:
    """Look whether the rules of a level are kept at each place; each that is broken is told with section and place.

    A rule that there was nothing to judge by is neither kept nor broken; where that is true of all, nothing holds.

    Args:
        verdicts: place -> what came of judging what it sent.
        rules: those that are asked for; all that were judged where none are named.
        level: MUST or SHOULD.
    """
    named = None if rules is None else {rule.id for rule in rules}
    asked = [
        (place, each)
        for place, found in verdicts.items()
        for each in found
        if each.rule.level is level and (named is None or each.rule.id in named)
    ]
    wrong = [(place, each) for place, each in asked if each.outcome is Outcome.BROKEN]
    count = sum(each.outcome is Outcome.KEPT for _, each in asked)
    judged = {each.rule.id for _, each in asked if each.outcome is not Outcome.NOT_SEEN}
    unseen = [name for name in dict.fromkeys(each.rule.id for _, each in asked) if name not in judged]
    late = all(each.waits for _, each in wrong)
    seen = f"{count} kept, {len(wrong)} broken" + (f", nothing seen of {', '.join(unseen)}" if unseen else "")
    return Observation(
        bool(count) and not wrong,
        f"every {level} of {len(judged) + len(unseen)} rules kept, of what was seen",
        seen if judged else "nothing that they could be judged by",
        tuple(line for place, each in wrong for line in _at(place, told(each))),
        tuple(wait for _, each in wrong for wait in each.waits if late),
    )


def _at(place: str, lines: list[str]) -> list[str]:
    return [f"{place}: {lines[0]}", *lines[1:]]


def told(verdict: Verdict) -> list[str]:
    """Return the lines that tell a broken rule: what it demands, how much was wrong, and the first places."""
    rule = verdict.rule
    return [
        f"{rule.id} ({rule.source}): {rule.text} Broken: {verdict.seen}",
        *(f"  {each}" for each in verdict.details),
    ]
