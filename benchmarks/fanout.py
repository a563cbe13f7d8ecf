"""A server that sends one prepared stream to thousands: for benchmarks in which a real server would be the limit.

It speaks as much RTMP, HTTP-FLV and HLS as a viewer needs, sends as SRS does (a GOP cache at once, then a piece every
350 ms), throws away what is published to it, and does nothing else. It is no SRS and says so.

    python -m benchmarks.fanout --address 127.0.0.2 [--flv-port 8080] [--rtmp-port 1935] [--kbits 600]
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import resource
import selectors
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.segments import Segments
from srs_conformance.load.prepared import CHUNK_SIZE, Clip, Schedule, flv_tag, rtmp_chunks
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.connection import ServerConnection
from srs_conformance.media.rtmp.events import ConnectRequested, CreateStreamRequested, PlayRequested, PublishRequested
from srs_conformance.publisher import DemoClip

SERVER = "srs-conformance-fanout"
CLIPS = {
    600: DemoClip(video_bitrate="530k"),
    60: DemoClip(size="320x180", video_bitrate="36k", audio_bitrate="16k"),
}
"""By their rate in kbit/s, sound and framing included."""
PERIOD = 0.35
GROUPS = 7
"""Viewers are served in turns, so that a piece does not go out to all of them at once."""
BACKLOG = 4 << 20
FLV_HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
HEAD = (
    f"HTTP/1.1 200 OK\r\nServer: {SERVER}\r\nContent-Type: video/x-flv\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
)


@dataclass(eq=False)
class Client:
    """One connection: asking until `sent` is set, then playing from there; of a publisher, `publishes`."""

    socket: socket.socket
    rtmp: ServerConnection | None
    request: bytes = b""
    sent: int | None = None
    publishes: bool = False
    unsent: bytearray = field(default_factory=bytearray)


class Fanout:
    """Accepts, answers and sends, in one thread."""

    def __init__(self, address: str, flv_port: int, rtmp_port: int, clip: Clip, segments: Segments) -> None:
        self.selector = selectors.DefaultSelector()
        self.flv, self.rtmp = Schedule(clip, flv_tag), Schedule(clip, rtmp_chunks())
        self.segments = segments
        self.heard = memoryview(bytearray(1 << 20))
        self.groups: list[set[Client]] = [set() for _ in range(GROUPS)]
        self.joined = 0
        for port, is_rtmp in ((flv_port, False), (rtmp_port, True)):
            listener = socket.create_server((address, port), backlog=4096)
            listener.setblocking(False)
            self.selector.register(listener, selectors.EVENT_READ, is_rtmp)

    def run(self) -> None:
        """Serve for ever."""
        turn, due = 0, time.monotonic()
        while True:
            for key, mask in self.selector.select(max(due - time.monotonic(), 0)):
                if isinstance(key.data, Client):
                    self._guarded(key.data, self._hear if mask & selectors.EVENT_READ else self._go_on)
                else:
                    self._accept(key.fileobj, rtmp=key.data)
            if time.monotonic() >= due:
                due = max(due + PERIOD / GROUPS, time.monotonic() - PERIOD)
                turn = (turn + 1) % GROUPS
                for client in list(self.groups[turn]):
                    self._guarded(client, self._send)

    def _accept(self, listener: object, *, rtmp: bool) -> None:
        assert isinstance(listener, socket.socket)
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = listener.accept()
                connection.setblocking(False)
                client = Client(connection, ServerConnection() if rtmp else None)
                self.selector.register(connection, selectors.EVENT_READ, client)

    def _guarded(self, client: Client, do: Callable[[Client], None]) -> None:
        try:
            do(client)
        except BlockingIOError:
            pass
        except (OSError, ProtocolError):
            self._drop(client)

    def _drop(self, client: Client) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(client.socket)
        for group in self.groups:
            group.discard(client)
        client.socket.close()

    def _hear(self, client: Client) -> None:
        size = client.socket.recv_into(self.heard)
        if not size:
            raise ConnectionResetError
        if client.sent is not None or client.publishes:
            return
        data = bytes(self.heard[:size])
        if client.rtmp is None:
            self._hear_http(client, data)
        else:
            self._hear_rtmp(client, client.rtmp, data)

    def _hear_http(self, client: Client, data: bytes) -> None:
        client.request += data
        head, end, client.request = client.request.partition(b"\r\n\r\n")
        if not end:
            client.request = head
            return
        path = head.split(b" ", 2)[1].decode().partition("?")[0]
        if path.endswith(".flv"):
            self._begin(client, self.flv, HEAD, FLV_HEADER)
        else:
            client.unsent += self.segments.answer(path)
            self._go_on(client)

    def _go_on(self, client: Client) -> None:
        """Send what is left of an answer, now and whenever there is room."""
        with contextlib.suppress(BlockingIOError):
            self._flush(client)
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0)
        self.selector.modify(client.socket, events, client)

    def _hear_rtmp(self, client: Client, rtmp: ServerConnection, data: bytes) -> None:
        for event in rtmp.receive_data(data):
            if isinstance(event, ConnectRequested):
                rtmp.accept_connect({"fmsVer": SERVER}, chunk_size=CHUNK_SIZE)
            elif isinstance(event, CreateStreamRequested):
                rtmp.accept_create_stream(event)
            elif isinstance(event, PublishRequested):
                rtmp.accept_publish(event)
                client.publishes = True
                break
            elif isinstance(event, PlayRequested):
                rtmp.accept_play(event)
                self._begin(client, self.rtmp, rtmp.data_to_send(), b"")
                return
        client.socket.sendall(rtmp.data_to_send())

    def _begin(self, client: Client, schedule: Schedule, head: bytes, first: bytes) -> None:
        place = schedule.place(time.monotonic())
        start = schedule.last_keyframe(place)
        client.sent = place
        body = first + schedule.headers(start) + schedule.between(start, place)
        client.unsent += head + (body if client.rtmp else _chunk(body))
        self.groups[self.joined % GROUPS].add(client)
        self.joined += 1
        self._flush(client)

    def _send(self, client: Client) -> None:
        assert client.sent is not None
        schedule = self.rtmp if client.rtmp else self.flv
        place = schedule.place(time.monotonic())
        if place <= client.sent:
            return
        data = schedule.between(client.sent, place)
        data = data if client.rtmp else _chunk(data)
        client.sent = place
        if client.unsent:
            if len(client.unsent) > BACKLOG:
                raise ConnectionAbortedError
            client.unsent += data
            self._flush(client)
            return
        sent = 0
        with contextlib.suppress(BlockingIOError):
            sent = client.socket.send(data)
        if sent < len(data):
            client.unsent += data[sent:]

    def _flush(self, client: Client) -> None:
        sent = client.socket.send(client.unsent)
        del client.unsent[:sent]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def main(arguments: list[str]) -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.2")
    parser.add_argument("--flv-port", type=int, default=8080)
    parser.add_argument("--rtmp-port", type=int, default=1935)
    parser.add_argument("--kbits", type=int, default=600, choices=CLIPS, help="of the stream")
    options = parser.parse_args(arguments)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    file = CLIPS[options.kbits].ensure_flv()
    clip = Clip(file)
    server = Fanout(options.address, options.flv_port, options.rtmp_port, clip, Segments(file))
    rate = sum(len(unit.payload) for unit in clip.units) * 8 / clip.length
    print(f"{SERVER} at {options.address}, {rate:.0f} kbit/s", flush=True)
    gc.freeze()  # thousands of connections, none of which is ever part of a cycle
    gc.disable()
    server.run()


if __name__ == "__main__":
    main(sys.argv[1:])
