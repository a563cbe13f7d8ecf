"""Step 3: publish RTMP, play RTMP and HTTP-FLV from the edges, HLS from nginx.

These judge a watch that has gone on beside the tests before them, which is why they come after these.
"""

from fixtures.binding import requirement
from fixtures.broadcast import Broadcast
from fixtures.edge_cluster import EdgeCluster
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.watch import HLS, HTTP_FLV, RTMP, Viewers, must_play
from srs_conformance.checkers import playback, serving
from srs_conformance.observing import Budget, must


@requirement("EDGE-05")
def test_every_edge_plays_what_is_published_at_the_origin(edge_broadcast: Broadcast, record: Record) -> None:
    timelines = edge_broadcast.timelines(RTMP, HTTP_FLV)
    record.measure("first frame, s", {each.viewer: each.first_frame_after() for each in timelines})
    for timeline in timelines:
        must(playback.plays(timeline, within=Budget.FIRST_FRAME))
        must(playback.sound(timeline))
        must(playback.continuous(timeline, Budget.WATCH.seconds))
    must(playback.same_frames(timelines))


@requirement("EDGE-05")
def test_every_edge_plays_what_is_published_at_an_edge(
    edge_cluster: EdgeCluster, publisher: Publishing, viewers: Viewers
) -> None:
    stream = publisher.must_publish(edge_cluster.edge_service, listed_by=edge_cluster.origin_api)
    with viewers.watching(stream.name, on=edge_cluster.edges, each=2, over=(RTMP, HTTP_FLV)) as watching:
        must_play(watching)
    for viewer in watching:
        must(playback.starts_with_keyframe(viewer.timeline))


@requirement("EDGE-06")
def test_nginx_plays_hls_of_the_same_frames(
    edge_cluster: EdgeCluster, edge_broadcast: Broadcast, record: Record
) -> None:
    timeline = edge_broadcast.timeline(edge_cluster.web, HLS)
    record.measure("first frame, s", timeline.first_frame_after() or -1)
    must(playback.plays(timeline, within=Budget.FIRST_PLAYLIST))
    must(playback.segments(timeline))
    must(serving.lasts(timeline, Budget.WATCH))
    must(playback.sound(timeline))
    must(playback.same_frames([edge_broadcast.timelines(RTMP)[0], timeline]))


@requirement("EDGE-06")
def test_hls_is_served_by_nginx(edge_cluster: EdgeCluster, edge_broadcast: Broadcast) -> None:
    must(serving.served_by(edge_broadcast.timeline(edge_cluster.web, HLS), "nginx"))


@requirement("EDGE-06")
def test_the_origins_api_answers(edge_cluster: EdgeCluster, record: Record) -> None:
    record.measure("version", edge_cluster.origin_api.versions().text)


@requirement("EDGE-16")
def test_http_flv_is_the_same_as_from_the_origin(edge_cluster: EdgeCluster, edge_broadcast: Broadcast) -> None:
    origin = edge_broadcast.timeline(edge_cluster.origin_pod, HTTP_FLV)
    for edge in edge_cluster.edges:
        timeline = edge_broadcast.timeline(edge, HTTP_FLV)
        must(playback.content_type(timeline, "video/x-flv"))
        must(serving.same_configuration(origin, timeline))
