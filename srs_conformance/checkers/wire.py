"""Verdicts of rules of protocols, as observations that requirements ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from srs_conformance.observing import Observation
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Outcome, Rule, Verdict


def keeps(verdicts: Mapping[str, Iterable[Verdict]], rules: Collection[Rule], level: Level = Level.MUST) -> Observation:
    """Look whether the rules of this level among these are kept at each place; what was not seen breaks none.

    Args:
        verdicts: place -> what came of judging what it sent.
        rules: those that are asked for.
        level: MUST or SHOULD.
    """
    wanted = {rule.id for rule in rules if rule.level is level}
    lines: list[str] = []
    count = 0
    for place, found in verdicts.items():
        asked = [each for each in found if each.rule.id in wanted]
        count += sum(each.outcome is Outcome.KEPT for each in asked)
        for each in asked:
            if each.outcome is Outcome.BROKEN:
                lines.append(f"{place}: {each.rule.id} ({each.rule.source}), {each.seen}: {each.rule.text}")
                lines += [f"    {where}" for where in each.details]
    broken = [line for line in lines if not line.startswith(" ")]
    seen = f"{len(broken)} broken" if broken else f"{count} kept" if count else "nothing that they could be judged by"
    expected = f"every {level} of {len(wanted)} rules kept, of what was seen"
    return Observation(bool(count) and not broken, expected, seen, tuple(lines))
