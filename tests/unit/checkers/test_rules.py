"""From verdicts of rules to an observation."""

from __future__ import annotations

from srs_conformance.checkers.rules import keeps
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Rule, judged

ONE = Rule("A-ONE", Level.MUST, "RFC 1 2.3", "It is so.")
TWO = Rule("A-TWO", Level.SHOULD, "RFC 1 2.4", "It should be so.")


def test_where_no_rules_are_named_all_that_were_judged_are_asked_for() -> None:
    verdicts = {"things": [judged(ONE, ["line 3: x"], 4, "lines"), judged(TWO, [], 1, "lines")]}
    assert not keeps(verdicts).holds
    assert keeps(verdicts, level=Level.SHOULD).holds


def test_a_rule_of_which_nothing_was_seen_is_told_and_breaks_nothing() -> None:
    other = Rule("A-THREE", Level.MUST, "RFC 1 2.5", "It is so, too.")
    found = keeps({"things": [judged(ONE, [], 2, "lines"), judged(other, [], 0, "lines")]})
    assert found.holds
    assert found.seen == "1 kept, 0 broken, nothing seen of A-THREE"


def test_a_rule_of_which_something_was_seen_at_one_place_was_seen() -> None:
    found = keeps({"here": [judged(ONE, [], 0, "lines")], "there": [judged(ONE, [], 1, "lines")]})
    assert (found.holds, found.seen) == (True, "1 kept, 0 broken")


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
