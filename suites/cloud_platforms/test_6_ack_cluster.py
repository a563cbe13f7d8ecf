"""Create K8S Cluster in ACK: what is to be seen of a cluster that was created so. On any other nothing is judged."""

from fixtures.ack_cluster import BoughtCluster
from fixtures.binding import requirement
from srs_conformance.observing import must


@requirement("ACK-01")
def test_the_cluster_answers(bought_cluster: BoughtCluster) -> None:
    must(bought_cluster.answers())


@requirement("ACK-02")
def test_three_nodes_are_large_enough(bought_cluster: BoughtCluster) -> None:
    must(bought_cluster.large_enough(), hint="a smaller cluster carries the chapters, but not the guide's players")


@requirement("ACK-03")
def test_a_storage_class_makes_volumes_that_many_nodes_write(bought_cluster: BoughtCluster) -> None:
    must(bought_cluster.shares_volumes(), hint="the chapter about origin clusters needs one")
