"""The errors of the media core, two families.

MediaError
├── ProtocolError        the peer broke the protocol: where, at which byte (or line), what was expected and found
└── LocalProtocolError   our own code misused the core
"""

from __future__ import annotations


class MediaError(Exception):
    """Base of both families."""


class ProtocolError(MediaError):
    """The peer broke the protocol.

    Attributes:
        where: the part of the protocol, e.g. "RTMP chunk header".
        offset: position of the offence; in bytes from the start of the stream (or of the record, for the parsers of
            single records), in lines from 1 for playlists.
        expected: what the specification asks for.
        found: what the peer sent instead.
        unit: what `offset` counts, "byte" or "line".
        before: the events that were complete before the offence in the same `receive_data` call.
    """

    def __init__(self, where: str, offset: int, expected: str, found: str, *, unit: str = "byte") -> None:
        super().__init__(where, offset, expected, found)
        self.where = where
        self.offset = offset
        self.expected = expected
        self.found = found
        self.unit = unit
        self.before: tuple[object, ...] = ()

    def __str__(self) -> str:
        return f"{self.where}, {self.unit} {self.offset}: expected {self.expected}, found {self.found}"


class LocalProtocolError(MediaError):
    """Our own code asked for something that the protocol or its state does not allow."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
