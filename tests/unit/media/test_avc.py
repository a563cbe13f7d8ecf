from __future__ import annotations

import pytest

from srs_conformance.media.avc import AvcConfig, Sps, split_annexb, split_nal_units, vcl_digest
from srs_conformance.media.errors import ProtocolError

SPS = bytes.fromhex("6764000dacd941519e226c0440000003004000000c83c50a6580")  # 322x182, from x264
PPS = bytes.fromhex("68ebe3cb22c0")


def ue(value: int) -> str:
    binary = f"{value + 1:b}"
    return "0" * (len(binary) - 1) + binary


def se(value: int) -> str:
    return ue(2 * value - 1 if value > 0 else -2 * value)


def sps(profile: int, *bits: str) -> bytes:
    text = f"{profile:08b}{0:08b}{30:08b}" + ue(0) + "".join(bits) + "1"
    raw = int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")
    return b"\x67" + raw


ORDER = ue(0) + ue(2) + ue(1) + "0"  # frame numbers, order type 2, one reference, no gaps
HIGH = ue(1) + ue(0) + ue(0) + "0" + "0"  # 4:2:0, 8 bits, no scaling matrix


def test_a_parameter_set_of_x264() -> None:
    assert Sps.parse(SPS) == Sps(100, 0, 13, 322, 182)


@pytest.mark.parametrize(
    ("nal", "size"),
    [
        (sps(66, ORDER, ue(19), ue(14), "1", "1", "0", "0"), (320, 240)),
        (sps(77, ORDER, ue(119), ue(33), "0", "0", "1", "1", ue(0), ue(0), ue(0), ue(2), "0"), (1920, 1080)),
        (sps(100, HIGH, ORDER, ue(39), ue(22), "1", "1", "1", ue(0), ue(0), ue(0), ue(4), "0"), (640, 360)),
        (sps(122, ue(2) + ue(2) + ue(2) + "00", ORDER, ue(19), ue(14), "111", *map(ue, (1, 1, 1, 1)), "0"), (316, 238)),
        (
            sps(244, ue(3) + "0" + ue(0) + ue(0) + "00", ORDER, ue(1), ue(1), "111", *map(ue, (1, 0, 1, 0)), "0"),
            (31, 31),
        ),
        (
            sps(244, ue(3) + "1" + ue(0) + ue(0) + "00", ORDER, ue(1), ue(1), "111", *map(ue, (1, 0, 1, 0)), "0"),
            (31, 31),
        ),
        (sps(66, ue(0) + ue(0) + ue(4) + ue(1) + "0", ue(1), ue(1), "11", "0", "0"), (32, 32)),
        (sps(66, ue(0), ue(1), "0", se(-1), se(2), ue(2), se(1), se(0), ue(1), "0", ue(1), ue(1), "1100"), (32, 32)),
    ],
    ids=["plain", "fields", "high", "4:2:2", "4:4:4", "separate planes", "order 0", "order 1"],
)
def test_sizes(nal: bytes, size: tuple[int, int]) -> None:
    parsed = Sps.parse(nal)
    assert (parsed.width, parsed.height) == size


def test_scaling_lists_are_passed_over() -> None:
    flat = "1" + se(8) + se(0) * 15  # 16 values given one by one
    fallback = "1" + se(-8)  # the default list
    lists = flat + fallback + "0" * 4 + "1" + se(-8) + "0"
    nal = sps(100, ue(1) + ue(0) + ue(0) + "0" + "1" + lists, ORDER, ue(1), ue(1), "11", "0", "0")
    assert Sps.parse(nal).width == 32


@pytest.mark.parametrize(
    ("nal", "expected"),
    [
        (b"", "a NAL unit of type 7"),
        (b"\x68\0\0\0", "a NAL unit of type 7"),
        (b"\x67\x64", "8 more bits"),
        (b"\x67\x42\0\x1e" + bytes(20), "an Exp-Golomb code of 32 bits at most"),
        (sps(66, ORDER, ue(4000), ue(1), "11", "0", "0"), "a picture of 1 to 16384 pixels a side"),
        (sps(66, ORDER, ue(1), ue(1), "111", *map(ue, (20, 20, 0, 0)), "0"), "a picture of 1 to 16384 pixels a side"),
    ],
)
def test_an_impossible_parameter_set_is_an_error(nal: bytes, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        Sps.parse(nal)
    assert caught.value.expected == expected


def record(*, length: int = 0xFF, version: int = 1, sets: tuple[bytes, ...] = (SPS,)) -> bytes:
    out = bytes([version, 100, 0, 13, length, 0xE0 | len(sets)])
    for each in sets:
        out += len(each).to_bytes(2, "big") + each
    return out + b"\1" + len(PPS).to_bytes(2, "big") + PPS


def test_a_decoder_configuration() -> None:
    assert AvcConfig.parse(record()) == AvcConfig(100, 0, 13, 4, (SPS,), (PPS,), 322, 182)
    assert AvcConfig.parse(record(length=0xFC) + b"\xfd\xf8\xf8\0").length_size == 1


@pytest.mark.parametrize(
    ("data", "offset", "expected"),
    [
        (record()[:5], 5, "1 byte of SPS count"),
        (record()[:20], 8, "26 bytes of an SPS"),
        (record(version=2), 0, "version 1"),
        (record(length=0xFE), 4, "a NAL unit length of 1, 2 or 4 bytes"),
        (record(sets=()), 15, "an SPS"),
    ],
)
def test_a_broken_decoder_configuration_says_where(data: bytes, offset: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        AvcConfig.parse(data)
    assert (caught.value.offset, caught.value.expected) == (offset, expected)


def test_units_with_lengths() -> None:
    assert split_nal_units(bytes.fromhex("00000002 4161 00000001 65"), 4) == [b"Aa", b"e"]
    assert split_nal_units(bytes.fromhex("0002 4161 0000 0001 65"), 2) == [b"Aa", b"e"]
    assert split_nal_units(b"", 4) == []


@pytest.mark.parametrize(
    ("form", "offset"), [("00000003 4161", 0), ("00000001 41 0000", 5), ("00000001 41 ffffffff", 5)]
)
def test_a_length_beyond_the_end_is_an_error(form: str, offset: int) -> None:
    with pytest.raises(ProtocolError, match="bytes to the end") as caught:
        split_nal_units(bytes.fromhex(form), 4)
    assert caught.value.offset == offset


def test_units_with_start_codes() -> None:
    data = bytes.fromhex("00000001 09f0 000001 6742 0000 00000001 6588")
    assert split_annexb(data) == [b"\x09\xf0", b"\x67\x42", b"\x65\x88"]
    assert split_annexb(b"") == []


@pytest.mark.parametrize("data", [b"abc", b"a\0\0\1e", b"\0\0"])
def test_a_byte_stream_begins_with_a_start_code(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="expected a start code"):
        split_annexb(data)


def test_the_digest_is_of_the_picture_alone() -> None:
    slices = [b"\x65\x88\x84", b"\x65\x01"]
    bare = b"".join(len(nal).to_bytes(4, "big") + nal for nal in [b"\x06\x05", *slices])
    stream = b"".join(b"\0\0\0\1" + nal for nal in [b"\x09\xf0", SPS, PPS, *slices]) + b"\0\0"
    digest = vcl_digest(slices)
    assert vcl_digest(split_nal_units(bare, 4)) == digest
    assert vcl_digest(split_annexb(stream)) == digest
    assert vcl_digest([b"\x41\x01"]) not in (digest, 0)
    assert vcl_digest([SPS, PPS, b""]) == 0
