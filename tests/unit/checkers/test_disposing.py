"""A playlist that goes in time, too early, too late, never, or not quietly."""

import pytest

from srs_conformance.checkers.disposing import disposed
from srs_conformance.observing import Budget

THERE = [(0.5, 200), (15.0, 200), (29.5, 200)]


@pytest.mark.parametrize(
    ("looks", "seen"),
    [
        ([*THERE, (31.0, 404)], "gone after 31.0 s"),
        ([*THERE, (59.5, 404)], "gone after 59.5 s"),
    ],
)
def test_a_playlist_that_goes_in_time_holds(looks, seen):
    found = disposed(looks, Budget.DISPOSE, Budget.DISPOSED)
    assert found.holds
    assert found.seen == seen


@pytest.mark.parametrize(
    ("looks", "seen"),
    [
        ([(0.5, 404)], "gone after 0.5 s"),
        ([*THERE, (61.0, 404)], "gone after 61.0 s"),
        ([*THERE, (60.0, 200)], "still there after 60.0 s"),
        ([(0.5, 200), (20.0, 500), (31.0, 404)], "gone after 31.0 s; other answers: [500]"),
        ([(0.5, 200), (20.0, 0), (31.0, 404)], "gone after 31.0 s; other answers: [0]"),
        ([], "still there after 0.0 s"),
    ],
)
def test_a_playlist_that_does_not_is_told(looks, seen):
    found = disposed(looks, Budget.DISPOSE, Budget.DISPOSED)
    assert not found.holds
    assert found.seen == seen
