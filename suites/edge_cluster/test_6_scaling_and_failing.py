"""Scale up, service discovery, watchdog. These disturb their deployment."""

from functools import partial

from fixtures.binding import isolated, requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.watch import HTTP_FLV, RTMP, Viewers, must_play, must_play_on, wait_for_pictures, watch_undisturbed
from srs_conformance.checkers import playback
from srs_conformance.checkers.pulls import never_more_than_one
from srs_conformance.clusters.base import Capability
from srs_conformance.observing import Budget, Observation, Unsupported, must, must_hold

pytestmark = isolated("they scale the edges, replace the origin's pod and kill an edge")

#: A publisher that comes back as an encoder does.
REPUBLISH = Budget.REPUBLISH.seconds


@requirement("EDGE-10")
def test_scaling_takes_no_more_than_the_number_of_replicas(
    own_edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    stream = publisher.publish(own_edge_cluster.origin, listed_by=own_edge_cluster.origin_api)
    few = own_edge_cluster.edges
    pods = own_edge_cluster.pods_by_address()
    with own_edge_cluster.sampling(stream.name, pods) as sampler:
        for replicas in (len(few) + 2, len(few)):
            own_edge_cluster.scale_edges(replicas)
            record.did(f"scaled the edges to {replicas}")
            pods.update(own_edge_cluster.pods_by_address())
            edges = own_edge_cluster.edges
            with viewers.watching(stream.name, on=edges, each=2, cluster=own_edge_cluster) as watching:
                must_play(watching)
                must_hold(partial(own_edge_cluster.merged, stream.name, edges), Budget.PULL)
    must(never_more_than_one(sampler.history))


@requirement("EDGE-13")
def test_killing_one_edge_disconnects_its_own_players_only(
    own_edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    if Capability.KUBERNETES not in own_edge_cluster.cluster.capabilities:
        raise Unsupported("this is no Kubernetes")
    stream = publisher.publish(own_edge_cluster.origin, listed_by=own_edge_cluster.origin_api)
    victim, *others = own_edge_cluster.several_edges(2)
    with (
        viewers.watching(stream.name, on=[victim], each=2, over=(RTMP, HTTP_FLV)) as its_own,
        viewers.watching(stream.name, on=others, each=2, over=(RTMP, HTTP_FLV)) as elsewhere,
    ):
        wait_for_pictures(its_own)
        watch_undisturbed(elsewhere)
        own_edge_cluster.namespace.delete("Pod", victim.name, grace=0)
        record.did(f"killed {victim.name}")

        def cut() -> Observation:
            alive = [viewer.timeline.viewer for viewer in its_own if viewer.alive]
            return Observation(not alive, f"the players of {victim.name} cut", f"still connected: {alive}")

        must_hold(cut, Budget.RETURN, times=1)
        own_edge_cluster.must_have_edges(len(others) + 1)
        for viewer in elsewhere:
            must(playback.uninterrupted(viewer.timeline))


@requirement("EDGE-11")
def test_edges_find_the_new_origin_by_its_name(
    own_edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    origin = own_edge_cluster.origin
    stream = publisher.publish(origin, listed_by=own_edge_cluster.origin_api, republish=REPUBLISH)
    edges = own_edge_cluster.edges
    with viewers.watching(stream.name, on=edges, over=(RTMP, HTTP_FLV)) as watching:
        watch_undisturbed(watching)
        old = own_edge_cluster.origin_pod
        own_edge_cluster.namespace.delete("Pod", old.name, grace=0)
        record.did(f"killed the origin's pod {old.name} at {old.host}")
        new = own_edge_cluster.must_have_new_origin(old)
        record.did(f"the new origin's pod is {new.name} at {new.host}")
        back = publisher.must_be_back(stream, own_edge_cluster.origin_api)
        must_play_on(watching, Budget.ORIGIN_BACK, record, since=back)
        must_hold(lambda: own_edge_cluster.merged(stream.name, edges), Budget.PULL)
        restarts = sum(pod.restarts for pod in own_edge_cluster.edge_pods())
        must(Observation(restarts == 0, "no edge restarted", f"{restarts} restart(s)"))
