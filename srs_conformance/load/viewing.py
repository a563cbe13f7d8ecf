"""One visit of a cheap viewer: it joins as any player does, and is then read in batches by the pump."""

from __future__ import annotations

import _socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from srs_conformance.load.crowd import Crowd
from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.pump import Pump
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.load.watching import Watch
from srs_conformance.media.errors import ProtocolError
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import Ended, Wire

RECEIVE_BUFFER: Final = 212_992
"""Bytes that the kernel holds between two reads: what it allows unless told otherwise (net.core.rmem_max)."""
_FULL: Final = RECEIVE_BUFFER // 3
"""Bytes in one batch from which on a connection is read more often, lest the server find the window closed."""
_SHORTEST: Final = 0.05


@dataclass(frozen=True)
class Settings:
    """How viewers are.

    Args:
        buffer: seconds of media that the modelled player waits for.
        patience: seconds within which the first keyframe must come; of HLS, where a stream's first segment takes a
            whole fragment, `hls_patience`.
        deep_period, drained_period: seconds from one read of a connection to the next.
    """

    buffer: float = 1.0
    patience: float = 10.0
    hls_patience: float = 30.0
    deep_period: float = 0.35
    drained_period: float = 0.5


class Scene:
    """What all visits of a process share; `on_joined` is told of everybody whose first keyframe has come."""

    def __init__(self, settings: Settings, measures: Measures) -> None:
        self.settings = settings
        self.measures = measures
        self.crowd = Crowd()
        self.pump = Pump()
        self.servers: set[str] = set()
        self.on_joined: Callable[[Visitor], None] = lambda _: None

    def says(self, server: str) -> None:
        """Keep what a peer says it is; a handful is enough."""
        if server and len(self.servers) < 20:
            self.servers.add(server)


class Visitor(ABC):
    """Somebody who comes, stays and leaves, once.

    Args:
        scene: what it shares with all others.
        url: where it goes.
        stream: app/name, for the account.
        deep: whether what comes is followed frame by frame, or thrown away by the kernel.
    """

    kind: ClassVar[Kind]

    def __init__(self, scene: Scene, url: str, stream: str, *, deep: bool = True) -> None:
        self.scene = scene
        self.url = url
        self.record = Visit(self.kind, stream, deep)
        self.deep = deep
        self.started = 0.0
        self._group = scene.crowd.group(self.kind)
        self._over = threading.Event()
        self._end: tuple[Ending, str] | None = None

    def visit(self, seconds: float) -> Visit:
        """Come, stay for so long unless the server ends it, and leave; the visit is counted in the measures.

        Also where the thread or greenlet is ended meanwhile, as Locust does when a test is over.
        """
        self.started = time.monotonic()
        try:
            self._come_and_stay(seconds)
        except Ended as ended:
            self.end(ended.ending, str(ended))
        except ProtocolError as broken:
            self.end(Ending.PROTOCOL_ERROR, str(broken))
        finally:
            self._over.set()
            self._leave()
            record = self._account(time.monotonic(), *(self._end or (Ending.STOPPED, "")))
            if record.joined or record.ending is not Ending.STOPPED:  # nobody is refused whom we did not let wait
                self.scene.measures.visit(record)
        return record

    def _come_and_stay(self, seconds: float) -> None:
        group = self._group
        group.joining += 1
        try:
            self._join()
        finally:
            group.joining -= 1
        assert self.record.first_keyframe is not None
        group.joined.append(self.record.first_keyframe)
        group.members.add(self)
        self.scene.on_joined(self)
        try:
            self._stay(seconds)
        finally:
            group.members.discard(self)

    def stood_still(self, seconds: float) -> None:
        """Take note of a stall that is over."""
        self.scene.measures.record(self.kind, Measure.STALL, seconds)

    @abstractmethod
    def stalled(self, now: float) -> bool:
        """Whether it stands still at a time (`time.monotonic()` s)."""

    def leave(self) -> None:
        """Have it leave now; for others."""
        if self._end is None:
            self._end = Ending.STOPPED, ""
        self._over.set()

    def end(self, ending: Ending, error: str = "") -> None:
        """The server has ended it."""
        if self._end is None:
            self._end = ending, error
        self._over.set()

    @property
    def over(self) -> bool:
        """Whether it has left or was ended."""
        return self._over.is_set()

    @abstractmethod
    def _join(self) -> None:
        """Come in.

        Raises:
            Ended: it is not let in, or not in time.
        """

    def _stay(self, seconds: float) -> None:
        self._over.wait(min(seconds, threading.TIMEOUT_MAX))

    @abstractmethod
    def _leave(self) -> None:
        """Give back what it holds; may find nothing."""

    @abstractmethod
    def _account(self, now: float, ending: Ending, error: str) -> Visit:
        """Return the visit as it ended."""

    def count(self, data: bytes | memoryview) -> None:
        """Take note of bytes that came while joining."""
        if self.record.first_byte is None and data:
            self.record.first_byte = time.monotonic() - self.started
        self.took(len(data))

    def took(self, size: int) -> None:
        """Take note of so many bytes."""
        self.record.received += size
        self._group.received += size

    def connect(self, host: str, port: int) -> Wire:
        """Connect to the server.

        Raises:
            Ended: it does not answer.
        """
        wire = Wire(self, RECEIVE_BUFFER)
        wire.connect(host, port)
        if self.record.connect is None:
            self.record.connect = time.monotonic() - self.started
        return wire


class Viewing(Visitor):
    """A viewer of an endless response; each protocol is a subclass."""

    def __init__(self, scene: Scene, url: str, stream: str, *, deep: bool = True) -> None:
        super().__init__(scene, url, stream, deep=deep)
        self.watch = Watch(self.record, scene.settings.buffer, on_stall=self.stood_still)
        self._wire: Wire | None = None
        self._socket: _socket.socket | None = None

    def _join(self) -> None:
        self.watch.started = self.started
        self._open()
        while not self.watch.joined:
            if self.over:
                raise Ended(Ending.STOPPED, "")
            left = self.started + self.scene.settings.patience - time.monotonic()
            if left <= 0:
                patience = self.scene.settings.patience
                raise Ended(Ending.TIMEOUT, f"no keyframe within {patience:g} s, {self.record.received} bytes came")
            self._await(left)

    def stalled(self, now: float) -> bool:
        """Whether the modelled player stands still at a time."""
        return self.watch.stalled(now)

    def _await(self, seconds: float) -> None:
        """Wait for bytes while joining, and take them."""
        assert self._wire is not None
        self._wire.patience(seconds)
        try:
            data = self._wire.receive()
        except Ended as ended:
            if ended.ending is Ending.TIMEOUT:
                return
            raise
        if not data:
            raise Ended(Ending.CLOSED, "the server closed the connection before a keyframe came")
        self._take(memoryview(data), time.monotonic())

    def _stay(self, seconds: float) -> None:
        assert self._wire is not None
        self._socket = _socket.socket(fileno=self._wire.detach())  # gevent's would wait where the pump must not
        self._socket.setblocking(False)
        settings = self.scene.settings
        self.scene.pump.add(self, settings.deep_period if self.deep else settings.drained_period)
        super()._stay(seconds)

    def read(self, buffer: memoryview, now: float) -> float | None:
        """Take what has come, for the pump."""
        connection = self._socket
        if connection is None or self.over:
            return None
        try:
            size = connection.recv_into(buffer, 0, 0 if self.deep else _socket.MSG_TRUNC)
        except BlockingIOError:
            return self._again(0)
        except OSError as error:
            self._ended(Ended.because_of(error, f"reading from {self.url}"))
            return None
        if not size:
            self._ended(Ended(Ending.CLOSED, "the server closed the connection"))
            return None
        self.took(size)
        try:
            if self.deep:
                self._take(buffer[:size], now)
            else:
                self._skip(size)
                self.watch.take_bytes(now)
        except ProtocolError as broken:
            self._ended(Ended(Ending.PROTOCOL_ERROR, str(broken)))
            return None
        return None if self.over else self._again(size)

    def _again(self, size: int) -> float:
        settings = self.scene.settings
        period = settings.deep_period if self.deep else settings.drained_period
        return period if size < _FULL else max(period * _FULL / size / 2, _SHORTEST)

    def _ended(self, ended: Ended) -> None:
        self.end(ended.ending, str(ended))

    def _leave(self) -> None:
        for connection in (self._socket, self._wire):
            if connection is not None:
                connection.close()
        self._socket = self._wire = None

    def _account(self, now: float, ending: Ending, error: str) -> Visit:
        return self.watch.finish(now, ending, error)

    def behind(self, stamps: list[tuple[int, float]]) -> None:
        """Take the times at which keyframes that have just come were sent (seconds since 1970)."""
        now = time.time()
        for _, sent in stamps:
            self.scene.measures.record(self.kind, Measure.BEHIND, max(now - sent, 0.0))

    @abstractmethod
    def _open(self) -> None:
        """Connect and ask for the stream."""

    @abstractmethod
    def _take(self, data: memoryview, now: float) -> None:
        """Take bytes of the stream."""

    def _skip(self, size: int) -> None:
        """Take note of so many bytes that were thrown away."""
