"""The RTMP viewer: handshake, connect, play, and then messages for as long as the server keeps the connection."""

from __future__ import annotations

import time
from collections.abc import Iterable

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp.connection import ClientConnection
from srs_conformance.media.rtmp.events import Audio, Connected, Metadata, Redirected, Status, Video
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.viewers.keeping import Conversation
from srs_conformance.viewers.timeline import Ending, Protocol
from srs_conformance.viewers.viewer import Viewer
from srs_conformance.viewers.wire import Ended, Wire

HOPS = 3
ANSWER_SECONDS = 10.0
"""For each answer until the server says that it plays; frames may then stay away for ever."""
PLAY_START = "NetStream.Play.Start"


class RtmpViewer(Viewer):
    """Plays rtmp://host[:port]/app/stream[?params].

    A stream that nobody publishes gives `playing` and silence. Where the server sends us on (SRS: an error status with
    code 302), we follow up to three times, which ffmpeg does not do; each hop is a note.
    """

    protocol = Protocol.RTMP

    def _watch(self) -> None:
        url = RtmpUrl.parse(self.url)
        for _ in range(HOPS + 1):
            redirected = self._play(url)
            url = self._follow(redirected, url)
        raise Ended(Ending.REDIRECTED, f"more than {HOPS} redirects, the last one to {url}")

    def _follow(self, redirected: Redirected, url: RtmpUrl) -> RtmpUrl:
        to = redirected.to
        if to == redirected.tc_url:
            to = f"{to.rstrip('/')}/{url.play_name}"
        elif url.params and "?" not in to:
            to = f"{to}?{url.params}"
        self.timeline.playing = None
        self.hops.append(to)
        self._note(f"{redirected.status.code}: {redirected.status.description}, to {to}")
        try:
            return RtmpUrl.parse(to)
        except LocalProtocolError as error:
            raise Ended(Ending.REDIRECTED, f"redirected to {to!r}: {error}") from error

    def _play(self, url: RtmpUrl) -> Redirected:
        """Play until the server sends us elsewhere.

        Raises:
            Ended: the connection ended, or the server refused.
        """
        wire = self._connect(url.host, url.port)
        wire.patience(ANSWER_SECONDS)
        connection = ClientConnection(url.tc_url, url.app)
        connection.play(url.play_name)
        talk = Conversation(url.host, url.port)
        if self._keep is not None:
            self._keep.conversations.append(talk)
        try:
            return self._converse(wire, connection, talk)
        except (Ended, ProtocolError) as end:
            talk.why = "" if self._stopping.is_set() else str(end)
            raise

    def _converse(self, wire: Wire, connection: ClientConnection, talk: Conversation) -> Redirected:
        while True:
            say = connection.data_to_send()
            self._kept(talk, say, sent=True)
            wire.send(say)
            data = wire.receive()
            arrival = time.monotonic()
            self._kept(talk, data)
            if not data:
                raise Ended(Ending.CLOSED, f"the server closed the connection while {connection.state.value}")
            try:
                redirected = self._take(connection.receive_data(data), wire, arrival)
            except ProtocolError as error:
                self._take(error.before, wire, arrival)
                raise
            if redirected is not None:
                return redirected

    def _kept(self, talk: Conversation, data: bytes, *, sent: bool = False) -> None:
        if self._keep is not None and data:
            self._keep.keep(talk.pieces, time.monotonic(), data, sent=sent)

    def _take(self, events: Iterable[object], wire: Wire, arrival: float) -> Redirected | None:
        recorder = self._recorder
        for event in events:
            if self._stopping.is_set():
                return None
            match event:
                case Video(timestamp, payload):
                    recorder.flv_video(payload, timestamp, arrival)
                case Audio(timestamp, payload):
                    recorder.flv_audio(payload, timestamp, arrival)
                case Status():
                    self._on_status(event, wire, arrival)
                case Redirected():
                    return event
                case Connected():
                    self.timeline.server = server_of(event)
                case Metadata(values):
                    recorder.note(f"onMetaData: {', '.join(sorted(values))}")
        return None

    def _on_status(self, status: Status, wire: Wire, arrival: float) -> None:
        text = f"{status.code}: {status.description}"
        self._recorder.note(text)
        if status.code == PLAY_START and self.timeline.playing is None:
            self.timeline.playing = arrival
        if self.timeline.playing is not None:
            wire.patience(None)
        elif status.level == "error":
            raise Ended(Ending.REJECTED, text)


def server_of(connected: Connected) -> str:
    """Return what the server says it is: SRS in the information's `data`, others as fmsVer."""
    data = connected.info.get("data")
    if isinstance(data, dict):
        for name in ("srs_server", "srs_version"):
            if isinstance(value := data.get(name), str):
                return value
    version = connected.properties.get("fmsVer")
    return version if isinstance(version, str) else ""
