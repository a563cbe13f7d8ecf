"""What the faults of the catalogue do to one player's stream."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Final

from srs_conformance.reference.faults import Switches
from srs_conformance.reference.media import AUDIO, VIDEO, Packet

_SOUND_MS: Final = 2000
_PERIOD_MS: Final = 4000
_DROPPED_MS: Final = 500
_BACK_MS: Final = 3000
_STALL_SECONDS: Final = 4.0
_LATE_SECONDS: Final = 3.4  # more than the 3 s of FLV-05; twice that, at a cold edge, more than the 6 s of EDGE-17
_EARLY_MS: Final = 100
_PICTURE_MS: Final = 40
_LONGEST_GOP: Final = 500
_A_PICTURE_LATE: Final = (40).to_bytes(3, "big")
_REPEATED_AFTER_MS: Final = 4000
#: Of a stream of 320x240 in the baseline profile, as libx264 configures a decoder for it.
_ANOTHER_AVC: Final = bytes.fromhex("0142c00dffe100186742c00dd90141fb011000000300100000030320f142a48001000568cb83cb20")


class Distortion:
    """Applies the faults that are on; without any it only looks whether there are some."""

    def __init__(self, faults: Switches, kind: str) -> None:
        self._faults = faults
        self._kind = kind
        self._began = time.monotonic()
        self._first: int | None = None
        self._frozen: Packet | None = None
        self._started = False
        self._late = True
        self._again = False
        self._pictures = 0
        self._gop: list[Packet] = []
        self._headers: dict[int, Packet] = {}

    def packets(self, packet: Packet) -> list[Packet]:
        """Return what the player gets in place of a packet: mostly that."""
        changed = self.apply(packet)
        if changed is None:
            return []
        if not self._faults or changed.kind not in (AUDIO, VIDEO):
            return [changed]
        before = self._repeated(changed) if changed.keyframe else []
        if changed.header:
            self._headers[changed.kind] = changed
        elif "gop-repeated" in self._faults and len(self._gop) < _LONGEST_GOP:
            self._gop = [changed] if changed.keyframe else [*self._gop, changed]
        return [*before, changed]

    def _repeated(self, keyframe: Packet) -> list[Packet]:
        """Return what stands before a keyframe for a second time."""
        if "sequence-headers-repeated" in self._faults:
            return [header.at(keyframe.timestamp) for header in self._headers.values()]
        age = 0 if self._first is None else keyframe.timestamp - self._first
        if "gop-repeated" in self._faults and age >= _REPEATED_AFTER_MS and not self._again:
            self._again = True
            return list(self._gop)
        return []

    def apply(self, packet: Packet) -> Packet | None:
        """Return the packet that the player gets in place of this one, or None."""
        if not self._faults:
            return packet
        if f"{self._kind}-play-sends-nothing" in self._faults or f"{self._kind}-sends-nothing" in self._faults:
            return None
        if packet.header:
            return self._header(packet)
        if packet.kind not in (AUDIO, VIDEO):
            return packet
        if packet.kind == AUDIO:
            return None if "audio-missing" in self._faults else packet
        return self._video(packet)

    def _header(self, packet: Packet) -> Packet | None:
        if "no-sequence-headers" in self._faults:
            return None
        if "configuration-of-another-stream" in self._faults and packet.kind == VIDEO:
            return replace(packet, payload=packet.payload[:5] + _ANOTHER_AVC)
        return packet

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
        self._pictures += 1
        if "composition-time-wrong" in self._faults and not packet.keyframe and self._pictures % 5 == 0:
            return replace(packet, payload=packet.payload[:2] + _A_PICTURE_LATE + packet.payload[5:])
        return packet

    def _drops(self, age: int) -> bool:
        phase = _PERIOD_MS // 2 if self._kind == "flv" else 0
        return (age + phase) % _PERIOD_MS < _DROPPED_MS

    def shift(self, packet: Packet, timestamp: int) -> int:
        """Return the player's timestamp of a packet as the faults bend it."""
        if "audio-drifts" in self._faults and packet.kind == AUDIO:
            return timestamp * 5 // 4
        if "pictures-out-of-order" in self._faults and packet.kind == VIDEO and timestamp % 1000 < _PICTURE_MS:
            return max(0, timestamp - _EARLY_MS)
        if "timestamps-jump-back" in self._faults and timestamp > _BACK_MS and timestamp // _PERIOD_MS % 2:
            return timestamp - _BACK_MS
        return timestamp

    async def hold(self) -> None:
        """Wait as long as the faults hold a write back."""
        if "first-frame-late" in self._faults and self._late:
            self._late = False
            await asyncio.sleep(_LATE_SECONDS)
        if "stalls" not in self._faults:
            return
        phase = (time.monotonic() - self._began) % (2 * _STALL_SECONDS)
        if phase > _STALL_SECONDS:
            await asyncio.sleep(2 * _STALL_SECONDS - phase)
