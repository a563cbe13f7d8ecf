"""The end of the chapter: the deployment that all other tests used still stands as it was applied."""

from fixtures.binding import requirement
from fixtures.scenes import EdgeCluster
from srs_conformance.observing import must


@requirement("EDGE-00")
def test_no_container_has_restarted(edge_cluster: EdgeCluster) -> None:
    must(edge_cluster.deployed.stands())
