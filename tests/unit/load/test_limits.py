"""What a load generator finds out about its machine and itself."""

import resource

import pytest

from srs_conformance.errors import CouldNotTest
from srs_conformance.load import limits


def test_too_few_open_files_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.resource, "getrlimit", lambda _: (300, 300))
    monkeypatch.setattr(limits.resource, "setrlimit", lambda *_: None)
    with pytest.raises(CouldNotTest, match=r"1000 users need 1200 open files, and this process may have 300"):
        limits.make_room(1000)


def test_the_limit_is_raised_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(limits.resource, "getrlimit", lambda _: (300, 4096))
    monkeypatch.setattr(limits.resource, "setrlimit", lambda what, values: made.append((what, values)))
    limits.make_room(1000)
    assert made == [(resource.RLIMIT_NOFILE, (1200, 4096))]


@pytest.mark.parametrize("lags", [[], [0.01] * 60, [0.01] * 59 + [0.8]])
def test_a_moments_lag_changes_no_figures(lags: list[float]) -> None:
    assert limits.why_not_valid(lags) == ""


@pytest.mark.parametrize("lags", [[0.01] * 59 + [2.5], [0.01] * 50 + [0.6] * 10])
def test_a_generator_that_is_late_says_so(lags: list[float]) -> None:
    assert "the load generator itself" in limits.why_not_valid(lags)
