"""One audio, video or data message on its way from a publisher to players."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.chunks import Message, MessageType

AUDIO: Final = int(MessageType.AUDIO)
VIDEO: Final = int(MessageType.VIDEO)
SCRIPT: Final = int(MessageType.DATA_AMF0)


@dataclass(frozen=True, slots=True)
class Packet:
    """A message without its connection: timestamp in milliseconds, as the publisher sent it."""

    kind: int
    timestamp: int
    payload: bytes
    keyframe: bool = False
    header: bool = False

    @classmethod
    def of(cls, message: Message) -> Packet:
        """Return an audio or video message as a packet; H.264 and AAC are told apart, other codecs have no headers."""
        payload = message.payload
        if message.type_id == VIDEO:
            coded = len(payload) > 1 and payload[0] & 0x0F in (7, 12)
            header = coded and payload[1] == 0
            keyframe = len(payload) > 0 and payload[0] >> 4 == 1 and not header
            return cls(VIDEO, message.timestamp, payload, keyframe, header)
        header = len(payload) > 1 and payload[0] >> 4 == 10 and payload[1] == 0
        return cls(AUDIO, message.timestamp, payload, header=header)

    def at(self, timestamp: int) -> Packet:
        """Return the packet at another time."""
        return replace(self, timestamp=timestamp)


def metadata(payload: bytes, signature: str, version: str) -> Packet | None:
    """Return onMetaData for players: with the server's name and version, without duration; None for other data.

    SRS answers an object, whatever the publisher sent.
    """
    try:
        values = amf0.decode(payload)
    except ProtocolError:
        return None
    if values and values[0] == "@setDataFrame":
        values = values[1:]
    if not values or values[0] != "onMetaData":
        return None
    given = next((value for value in values[1:] if isinstance(value, dict)), {})
    told = {name: value for name, value in given.items() if name != "duration"}
    told |= {"server": signature, "server_version": version}
    return Packet(SCRIPT, 0, amf0.encode("onMetaData", told))
