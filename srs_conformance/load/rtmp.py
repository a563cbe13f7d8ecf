"""A cheap RTMP viewer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from typing import ClassVar

from srs_conformance.load.viewing import Viewing
from srs_conformance.load.visits import Kind
from srs_conformance.media.rtmp.client import ClientState
from srs_conformance.media.rtmp.connection import ClientConnection
from srs_conformance.media.rtmp.events import Audio, Connected, Event, Redirected, Status, Video
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.media.steps import AUDIO, VIDEO, Step, mark_of
from srs_conformance.viewers.rtmp import server_of
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import Ended


class RtmpViewing(Viewing):
    """Plays rtmp://host[:port]/app/stream[?params]; where a server sends it elsewhere, that is the end of the visit."""

    kind: ClassVar[Kind] = Kind.RTMP

    def _open(self) -> None:
        url = RtmpUrl.parse(self.url)
        self._wire = self.connect(url.host, url.port)
        self._connection = ClientConnection(url.tc_url, url.app)
        self._connection.play(url.play_name)
        while self._connection.state is not ClientState.PLAYING:
            self._wire.send(self._connection.data_to_send())
            left = self.started + self.scene.settings.patience - time.monotonic()
            self._wire.patience(max(left, 0.01))
            data = self._wire.receive()
            if not data:
                raise Ended(Ending.CLOSED, f"the server closed the connection while {self._connection.state.value}")
            events = self._connection.receive_data(data)
            self._answers(events)
            self.watch.take([step for event in events if (step := _step(event))], time.monotonic())

    def _answers(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Connected():
                    self.scene.says(server_of(event))
                case Redirected():
                    raise Ended(Ending.REDIRECTED, f"redirected to {event.to}")
                case Status(level="error"):
                    raise Ended(Ending.REJECTED, f"{event.code}: {event.description}")

    def _take(self, data: memoryview, now: float) -> None:
        steps, events = self._connection.skim(data)
        if events:
            self._answers(events)
        self.watch.take(steps, now)
        if stamps := self._connection.take_stamps():
            self.behind(stamps)
        self._answer()

    def _skip(self, size: int) -> None:
        self._connection.skip(size)
        self._answer()

    def _answer(self) -> None:
        """Send what is due: an acknowledgement every 2.5 MB; a server that does not read it must not stop the pump."""
        out = self._connection.data_to_send()
        if not out:
            return
        if self._socket is None:
            assert self._wire is not None
            self._wire.send(out)
            return
        with contextlib.suppress(BlockingIOError):
            self._socket.send(out)


def _step(event: Event) -> Step | None:
    """Return the step of media that comes together with the answer to play."""
    match event:
        case Video(timestamp, payload):
            return VIDEO, timestamp, mark_of(VIDEO, payload)
        case Audio(timestamp, payload):
            return AUDIO, timestamp, mark_of(AUDIO, payload)
    return None
