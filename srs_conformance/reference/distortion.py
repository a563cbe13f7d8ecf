"""What the faults of the catalogue do to one player's stream."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from srs_conformance.reference.faults import Switches
from srs_conformance.reference.media import AUDIO, VIDEO, Packet

_SOUND_MS: Final = 2000
_PERIOD_MS: Final = 4000
_DROPPED_MS: Final = 500
_BACK_MS: Final = 3000
_STALL_SECONDS: Final = 4.0


class Distortion:
    """Applies the faults that are on; without any it only looks whether there are some."""

    def __init__(self, faults: Switches, kind: str) -> None:
        self._faults = faults
        self._kind = kind
        self._began = time.monotonic()
        self._first: int | None = None
        self._frozen: Packet | None = None
        self._started = False

    def apply(self, packet: Packet) -> Packet | None:
        """Return the packet that the player gets in place of this one, or None."""
        if not self._faults:
            return packet
        if f"{self._kind}-play-sends-nothing" in self._faults or f"{self._kind}-sends-nothing" in self._faults:
            return None
        if packet.header:
            return None if "no-sequence-headers" in self._faults else packet
        if packet.kind not in (AUDIO, VIDEO):
            return packet
        if packet.kind == AUDIO:
            return None if "audio-missing" in self._faults else packet
        return self._video(packet)

    def _video(self, packet: Packet) -> Packet | None:
        if not self._started and packet.keyframe and "starts-without-keyframe" in self._faults:
            return None
        self._started = True
        if self._first is None:
            self._first = packet.timestamp
        age = packet.timestamp - self._first
        if "dropped-frames" in self._faults and age > _SOUND_MS and self._drops(age):
            return None
        if age < _SOUND_MS:
            self._frozen = packet
        elif "video-stops" in self._faults:
            return None
        elif "frozen-video" in self._faults and self._frozen is not None:
            return self._frozen.at(packet.timestamp)
        return packet

    def _drops(self, age: int) -> bool:
        phase = _PERIOD_MS // 2 if self._kind == "flv" else 0
        return (age + phase) % _PERIOD_MS < _DROPPED_MS

    def shift(self, timestamp: int) -> int:
        """Return the player's timestamp as the faults bend it."""
        if "timestamps-jump-back" in self._faults and timestamp > _BACK_MS and timestamp // _PERIOD_MS % 2:
            return timestamp - _BACK_MS
        return timestamp

    async def hold(self) -> None:
        """Wait as long as the faults hold a write back."""
        if "stalls" not in self._faults:
            return
        phase = (time.monotonic() - self._began) % (2 * _STALL_SECONDS)
        if phase > _STALL_SECONDS:
            await asyncio.sleep(2 * _STALL_SECONDS - phase)
