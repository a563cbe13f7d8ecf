"""Reloads of the reference server under players: what changes, and who notices."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from srs_conformance.viewers import watch
from tests.support.reference import ORIGIN, Reference, make_clip, publish
from tests.support.waiting import wait_for

PLAYING = ORIGIN.replace("http_remux", "play { gop_cache on; mw_latency 350; } http_remux").replace(
    "daemon off;", "daemon off; auto_reload_for_docker off;"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.flv")


def reload(server: Reference, text: str) -> None:
    """Have the server take over another file."""
    told = server.log.count("reload config success")
    (server.folder / "conf/srs.conf").write_text(text)
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: server.log.count("reload config success") > told, "the reload")


def refuses(server: Reference, port: int) -> bool:
    try:
        server.get(port, "/")
    except OSError:
        return True
    return False


@pytest.mark.parametrize("version", [3, 6])
def test_ports_move_under_players_who_stay(version: int, clip: Path, tmp_path: Path) -> None:
    moved = PLAYING.replace("listen 8080;", "listen 8090;").replace("listen 1935;", "listen 1935 1936;")
    with (
        Reference(tmp_path, version, PLAYING) as server,
        publish(clip, server.rtmp("a")),
        watch(server.rtmp("a")) as rtmp,
        watch(server.web("live/a.flv")) as flv,
    ):
        wait_for(lambda: rtmp.timeline.frames and flv.timeline.frames, "frames")
        reload(server, moved.replace("http_api { enabled on;", "http_api { enabled off;"))
        wait_for(lambda: refuses(server, 8080) and refuses(server, 1985), "the ports to be closed")
        wait_for(lambda: not refuses(server, 8090), "the new port to be open")
        with watch(f"rtmp://{server.host}:1936/live/a") as new:
            wait_for(lambda: new.timeline.frames, "frames by the further port")
        had = len(rtmp.timeline.frames), len(flv.timeline.frames)
        wait_for(lambda: len(rtmp.timeline.frames) > had[0] and len(flv.timeline.frames) > had[1], "more frames")
        reload(server, PLAYING)
        wait_for(lambda: not refuses(server, 8080) and not refuses(server, 1985), "the ports to be open again")


@pytest.mark.parametrize(("version", "served"), [(3, False), (6, True)])
def test_without_http_remux_3_cuts_and_6_keeps_the_streams_that_are_there(
    version: int, served: bool, clip: Path, tmp_path: Path
) -> None:
    off = PLAYING.replace("http_remux { enabled on;", "http_remux { enabled off;")
    with (
        Reference(tmp_path, version, PLAYING) as server,
        publish(clip, server.rtmp("a")),
        watch(server.web("live/a.flv")) as flv,
        watch(server.rtmp("a")) as rtmp,
    ):
        wait_for(lambda: flv.timeline.frames and rtmp.timeline.frames, "frames")
        reload(server, off)
        had = len(rtmp.timeline.frames)
        with watch(server.web("live/a.flv")) as new:
            wait_for(lambda: new.timeline.frames or new.timeline.ended, "frames or a refusal")
            assert bool(new.timeline.frames) is served
        wait_for(lambda: len(rtmp.timeline.frames) > had + 50, "the player over RTMP to go on")
        assert flv.alive is served


def test_a_stream_that_is_there_follows_its_vhost(clip: Path, tmp_path: Path) -> None:
    with Reference(tmp_path, 3, PLAYING) as server, publish(clip, server.rtmp("a")), watch(server.rtmp("a")) as stays:
        wait_for(lambda: server.get(8080, "/live/a.m3u8")[0] == 200, "a playlist")
        reload(server, PLAYING.replace("gop_cache on;", "gop_cache off;").replace("hls_fragment 2;", "hls_fragment 4;"))

        def begins_late() -> bool:
            with watch(server.rtmp("a")) as new:
                wait_for(lambda: new.timeline.video, "a picture")
            return new.timeline.first_is_keyframe is False

        wait_for(begins_late, "a player to begin in the middle")

        def longest() -> float:
            lines = server.get(8080, "/live/a.m3u8")[1].decode().splitlines()
            return max(float(line[8:].partition(",")[0]) for line in lines if line.startswith("#EXTINF:"))

        wait_for(lambda: longest() > 3.5, "a longer segment", 20)
        reload(server, PLAYING.replace("hls { enabled on;", "hls { enabled off;"))
        playlist = server.get(8080, "/live/a.m3u8")[1]
        had = len(stays.timeline.frames)
        wait_for(lambda: len(stays.timeline.frames) > had + 150, "three seconds and more")
        assert server.get(8080, "/live/a.m3u8")[1] == playlist
        reload(server, PLAYING)
        wait_for(lambda: server.get(8080, "/live/a.m3u8")[1] != playlist, "a segment", 20)
        assert stays.alive
        assert not stays.timeline.gaps(1.5)


def test_the_file_that_stands_in_for_docker_conf_is_the_one_that_is_watched(tmp_path: Path) -> None:
    watched = PLAYING.replace("auto_reload_for_docker off;", "inotify_auto_reload on;")
    server = Reference(tmp_path, 6, watched, "-c", "conf/docker.conf")
    (server.folder / "conf/docker.conf").unlink()
    with server:
        (server.folder / "conf/srs.conf").write_text(watched.replace("listen 8080;", "listen 8090;"))
        wait_for(lambda: not refuses(server, 8090), "the reload")
