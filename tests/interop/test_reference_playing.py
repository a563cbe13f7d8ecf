"""ffmpeg publishes to the reference server and plays from it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import av
import pytest

from srs_conformance.publisher import arguments
from srs_conformance.srs import SrsApi
from srs_conformance.viewers import watch
from tests.support.reference import ORIGIN, Recording, Reference, all_of, make_clip, publish
from tests.support.waiting import wait_for

TYPES = {3: {"fmle-publish", "Play"}, 6: {"fmle-publish", "rtmp-play", "flv-play"}}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.flv")


def decode(file: Path) -> tuple[int, int]:
    """Decode with ffmpeg, which must not complain, and count pictures and seconds of sound."""
    command = [arguments.binary(), "-v", "error", "-i", str(file), "-f", "null", "-"]
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""
    with av.open(str(file)) as container:
        packets = [packet for packet in container.demux() if packet.size]
        video = [packet for packet in packets if packet.stream.type == "video"]
        assert video[0].is_keyframe
        return len(video), sum(packet.stream.type == "audio" for packet in packets)


@pytest.mark.parametrize("version", [3, 6])
def test_what_is_published_plays_over_rtmp_flv_and_hls(version: int, clip: Path, tmp_path: Path) -> None:
    with Reference(tmp_path, version) as server:
        with publish(clip, server.rtmp("a")):
            wait_for(lambda: server.streams().get("a", {}).get("publish", {}).get("active"), "the stream to be listed")
            urls = [server.rtmp("a"), server.web("live/a.flv")]
            with all_of([Recording(url, tmp_path / f"{n}.flv", seconds=3) for n, url in enumerate(urls)]) as recordings:
                wait_for(lambda: len(server.clients("a")) == 3, "publisher and players to be listed")
                assert {row["type"] for row in server.clients("a")} == TYPES[version]
                assert SrsApi(f"http://{server.host}:1985").versions().reference
                assert [recording.words() for recording in recordings] == ["", ""]
            frames = [decode(recording.file) for recording in recordings]
            assert all(pictures >= 70 and sounds >= 120 for pictures, sounds in frames), frames
            wait_for(lambda: server.get(8080, "/live/a.m3u8")[0] == 200, "a playlist")
            with Recording(server.web("live/a.m3u8"), tmp_path / "hls.ts", seconds=2) as hls:
                assert hls.words() == ""
            pictures, sounds = decode(hls.file)
            assert pictures >= 45
            assert sounds >= 75
        wait_for(lambda: not server.streams().get("a", {}).get("publish", {}).get("active"), "the stream to be gone")


def test_players_over_rtmp_stay_when_the_publisher_goes_and_those_over_flv_are_cut(clip: Path, tmp_path: Path) -> None:
    with Reference(tmp_path, 6) as server:
        first = publish(clip, server.rtmp("a"))
        with (
            first,
            Recording(server.rtmp("a"), tmp_path / "r.flv") as rtmp,
            Recording(server.web("live/a.flv"), tmp_path / "f.flv") as flv,
        ):
            rtmp.grows()
            flv.grows()
            first.stop()
            wait_for(lambda: flv.process.poll() is not None, "the player over HTTP-FLV to be cut", 3)
            assert rtmp.process.poll() is None
            with publish(clip, server.rtmp("a")):
                rtmp.grows()
        playlist = server.folder / "objs/nginx/html/live/a.m3u8"
        wait_for(
            lambda: playlist.read_text().splitlines().count("#EXT-X-DISCONTINUITY") == 2,
            "the second publisher's segment",
        )
        names = [line for line in playlist.read_text().splitlines() if line.endswith(".ts")]
        assert names == [f"a-{number}.ts" for number in range(len(names))]


def test_a_player_who_comes_first_waits(clip: Path, tmp_path: Path) -> None:
    with (
        Reference(tmp_path, 3) as server,
        Recording(server.rtmp("a"), tmp_path / "r.flv") as rtmp,
        Recording(server.web("live/a.flv"), tmp_path / "f.flv") as flv,
    ):
        wait_for(lambda: len(server.clients("a")) == 2, "the players to be listed")
        with publish(clip, server.rtmp("a")):
            rtmp.grows()
            flv.grows()


def test_a_second_publisher_is_refused(clip: Path, tmp_path: Path) -> None:
    with Reference(tmp_path, 6) as server, publish(clip, server.rtmp("a")):
        wait_for(lambda: len(server.clients("a")) == 1, "the publisher to be listed")
        with publish(clip, server.rtmp("a")) as second:
            assert second.words() != ""
            assert second.process.returncode != 0
        assert len(server.clients("a")) == 1


def test_a_graceful_quit_waits_for_the_last_player(clip: Path, tmp_path: Path) -> None:
    config = ORIGIN.replace("daemon off;", "daemon off; force_grace_quit on;")
    with Reference(tmp_path, 6, config) as server, publish(clip, server.rtmp("a")) as publisher:
        with Recording(server.rtmp("a"), tmp_path / "r.flv") as player:
            player.grows()
            server.process.terminate()

            def closed() -> bool:
                try:
                    server.get(1985, "/api/v1/versions")
                except OSError:
                    return True
                return False

            wait_for(closed, "the listeners to be closed")
            player.grows()
            assert server.process.poll() is None
        publisher.stop()
        assert server.process.wait(10) == 0


def test_a_reload_leaves_the_stream_and_by_fault_loses_it(clip: Path, tmp_path: Path) -> None:
    with (
        Reference(tmp_path, 6) as server,
        publish(clip, server.rtmp("a")) as publisher,
        Recording(server.rtmp("a"), tmp_path / "r.flv") as player,
    ):
        player.grows()
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: server.log.count("reload config success") == 1, "the reload")
        player.grows()
        with server.faulty("reload-loses-the-stream"):
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: server.log.count("reload config success") == 2, "the second reload")
            with pytest.raises(AssertionError, match="more of"):
                player.grows(60000, 2)
        publisher.stop()
        with publish(clip, server.rtmp("a")):
            player.grows()


@pytest.mark.parametrize("version", ["3", "3.0.171"])
def test_the_next_version_may_refuse_every_player_by_fault(version: str, clip: Path, tmp_path: Path) -> None:
    with (
        Reference(tmp_path, 3, ORIGIN, "--version-personality", version) as server,
        publish(clip, server.rtmp("a")),
        server.faulty("canary-takes-no-share"),
    ):
        wait_for(lambda: server.streams().get("a"), "the stream to be listed")
        for url in (server.rtmp("a"), server.web("live/a.flv")):
            with watch(url) as viewer:
                wait_for(lambda seen=viewer.timeline: seen.frames or seen.ended, "frames or a refusal")
                assert bool(viewer.timeline.frames) is (version == "3")


def test_players_go_on_to_the_end_of_a_fast_quit_after_a_graceful_one(clip: Path, tmp_path: Path) -> None:
    """As on a pod whose hook asks for grace and whose configuration does not keep it: cut when both waits are over."""
    config = ORIGIN.replace("wait 100", "wait 1000")
    with Reference(tmp_path, 6, config) as server, publish(clip, server.rtmp("a")):
        with watch(server.rtmp("a")) as rtmp, watch(server.web("live/a.flv")) as flv:
            wait_for(lambda: rtmp.timeline.frames and flv.timeline.frames, "frames")
            began = time.monotonic()
            server.process.send_signal(signal.SIGQUIT)
            wait_for(lambda: "start gracefully quit" in server.log, "the signal to be noticed")
            server.process.terminate()
            assert server.process.wait(10) == 0
            wait_for(lambda: rtmp.timeline.ended and flv.timeline.ended, "the players to be cut")
        for timeline in (rtmp.stop(), flv.stop()):
            assert 2 <= (timeline.ended or 0) - began < 4
            assert (timeline.ended or 0) - timeline.frames[-1].arrival < 1


def test_the_limit_of_connections_holds_and_can_be_raised_by_a_reload(tmp_path: Path) -> None:
    config = ORIGIN.replace("max_connections 100;", "max_connections 1;").replace(
        "daemon off;", "daemon off; inotify_auto_reload on;"
    )
    with Reference(tmp_path, 3, config) as server, Recording(server.rtmp("a"), tmp_path / "r.flv"):

        def refused() -> bool:
            try:
                server.get(1985, "/api/v1/versions")
            except OSError:
                return True
            return False

        wait_for(refused, "the player to take the only connection")
        file = server.folder / "conf/srs.conf"
        file.write_text(config.replace("max_connections 1;", "max_connections 5;"))
        wait_for(lambda: not refused(), "the reload")
        assert "reload config success" in server.log


def test_what_is_no_rtmp_ends_only_its_own_connection(tmp_path: Path) -> None:
    with Reference(tmp_path, 6) as server:
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\3" + bytes(3072) + b"\xff" * 5000, os.urandom(10000)):
            with socket.create_connection((server.host, 1935), 5) as client:
                client.sendall(data)
                client.settimeout(5)
                with contextlib.suppress(ConnectionResetError):
                    while client.recv(65536):
                        pass
        assert server.get(1985, "/api/v1/versions")[0] == 200
        assert "a defect of the server" not in server.log
