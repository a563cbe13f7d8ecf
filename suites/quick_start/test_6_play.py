"""Step 3: play with the Service's address.

These judge a watch that has gone on beside the tests before them, which is why they come after these.
"""

from fixtures.binding import requirement
from fixtures.broadcast import Broadcast
from fixtures.evidence import Record
from fixtures.quick_start import QuickStart
from fixtures.watch import HLS, HTTP_FLV, RTMP
from srs_conformance.checkers import playback, serving
from srs_conformance.observing import Budget, must


@requirement("QS-05")
def test_rtmp_plays_from_a_keyframe_without_a_break(
    quick_start: QuickStart, quick_start_broadcast: Broadcast, record: Record
) -> None:
    timeline = quick_start_broadcast.timeline(quick_start.server, RTMP)
    record.measure("first frame, s", timeline.first_frame_after() or -1)
    must(playback.plays(timeline, within=Budget.FIRST_FRAME))
    must(playback.sound(timeline))
    must(playback.continuous(timeline, Budget.WATCH.seconds))


@requirement("QS-06")
def test_http_flv_plays_the_same_frames(
    quick_start: QuickStart, quick_start_broadcast: Broadcast, record: Record
) -> None:
    timeline = quick_start_broadcast.timeline(quick_start.server, HTTP_FLV)
    record.measure("first frame, s", timeline.first_frame_after() or -1)
    must(playback.plays(timeline, within=Budget.FIRST_FRAME))
    must(playback.content_type(timeline, "video/x-flv"))
    must(playback.sound(timeline))
    must(playback.continuous(timeline, Budget.WATCH.seconds))
    must(playback.same_frames(quick_start_broadcast.timelines(RTMP, HTTP_FLV)))


@requirement("QS-07")
def test_hls_plays_the_same_frames(quick_start: QuickStart, quick_start_broadcast: Broadcast, record: Record) -> None:
    timeline = quick_start_broadcast.timeline(quick_start.server, HLS)
    record.measure("first frame, s", timeline.first_frame_after() or -1)
    must(playback.plays(timeline, within=Budget.FIRST_PLAYLIST))
    must(playback.segments(timeline))
    must(serving.lasts(timeline, Budget.WATCH))
    must(playback.sound(timeline))
    must(playback.same_frames(quick_start_broadcast.timelines(RTMP, HLS)))
