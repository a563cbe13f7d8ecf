"""Many viewers of one kind in this process, for `benchmarks.viewers`: prints what they cost as JSON.

python -m benchmarks.one_kind flv|flv-drained|rtmp|rtmp-drained|per-packet VIEWERS SECONDS ADDRESS
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path

import gevent
from gevent import monkey

monkey.patch_all()

from srs_conformance.load.flv import FlvViewing  # noqa: E402 - after the patch
from srs_conformance.load.limits import make_room  # noqa: E402
from srs_conformance.load.measures import Measures  # noqa: E402
from srs_conformance.load.rtmp import RtmpViewing  # noqa: E402
from srs_conformance.load.viewing import Scene, Settings  # noqa: E402
from srs_conformance.media.flv import FlvParser  # noqa: E402
from srs_conformance.media.http_body import BodyRanges  # noqa: E402

BURST = 25
SETTLE = 4.0


def main(kind: str, viewers: int, seconds: float, address: str) -> None:
    """Let the viewers come, wait until they all watch, and measure for a while."""
    make_room(viewers)
    scene = Scene(Settings(), Measures())
    gevent.spawn(scene.pump.run)
    packets = [0]
    empty = _resident()
    for number in range(viewers):
        if kind == "per-packet":
            gevent.spawn(_packet_by_packet, address, packets)
        else:
            cls, scheme = (RtmpViewing, "rtmp") if kind.startswith("rtmp") else (FlvViewing, "http")
            url = (
                f"{scheme}://{address}:{1935 if scheme == 'rtmp' else 8080}/live/a{'' if scheme == 'rtmp' else '.flv'}"
            )
            gevent.spawn(cls(scene, url, "live/a", deep=not kind.endswith("drained")).visit, float("inf"))
        if number % BURST == BURST - 1:
            gevent.sleep(0.1)
    gevent.sleep(SETTLE)
    memory = (_resident() - empty) / viewers
    scene.pump.lag()
    began, used = time.monotonic(), time.process_time()
    gevent.sleep(seconds)
    took, used = time.monotonic() - began, time.process_time() - used
    standing = scene.crowd.look(time.monotonic()).values()
    watching = packets[0] if kind == "per-packet" else sum(each.viewers for each in standing)
    stalled = sum(each.stalled for each in standing)
    told = {
        "watching": watching,
        "microseconds": used * 1e6 / viewers / took,
        "memory": memory,
        "stalled": stalled,
    }
    print(json.dumps({**told, "lag": scene.pump.lag()}), flush=True)


def _packet_by_packet(address: str, packets: list[int]) -> None:
    """What one would write first: wait for bytes, parse them all, wait again."""
    connection = socket.create_connection((address, 8080))
    connection.sendall(f"GET /live/a.flv HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    packets[0] += 1
    body, parser = BodyRanges(chunked=True), FlvParser()
    data = data.partition(b"\r\n\r\n")[2]
    while True:
        for piece in body.pieces(memoryview(data)):
            parser.receive_data(bytes(piece))
        data = connection.recv(65536)


def _resident() -> float:
    return float(Path("/proc/self/status").read_text(encoding="utf-8").partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
