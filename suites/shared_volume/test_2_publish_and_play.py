"""Step 3: publish RTMP, play RTMP, HTTP-FLV and HLS of SRS, and HLS of nginx."""

from fixtures.binding import requirement
from fixtures.copies import Copies
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.volume_scene import SharedVolume
from fixtures.watch import HLS, HTTP_FLV, RTMP
from srs_conformance.checkers import playback, serving
from srs_conformance.observing import Budget, Observation, must, must_hold


@requirement("SV-02")
def test_publishing_is_accepted(shared_volume: SharedVolume, publisher: Publishing) -> None:
    publisher.must_publish(shared_volume.server, listed_by=shared_volume.api)


@requirement("SV-02")
def test_srs_plays_rtmp_and_http_flv(shared_volume: SharedVolume, copies: Copies, record: Record) -> None:
    timelines = copies.broadcast.timelines(RTMP, HTTP_FLV)
    record.measure("first frame, s", {each.viewer: each.first_frame_after() for each in timelines})
    for timeline in timelines:
        must(playback.plays(timeline, within=Budget.FIRST_FRAME))
        must(playback.sound(timeline))
        must(playback.continuous(timeline, Budget.WATCH.seconds))
    must(playback.same_frames(timelines))
    flv = copies.broadcast.timeline(shared_volume.server, HTTP_FLV)
    must(playback.content_type(flv, "video/x-flv"))
    must(serving.served_by(flv, "SRS/"))


@requirement("SV-02")
def test_the_api_answers(shared_volume: SharedVolume, record: Record) -> None:
    def told() -> Observation:
        version = shared_volume.api.versions().text
        record.measure("version", version)
        return Observation(bool(version), "an API that tells its version", "no version")

    must_hold(told, Budget.API, times=1)  # one that has just been started again is SV-00's


@requirement("SV-03")
def test_both_servers_play_hls_of_the_same_frames(copies: Copies, record: Record) -> None:
    timelines = copies.broadcast.timelines(HLS)
    record.measure("first frame, s", {each.viewer: each.first_frame_after() for each in timelines})
    for timeline in timelines:
        must(playback.plays(timeline, within=Budget.FIRST_PLAYLIST))
        must(playback.segments(timeline))
        must(serving.lasts(timeline, Budget.WATCH))
        must(playback.sound(timeline))
    must(playback.same_frames([*copies.broadcast.timelines(RTMP), *timelines]))


@requirement("SV-03")
def test_each_port_has_its_own_server(shared_volume: SharedVolume, copies: Copies) -> None:
    must(serving.served_by(copies.broadcast.timeline(shared_volume.nginx, HLS), "nginx"))
    must(serving.served_by(copies.broadcast.timeline(shared_volume.server, HLS), "SRS/"))
