"""A large number of streams: over which origins those go that are published through the edges, and how often."""

from collections import Counter

from fixtures.binding import requirement
from fixtures.evidence import Record
from fixtures.origins import OriginCluster
from fixtures.publish import Publishing
from srs_conformance.checkers import origins
from srs_conformance.observing import Budget, must, must_stay


@requirement("OC-11")
def test_streams_published_through_edges_are_spread_over_the_origins(
    origin_cluster: OriginCluster, publisher: Publishing, record: Record
) -> None:
    hosts = [origin.host for origin in origin_cluster.origins]
    edges = origin_cluster.edges[:2]
    streams = [
        publisher.publish(edge, listed_by=origin_cluster.everywhere).name for edge in edges for _ in range(len(hosts))
    ]
    counts = Counter(dict.fromkeys(hosts, 0))
    for stream in streams:
        counts.update(origin_cluster.holders(stream))
    record.measure("streams by origin", dict(counts))
    must(origins.spread(counts))


@requirement("OC-12")
def test_a_stream_that_is_published_at_two_origins_lives_on_one(
    origin_cluster: OriginCluster, publisher: Publishing
) -> None:
    first, second, *_ = origin_cluster.origins
    stream = publisher.publish(first.place, listed_by=first.api).name
    publisher.must_publish(second.place, stream)
    must_stay(lambda: origins.at_one(origin_cluster.holders(stream), stream), Budget.STEADY)
    must(origins.at_one(origin_cluster.holders(stream), stream))
