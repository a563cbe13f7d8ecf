"""Step 5: HLS from nginx, over the volume that all origins write to."""

from fixtures.binding import requirement
from fixtures.evidence import Record
from fixtures.origins import OriginCluster
from fixtures.publish import Publishing
from fixtures.watch import HLS, Viewers, must_play
from srs_conformance.checkers import playback, serving
from srs_conformance.observing import Budget, must


@requirement("OC-07")
def test_hls_of_a_stream_of_any_origin_plays_from_nginx(
    origin_cluster: OriginCluster, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    streams = [publisher.publish(each.place, listed_by=each.api).name for each in origin_cluster.origins]
    watching = [viewers.watch(stream, origin_cluster.web, HLS) for stream in streams]
    must_play(watching, Budget.FIRST_PLAYLIST)
    viewers.leave(*watching)
    timelines = [viewer.timeline for viewer in watching]
    record.measure("first frame, s", [timeline.first_frame_after() for timeline in timelines])
    for timeline in timelines:
        must(playback.segments(timeline))
        must(playback.starts_with_keyframe(timeline))
        must(serving.served_by(timeline, "nginx"))
