"""One coded audio or video access unit as a viewer received it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The tracks of a stream."""

    VIDEO = "video"
    AUDIO = "audio"


@dataclass(slots=True)
class Frame:
    """One access unit.

    Attributes:
        keyframe: whether a decoder can start here; every audio frame is one.
        dts, pts: milliseconds as the server sent them, not unwrapped.
        size: bytes of the payload, without the container's headers.
        arrival: `time.monotonic()` when the read that completed it returned.
        digest: CRC-32 of the coded picture (its VCL NAL units) or of the raw AAC frame, the same on every protocol.
        number: the number read from the picture, on viewers that decode; else None.
    """

    kind: Kind
    keyframe: bool
    dts: float
    pts: float
    size: int
    arrival: float
    digest: int
    number: int | None = None
