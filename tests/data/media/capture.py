"""Makes the byte vectors of this folder anew with ffmpeg and Debian's nginx: python -m tests.data.media.capture."""

from __future__ import annotations

import subprocess
import tempfile
import urllib.request
from pathlib import Path

import imageio_ffmpeg

from srs_conformance.media.flv import FlvParser, FlvTag, TagKind
from srs_conformance.media.rtmp.connection import ClientConnection, Event, Status, Video
from tests.support.ffmpeg import listens
from tests.support.nginx import NginxRtmp, free_port
from tests.support.node_media_server import NodeMediaServer
from tests.support.waiting import wait_for
from tests.unit.media.loopback import Server, run_client, seeded

FOLDER = Path(__file__).parent
FFMPEG: str = imageio_ffmpeg.get_ffmpeg_exe()
QUIET = [FFMPEG, "-nostdin", "-y", "-loglevel", "error"]
CLIP = FOLDER / "clip.flv"
PICTURE = "testsrc=size=64x48:rate=10:duration=1"
SOUND = "sine=sample_rate=16000:duration=1"


def make_clip() -> None:
    """Encode the clip: 10 pictures with B-frames in two GOPs, and a tone."""
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "40", "-g", "5", "-pix_fmt", "yuv420p"]
    sound = ["-c:a", "aac", "-b:a", "12k"]
    inputs = ["-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND]
    subprocess.run([*QUIET, *inputs, *picture, *sound, "-f", "flv", str(CLIP)], check=True)


def keep(name: str, data: bytes) -> None:
    """Write one vector."""
    (FOLDER / name).write_bytes(data)
    print(f"{name}: {len(data)} bytes")


def ffmpeg_as_client() -> None:
    """Record what ffmpeg sends when it publishes and when it plays."""
    with Server() as server:
        subprocess.run([*QUIET, "-i", str(CLIP), "-c", "copy", "-f", "flv", server.url], check=True)
    keep("ffmpeg-publish.client.bin", bytes(server.received))
    tags = [event for event in FlvParser().receive_data(CLIP.read_bytes()) if isinstance(event, FlvTag)]
    with Server(tags) as server:
        subprocess.run([*QUIET, "-i", server.url, "-c", "copy", "-f", "null", "-"], check=True)
    keep("ffmpeg-play.client.bin", bytes(server.received))


def ffmpeg_as_server() -> None:
    """Record what ffmpeg sends when it listens and a client plays."""
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/a"
    with subprocess.Popen([*QUIET, "-i", str(CLIP), "-c", "copy", "-f", "flv", "-listen", "1", url]) as ffmpeg:
        wait_for(lambda: listens(port), "ffmpeg to listen")
        client = ClientConnection(url.removesuffix("/a"), "live", random=seeded())
        client.play("a")
        keep("ffmpeg-listen.server.bin", run_client(client, port)[1])
        ffmpeg.wait(20)


def nginx_as_server() -> None:
    """Record what nginx's RTMP module sends to a publisher and to a player, both with digests."""
    with tempfile.TemporaryDirectory() as folder, NginxRtmp(Path(folder)) as nginx:
        tc_url, port = nginx.rtmp_url("a").removesuffix("/a"), nginx.rtmp_port
        source = ["-stream_loop", "3", "-re", "-i", str(CLIP), "-c", "copy", "-f", "flv", nginx.rtmp_url("a")]
        with subprocess.Popen([*QUIET, *source]) as publisher:
            client = ClientConnection(tc_url, "live", random=seeded(), digest=True)
            client.play("a")
            late = lambda event: isinstance(event, Video) and event.timestamp >= 1000  # noqa: E731 - a condition like the others
            keep("nginx-play.server.bin", run_client(client, port, late)[1])
            publisher.wait(20)
        client = ClientConnection(tc_url, "live", random=seeded(), digest=True)
        client.publish("b")
        keep("nginx-publish.server.bin", run_client(client, port, _publishes)[1])


def node_as_server() -> None:
    """Record what node-media-server sends to a publisher and to players over RTMP and HTTP-FLV."""
    with tempfile.TemporaryDirectory() as folder, NodeMediaServer(Path(folder)) as node:
        tc_url, port = node.rtmp_url("a").removesuffix("/a"), node.rtmp_port
        source = ["-stream_loop", "3", "-re", "-i", str(CLIP), "-c", "copy", "-f", "flv", node.rtmp_url("a")]
        with subprocess.Popen([*QUIET, *source]) as publisher:
            client = ClientConnection(tc_url, "live", random=seeded(), digest=True)
            client.play("a")
            late = lambda event: isinstance(event, Video) and event.timestamp >= 1000  # noqa: E731 - a condition like the others
            keep("node-play.server.bin", run_client(client, port, late)[1])
            keep("node-play.flv", _flv(node.flv_url("a")))
            publisher.wait(20)
        client = ClientConnection(tc_url, "live", random=seeded(), digest=True)
        client.publish("b")
        keep("node-publish.server.bin", run_client(client, port, _publishes)[1])


def _flv(url: str) -> bytes:
    """Return what an HTTP-FLV server sends up to its tenth tag of video."""
    parser, seen, kept = FlvParser(), 0, b""
    with urllib.request.urlopen(url, timeout=20) as body:  # noqa: S310 - a server of ours on loopback
        while seen < 10:
            data = body.read1(512)
            kept += data
            seen += sum(isinstance(each, FlvTag) and each.kind is TagKind.VIDEO for each in parser.receive_data(data))
    return kept


def _publishes(event: Event) -> bool:
    return isinstance(event, Status) and event.code == "NetStream.Publish.Start"


if __name__ == "__main__":
    make_clip()
    ffmpeg_as_client()
    ffmpeg_as_server()
    nginx_as_server()
    node_as_server()
