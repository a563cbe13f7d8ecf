from __future__ import annotations

import pytest

from srs_conformance.media.aac import AacConfig, AdtsFrame, split_adts
from srs_conformance.media.errors import ProtocolError


def adts(data: bytes, *, rate: int = 4, channels: int = 2, crc: bool = False, size: int | None = None) -> bytes:
    length = 7 + 2 * crc + len(data) if size is None else size
    head = 0xFFF << 44 | (not crc) << 40 | 1 << 38 | rate << 34 | channels << 30 | length << 13 | 0x7FF << 2
    return head.to_bytes(7, "big") + (b"\0\0" if crc else b"") + data


@pytest.mark.parametrize(
    ("form", "config"),
    [
        ("1210", AacConfig(2, 44100, 2)),
        ("1208", AacConfig(2, 44100, 1)),
        ("1190", AacConfig(2, 48000, 2)),
        ("11b8", AacConfig(2, 48000, 8)),
        ("1408", AacConfig(2, 16000, 1)),
        ("2b88", AacConfig(5, 22050, 1)),
        ("178003e810", AacConfig(2, 2000, 2)),
        ("f84820", AacConfig(34, 44100, 1)),
    ],
)
def test_a_configuration(form: str, config: AacConfig) -> None:
    assert AacConfig.parse(bytes.fromhex(form)) == config


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("", "5 more bits"),
        ("12", "4 more bits"),
        ("1690", "a sampling frequency index of 0 to 12"),
        ("1240", "a channel configuration of 0 to 7"),
    ],
)
def test_a_broken_configuration(form: str, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        AacConfig.parse(bytes.fromhex(form))
    assert caught.value.expected == expected


def test_frames_of_one_packet() -> None:
    data = adts(b"one") + adts(b"", rate=8, channels=1) + adts(b"three", crc=True)
    assert split_adts(data) == [
        AdtsFrame(2, 44100, 2, b"one"),
        AdtsFrame(2, 16000, 1, b""),
        AdtsFrame(2, 44100, 2, b"three"),
    ]
    assert split_adts(b"") == []


@pytest.mark.parametrize(
    ("data", "offset", "expected"),
    [
        (b"\xff\xf1", 0, "a header of 7 bytes"),
        (adts(b"one") + b"x" * 7, 10, "the syncword 0xfff and layer 0"),
        (adts(b"one") + adts(b"two")[:-1], 10, "a frame of 7 to 9 bytes"),
        (adts(b"", size=6), 0, "a frame of 7 to 7 bytes"),
        (adts(b"", rate=13), 0, "a sampling frequency index of 0 to 12"),
    ],
)
def test_broken_frames_say_where(data: bytes, offset: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        split_adts(data)
    assert (caught.value.offset, caught.value.expected) == (offset, expected)
