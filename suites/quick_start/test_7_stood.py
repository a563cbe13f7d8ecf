"""The end of the chapter: the deployment that all other tests used still stands as it was applied."""

from fixtures.binding import requirement
from fixtures.quick_start import QuickStart
from srs_conformance.observing import Budget, must_stay


@requirement("QS-00", "QS-02")
def test_no_container_has_restarted(quick_start_as_left: QuickStart) -> None:
    must_stay(quick_start_as_left.deployed.stands, Budget.STEADY)
