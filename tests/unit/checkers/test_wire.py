"""Verdicts of rules as observations."""

from srs_conformance.checkers.wire import keeps
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Rule, judged

FIRST = Rule("X-FIRST", Level.MUST, "X 1", "It is so.")
SECOND = Rule("X-SECOND", Level.SHOULD, "X 2", "It should be so.")
KEPT = [judged(FIRST, [], 3, "things"), judged(SECOND, [], 3, "things")]
BROKEN = [judged(FIRST, ["byte 7: not so"], 3, "things"), judged(SECOND, ["byte 9: not so"], 3, "things")]


def test_rules_that_are_kept_everywhere_hold():
    assert keeps({"here": KEPT, "there": KEPT}, [FIRST, SECOND]).holds


def test_a_rule_that_is_broken_at_one_place_is_named_with_its_section_and_place():
    observation = keeps({"here": KEPT, "there": BROKEN}, [FIRST, SECOND])
    assert not observation.holds
    assert observation.details == ("there: X-FIRST (X 1), 1 of 3 things: It is so.", "    byte 7: not so")


def test_levels_are_asked_for_apart():
    assert keeps({"here": [KEPT[0], BROKEN[1]]}, [FIRST, SECOND]).holds
    assert not keeps({"here": [KEPT[0], BROKEN[1]]}, [FIRST, SECOND], Level.SHOULD).holds


def test_rules_that_were_not_asked_for_are_not_judged():
    assert keeps({"here": [BROKEN[0], KEPT[1]]}, [SECOND], Level.SHOULD).holds


def test_where_nothing_was_seen_nothing_holds():
    observation = keeps({"here": [judged(FIRST, [], 0, "things")]}, [FIRST])
    assert (observation.holds, observation.seen) == (False, "nothing that they could be judged by")
