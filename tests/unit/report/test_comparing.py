"""Two reports compared, and several as a table."""

import pytest

from srs_conformance.errors import ExitCode
from srs_conformance.report.comparing import Group, compare, image_of
from srs_conformance.report.matrix import matrix
from tests.support.reports import VERDICTS, chapter, document, promise


def compared(before, after, **more):
    sides = [document(chapter("small", *([promise("A-01", each, **more)] if each else []))) for each in (before, after)]
    return compare(*sides)


@pytest.mark.parametrize(
    ("before", "after", "group"),
    [
        ("pass", "fail", Group.NEWLY_FAILING),
        ("unsupported", "fail", Group.NEWLY_FAILING),
        ("not-run", "fail", Group.NEWLY_FAILING),
        ("", "fail", Group.NEWLY_FAILING),
        ("pass", "warn", Group.NEWLY_FAILING),
        ("fail", "pass", Group.MENDED),
        ("warn", "pass", Group.MENDED),
        ("fail", "could-not-test", Group.CHANGED),
        ("pass", "engine-error", Group.CHANGED),
        ("fail", "warn", Group.CHANGED),
        ("pass", "not-run", Group.ONLY_BEFORE),
        ("fail", "", Group.ONLY_BEFORE),
        ("", "pass", Group.ONLY_AFTER),
        ("not-run", "pass", Group.ONLY_AFTER),
    ],
)
def test_what_became_of_a_requirement(before, after, group):
    (change,) = compared(before, after).changes
    assert change.group is group


@pytest.mark.parametrize("before", ["", *VERDICTS])
@pytest.mark.parametrize("after", ["", *VERDICTS])
def test_only_a_must_that_fails_newly_is_a_miss(before, after):
    missed = after == "fail" and before not in ("fail", "warn")
    assert compared(before, after).exit_code is (ExitCode.MISSED if missed else ExitCode.HOLDS)


def test_what_is_alike_is_counted_and_not_told():
    found = compared("pass", "pass")
    assert (found.alike, found.changes) == (1, ())
    assert compared("not-run", "not-run").alike == 0


def test_the_lines_tell_each_group_once_with_its_requirements():
    before = document(chapter("small", promise("A-01"), promise("A-02", "fail"), promise("A-03")))
    after = document(chapter("small", promise("A-01", "fail"), promise("A-02"), promise("A-03")), reference=True)
    lines = list(compare(before, after).lines())
    assert lines[0].startswith("first:  ossrs/srs:6 (6.0.157) on kind")
    assert lines[1].startswith("second: reference server 6.0.157")
    assert "newly failing (1)" in lines
    assert any(line.split()[:5] == ["A-01", "MUST", "passed", "->", "failed"] for line in lines)
    assert lines[-1] == "1 alike"


def test_reports_of_the_reference_server_are_told_apart_by_their_faults():
    made = document(reference=True, options={"faults": ["edge-never-releases"]})
    assert image_of(made) == "reference server 6.0.157 with edge-never-releases"
    assert image_of(document(server=None)) == "no server"


def test_the_table_has_a_column_for_each_report_and_a_row_for_what_ran_in_one_of_them():
    first = document(
        chapter("soak", promise("S-01")), chapter("quick_start", promise("A-01"), promise("A-02", "not-run"))
    )
    second = document(chapter("quick_start", promise("A-01", "fail"), promise("A-03", "warn")))
    found = matrix([first, second])
    assert len(found.columns) == 2
    rows = {row.id: [word.verdict for word in row.verdicts] for _, rows in found.chapters for row in rows}
    assert rows == {"A-01": ["pass", "fail"], "A-03": ["not-run", "warn"], "S-01": ["pass", "not-run"]}
    assert [title for title, _ in found.chapters] == ["The chapter quick_start", "The chapter soak"]
    assert any(line.split() == ["A-01", "MUST", "passed", "failed"] for line in found.lines())


def test_the_table_as_a_page_escapes_what_came_from_outside():
    made = document(chapter("small", promise("A-01", text="<script>alert(1)</script>")))
    made["server"]["asked"] = "<img src=x>"
    page = matrix([made]).html()
    assert "<script" not in page
    assert "<img" not in page
