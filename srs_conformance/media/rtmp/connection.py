"""RTMP connections of both roles, and their events."""

from __future__ import annotations

from srs_conformance.media.rtmp.client import ClientConnection, ClientState
from srs_conformance.media.rtmp.events import (
    Audio,
    Closed,
    CommandReceived,
    Connected,
    ConnectRequested,
    ControlReceived,
    CreateStreamRequested,
    DataReceived,
    Event,
    HandshakeDone,
    MessageIgnored,
    Metadata,
    PlayRequested,
    PublishRequested,
    Redirected,
    Status,
    StreamCreated,
    Video,
    WindowAcknowledged,
)
from srs_conformance.media.rtmp.server import ServerConnection, ServerState

__all__ = [
    "Audio",
    "ClientConnection",
    "ClientState",
    "Closed",
    "CommandReceived",
    "ConnectRequested",
    "Connected",
    "ControlReceived",
    "CreateStreamRequested",
    "DataReceived",
    "Event",
    "HandshakeDone",
    "MessageIgnored",
    "Metadata",
    "PlayRequested",
    "PublishRequested",
    "Redirected",
    "ServerConnection",
    "ServerState",
    "Status",
    "StreamCreated",
    "Video",
    "WindowAcknowledged",
]
