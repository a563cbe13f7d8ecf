"""Trouble on the line between edges and origin, made by a proxy there."""

import pytest

from fixtures.binding import isolated, requirement
from fixtures.lines import HUNG, LATE, RESET, SLOW, STALLED, TRUNCATED, Lines, Trouble
from srs_conformance.observing import Budget

pytestmark = isolated("the edges of their deployment pull through a proxy", part="lines")

broken = pytest.mark.parametrize("trouble", [RESET, TRUNCATED, HUNG], ids=str)


@requirement("FLT-10")
@pytest.mark.parametrize(("trouble", "gap"), [(LATE, Budget.LATE_GAP), (STALLED, Budget.STALL_GAP)], ids=str)
def test_every_frame_arrives_later(lines: Lines, trouble: Trouble, gap: Budget) -> None:
    failure = lines.upstream(trouble)
    failure.must("FLT-10", "uncut")
    failure.must("FLT-10", "no_gap", over=gap.seconds)
    failure.must("FLT-10", "frames_accounted")


@requirement("FLT-11")
def test_viewers_outlast_a_line_that_is_too_slow(lines: Lines) -> None:
    failure = lines.upstream(SLOW)
    failure.must("FLT-11", "uncut")
    failure.must("FLT-11", "no_gap", over=Budget.PLAYS_ON.seconds)


@requirement("FLT-12")
@broken
def test_viewers_outlast_a_broken_line(lines: Lines, trouble: Trouble) -> None:
    failure = lines.upstream(trouble)
    failure.must("FLT-12", "uncut")
    failure.must("FLT-12", "no_gap", over=Budget.PLAYS_ON.seconds)


@requirement("FLT-13")
@pytest.mark.parametrize("trouble", [RESET, TRUNCATED], ids=str)
def test_an_edge_pulls_once_after_its_line_broke(lines: Lines, trouble: Trouble) -> None:
    lines.upstream(trouble).must("FLT-13", "merged_throughout", lasting=Budget.API.seconds)


@requirement("FLT-17")
@pytest.mark.parametrize("trouble", [RESET, TRUNCATED], ids=str)
def test_no_frame_comes_twice_after_a_line_broke(lines: Lines, trouble: Trouble) -> None:
    failure = lines.upstream(trouble)
    failure.must("FLT-17", "frames_accounted", missing_at_most=failure.frames(Budget.PLAYS_ON))
