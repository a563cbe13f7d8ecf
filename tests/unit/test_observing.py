"""Waiting for conditions: streaks, budgets, messages."""

import itertools
import threading

import pytest

from srs_conformance import observing
from srs_conformance.errors import CouldNotTest
from srs_conformance.observing import (
    Budget,
    Missed,
    Observation,
    must,
    must_hold,
    must_stay,
    of_the_scene,
    pause,
    taken_waits,
    wait_while,
    waited,
)

GOOD = Observation(holds=True, expected="good", seen="good")
BAD = Observation(holds=False, expected="good", seen="bad")


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only by sleeping."""
    now = [0.0]
    monkeypatch.setattr(observing.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(observing.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def looks(*observations):
    iterator = itertools.chain(observations, itertools.repeat(observations[-1]))
    return lambda: next(iterator)


def test_must_raises_what_was_expected_and_seen():
    must(GOOD)
    with pytest.raises(Missed, match="expected: good\nseen:     bad"):
        must(BAD)


def test_what_only_the_scene_misses_could_not_be_tested(clock):
    told = r"nobody publishes\nexpected: a stream\nseen: +none"
    with pytest.raises(CouldNotTest, match=told), of_the_scene("nobody publishes"):
        must(Observation(False, "a stream", "none"))


def test_what_hinders_is_waited_for_until_it_does_no_more_or_for_so_long(clock):
    looks = iter([True, True, False])
    wait_while(lambda: next(looks), 60.0)
    assert (next(looks, None), clock[0]) == (None, pytest.approx(2 * observing.POLL_SECONDS))
    wait_while(lambda: True, 5.0)
    assert clock[0] == pytest.approx(5.0 + 2 * observing.POLL_SECONDS)
    wait_while(lambda: True, 0.1)
    assert clock[0] == pytest.approx(5.1 + 2 * observing.POLL_SECONDS), "not until the next look, when time is over"


def test_who_waits_while_something_hinders_it_may_be_given_up():
    given_up = threading.Event()
    given_up.set()
    with observing.abandoned_by(given_up), pytest.raises(observing.Abandoned):
        wait_while(lambda: True, 60.0)


def test_a_lucky_look_is_not_enough(clock):
    must_hold(looks(GOOD, BAD, GOOD, GOOD, BAD, GOOD, GOOD, GOOD), Budget.API)
    assert clock[0] == pytest.approx(7 * observing.POLL_SECONDS)


def test_a_timeout_says_budget_time_streak_and_what_was_last_seen(clock):
    with pytest.raises(Missed) as caught:
        must_hold(looks(GOOD, GOOD, BAD), Budget.API, hint="look at the API")
    assert "within API (5 s" in str(caught.value)
    assert "best streak 2" in str(caught.value)
    assert "seen:     bad" in str(caught.value)
    assert "hint: look at the API" in str(caught.value)


def test_what_is_given_up_before_its_time_is_no_matter_of_time(clock):
    with pytest.raises(Missed) as late:
        must_hold(looks(BAD), Budget.API)
    assert late.value.observation.waits
    with pytest.raises(Missed) as hopeless:
        must_hold(looks(BAD), Budget.API, hopeless=lambda: True)
    assert not hopeless.value.observation.waits


def test_must_stay_breaks_at_the_first_look_that_does_not_hold(clock):
    with pytest.raises(Missed, match=r"broken after 0\.5 s"):
        must_stay(looks(GOOD, GOOD, BAD), Budget.QUIET)
    assert must_stay(looks(GOOD), Budget.QUIET) is GOOD


@pytest.mark.parametrize("budget", Budget)
def test_every_budget_has_a_time_and_a_reason(budget):
    assert budget.seconds > 0
    assert len(budget.why) > 20


def test_a_look_that_raises_a_miss_is_one_that_does_not_hold(clock):
    def look():
        if clock[0] < 1:
            raise Missed(BAD)
        return GOOD

    assert must_hold(look, Budget.API) is GOOD


def test_what_was_only_waited_is_counted(clock):
    before = waited()
    looks = iter([BAD, BAD, GOOD])
    must_hold(lambda: next(looks), Budget.API, times=1)
    assert waited() - before == pytest.approx(2 * observing.POLL_SECONDS)
    pause(Budget.QUIET)
    assert waited() - before == pytest.approx(2 * observing.POLL_SECONDS + Budget.QUIET.seconds)


def test_until_when_a_condition_did_not_hold_is_told_once(clock):
    taken_waits()
    must_hold(looks(GOOD, BAD, GOOD), Budget.API)
    with pytest.raises(Missed):
        must_hold(looks(BAD), Budget.QUIET)
    must_hold(looks(GOOD), Budget.PULL, times=1)
    assert taken_waits() == [("API", pytest.approx(2 * observing.POLL_SECONDS)), ("PULL", 0.0)]
    assert taken_waits() == []
