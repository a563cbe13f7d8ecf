"""Trouble on the line between some viewers and the edges, made by a proxy there."""

import pytest

from fixtures.binding import isolated, requirement
from fixtures.lines import LATE, LONG_STALLED, RESET, SLOW, TRUNCATED, Lines, Trouble
from srs_conformance.observing import Budget

pytestmark = isolated("some of their viewers come through a proxy", part="lines")

bad = pytest.mark.parametrize("trouble", [LATE, LONG_STALLED, SLOW], ids=str)
broken = pytest.mark.parametrize("trouble", [RESET, TRUNCATED], ids=str)


@requirement("FLT-14")
@bad
def test_viewers_with_bad_lines_do_not_disturb_others(lines: Lines, trouble: Trouble) -> None:
    failure = lines.downstream(trouble)
    failure.must("FLT-14", "uncut")
    failure.must("FLT-14", "no_gap", over=Budget.BESIDE.seconds)


@requirement("FLT-15")
@bad
def test_viewers_with_bad_lines_are_not_cut(lines: Lines, trouble: Trouble) -> None:
    failure = lines.downstream(trouble)
    failure.must("FLT-15", "uncut", roles=["returns"])
    failure.must("FLT-15", "no_gap", over=Budget.PLAYS_ON.seconds, roles=["returns"])


@requirement("FLT-16")
@broken
def test_viewers_whose_lines_broke_are_back_soon(lines: Lines, trouble: Trouble) -> None:
    failure = lines.downstream(trouble)
    failure.must_have_cut("returns")
    failure.must("FLT-16", "returns_within", seconds=Budget.EDGE_LOST.seconds)
    failure.must("FLT-16", "uncut")
    failure.must("FLT-16", "no_gap", over=Budget.BESIDE.seconds)
