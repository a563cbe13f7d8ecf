"""Skimmed MPEG-TS: where keyframes are, whatever a muxer says of them."""

import pytest

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.steps import AUDIO, FRAME, KEYFRAME, VIDEO
from srs_conformance.media.ts_skimmer import skim

AUD = b"\0\0\0\1\x09\xf0"
SPS, IDR, SEI, SLICE = (b"\0\0\0\1" + bytes([unit]) + b"data" for unit in (0x67, 0x65, 0x06, 0x41))


def pes(stream: int, clock: int, data: bytes) -> bytes:
    """Return a PES packet with a PTS (ISO/IEC 13818-1 2.4.3.6)."""
    stamp = bytes(
        [
            0x21 | clock >> 29 & 0x0E,
            clock >> 22 & 0xFF,
            clock >> 14 | 1 & 0xFF,
            clock >> 7 & 0xFF,
            clock << 1 & 0xFF | 1,
        ]
    )
    return b"\0\0\1" + bytes([stream, 0, 0, 0x80, 0x80, 5]) + stamp + data


def packet(payload: bytes, *, starts: bool = True, access: bool = False) -> bytes:
    """Return a packet of 188 bytes, filled up in its adaptation field."""
    room = 184 - len(payload)
    field = bytes([room - 1, 0x40 if access else 0x00]) + b"\xff" * (room - 2)
    return bytes([0x47, 0x41 if starts else 0x01, 0x00, 0x30]) + field + payload


@pytest.mark.parametrize(
    ("data", "access", "mark"),
    [
        (AUD + SLICE, True, KEYFRAME),  # as ffmpeg says it
        (AUD + SPS + IDR, False, KEYFRAME),  # as SRS leaves it to be found
        (AUD + SEI + IDR, False, KEYFRAME),
        (AUD + SEI + SLICE, False, FRAME),
        (b"", False, FRAME),
    ],
)
def test_a_keyframe_is_known_by_the_muxer_or_by_its_units(data: bytes, mark: int, *, access: bool) -> None:
    assert skim(packet(pes(0xE0, 90 * 40, data), access=access)) == [(VIDEO, 40, mark)]


def test_units_of_other_packets_are_not_taken_for_the_next_ones() -> None:
    rest = packet(IDR, starts=False)
    segment = packet(pes(0xE0, 0, AUD + SLICE)) + rest + packet(pes(0xC0, 90 * 20, IDR))
    assert skim(segment) == [(VIDEO, 0, FRAME), (AUDIO, 20, FRAME)]


@pytest.mark.parametrize("segment", [b"", b"\x47" * 187, b"\x47" + bytes(187) + bytes(188)])
def test_what_is_no_transport_stream_is_refused(segment: bytes) -> None:
    with pytest.raises(ProtocolError):
        skim(segment)
