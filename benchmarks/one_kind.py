"""Many viewers of one kind in this process, for the other benchmarks: prints what they cost as JSON.

python -m benchmarks.one_kind KIND VIEWERS SECONDS ADDRESS

KIND is flv, rtmp or hls, each also with -drained; publisher; or per-packet.
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

from benchmarks.fanout import CLIPS  # noqa: E402 - after the patch
from srs_conformance.load.flv import FlvViewing  # noqa: E402 - after the patch
from srs_conformance.load.hls import HlsViewing  # noqa: E402 - after the patch
from srs_conformance.load.limits import make_room, why_not_valid  # noqa: E402 - after the patch
from srs_conformance.load.measures import Measures  # noqa: E402 - after the patch
from srs_conformance.load.prepared import Clip, Schedule, rtmp_chunks  # noqa: E402 - after the patch
from srs_conformance.load.publishing import STREAM_ID, Publishing  # noqa: E402 - after the patch
from srs_conformance.load.rtmp import RtmpViewing  # noqa: E402 - after the patch
from srs_conformance.load.viewing import Scene, Settings, Visitor  # noqa: E402 - after the patch
from srs_conformance.media.flv import FlvParser  # noqa: E402 - after the patch
from srs_conformance.media.http_body import BodyRanges  # noqa: E402 - after the patch

RATE = 250
"""Viewers who come in a second."""
SETTLE = 4.0
BUFFERS = {"hls": 15.0}
"""Seconds that the modelled player holds; of HLS more than the segment of 10 s that comes at once."""


class Crowd:
    """Everybody of one kind; `watching` are those who get what they came for."""

    def __init__(self, kind: str, address: str) -> None:
        self.kind, _, how = kind.partition("-")
        self.drained = how == "drained"
        self.address = address
        self.scene = Scene(Settings(buffer=BUFFERS.get(self.kind, 1.0)), Measures())
        self.packets = 0
        if self.kind == "publisher":
            self.schedule = Schedule(Clip(CLIPS[600].ensure_flv()), rtmp_chunks(STREAM_ID))
        gevent.spawn(self.scene.pump.run)

    def come(self, number: int) -> None:
        """Let one more come."""
        if self.kind == "per":
            gevent.spawn(self._packet_by_packet)
        else:
            gevent.spawn(self._visitor(number).visit, float("inf"))

    def watching(self) -> int:
        """Return how many there are, and begin to count stalls anew."""
        if self.kind == "per":
            return self.packets
        return sum(each.viewers for each in self.scene.crowd.look(time.monotonic()).values())

    def stalled(self) -> int:
        """Return how many stand still."""
        return sum(each.stalled for each in self.scene.crowd.look(time.monotonic()).values())

    def _visitor(self, number: int) -> Visitor:
        scene, deep = self.scene, not self.drained
        match self.kind:
            case "rtmp":
                return RtmpViewing(scene, f"rtmp://{self.address}:1935/live/a", "live/a", deep=deep)
            case "hls":
                return HlsViewing(scene, f"http://{self.address}:8080/live/a.m3u8", "live/a", deep=deep)
            case "publisher":
                return Publishing(scene, f"rtmp://{self.address}:1935/live/{number}", f"live/{number}", self.schedule)
        return FlvViewing(scene, f"http://{self.address}:8080/live/a.flv", "live/a", deep=deep)

    def _packet_by_packet(self) -> None:
        """What one would write first: wait for bytes, parse them all, wait again."""
        connection = socket.create_connection((self.address, 8080))
        connection.sendall(f"GET /live/a.flv HTTP/1.1\r\nHost: {self.address}\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        self.packets += 1
        body, parser = BodyRanges(chunked=True), FlvParser()
        data = data.partition(b"\r\n\r\n")[2]
        while True:
            for piece in body.pieces(memoryview(data)):
                parser.receive_data(bytes(piece))
            data = connection.recv(65536)


def main(kind: str, viewers: int, seconds: float, address: str) -> None:
    """Let the viewers come, wait until they all watch, and measure for a while."""
    make_room(viewers)
    crowd = Crowd(kind, address)
    pump = crowd.scene.pump
    empty = _resident()
    began = time.monotonic()
    for number in range(viewers):
        crowd.come(number)
        ahead = began + number / RATE - time.monotonic()
        if ahead > 0:
            gevent.sleep(ahead)
    gevent.sleep(SETTLE)
    memory = (_resident() - empty) / viewers
    pump.lag()
    began, used, lags = time.monotonic(), time.process_time(), []
    while time.monotonic() < began + seconds:
        gevent.sleep(min(1.0, max(began + seconds - time.monotonic(), 0.01)))
        lags.append(pump.lag())
    took, used = time.monotonic() - began, time.process_time() - used
    told = {
        "watching": crowd.watching(),
        "stalled": crowd.stalled(),
        "microseconds": used * 1e6 / viewers / took,
        "share": used / took,
        "memory": memory,
        "lag": max(lags),
        "invalid": why_not_valid(lags),
    }
    print(json.dumps(told), flush=True)


def _resident() -> float:
    return float(Path("/proc/self/status").read_text(encoding="utf-8").partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
