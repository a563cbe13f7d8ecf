"""A machine that stood still while it watched gives no verdict on bounds in seconds, and leaves all others alone."""

import pytest

from srs_conformance.checkers.histories import CHECKS, run
from srs_conformance.checkers.histories.witness import ALLOWED, TIMED
from srs_conformance.errors import CouldNotTest
from srs_conformance.viewers.timeline import Ending
from tests.support.histories import PARAMETERS, history, live, sample, session, update

HOLE = session("one", 0.0, 30.0, frames=[*live(0.0, 12.0), *live(16.0, 30.0)])
WHOLE = session("one", 0.0, 30.0)


def late(seconds: float) -> list:
    return [sample(5.0, "witness", {"late": 0.01}), sample(15.0, "witness", {"late": seconds})]


def test_a_gap_on_a_machine_that_was_awake_is_a_miss() -> None:
    assert not run(history(*update(), HOLE, *late(ALLOWED / 2)), "no_gap", PARAMETERS["no_gap"]).holds


def test_a_gap_on_a_machine_that_stood_still_is_no_verdict() -> None:
    with pytest.raises(CouldNotTest, match=r"stood still for 2\.9 s \(up to 15 s\)") as caught:
        run(history(*update(), HOLE, *late(2.9)), "no_gap", PARAMETERS["no_gap"])
    assert "-n 1" in caught.value.hint


def test_what_holds_on_a_machine_that_stood_still_holds() -> None:
    assert run(history(*update(), WHOLE, *late(2.9)), "no_gap", PARAMETERS["no_gap"]).holds


def test_a_cut_is_a_miss_whatever_the_machine_did() -> None:
    cut = session("one", 0.0, 12.0, Ending.CLOSED, until=30.0)
    assert not run(history(*update(), cut, *late(2.9)), "uncut", {"roles": ["stays"]}).holds


def test_the_checks_by_whose_seconds_a_machine_is_blamed_are_checks() -> None:
    assert set(CHECKS) >= TIMED
