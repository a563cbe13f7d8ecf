"""Disaster tolerance: an origin that dies, and the name of the pod in its place. These disturb their deployment."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.origins import OriginCluster, other_than
from fixtures.publish import Publishing
from fixtures.searching import leads_to
from fixtures.watch import HTTP_FLV, RTMP, Viewers, must_play, must_play_on, wait_for_pictures, watch_undisturbed
from srs_conformance.checkers import playback
from srs_conformance.observing import Budget, must, must_hold

pytestmark = isolated("they kill origins")


@requirement("OC-08")
def test_an_origin_that_dies_takes_its_own_streams_only(
    own_origin_cluster: OriginCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    by, *edges = own_origin_cluster.edges
    everywhere = own_origin_cluster.everywhere
    stream = publisher.publish(by, listed_by=everywhere, republish=Budget.REPUBLISH.seconds)
    victim = next(each for each in own_origin_cluster.origins if each.host in own_origin_cluster.holders(stream.name))
    kept = [
        publisher.publish(each.place, listed_by=each.api) for each in other_than(own_origin_cluster.origins, victim)
    ]
    with viewers.watching(stream.name, on=edges, each=2, over=(RTMP, HTTP_FLV)) as of_the_dead:
        of_others = [viewers.watch(each.name, edge, RTMP) for each in kept for edge in edges[:2]]
        wait_for_pictures(of_the_dead)
        watch_undisturbed(of_others)
        own_origin_cluster.namespace.delete("Pod", victim.pod.name, grace=0)
        record.did(f"killed {victim.pod.name}, which had {stream.name}")
        back = publisher.must_be_back(stream, own_origin_cluster.everywhere)
        must_play_on(of_the_dead, Budget.ORIGIN_BACK, record, since=back)
        for viewer in of_others:
            must(playback.uninterrupted(viewer.timeline))
    own_origin_cluster.must_have_origins(3)  # and none that has yet to listen, which could not say what it holds
    record.did(f"{stream.name} is at {own_origin_cluster.holders(stream.name)}")


@requirement("OC-02")
def test_the_name_of_a_replaced_origin_leads_to_its_new_pod(
    own_origin_cluster: OriginCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    _, old, *_ = own_origin_cluster.origins
    edges = own_origin_cluster.edges[:2]
    before = publisher.publish(old.place, listed_by=old.api)
    with viewers.watching(before.name, on=edges, over=[RTMP]) as watching:
        wait_for_pictures(watching)
    own_origin_cluster.namespace.delete("Pod", old.pod.name, grace=0)
    record.did(f"killed {old.pod.name} at {old.pod.ip}")
    own_origin_cluster.must_have_new(old)
    new = own_origin_cluster.origins[1]
    record.did(f"{new.pod.name} is at {new.pod.ip}")
    must_hold(lambda: leads_to(own_origin_cluster, new), Budget.ENDPOINT, times=1)
    after = publisher.publish(new.place, listed_by=new.api)
    with viewers.watching(after.name, on=edges, over=[RTMP]) as watching:
        must_play(watching)
