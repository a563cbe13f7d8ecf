"""FLV as bytes (Adobe Flash Video File Format 10.1, annex E): the header, and tags in pieces that share payloads."""

from __future__ import annotations

import struct
from typing import Final

AUDIO: Final = 8
VIDEO: Final = 9
SCRIPT: Final = 18
HEADER: Final = 11

_TAG: Final = struct.Struct(">I3sB3s")


def header(*, audio: bool = True, video: bool = True) -> bytes:
    """Return the file header (E.2) and the first PreviousTagSize."""
    return b"FLV\1" + bytes([audio << 2 | video]) + b"\0\0\0\x09\0\0\0\0"


def tag(kind: int, timestamp: int, payload: bytes, *, counted: int = HEADER) -> tuple[bytes, bytes, bytes]:
    """Return a tag (E.4.1) in three pieces: its header, the payload as it is, and PreviousTagSize.

    The timestamp is in milliseconds; its upper 8 of 32 bits stand last. `counted` is what the size counts beside the
    payload, the header's 11 bytes unless by a fault.
    """
    size = len(payload)
    stamp = timestamp & 0xFFFFFFFF
    head = _TAG.pack(kind << 24 | size, (stamp & 0xFFFFFF).to_bytes(3, "big"), stamp >> 24, b"\0\0\0")
    return head, payload, (size + counted).to_bytes(4, "big")
