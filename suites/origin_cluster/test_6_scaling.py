"""Scaling the origins, by hand; and the volume that outlasts its claim. These disturb their deployment."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.origins import OriginCluster
from fixtures.publish import Publishing
from fixtures.retaining import Retained
from fixtures.searching import name_also, nobody_plays, nothing_at
from fixtures.watch import RTMP, Viewers, must_play
from srs_conformance.clusters.base import Capability
from srs_conformance.observing import Budget, Unsupported, must, must_hold, must_stay

pytestmark = isolated("they scale the origins, and delete the claim")


@requirement("OC-06")
def test_a_further_origin_serves_once_the_configurations_name_it(
    own_origin_cluster: OriginCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    few = len(own_origin_cluster.origins)
    own_origin_cluster.namespace.scale(OriginCluster.STATEFUL_SET, few + 1)
    own_origin_cluster.must_have_origins(few + 1)
    record.did(f"scaled the origins to {few + 1}")
    added = own_origin_cluster.origins[-1]
    edge = own_origin_cluster.edges[0]
    for _ in range(few + 1):
        publisher.publish(edge, listed_by=own_origin_cluster.everywhere)
    must(nothing_at(added))
    unknown = publisher.publish(added.place, listed_by=added.api)
    with viewers.watching(unknown.name, on=own_origin_cluster.edges, over=[RTMP]) as waiting:
        must_stay(lambda: nobody_plays(waiting), Budget.UNPUBLISHED)
    publisher.close()
    name_also(own_origin_cluster, added.host, record)
    added = own_origin_cluster.origins[-1]
    stream = publisher.publish(added.place, listed_by=added.api)
    with viewers.watching(stream.name, on=own_origin_cluster.edges, over=[RTMP]) as watching:
        must_play(watching, Budget.RETURN)  # how soon is for OC-03 to say


@requirement("OC-13")
def test_what_was_written_outlasts_the_claim(own_origin_cluster: OriginCluster, record: Record) -> None:
    if Capability.KUBERNETES not in own_origin_cluster.cluster.capabilities:
        raise Unsupported("this is no Kubernetes")
    volume = Retained(own_origin_cluster, record)
    volume.write("kept")
    volume.delete_claim()
    must_hold(volume.released, Budget.API, times=1)
    volume.claim_again()
    must(volume.has("kept"))
