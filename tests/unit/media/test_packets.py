from __future__ import annotations

import pytest

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.packets import (
    AudioCodec,
    AudioPacket,
    FrameType,
    PacketType,
    VideoCodec,
    VideoPacket,
    parse_audio,
    parse_video,
)

KEY, INTER = FrameType.KEY, FrameType.INTER
FRAMES, HEADER = PacketType.FRAMES, PacketType.SEQUENCE_HEADER

VIDEO = [
    ("17 00 000000 6162", VideoPacket(VideoCodec.AVC, KEY, HEADER, 0, b"ab")),
    ("17 01 000050 6162", VideoPacket(VideoCodec.AVC, KEY, FRAMES, 80, b"ab")),
    ("27 01 ffffff 6162", VideoPacket(VideoCodec.AVC, INTER, FRAMES, -1, b"ab")),
    ("17 02 000000", VideoPacket(VideoCodec.AVC, KEY, PacketType.END, 0, b"")),
    ("1c 01 000000 61", VideoPacket(VideoCodec.HEVC, KEY, FRAMES, 0, b"a")),
    ("22 61", VideoPacket(VideoCodec.H263, INTER, FRAMES, 0, b"a")),
    ("57 00", VideoPacket(VideoCodec.AVC, FrameType.COMMAND, PacketType.COMMAND, 0, b"\0")),
    ("90 68766331 6162", VideoPacket(VideoCodec.HEVC, KEY, HEADER, 0, b"ab", enhanced=True)),
    ("91 68766331 000028 61", VideoPacket(VideoCodec.HEVC, KEY, FRAMES, 40, b"a", enhanced=True)),
    ("a3 68766331 61", VideoPacket(VideoCodec.HEVC, INTER, FRAMES, 0, b"a", enhanced=True)),
    ("a1 61763031 61", VideoPacket(VideoCodec.AV1, INTER, FRAMES, 0, b"a", enhanced=True)),
    ("92 76703039", VideoPacket(VideoCodec.VP9, KEY, PacketType.END, 0, b"", enhanced=True)),
    ("d4 68766331 61", VideoPacket(VideoCodec.HEVC, FrameType.COMMAND, PacketType.METADATA, 0, b"a", enhanced=True)),
    ("d1 61766331 00", VideoPacket(VideoCodec.AVC, FrameType.COMMAND, PacketType.COMMAND, 0, b"\0", enhanced=True)),
    ("95 61763031 61", VideoPacket(VideoCodec.AV1, KEY, PacketType.OTHER, 0, b"a", enhanced=True)),
]


@pytest.mark.parametrize(("form", "packet"), VIDEO, ids=[row[0] for row in VIDEO])
def test_video(form: str, packet: VideoPacket) -> None:
    assert parse_video(bytes.fromhex(form)) == packet


def test_a_keyframe_is_coded_and_a_sequence_header_is_none() -> None:
    facts = [(packet.keyframe, packet.sequence_header) for _, packet in VIDEO[:4]]
    assert facts == [(False, True), (True, False), (False, False), (False, False)]


AUDIO = [
    ("af 00 1208", AudioPacket(AudioCodec.AAC, HEADER, b"\x12\x08", 44100, 16, 2)),
    ("af 01 6162", AudioPacket(AudioCodec.AAC, FRAMES, b"ab", 44100, 16, 2)),
    ("2a 61", AudioPacket(AudioCodec.MP3, FRAMES, b"a", 22050, 16, 1)),
    ("b2 61", AudioPacket(AudioCodec.SPEEX, FRAMES, b"a", 5512, 16, 1)),
    ("01 61", AudioPacket(AudioCodec.PCM, FRAMES, b"a", 5512, 8, 2)),
    ("90 6d703461 1208", AudioPacket(AudioCodec.AAC, HEADER, b"\x12\x08", enhanced=True)),
    ("91 4f707573 61", AudioPacket(AudioCodec.OPUS, FRAMES, b"a", enhanced=True)),
    ("94 4f707573 61", AudioPacket(AudioCodec.OPUS, PacketType.OTHER, b"a", enhanced=True)),
]


@pytest.mark.parametrize(("form", "packet"), AUDIO, ids=[row[0] for row in AUDIO])
def test_audio(form: str, packet: AudioPacket) -> None:
    assert parse_audio(bytes.fromhex(form)) == packet


@pytest.mark.parametrize(
    ("form", "offset", "expected"),
    [
        ("", 0, "1 byte of frame type and codec"),
        ("07 01 000000", 0, "a frame type of 1 to 5"),
        ("18 01 000000", 0, "a codec id of [2, 3, 4, 5, 6, 7, 12]"),
        ("17 03 000000", 1, "an AVCPacketType of 0 to 2"),
        ("17 01 0000", 2, "3 bytes of a composition time"),
        ("90 78787878", 1, "a video FourCC of enhanced RTMP"),
        ("91 68766331 00", 5, "3 bytes of a composition time"),
    ],
)
def test_video_that_is_none(form: str, offset: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_video(bytes.fromhex(form))
    assert (caught.value.where, caught.value.offset, caught.value.expected) == ("video payload", offset, expected)


@pytest.mark.parametrize(
    ("form", "offset", "expected"),
    [
        ("", 0, "1 byte of sound format"),
        ("c0", 0, "a sound format of [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 14, 15]"),
        ("af 02", 1, "an AACPacketType of 0 or 1"),
        ("af", 1, "1 byte of AACPacketType"),
        ("90 78787878", 1, "an audio FourCC of enhanced RTMP"),
    ],
)
def test_audio_that_is_none(form: str, offset: int, expected: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_audio(bytes.fromhex(form))
    assert (caught.value.where, caught.value.offset, caught.value.expected) == ("audio payload", offset, expected)
