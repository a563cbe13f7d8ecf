"""The tip: origins as Deployments, with Services by which they can ask each other. These disturb their deployment."""

import pytest

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.images import Images
from fixtures.origins import OriginDeployments, other_than
from fixtures.publish import Publishing
from fixtures.searching import must_be_sent_on, must_play_at_every_edge
from fixtures.watch import RTMP, Viewers, watch_undisturbed
from srs_conformance.checkers import playback
from srs_conformance.observing import Observation, must

pytestmark = isolated("they take an origin away, and change the image of one")


@requirement("DEP-01")
@pytest.mark.parametrize("number", range(3), ids="origin-{}".format)
def test_a_stream_of_any_origin_plays_at_every_edge(
    mended_origin_deployments: OriginDeployments, publisher: Publishing, viewers: Viewers, record: Record, number: int
) -> None:
    holder = mended_origin_deployments.origins[number]
    stream = publisher.publish(holder.place, listed_by=holder.api).name
    must_play_at_every_edge(mended_origin_deployments, stream, holder, viewers, record)
    must_be_sent_on(mended_origin_deployments, stream, holder, viewers)


@requirement("DEP-01")
def test_origins_find_a_stream_while_another_one_is_away(
    mended_origin_deployments: OriginDeployments, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    cluster = mended_origin_deployments
    away, _, holder = cluster.origins
    cluster.take_away(away)
    record.did(f"took {away.host} away")
    stream = publisher.publish(holder.place, listed_by=holder.api).name
    must_be_sent_on(cluster, stream, holder, viewers)
    cluster.namespace.scale(f"{away.pod.labels['app']}-deploy", 1)
    cluster.must_have_replaced(away)


@requirement("DEP-03")
def test_the_image_of_one_origin_can_be_changed_alone(
    mended_origin_deployments: OriginDeployments,
    publisher: Publishing,
    viewers: Viewers,
    images: Images,
    record: Record,
) -> None:
    cluster = mended_origin_deployments
    _, changed, *_ = cluster.origins
    others = other_than(cluster.origins, changed)
    edges = cluster.edges[: len(others)]
    watching = []
    for origin, edge in zip(others, edges, strict=True):
        stream = publisher.publish(origin.place, listed_by=origin.api).name
        watching.append(viewers.watch(stream, edge, RTMP))
    watch_undisturbed(watching)
    old = changed.api.versions().text
    cluster.namespace.set_image(f"{changed.pod.labels['app']}-deploy", images.next.name)
    record.did(f"changed the image of {changed.host} to {images.next.name}")
    new = cluster.must_have_replaced(changed).api.versions().text
    must(Observation(new != old, f"another version at {changed.host} than {old}", new))
    kept = {each.host: each.pod.uid for each in other_than(cluster.origins, changed)}
    must(
        Observation(
            kept == {each.host: each.pod.uid for each in others}, "the other origins' pods as before", f"{kept}"
        )
    )
    for viewer in watching:
        must(playback.uninterrupted(viewer.timeline))
