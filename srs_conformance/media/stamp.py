"""The time at which a keyframe was sent, carried in the keyframe itself, so that any viewer knows how far behind it is.

A stamp is an SEI message of H.264 (7.3.2.3.1, payload type 5: user data unregistered, D.1.6) in front of the picture's
slices: an identifier of ours and the sender's clock. Servers remux it with the picture, over RTMP, HTTP-FLV and HLS.
"""

from __future__ import annotations

import uuid
from typing import Final

from srs_conformance.media.reading import Buffer

#: Names our user data among everybody's (ISO/IEC 11578 identifier, as D.2.6 asks).
IDENTIFIER: Final = uuid.uuid5(uuid.NAMESPACE_URL, "srs-conformance:stamp").bytes
_DIGITS: Final = 16
_SEI, _USER_DATA, _STOP = 0x06, 0x05, 0x80
_SIZE: Final = len(IDENTIFIER) + _DIGITS


def sei(seconds: float) -> bytes:
    """Return the NAL unit, without length or start code, that says a time in seconds since 1970.

    The time is written in hexadecimal digits of microseconds, among which no start code can arise.
    """
    digits = f"{round(seconds * 1e6):0{_DIGITS}x}".encode()
    return bytes([_SEI, _USER_DATA, _SIZE]) + IDENTIFIER + digits + bytes([_STOP])


SIZE: Final = len(sei(0))


def read(head: Buffer) -> float | None:
    """Return the time, in seconds since 1970, that stands near the start of a picture, or None.

    Args:
        head: the first bytes of a video payload, of an access unit, or of a segment.
    """
    data = bytes(head)
    at = data.find(IDENTIFIER) + len(IDENTIFIER)
    digits = data[at : at + _DIGITS]
    if at < len(IDENTIFIER) or len(digits) < _DIGITS:
        return None
    try:
        return int(digits, 16) / 1e6
    except ValueError:
        return None
