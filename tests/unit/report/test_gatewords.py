"""What the gate says: at a terminal, on the page of a CI job, on a badge."""

from datetime import date

import pytest

from srs_conformance.errors import ExitCode
from srs_conformance.report.gatewords import badge, exit_code, lines, markdown
from srs_conformance.report.gating import gate
from srs_conformance.report.known import Known
from tests.support.reports import chapter, document, promise, result

TODAY = date(2026, 11, 29)
MISS = promise(
    "A-01", "fail", tests=[result("A-01", "fail", "expected: frames\nseen: <b>none</b> | `x` [a](http://b)")]
)
ENTRY = Known(1, "A-01", ("6",), TODAY, "It is so.", issue="SRS #7")
HOLDS = gate(document(chapter("small", promise("A-01"))), [], TODAY)
MISSED = gate(document(chapter("small", MISS)), [], TODAY)
KNOWN = gate(document(chapter("small", MISS)), [ENTRY], TODAY)
MENDED = gate(document(chapter("small", promise("A-01"))), [ENTRY], TODAY)
OVERDUE = gate(document(chapter("small", MISS)), [ENTRY], date(2027, 1, 1))
UNTESTED = gate(document(chapter("small", promise("A-01", "could-not-test"))), [], TODAY)
BROKEN = gate(document(chapter("small", promise("A-01", "engine-error"))), [], TODAY)
STAND_IN = gate(document(chapter("small", promise("A-01")), reference=True), [], TODAY, require_real_srs=True)


def test_the_gravest_report_makes_the_exit_code():
    assert exit_code([HOLDS, KNOWN]) is ExitCode.HOLDS
    assert exit_code([HOLDS, MISSED, UNTESTED]) is ExitCode.MISSED
    assert exit_code([MISSED, BROKEN]) is ExitCode.ENGINE_ERROR


@pytest.mark.parametrize(
    ("found", "last"),
    [
        ([HOLDS], "HOLDS: nothing new"),
        ([HOLDS, KNOWN, MENDED], "HOLDS: nothing new, 1 mended, 1 known"),
        ([MISSED, OVERDUE], "MISSED: 1 new, 1 overdue"),
        ([UNTESTED, HOLDS], "COULD NOT TEST: nothing new, 1 could not test, 1 of 2 reports decides nothing"),
        ([BROKEN], "ENGINE ERROR: nothing new, 1 engine error, 1 of 1 reports decides nothing"),
        ([STAND_IN], "COULD NOT TEST: nothing new, 1 of 1 reports decides nothing"),
    ],
)
def test_the_last_line_and_the_pages_heading_are_the_verdict(found, last):
    assert list(lines(found))[-1] == last
    assert markdown(found).splitlines()[0] == f"## {last}"


def test_what_is_new_is_told_with_what_was_seen():
    told = "\n".join(lines([MISSED]))
    assert "  new            A-01     MUST   the promise A-01" in told
    assert "seen: <b>none</b>" in told


def test_what_is_known_is_told_with_its_issue_and_reason():
    assert any(line.strip() == "SRS #7, until 2026-11-29: It is so." for line in lines([KNOWN]))
    assert "[SRS \\#7](https://github.com/ossrs/srs/issues/7), until 2026-11-29: It is so." in markdown([KNOWN])


def test_what_is_overdue_or_mended_says_what_to_do():
    for found in (OVERDUE, MENDED):
        assert any("to do: " in line and "entry 1 (A-01)" in line for line in lines([found]))
        assert "**to do:**" in markdown([found])


def test_nothing_from_outside_is_markup_on_the_page():
    row = next(line for line in markdown([MISSED]).splitlines() if "A-01" in line)
    assert r"\<b\>none\</b\> \| \`x\` \[a\]\(http://b\)" in row
    assert row.replace(r"\|", "").count("|") == 6


def test_what_has_changed_is_told_in_both():
    before = document(chapter("small", promise("A-01")), started="2026-10-31T10:00:00+00:00")
    found = gate(document(chapter("small", MISS)), [], TODAY, before=before)
    assert any(line.split() == ["newly", "failing", "A-01", "passed", "->", "failed"] for line in lines([found]))
    assert "- newly failing: A-01 passed -> failed" in markdown([found])
    assert "1 newly failing, 0 alike" in markdown([found])


@pytest.mark.parametrize(
    ("found", "message", "colour"),
    [
        ([HOLDS, KNOWN], "nothing new, 1 known", "brightgreen"),
        ([MISSED], "1 new", "red"),
        ([UNTESTED], "no verdict", "lightgrey"),
        ([BROKEN], "nothing new, 1 engine error, 1 of 1 reports decides nothing", "orange"),
        ([STAND_IN], "reference server only", "lightgrey"),
    ],
)
def test_the_badge_says_it_by_the_schema_of_endpoints(found, message, colour):
    made = badge(found)
    assert (made["schemaVersion"], made["message"], made["color"]) == (1, message, colour)
    assert made["label"]
    assert made["isError"] is (exit_code(found) is not ExitCode.HOLDS)
