"""RTMP connections of both roles, against ffmpeg and nginx on loopback."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest

from srs_conformance.media.flv import FlvParser, FlvTag, TagKind
from srs_conformance.media.rtmp.connection import (
    Audio,
    ClientConnection,
    ClientState,
    Event,
    HandshakeDone,
    Metadata,
    Status,
    Video,
    WindowAcknowledged,
)
from srs_conformance.media.rtmp.messages import WindowAcknowledgementSize
from tests.support.ffmpeg import Listener, listens
from tests.support.nginx import NginxRtmp, free_port
from tests.support.waiting import wait_for
from tests.unit.media.loopback import SECONDS, Server, run_client

QUIET: list[str] = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error"]
CLIP = Path(__file__).parents[1] / "data" / "media" / "clip.flv"


def tags(path: Path) -> list[FlvTag]:
    return [event for event in FlvParser().receive_data(path.read_bytes()) if isinstance(event, FlvTag)]


def media(source: list[FlvTag]) -> list[tuple[int, bytes]]:
    """What a player must get, in the order of the kinds; ffmpeg and servers interleave as they like."""
    return sorted((tag.timestamp, tag.payload) for tag in source if tag.kind is not TagKind.SCRIPT)


def received(events: list[Event]) -> list[tuple[int, bytes]]:
    return sorted((event.timestamp, event.payload) for event in events if isinstance(event, (Audio, Video)))


def client_for(url: str, *, digest: bool, compress: bool = False) -> ClientConnection:
    return ClientConnection(url.rpartition("/")[0], "live", digest=digest, chunk_size=4096, compress=compress)


def test_ffmpeg_publishes_to_our_server() -> None:
    with Server() as server:
        subprocess.run([*QUIET, "-i", str(CLIP), "-c", "copy", "-f", "flv", server.url], check=True, timeout=SECONDS)
    assert received(server.events) == media(tags(CLIP))
    assert any(isinstance(event, Metadata) for event in server.events)


def test_ffmpeg_plays_from_our_server(tmp_path: Path) -> None:
    played = tmp_path / "played.flv"
    with Server(tags(CLIP)) as server:
        command = [*QUIET, "-i", server.url, "-c", "copy", str(played)]
        subprocess.run(command, check=True, timeout=SECONDS)
    assert server.events[0] == HandshakeDone(digest=True, answered=True)
    assert [payload for _, payload in media(tags(played))] == [payload for _, payload in media(tags(CLIP))]


def play_from_ffmpeg(*more: str, digest: bool) -> list[tuple[int, bytes]]:
    """Play the clip from an ffmpeg that listens; it sends chunks of 128 bytes."""
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/a"
    source = [*QUIET, "-i", str(CLIP), "-c", "copy", *more, "-f", "flv"]
    with subprocess.Popen([*source, "-listen", "1", url]) as ffmpeg:
        wait_for(lambda: listens(port), "ffmpeg to listen")
        client = client_for(url, digest=digest)
        client.play("a")
        events, _ = run_client(client, port)
        ffmpeg.wait(SECONDS)
    return received(events)


@pytest.mark.parametrize("digest", [False, True])
def test_our_client_plays_from_ffmpeg(digest: bool) -> None:
    assert play_from_ffmpeg(digest=digest) == media(tags(CLIP))


def test_extended_timestamps_from_ffmpeg() -> None:
    # The timestamps pass 0xffffff ms, from where on they are extended, within the clip.
    got, sent = play_from_ffmpeg("-output_ts_offset", "16777", digest=False), media(tags(CLIP))
    shift = max(got)[0] - max(sent)[0]
    assert shift < 0xFFFFFF < max(got)[0]
    assert sorted((max(stamp - shift, 0), payload) for stamp, payload in got) == sent


def publish(client: ClientConnection, port: int, done: Callable[[], object] = lambda: True) -> list[Event]:
    """Publish the clip, wait until it has arrived, and end the stream."""
    events: list[Event] = []
    with socket.create_connection(("127.0.0.1", port), SECONDS) as peer:
        while client.state is not ClientState.PUBLISHING:
            peer.sendall(client.data_to_send())
            data = peer.recv(65536)
            assert data, f"the server closed while {client.state.value}"
            events += client.receive_data(data)
        client.send_control(WindowAcknowledgementSize(1000))
        for tag in tags(CLIP):
            client.send_media(tag.kind, tag.timestamp, tag.payload, client.stream_id)
        peer.sendall(client.data_to_send())
        wait_for(done, "the clip to arrive")
        client.close()
        peer.sendall(client.data_to_send())
        peer.shutdown(socket.SHUT_WR)
        while data := peer.recv(65536):
            events += client.receive_data(data)
    return events


@pytest.mark.parametrize("compress", [False, True])
def test_our_client_publishes_to_ffmpeg(tmp_path: Path, compress: bool) -> None:
    file = tmp_path / "arrived.flv"
    with Listener(file) as listener:
        client = client_for(listener.url, digest=compress, compress=compress)
        client.publish("a")
        publish(client, listener.port)
        assert listener.wait() == 0
    assert [payload for _, payload in media(tags(file))] == [payload for _, payload in media(tags(CLIP))]


@pytest.mark.parametrize("compress", [False, True])
def test_our_clients_publish_and_play_through_nginx(tmp_path: Path, compress: bool) -> None:
    with NginxRtmp(tmp_path) as nginx:
        player = client_for(nginx.rtmp_url("a"), digest=compress)
        player.play("a")
        started, result = threading.Event(), list[Event]()
        last = media(tags(CLIP))[-1][0]

        def watch(event: Event) -> bool:
            if isinstance(event, Status) and event.code == "NetStream.Play.Start":
                started.set()
            result.append(event)
            return isinstance(event, Audio) and event.timestamp >= last

        thread = threading.Thread(target=run_client, args=(player, nginx.rtmp_port, watch))
        thread.start()
        assert started.wait(SECONDS)
        client = client_for(nginx.rtmp_url("a"), digest=compress, compress=compress)
        client.publish("a")
        events = publish(client, nginx.rtmp_port, lambda: not thread.is_alive())
        thread.join(SECONDS)
    assert events[0] == HandshakeDone(digest=compress, answered=True)
    assert any(isinstance(event, WindowAcknowledged) for event in events)
    assert set(received(result)) <= set(media(tags(CLIP)))
    assert len(received(result)) >= len(media(tags(CLIP))) - 2
