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


def starved(*seconds: float) -> list:
    """Samples of each second from 10 s on: for how much of it servers were starved."""
    return [sample(10.0 + number, "witness", {"late": 0.0, "starved": each}) for number, each in enumerate(seconds)]


@pytest.mark.parametrize(("check", "parameters"), [("no_gap", {"over": 1.5}), ("nobody_waits", {"over": 2.0})])
def test_a_silence_for_whose_half_servers_got_no_processor_is_no_verdict(check: str, parameters: dict) -> None:
    parameters = {**parameters, "roles": ["stays"]}
    with pytest.raises(CouldNotTest, match=r"no processor for 2\.4 s of the 4\.2 s up to 16 s"):
        run(history(*update(), HOLE, *starved(0, 0, 0, 0.8, 0.8, 0.8, 0)), check, parameters)
    seen = run(history(*update(), HOLE, *starved(0, 0.9, 0.9, 0.6, 0.6, 0, 0.3, 0.9)), check, parameters)
    assert (seen.holds, seen.waits) == (False, ())


def test_one_silence_that_no_server_was_starved_for_is_a_miss() -> None:
    twice = session("one", 0.0, 30.0, frames=[*live(0.0, 12.0), *live(16.0, 20.0), *live(24.0, 30.0)])
    samples = starved(*[0.0] * 3, *[0.9] * 4, *[0.0] * 10)
    assert not run(history(*update(), twice, *samples), "no_gap", PARAMETERS["no_gap"]).holds


def test_what_holds_on_a_machine_that_stood_still_holds() -> None:
    assert run(history(*update(), WHOLE, *late(2.9)), "no_gap", PARAMETERS["no_gap"]).holds


def test_a_cut_is_a_miss_whatever_the_machine_did() -> None:
    cut = session("one", 0.0, 12.0, Ending.CLOSED, until=30.0)
    assert not run(history(*update(), cut, *late(2.9)), "uncut", {"roles": ["stays"]}).holds


def test_the_checks_by_whose_seconds_a_machine_is_blamed_are_checks() -> None:
    assert set(CHECKS) >= TIMED
