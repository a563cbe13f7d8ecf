"""A moment of a load as a line of a log, and what is none."""

import pytest

from srs_conformance.load.moment import MARK, Moment, Phase


@pytest.mark.parametrize(
    "moment",
    [
        Moment(Phase.WAITING),
        Moment(Phase.RUNNING, 3.5, 2, 1, 400, 398, 2, 1, 2.5e7, 0.034, 0.002),
        Moment(Phase.ENDED, code=11),
    ],
)
def test_a_line_says_all(moment):
    assert Moment.parse(moment.line()) == moment
    assert "\n" not in moment.line()


def test_a_later_version_may_say_more():
    assert Moment.parse(MARK + '{"phase": "running", "users": 3, "weather": "fine"}') == Moment(Phase.RUNNING, users=3)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[2026-03-01] INFO Starting Locust",
        Moment(Phase.RUNNING).line()[:-5],
        f"x{Moment(Phase.RUNNING).line()}",
        MARK + "[]",
        MARK + "{}",
        MARK + '{"phase": "sleeping"}',
    ],
)
def test_other_lines_are_none(line):
    assert Moment.parse(line) is None
