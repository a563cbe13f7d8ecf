"""A message taken apart: nothing of it is lost."""

from srs_conformance.observing import Missed, Observation
from srs_conformance.report.telling import sentence, taken_apart

HEAD = "EDGE-03 MUST: an edge pulls once\ndid:      published a\ndid:      two viewers\n"


def test_a_miss_has_all_its_parts():
    seen = Observation(False, "one pull\nfrom each", "two", ("edge-1: 2", "edge-2: 1"))
    told = taken_apart(HEAD + str(Missed(seen, context="did not hold", hint="look\nthere")))
    assert told.did == ("published a", "two viewers")
    assert told.words == ("did not hold",)
    assert (told.expected, told.seen) == ("one pull\nfrom each", "two")
    assert told.details == ("edge-1: 2", "edge-2: 1")
    assert told.hint == "look\nthere"


def test_an_error_of_another_kind_stands_among_the_words():
    told = taken_apart("EDGE-03 MUST: an edge pulls once\nKeyError: 'a'")
    assert told.words == ("KeyError: 'a'",)
    assert (told.expected, told.seen, told.details) == ("", "", ())


def test_a_second_expectation_is_kept_as_it_stands():
    told = taken_apart("expected: a\nseen:     b\nexpected: c\nseen:     d")
    assert (told.expected, told.seen) == ("a", "b")
    assert told.details == ("expected: c", "seen:     d")


def test_of_nothing_there_is_nothing():
    assert taken_apart("") == taken_apart("\n")


def test_the_name_of_a_test_is_a_sentence_with_its_parameters() -> None:
    assert sentence("suites/a/test_1_b.py::test_a_player_is_sent_on[origin-0]") == "a player is sent on (origin-0)"
    assert sentence("suites/a/test_1_b.py::test_nobody_is_cut") == "nobody is cut"
