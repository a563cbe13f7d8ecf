"""Publisher and viewers against node-media-server: RTMP and HTTP-FLV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.checkers import playback
from srs_conformance.publisher import DemoClip, Publisher
from srs_conformance.viewers import Ending, watch
from tests.support.node_media_server import NodeMediaServer
from tests.support.waiting import wait_for

CLIP = DemoClip(seconds=4, gop=1.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeMediaServer]:
    with NodeMediaServer(tmp_path_factory.mktemp("node")) as running:
        yield running


def test_both_protocols_give_the_same_frames_across_the_clip_s_loop(server: NodeMediaServer) -> None:
    with Publisher(server.rtmp_url("a"), CLIP) as publisher:
        rtmp = watch(server.rtmp_url("a"), label="rtmp", decode=True)
        flv = watch(server.flv_url("a"), label="flv")
        with rtmp, flv:
            wait_for(lambda: min(len(rtmp.timeline.video), len(flv.timeline.video)) > 120, "pictures on both")
            publisher.check()
    for viewer in (rtmp, flv):
        assert viewer.timeline.ending is Ending.STOPPED
        for judge in (playback.plays, playback.sound, playback.uninterrupted):
            seen = judge(viewer.timeline)
            assert seen.holds, seen
    assert playback.no_missing_numbers(rtmp.timeline, CLIP.frames).holds
    same = playback.same_frames([rtmp.timeline, flv.timeline])
    assert same.holds, same


def test_a_player_waits_for_its_stream_and_gets_it(server: NodeMediaServer) -> None:
    with watch(server.rtmp_url("later"), label="early") as rtmp, watch(server.flv_url("later"), label="flv") as flv:
        wait_for(lambda: rtmp.timeline.playing and flv.timeline.connected, "both to be let in")
        assert playback.alive_without_data(rtmp.timeline).holds
        with Publisher(server.rtmp_url("later"), CLIP):
            wait_for(lambda: min(len(rtmp.timeline.video), len(flv.timeline.video)) > 10, "pictures")
    for viewer in (rtmp, flv):
        assert playback.starts_with_keyframe(viewer.timeline).holds


def test_a_second_publisher_is_refused_and_told_so(server: NodeMediaServer) -> None:
    with Publisher(server.rtmp_url("busy"), CLIP) as first, watch(server.rtmp_url("busy")) as viewer:
        wait_for(lambda: viewer.timeline.video, "pictures")
        with Publisher(server.rtmp_url("busy"), CLIP) as second:
            wait_for(lambda: second.died, "the second publisher's end")
        first.check()
        assert not second.killed


def test_a_server_that_dies_ends_every_viewer(tmp_path: Path) -> None:
    with NodeMediaServer(tmp_path) as server, Publisher(server.rtmp_url("a"), CLIP) as publisher:
        with watch(server.rtmp_url("a")) as rtmp, watch(server.flv_url("a")) as flv:
            wait_for(lambda: rtmp.timeline.video and flv.timeline.video, "pictures")
            server.stop()
            wait_for(lambda: rtmp.timeline.ended and flv.timeline.ended, "the end")
        assert {rtmp.timeline.ending, flv.timeline.ending} <= {Ending.CLOSED, Ending.RESET}
        wait_for(lambda: publisher.died, "the publisher's end")
