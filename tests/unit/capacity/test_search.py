"""The search for the most viewers that hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.capacity.search import Search
from srs_conformance.errors import UsageError


def run(search: Search, capacity: int) -> list[int]:
    """Search a server that carries `capacity` viewers; return what was tried."""
    tried = []
    while (users := search.next) is not None:
        tried.append(users)
        assert len(tried) < 60
        search.tell(users, holds=users <= capacity)
    return tried


@given(
    st.integers(0, 20_000),
    st.integers(1, 500),
    st.integers(500, 10_000),
    st.sampled_from([0.01, 0.05, 0.2]),
)
def test_it_ends_close_to_the_truth_and_never_repeats_or_exceeds(
    capacity: int, start: int, most: int, resolution: float
) -> None:
    search = Search(start, most, resolution)
    tried = run(search, capacity)
    assert len(set(tried)) == len(tried)
    assert all(1 <= users <= most for users in tried)
    assert search.held <= capacity
    if search.broke is None:
        assert search.held == most
    else:
        assert search.broke > capacity
        assert search.broke - search.held <= max(1, resolution * search.held)


def test_it_doubles_until_it_breaks_and_then_halves_what_is_between() -> None:
    assert run(Search(100, 5000, 0.1), 1000)[:6] == [100, 200, 400, 800, 1600, 1200]


def test_it_goes_down_where_the_beginning_is_too_much() -> None:
    search = Search(100, 5000)
    assert run(search, 10)[:4] == [100, 50, 25, 12]
    assert (search.held, search.broke) == (10, 11)


@pytest.mark.parametrize(("start", "most", "resolution"), [(0, 10, 0.1), (11, 10, 0.1), (1, 10, 0.0), (1, 10, 1.0)])
def test_contradictory_numbers_are_named(start: int, most: int, resolution: float) -> None:
    with pytest.raises(UsageError, match="expected"):
        Search(start, most, resolution)
