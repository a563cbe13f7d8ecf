"""The one line that a release manager acts on."""

import pytest

from srs_conformance.report.headline import headline
from tests.support.reports import chapter, document, promise, result

GOOD = promise("A-01")
SHOULD = {"level": "SHOULD", "profile": "extended"}


@pytest.mark.parametrize(
    ("promises", "mood", "line"),
    [
        ([GOOD], "good", "Holds: all 1 promises that were tested are kept"),
        (
            [GOOD, promise("A-02", "warn", **SHOULD)],
            "good",
            "Holds: 1 promises are kept, 1 SHOULD missed: A-02",
        ),
        (
            [GOOD, promise("A-02", "fail"), promise("B-01", "fail")],
            "bad",
            "Do not release: 2 MUST of core missed: A-02, B-01",
        ),
        (
            [promise("A-01", "fail"), promise("A-02", "fail", profile="extended")],
            "bad",
            "Do not release: 1 MUST of core missed: A-01; and 1 of extended: A-02",
        ),
        (
            [GOOD, promise("A-02", "fail", profile="extended")],
            "bad",
            "Do not release what needs extended promises: core has no miss, 1 MUST of extended missed: A-02",
        ),
        (
            [GOOD, promise("A-02", "could-not-test"), promise("A-03", "could-not-test", level="SHOULD")],
            "doubt",
            "No verdict: 1 MUST and 1 SHOULD could not be tested: A-02, A-03",
        ),
        (
            [promise("A-01", "fail"), promise("A-02", "engine-error")],
            "doubt",
            "No verdict: the suite itself failed, at A-02; missed besides: A-01",
        ),
        ([promise("A-01", "not-run")], "doubt", "No verdict: nothing was tested"),
        (
            [GOOD, promise("A-02", "not-run"), promise("A-03", "unsupported")],
            "doubt",
            "Holds: all 1 promises that were tested are kept; 2 were not tested",
        ),
    ],
)
def test_what_it_says(promises, mood, line):
    found = headline(document(chapter("small", *promises)))
    assert (found.mood, found.line) == (mood, line)


def test_an_engine_error_of_a_test_of_no_requirement_leaves_no_verdict():
    found = headline(document(chapter("small", GOOD), other_tests=[result("", "engine-error")]))
    assert found.line == "No verdict: the suite itself failed"


def test_what_nobody_has_to_give_hinders_no_run_from_holding():
    optional = promise("A-02", "could-not-test", tests=[result("A-02", "could-not-test", not_given="--helm-chart")])
    assert headline(document(chapter("small", GOOD, optional))).word == "Holds"


@pytest.mark.parametrize("verdict", ["pass", "fail", "not-run"])
def test_of_the_reference_server_it_never_says_that_srs_holds_or_fails(verdict):
    found = headline(document(chapter("small", promise("A-01", verdict)), reference=True))
    assert found.word == "No verdict on SRS"
    assert "reference server" in found.text
    assert ("A-01" in found.text) == (verdict == "fail")


def test_of_many_it_names_some_and_says_how_many_more_there_are():
    many = [promise(f"A-{number:02}", "fail") for number in range(11)]
    text = headline(document(chapter("small", *many))).text
    assert "A-07 and 3 more" in text
    assert "A-08" not in text


def test_the_requirements_in_the_text_can_be_led_to():
    found = headline(document(chapter("small", promise("A-01", "fail"), promise("A-02", "fail"))))
    assert found.parts == [("2 MUST of core missed: ", False), ("A-01", True), (", ", False), ("A-02", True)]
    assert "".join(words for words, _ in found.parts) == found.text
    assert headline(document()).parts == [("nothing was tested", False)]
