"""Schedules of disturbances: the same seed gives the same one, and each leaves time for recovery before the next."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.histories.schedule import Kind, schedule

KINDS = st.lists(st.floats(1, 60), min_size=1, max_size=9).map(
    lambda takes: [Kind(f"kind {number}", seconds) for number, seconds in enumerate(takes)]
)
SEEDS = st.integers(0, 1 << 60)
START, LENGTH = st.floats(0, 100), st.floats(0, 2000)


@given(seed=SEEDS, kinds=KINDS, start=START, length=LENGTH)
def test_the_same_seed_gives_the_same_schedule(seed, kinds, start, length):
    assert schedule(seed, kinds, start, start + length) == schedule(seed, list(kinds), start, start + length)


@given(seed=SEEDS, kinds=KINDS, start=START, length=LENGTH)
def test_every_disturbance_leaves_time_for_recovery_before_the_next_and_the_end(seed, kinds, start, length):
    found = schedule(seed, kinds, start, start + length)
    for one, other in pairwise(found):
        assert other.at >= one.over - 0.01  # times are rounded to 10 ms
    for each in found:
        assert start - 0.01 <= each.at < each.over <= start + length
        assert 0 <= each.draw < 1
        assert each.kind in kinds


@given(seed=SEEDS, kinds=KINDS, start=START, length=LENGTH)
def test_no_kind_is_left_out_while_others_come_twice(seed, kinds, start, length):
    """But for one for which there was no time left."""
    found = schedule(seed, kinds, start, start + length)
    counts = [sum(each.kind == kind for each in found) for kind in kinds]
    enough = sum(kind.takes * 1.31 for kind in kinds)
    if length >= enough:
        assert min(counts) >= 1
    for _ in range(int(length // enough)):
        assert min(counts) >= int(length // enough)


@given(kinds=KINDS, start=START, length=LENGTH)
def test_the_time_is_used(kinds, start, length):
    """No stretch is left without a disturbance for longer than the longest takes, with its slack."""
    found = schedule(1, kinds, start, start + length)
    longest = max(kind.takes for kind in kinds)
    ends = [start, *(each.over for each in found)]
    begins = [*(each.at for each in found), start + length]
    gaps = [begin - end for begin, end in zip(begins, ends, strict=True)]
    assert all(gap <= longest * 1.31 + 0.02 for gap in gaps)


def test_other_seeds_give_other_schedules():
    kinds = [Kind(f"kind {number}", 10.0) for number in range(5)]
    assert len({schedule(seed, kinds, 0, 300) for seed in range(20)}) == 20
