"""Short RTMP visits that ask a server who it is, and watch nothing.

A balancer that gives each new connection to one of several servers shows by them whose turn it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from srs_conformance.media import amf0
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.connection import ClientConnection
from srs_conformance.media.rtmp.events import Audio, Connected, Event, Metadata, Redirected, Status, Video
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.viewers.rtmp import server_of
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import Ended, Wire

ANSWER_SECONDS = 5.0

_Answer = TypeVar("_Answer")


class _Deaf:
    """Counts nothing."""

    def count(self, data: bytes | memoryview) -> None:
        """Take no note of it."""


def greet(host: str, port: int = 1935, app: str = "live") -> str:
    """Connect as a player does and return the server's version as it tells it in its answer: "3.0.170".

    No stream is played, so an edge pulls nothing for it.

    Raises:
        Ended: refused, reset, or no answer in time.
    """
    return _visit(ClientConnection(f"rtmp://{host}:{port}/{app}", app), host, port, _version)


def metadata(url: str) -> Mapping[str, amf0.Value]:
    """Play rtmp://host[:port]/app/stream until its metadata (onMetaData) has come, and return that.

    Raises:
        Ended: refused, reset, rejected, or no metadata in time.
    """
    parsed = RtmpUrl.parse(url)
    connection = ClientConnection(parsed.tc_url, parsed.app)
    connection.play(parsed.play_name)
    return _visit(connection, parsed.host, parsed.port, _metadata)


def sent_on(url: str) -> Redirected:
    """Play rtmp://host[:port]/app/stream until the server sends us on, and return where to, without going there.

    Raises:
        Ended: refused, reset, rejected, or not sent on in time; FINISHED where it plays itself.
    """
    parsed = RtmpUrl.parse(url)
    connection = ClientConnection(parsed.tc_url, parsed.app)
    connection.play(parsed.play_name)
    return _visit(connection, parsed.host, parsed.port, _redirect)


def _redirect(events: Iterable[Event]) -> Redirected | None:
    for event in events:
        if isinstance(event, Redirected):
            return event
        if isinstance(event, Status) and event.level == "error":
            raise Ended(Ending.REJECTED, f"{event.code}: {event.description}")
        if isinstance(event, Audio | Video):
            raise Ended(Ending.FINISHED, "the server plays the stream itself")
    return None


def _version(events: Iterable[Event]) -> str | None:
    for event in events:
        if isinstance(event, Connected):
            data = event.info.get("data")
            version = data.get("srs_version") if isinstance(data, dict) else None
            return version if isinstance(version, str) else server_of(event)
    return None


def _metadata(events: Iterable[Event]) -> Mapping[str, amf0.Value] | None:
    for event in events:
        if isinstance(event, Status) and event.level == "error":
            raise Ended(Ending.REJECTED, f"{event.code}: {event.description}")
        if isinstance(event, Metadata):
            return event.values
    return None


def _visit(
    connection: ClientConnection, host: str, port: int, answer: Callable[[Iterable[Event]], _Answer | None]
) -> _Answer:
    wire = Wire(_Deaf())
    try:
        wire.connect(host, port)
        wire.patience(ANSWER_SECONDS)
        while True:
            wire.send(connection.data_to_send())
            data = wire.receive()
            if not data:
                raise Ended(Ending.CLOSED, f"the server closed the connection while {connection.state.value}")
            if (found := answer(connection.receive_data(data))) is not None:
                return found
    except ProtocolError as error:
        raise Ended(Ending.PROTOCOL_ERROR, str(error)) from error
    finally:
        wire.close()
