"""One visit: what a single viewer or publisher of a load met, from its first packet to its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from srs_conformance.viewers.timeline import Ending


class Kind(StrEnum):
    """Who came: a viewer by its protocol, or a publisher."""

    RTMP = "rtmp"
    HTTP_FLV = "http-flv"
    HLS = "hls"
    PUBLISHER = "publisher"


VIEWERS = (Kind.RTMP, Kind.HTTP_FLV, Kind.HLS)
"""The kinds that watch, in the order of reports."""


@dataclass(slots=True)
class Visit:
    """What one visit met.

    Attributes:
        kind: who came.
        stream: app/name.
        deep: whether the media were parsed; a shallow visit only counts bytes and cannot see stalls and jumps.
        connect: when the transport connection stood, in seconds after the visit's start; None: never.
        first_byte: when the server's first byte came, likewise.
        first_keyframe: when the first keyframe was complete, likewise; of a publisher when the server accepted the
            publish.
        watched: seconds from the first keyframe to the end; from the start if there was none.
        received: bytes; of a publisher bytes sent.
        stalls: how often playback stood still after it had begun, against the stated buffer.
        stalled: seconds it stood still, in all.
        gaps: silences over 1.5 s.
        jumps: steps of a track's dts that go back, or more than a second ahead.
        ending: why it ended.
        error: what went wrong, in words; empty when nothing did.
    """

    kind: Kind
    stream: str
    deep: bool = True
    connect: float | None = None
    first_byte: float | None = None
    first_keyframe: float | None = None
    watched: float = 0.0
    received: int = 0
    stalls: int = 0
    stalled: float = 0.0
    gaps: int = 0
    jumps: int = 0
    ending: Ending = Ending.STOPPED
    error: str = ""

    @property
    def joined(self) -> bool:
        """Tell whether the visit came as far as a first keyframe (a publisher: was accepted)."""
        return self.first_keyframe is not None

    @property
    def cut(self) -> bool:
        """Tell whether it had joined and then ended although neither we nor the stream were done."""
        return self.joined and self.ending not in (Ending.STOPPED, Ending.FINISHED)
