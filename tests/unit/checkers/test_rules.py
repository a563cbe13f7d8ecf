"""From verdicts of rules to an observation."""

from __future__ import annotations

from srs_conformance.checkers.rules import keeps, kept
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Rule, judged

ONE = Rule("A-ONE", Level.MUST, "RFC 1 2.3", "It is so.")
TWO = Rule("A-TWO", Level.SHOULD, "RFC 1 2.4", "It should be so.")


def test_a_broken_rule_is_told_with_its_section_and_places() -> None:
    found = kept("things", [judged(ONE, ["line 3: x"], 4, "lines"), judged(TWO, [], 1, "lines")])
    assert not found.holds
    assert found.details == ("A-ONE (RFC 1 2.3): It is so. Broken: 1 of 4 lines", "  line 3: x")


def test_levels_are_judged_apart() -> None:
    verdicts = [judged(ONE, [], 4, "lines"), judged(TWO, ["line 1"], 4, "lines")]
    assert kept("things", verdicts).holds
    assert not kept("things", verdicts, Level.SHOULD).holds


def test_nothing_seen_does_not_hold_and_is_told() -> None:
    assert not kept("things", [judged(ONE, [], 0, "lines")]).holds
    other = Rule("A-THREE", Level.MUST, "RFC 1 2.5", "It is so, too.")
    found = kept("things", [judged(ONE, [], 2, "lines"), judged(other, [], 0, "lines")])
    assert found.holds
    assert found.seen == "1 rules kept, 0 broken, nothing seen of A-THREE"


KEPT = [judged(ONE, [], 3, "things"), judged(TWO, [], 3, "things")]
BROKEN = [judged(ONE, ["byte 7: not so"], 3, "things"), judged(TWO, ["byte 9: not so"], 3, "things")]


def test_rules_that_are_kept_at_every_place_hold() -> None:
    assert keeps({"here": KEPT, "there": KEPT}, [ONE, TWO]).holds


def test_a_rule_that_is_broken_at_one_place_is_told_with_that_place() -> None:
    found = keeps({"here": KEPT, "there": BROKEN}, [ONE, TWO])
    assert not found.holds
    assert found.details == ("there: A-ONE (RFC 1 2.3): It is so. Broken: 1 of 3 things", "  byte 7: not so")


def test_levels_are_asked_for_apart_at_every_place() -> None:
    assert keeps({"here": [KEPT[0], BROKEN[1]]}, [ONE, TWO]).holds
    assert not keeps({"here": [KEPT[0], BROKEN[1]]}, [ONE, TWO], Level.SHOULD).holds


def test_rules_that_were_not_asked_for_are_not_judged() -> None:
    assert keeps({"here": [BROKEN[0], KEPT[1]]}, [TWO], Level.SHOULD).holds


def test_where_nothing_was_seen_at_any_place_nothing_holds() -> None:
    found = keeps({"here": [judged(ONE, [], 0, "things")]}, [ONE])
    assert (found.holds, found.seen) == (False, "nothing that they could be judged by")
