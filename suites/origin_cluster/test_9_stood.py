"""The end of the chapter: the deployment that all other tests used still stands as it was applied."""

from fixtures.binding import requirement
from fixtures.origins import OriginCluster
from srs_conformance.observing import Budget, must_stay


@requirement("OC-00")
def test_no_container_has_restarted(origin_cluster_as_left: OriginCluster) -> None:
    must_stay(origin_cluster_as_left.deployed.stands, Budget.STEADY)
