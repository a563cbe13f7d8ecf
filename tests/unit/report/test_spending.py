"""What runs waited for beside what their budgets allow, and where their time went."""

from srs_conformance.observing import Budget
from srs_conformance.report import spending
from tests.support.reports import document

FIRST = {"setup": 10.0, "call": 4.0, "teardown": 1.0, "waited": 12.0}


def rows(**more):
    every = [line.strip("| ").split(" | ") for line in spending.lines([document(**each) for each in more["of"]])]
    return [row for row in every if len(row) > 1]


def test_a_budget_that_is_used_up_most_comes_first():
    found = rows(of=[{"waits": {"API": [0.1, 0.5], "PULL": [9.0]}}, {"waits": {"API": [1.0]}}])
    assert found[2] == ["PULL", "10", "1", "9.0", "9.0", "9.0", "90 %", Budget.PULL.why]
    assert found[3] == ["API", "5", "3", "0.5", "1.0", "1.0", "20 %", Budget.API.why]


def test_of_a_hundred_waits_one_may_be_longer_than_what_99_percent_of_them_took():
    (row,) = [row for row in rows(of=[{"waits": {"API": [*([1.0] * 99), 4.0]}}]) if row[0] == "API"]
    assert row[3:7] == ["1.0", "1.0", "4.0", "80 %"]


def test_a_budget_that_is_no_more_and_one_that_was_not_waited_for_have_no_row():
    assert not {"GONE", "API"} & {row[0] for row in rows(of=[{"waits": {"GONE": [1.0], "API": []}}])}


def test_chapters_come_by_the_time_that_they_take_in_the_middle_one_of_the_runs():
    longer = {name: 2 * seconds for name, seconds in FIRST.items()}
    found = rows(of=[{"times": {"a": FIRST, "b": longer}}, {"times": {"b": FIRST}}, {"times": {"b": longer}}])
    assert found[-2:] == [["b", "20", "8", "2", "24"], ["a", "10", "4", "1", "12"]]
