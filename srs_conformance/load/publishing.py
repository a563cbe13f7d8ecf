"""A cheap RTMP publisher: prepared bytes, sent when they are due."""

from __future__ import annotations

import _socket
import time
from typing import ClassVar, Final

from srs_conformance.load.prepared import CHUNK_SIZE, Schedule
from srs_conformance.load.pump import TICK
from srs_conformance.load.viewing import Scene, Visitor
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.media.rtmp.client import ClientState
from srs_conformance.media.rtmp.connection import ClientConnection
from srs_conformance.media.rtmp.events import Connected, Status
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.viewers.rtmp import server_of
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import Ended, Wire

_LATE: Final = 1.0
"""Seconds that the server may leave our bytes unread before it counts as a stall."""
_GIVE_UP: Final = 30.0
STREAM_ID: Final = 1
"""The message stream that every server gives to a connection's first createStream."""


class Publishing(Visitor):
    """Publishes to rtmp://host[:port]/app/stream[?params] what a schedule framed by `rtmp_chunks(STREAM_ID)` gives.

    Of its visit, `first_keyframe` is when the server had accepted it, `received` the bytes sent, and stalls are times
    when the server did not take what was due.
    """

    kind: ClassVar[Kind] = Kind.PUBLISHER

    def __init__(self, scene: Scene, url: str, stream: str, schedule: Schedule) -> None:
        super().__init__(scene, url, stream)
        self._schedule = schedule
        self._wire: Wire | None = None
        self._socket: _socket.socket | None = None
        self._unsent = b""
        self._blocked: float | None = None

    def stalled(self, now: float) -> bool:
        """Whether the server has left our bytes unread for longer than it may."""
        return self._blocked is not None and now - self._blocked > _LATE

    def _join(self) -> None:
        url = RtmpUrl.parse(self.url)
        self._wire = self.connect(url.host, url.port)
        connection = ClientConnection(url.tc_url, url.app, chunk_size=CHUNK_SIZE)
        connection.publish(url.play_name)
        while connection.state is not ClientState.PUBLISHING:
            self._wire.send(connection.data_to_send())
            left = self.started + self.scene.settings.patience - time.monotonic()
            self._wire.patience(max(left, 0.01))
            data = self._wire.receive()
            if not data:
                raise Ended(Ending.CLOSED, f"the server closed the connection while {connection.state.value}")
            for event in connection.receive_data(data):
                if isinstance(event, Connected):
                    self.scene.says(server_of(event))
                if isinstance(event, Status) and event.level == "error":
                    raise Ended(Ending.REJECTED, f"{event.code}: {event.description}")
        self._wire.send(connection.data_to_send())
        self.record.first_keyframe = time.monotonic() - self.started
        if connection.stream_id != STREAM_ID:
            raise Ended(
                Ending.PROTOCOL_ERROR, f"message stream {connection.stream_id}; prepared bytes are for {STREAM_ID}"
            )

    def _stay(self, seconds: float) -> None:
        assert self._wire is not None
        self._socket = _socket.socket(fileno=self._wire.detach())  # gevent's would wait where the pump must not
        self._socket.setblocking(False)
        self._place = self._schedule.next_keyframe(self._schedule.place(time.monotonic()))
        self._unsent = self._schedule.headers(self._place)
        self.record.received = 0  # of what the server said while joining nothing counts
        self.scene.pump.add(self, TICK)
        super()._stay(seconds)

    def read(self, buffer: memoryview, now: float) -> float | None:
        """Send what is due, for the pump, and throw away what the server says."""
        connection = self._socket
        if connection is None or self.over:
            return None
        place = self._schedule.place(now)
        if place > self._place:
            due = self._schedule.between(self._place, place)
            self._unsent = self._unsent + due if self._unsent else due
            self._place = place
        try:
            if self._unsent:
                self._send(connection, now)
            if not connection.recv_into(buffer, 0, _socket.MSG_TRUNC):
                self.end(Ending.CLOSED, "the server closed the connection")
                return None
        except BlockingIOError:
            pass
        except OSError as error:
            ended = Ended.because_of(error, f"sending to {self.url}")
            self.end(ended.ending, str(ended))
            return None
        return TICK

    def _send(self, connection: _socket.socket, now: float) -> None:
        try:
            sent = connection.send(self._unsent)
        except BlockingIOError:
            sent = 0
        self.took(sent)
        if sent == len(self._unsent):
            self._unsent = b""
            self._unblocked(now)
            return
        self._unsent = self._unsent[sent:]
        if self._blocked is None or sent:
            self._unblocked(now)
            self._blocked = now
        elif now - self._blocked > _GIVE_UP:
            self.end(Ending.TIMEOUT, f"the server took nothing for {_GIVE_UP:g} s")

    def _unblocked(self, now: float) -> None:
        if self.stalled(now) and self._blocked is not None:
            self.record.stalls += 1
            self.record.stalled += now - self._blocked - _LATE
            self.stood_still(now - self._blocked - _LATE)
        self._blocked = None

    def _leave(self) -> None:
        for connection in (self._socket, self._wire):
            if connection is not None:
                connection.close()
        self._socket = self._wire = None

    def _account(self, now: float, ending: Ending, error: str) -> Visit:
        self._unblocked(now)
        record = self.record
        record.ending, record.error = ending, error
        record.watched = now - self.started - (record.first_keyframe or 0.0)
        return record
