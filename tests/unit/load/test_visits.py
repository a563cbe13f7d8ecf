"""What a visit says of itself."""

import pytest

from srs_conformance.load.visits import VIEWERS, Kind, Visit
from srs_conformance.viewers.timeline import Ending

HARMLESS = {Ending.STOPPED, Ending.FINISHED}


@pytest.mark.parametrize("ending", Ending)
def test_a_joined_visit_is_cut_by_any_end_but_ours_and_the_stream_s(ending):
    assert Visit(Kind.RTMP, "live/a", first_keyframe=0.2, ending=ending).cut is (ending not in HARMLESS)


@pytest.mark.parametrize("ending", Ending)
def test_a_visit_that_never_joined_is_not_cut(ending):
    visit = Visit(Kind.RTMP, "live/a", ending=ending)
    assert not visit.joined
    assert not visit.cut


def test_a_keyframe_at_once_is_one():
    assert Visit(Kind.HLS, "live/a", first_keyframe=0.0).joined


def test_the_publisher_is_no_viewer():
    assert set(Kind) - set(VIEWERS) == {Kind.PUBLISHER}
