"""A whole MPEG-TS segment skimmed: where each PES packet begins, and when it is due (ISO/IEC 13818-1 2.4.3)."""

from __future__ import annotations

import re
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.steps import AUDIO, FRAME, KEYFRAME, VIDEO, Step

PACKET: Final = 188
_SYNC: Final = 0x47
_STARTING: Final = re.compile(rb"[\x40-\x7f\xc0-\xff]")
"""Second bytes of packets that have the payload_unit_start_indicator: far fewer than there are packets."""
_PES_START: Final = b"\0\0\1"
_RANDOM_ACCESS: Final = 0x40
_KEY_UNIT: Final = re.compile(rb"\x00\x00\x01[\x05\x07\x25\x27\x45\x47\x65\x67]")
"""An H.264 NAL unit that stands in keyframes only, after its start code: a slice of an IDR picture, or an SPS."""
_LEAST_HEADER: Final = 14  # start code, stream id, length, flags, and a PTS of 5 bytes


def skim(segment: bytes | bytearray) -> list[Step]:
    """Return a step for each PES packet of audio and video; timestamps are dts in ms, 33 bits of 90 kHz unwrapped not.

    A video step is a keyframe where the packet's adaptation field says that decoding can begin there, which SRS never
    does, or where the packet holds an SPS or the begin of an IDR picture, as it does in front of all that is long.

    Raises:
        ProtocolError: it does not consist of whole packets.
    """
    if not segment or len(segment) % PACKET:
        raise ProtocolError("MPEG-TS segment", 0, f"whole packets of {PACKET} bytes", f"{len(segment)} bytes")
    if segment[::PACKET] != b"\x47" * (len(segment) // PACKET):
        at = next(i for i in range(0, len(segment), PACKET) if segment[i] != _SYNC)
        raise ProtocolError("MPEG-TS packet", at, "the sync byte 0x47", f"{segment[at]:#04x}")
    steps: list[Step] = []
    for found in _STARTING.finditer(segment[1::PACKET]):
        start = found.start() * PACKET
        step = _step(segment, start, start + PACKET)
        if step is not None:
            steps.append(step)
    return steps


def _step(segment: bytes | bytearray, start: int, end: int) -> Step | None:
    """Return the step of a packet in which a payload unit starts; None for tables and other streams."""
    field, position, random_access = segment[start + 3], start + 4, False
    if field & 0x20:  # an adaptation field stands first
        size = segment[position]
        random_access = size > 0 and bool(segment[position + 1] & _RANDOM_ACCESS)
        position += 1 + size
    if not field & 0x10 or position + _LEAST_HEADER > end or segment[position : position + 3] != _PES_START:
        return None
    stream, flags = segment[position + 3], segment[position + 7]
    if not 0xC0 <= stream <= 0xEF or not flags & 0x80:
        return None
    at = position + (14 if flags & 0x40 and position + 19 <= end else 9)  # the dts stands after the pts
    clock = (
        (segment[at] & 0x0E) << 29
        | segment[at + 1] << 22
        | (segment[at + 2] & 0xFE) << 14
        | segment[at + 3] << 7
        | segment[at + 4] >> 1
    )
    if stream < 0xE0:
        return AUDIO, clock // 90, FRAME
    key = random_access or _KEY_UNIT.search(segment, position + 9, end)
    return VIDEO, clock // 90, KEYFRAME if key else FRAME
