"""Publish demo streams: an encoder in the cluster sends a file to the origin, again and again."""

from fixtures.binding import requirement
from fixtures.demo import LIVESTREAM, DemoStreams
from fixtures.evidence import Record
from fixtures.watch import HLS, HTTP_FLV, RTMP, Viewers, must_play, must_play_on, wait_for_pictures
from srs_conformance.checkers import playback
from srs_conformance.observing import Budget, Observation, must, must_hold


@requirement("DEMO-00")
def test_the_documented_manifests_roll_out(demo_documented: Observation) -> None:
    must(demo_documented)


@requirement("DEMO-01")
def test_the_origin_lists_the_demo_stream(demo_streams: DemoStreams) -> None:
    must_hold(lambda: demo_streams.listed(LIVESTREAM), Budget.DEMO_LISTED, times=1)


@requirement("DEMO-03")
def test_players_play_on_when_the_file_begins_anew(demo_streams: DemoStreams, viewers: Viewers, record: Record) -> None:
    with viewers.watching(LIVESTREAM, on=demo_streams.edges[:1], each=2, over=(RTMP, HTTP_FLV)) as watching:
        hls = viewers.watch(LIVESTREAM, demo_streams.web, HLS)
        wait_for_pictures(watching)
        must_play([hls], Budget.FIRST_PLAYLIST)
        began = demo_streams.must_begin_anew(LIVESTREAM)
        before = demo_streams.playlist(LIVESTREAM).segments[-1].sequence
        must_play_on(watching, Budget.ORIGIN_GAP, record, since=began)
        record.measure("longest gap at an edge, s", dict(record.measured["longest gap, s"]))
        for viewer in watching:
            must(playback.no_gaps(viewer.timeline, Budget.DEMO_BACK.seconds))
        must_hold(lambda: demo_streams.marked(LIVESTREAM, after=before), Budget.HLS_UPDATE, times=1)
        must_play_on([hls], Budget.DEMO_HLS, record, since=began)
