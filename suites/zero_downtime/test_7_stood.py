"""What must be true when everything else has been done."""

from fixtures.binding import requirement
from fixtures.releasing import ReleasedEdges
from srs_conformance.observing import Budget, must_stay


@requirement("UPD-00")
def test_no_container_has_restarted(graceful_edges: ReleasedEdges) -> None:
    must_stay(graceful_edges.deployed.stands, Budget.STEADY)
