"""Steps 2 and 5: whichever origin has a stream, edges and players find it."""

import pytest

from fixtures.binding import requirement
from fixtures.evidence import Record
from fixtures.origins import OriginCluster
from fixtures.places import API_PORT, APP, RTMP_PORT
from fixtures.publish import Publishing
from fixtures.searching import clusters_answer, must_be_sent_on, must_play_at_every_edge
from fixtures.watch import Viewers
from srs_conformance.checkers import origins
from srs_conformance.observing import Budget, must, must_hold

EACH_ORIGIN = pytest.mark.parametrize("number", range(3), ids="origin-{}".format)


@requirement("OC-03")
def test_a_stream_of_any_origin_plays_at_every_edge(
    origin_cluster: OriginCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    holders = origin_cluster.origins
    streams = [publisher.publish(each.place, listed_by=each.api).name for each in holders]
    for holder, stream in zip(holders, streams, strict=True):
        must_play_at_every_edge(origin_cluster, stream, holder, viewers, record)


@EACH_ORIGIN
@requirement("OC-04")
def test_a_player_is_sent_on_to_the_origin_that_has_the_stream(
    origin_cluster: OriginCluster, publisher: Publishing, viewers: Viewers, number: int
) -> None:
    holder = origin_cluster.origins[number]
    stream = publisher.publish(holder.place, listed_by=holder.api).name
    must_be_sent_on(origin_cluster, stream, holder, viewers)


@requirement("OC-05")
def test_an_origin_tells_coworkers_whether_it_has_a_stream(
    origin_cluster: OriginCluster, publisher: Publishing
) -> None:
    holder, *others = reversed(origin_cluster.origins)
    stream = publisher.publish(holder.place, listed_by=holder.api).name
    must(origins.answers(clusters_answer(holder, stream), holder.host, RTMP_PORT, API_PORT))
    for other in others:
        must(origins.answers_nobody(clusters_answer(other, stream)))
    publisher.close()
    must_hold(lambda: origins.answers_nobody(clusters_answer(holder, stream)), Budget.API, times=1)
    must(origins.answers_nobody(clusters_answer(holder, f"{APP}-{stream}-that-never-was")))
