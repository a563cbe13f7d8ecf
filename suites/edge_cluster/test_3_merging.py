"""Merging the request of origin source: however many players, an edge requests a stream from the origin once."""

from fixtures.binding import requirement
from fixtures.edge_cluster import EdgeCluster
from fixtures.publish import Publishing
from fixtures.watch import HTTP_FLV, RTMP, Viewers, wait_for_pictures
from srs_conformance.checkers.pulls import never_more_than_one
from srs_conformance.observing import Budget, must, must_hold, must_stay

PLAYERS_ON_ONE_EDGE = 10


@requirement("EDGE-03")
def test_an_edge_pulls_a_stream_once_for_many_players(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers
) -> None:
    stream = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    edge = edge_cluster.edges[0]
    with (
        edge_cluster.sampling(stream.name) as sampler,
        viewers.watching(stream.name, on=[edge], each=PLAYERS_ON_ONE_EDGE, over=(RTMP, HTTP_FLV)) as watching,
    ):
        wait_for_pictures(watching)
        must_hold(lambda: edge_cluster.merged(stream.name, [edge]), Budget.PULL)
        must_stay(lambda: edge_cluster.merged(stream.name, [edge]), Budget.QUIET)
    must(never_more_than_one(sampler.history))


@requirement("EDGE-03")
def test_a_player_who_leaves_does_not_end_the_others_pull(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers
) -> None:
    stream = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    edge = edge_cluster.edges[-1]
    with viewers.watching(stream.name, on=[edge], each=3) as watching:
        wait_for_pictures(watching)
        viewers.leave(*watching[1:])
        must_hold(lambda: edge_cluster.merged(stream.name, [edge]), Budget.PULL)
        must_stay(lambda: edge_cluster.merged(stream.name, [edge]), Budget.STEADY)


@requirement("EDGE-04")
def test_the_origin_serves_each_edge_with_players_once(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers
) -> None:
    stream = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    first, second, *others = edge_cluster.several_edges(2)
    must_hold(lambda: edge_cluster.merged(stream.name, []), Budget.PULL)
    with viewers.watching(stream.name, on=[first, second], each=3) as watching:
        wait_for_pictures(watching)
        must_hold(lambda: edge_cluster.merged(stream.name, [first, second]), Budget.PULL)
        with viewers.watching(stream.name, on=others, each=1, over=[RTMP]) as later:
            wait_for_pictures(later)
            must_hold(lambda: edge_cluster.merged(stream.name, [first, second, *others]), Budget.PULL)
            must_stay(lambda: edge_cluster.merged(stream.name, [first, second, *others]), Budget.QUIET)


@requirement("EDGE-04")
def test_a_second_stream_is_pulled_apart(edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers) -> None:
    one = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    two = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    first, second, *_ = edge_cluster.several_edges(2)
    with (
        viewers.watching(one.name, on=[first, second]) as of_one,
        viewers.watching(two.name, on=[second], each=2) as of_two,
    ):
        wait_for_pictures([*of_one, *of_two])
        must_hold(lambda: edge_cluster.merged(one.name, [first, second]), Budget.PULL)
        must_hold(lambda: edge_cluster.merged(two.name, [second]), Budget.PULL)


@requirement("EDGE-08")
def test_an_edge_stops_pulling_after_its_last_player_left(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers
) -> None:
    stream = publisher.publish(edge_cluster.origin, listed_by=edge_cluster.origin_api)
    by_rtmp, by_flv, *_ = edge_cluster.several_edges(2)
    with (
        viewers.watching(stream.name, on=[by_rtmp], each=2, over=[RTMP]) as over_rtmp,
        viewers.watching(stream.name, on=[by_flv], each=2, over=[HTTP_FLV]) as over_flv,
    ):
        wait_for_pictures([*over_rtmp, *over_flv])
        must_hold(lambda: edge_cluster.pulling(stream.name, [by_rtmp, by_flv]), Budget.PULL)
    must_hold(lambda: edge_cluster.merged(stream.name, []), Budget.RELEASE)
