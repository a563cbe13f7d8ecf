"""The end of the chapter: the deployment that all other tests used still stands as it was applied."""

from fixtures.binding import requirement
from fixtures.edge_cluster import EdgeCluster
from srs_conformance.observing import Budget, must_stay


@requirement("EDGE-00")
def test_no_container_has_restarted(edge_cluster_as_left: EdgeCluster) -> None:
    must_stay(edge_cluster_as_left.deployed.stands, Budget.STEADY)
