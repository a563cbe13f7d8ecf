"""What must be true when everything else has been done."""

from fixtures.binding import requirement
from fixtures.reload_example import Example
from srs_conformance.observing import Budget, must_stay


@requirement("RLD-00")
def test_no_container_has_restarted(reload_example: Example) -> None:
    must_stay(reload_example.deployed.stands, Budget.STEADY)
