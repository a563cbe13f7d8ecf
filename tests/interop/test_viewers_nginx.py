"""Publisher and viewers against nginx with its RTMP module: RTMP, and its HLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.checkers import playback
from srs_conformance.publisher import DemoClip, Publisher
from srs_conformance.viewers import Ending, watch
from tests.support.nginx import NginxRtmp
from tests.support.waiting import wait_for

CLIP = DemoClip(seconds=4, gop=1.0)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NginxRtmp]:
    with NginxRtmp(tmp_path_factory.mktemp("nginx")) as server:
        yield server


def test_every_protocol_gives_the_same_frames_across_the_clip_s_loop(nginx: NginxRtmp) -> None:
    with Publisher(nginx.rtmp_url("a"), CLIP) as publisher:
        rtmp = watch(nginx.rtmp_url("a"), label="rtmp", decode=True)
        late = watch(nginx.rtmp_url("a"), label="late")
        hls = watch(nginx.hls_url("a"), label="hls", from_start=True)
        with rtmp, hls:
            wait_for(lambda: len(rtmp.timeline.video) > 30, "pictures over RTMP")
            with late:
                wait_for(lambda: len(hls.timeline.video) > 100, "pictures over HLS")
                publisher.check()
    for viewer in (rtmp, late, hls):
        assert viewer.timeline.ending is Ending.STOPPED
        for judge in (playback.plays, playback.sound, playback.uninterrupted):
            seen = judge(viewer.timeline)
            assert seen.holds, seen
    assert playback.no_missing_numbers(rtmp.timeline, CLIP.frames).holds
    assert playback.segments(hls.timeline).holds, playback.segments(hls.timeline)
    assert hls.timeline.segments[0].sequence == 0
    same = playback.same_frames([rtmp.timeline, late.timeline, hls.timeline])
    assert same.holds, same


def test_a_player_waits_for_its_stream_and_gets_it(nginx: NginxRtmp) -> None:
    with watch(nginx.rtmp_url("later"), label="early") as viewer:
        wait_for(lambda: viewer.timeline.playing, "Play.Start")
        assert playback.alive_without_data(viewer.timeline).holds
        with Publisher(nginx.rtmp_url("later"), CLIP):
            wait_for(lambda: len(viewer.timeline.video) > 10, "pictures")
    assert playback.starts_with_keyframe(viewer.timeline).holds
    assert viewer.timeline.first_is_keyframe


def test_a_publisher_that_returns_is_seen_as_a_gap(nginx: NginxRtmp) -> None:
    with watch(nginx.rtmp_url("again"), label="viewer") as viewer:
        with Publisher(nginx.rtmp_url("again"), CLIP):
            wait_for(lambda: len(viewer.timeline.video) > 30, "pictures")
        before = len(viewer.timeline.video)
        wait_for(lambda: viewer.timeline.gaps(1.5), "a gap")
        with Publisher(nginx.rtmp_url("again"), CLIP):
            wait_for(lambda: len(viewer.timeline.video) > before + 10, "pictures again")
    seen = playback.uninterrupted(viewer.timeline)
    assert not seen.holds
    assert "silence" in seen.expected


def test_hls_of_a_stream_that_nobody_sends(nginx: NginxRtmp) -> None:
    with watch(nginx.hls_url("nothing")) as viewer:
        wait_for(lambda: viewer.timeline.playlists, "a request")
    assert viewer.timeline.playlists[0].status == 404
    assert viewer.timeline.server.startswith("nginx/")


def test_a_server_that_dies_ends_every_viewer(tmp_path: Path) -> None:
    with NginxRtmp(tmp_path) as server, Publisher(server.rtmp_url("a"), CLIP) as publisher:
        with watch(server.rtmp_url("a")) as viewer:
            wait_for(lambda: len(viewer.timeline.video) > 10, "pictures")
            server.stop()
            wait_for(lambda: viewer.timeline.ended, "the end")
        assert viewer.timeline.ending in (Ending.CLOSED, Ending.RESET)
        assert not playback.uninterrupted(viewer.timeline).holds
        wait_for(lambda: publisher.died, "the publisher's end")
