"""A publisher that is cut off, and returns."""

from fixtures.binding import isolated, requirement
from fixtures.failing import Failure
from srs_conformance.observing import Budget

pytestmark = isolated("it needs a deployment that other failures have left in peace")


@requirement("FLT-06")
def test_viewers_outlast_an_absent_publisher(absent_publisher: Failure) -> None:
    absent_publisher.must("FLT-06", "uncut")
    absent_publisher.must("FLT-06", "no_gap", over=Budget.OUTAGE_GAP.seconds)
