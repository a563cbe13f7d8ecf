"""The FLV and MPEG-TS writers, judged by PyAV (libavformat) and by the media core's parsers."""

from __future__ import annotations

import array
import io
import math
from fractions import Fraction
from typing import Any

import av
import pytest

from srs_conformance.media.flv import FlvHeader, FlvParser, FlvTag
from srs_conformance.media.rtmp.chunks import ChunkReader
from srs_conformance.reference import flv_writer, ts_writer
from srs_conformance.reference.media import AUDIO, VIDEO, Packet
from srs_conformance.reference.rtmp_link import frame

LEVELS = [16 + 8 * number for number in range(25)]


def pictures() -> list[av.VideoFrame]:
    """Return one second of grey that changes."""
    frames = []
    for number, level in enumerate(LEVELS):
        frame = av.VideoFrame(64, 48, "yuv420p")
        for plane, value in zip(frame.planes, (level, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts = number
        frames.append(frame)
    return frames


def sounds() -> list[av.AudioFrame]:
    """Return one second of a tone."""
    tone = array.array("f", (math.sin(n / 10) for n in range(1024))).tobytes()
    frames = []
    for number in range(43):
        frame = av.AudioFrame("fltp", "stereo", 1024)
        for plane in frame.planes:
            plane.update(tone)
        frame.sample_rate, frame.pts = 44100, number * 1024
        frames.append(frame)
    return frames


def encoded_video() -> list[Any]:
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt, context.time_base = 64, 48, "yuv420p", Fraction(1, 25)
    context.gop_size = 5
    return [packet for frame in (*pictures(), None) for packet in context.encode(frame)]


def encoded_audio() -> list[Any]:
    context = av.AudioCodecContext.create("aac", "w")
    context.sample_rate, context.layout, context.format = 44100, "stereo", "fltp"
    return [packet for frame in (*sounds(), None) for packet in context.encode(frame)]


def nals(packet: Any) -> list[bytes]:
    parts = bytes(packet).replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]


def test_a_segment_decodes_with_its_timestamps() -> None:
    video, audio = encoded_video(), encoded_audio()
    writer = ts_writer.TsWriter()
    out = io.BytesIO(writer.tables(audio=True, video=True))
    out.seek(0, io.SEEK_END)
    for packet in video:
        out.write(writer.video(nals(packet), packet.pts * 40 + 200, packet.dts * 40 + 200, keyframe=packet.is_keyframe))
    for first in range(0, len(audio), 5):
        frames = b"".join(ts_writer.adts(bytes(packet), 2, 4, 2) for packet in audio[first : first + 5])
        out.write(writer.audio(frames, first * 1024 / 44.1 + 200))
    data = out.getvalue()
    assert len(data) % ts_writer.PACKET == 0
    assert set(data[:: ts_writer.PACKET]) == {0x47}
    with av.open(io.BytesIO(data), "r", format="mpegts") as container:
        decoded = list(container.decode(video=0))
        assert [round((frame.time or 0) * 1000) for frame in decoded] == [200 + 40 * n for n in range(25)]
        assert [bytes(frame.planes[0])[0] for frame in decoded] == pytest.approx(LEVELS, abs=3)
    with av.open(io.BytesIO(data), "r", format="mpegts") as container:
        heard = list(container.decode(audio=0))
        assert len(heard) >= len(audio) - 2
        assert (heard[0].sample_rate, heard[0].layout.name) == (44100, "stereo")


@pytest.mark.parametrize("size", [*range(150, 200), *range(335, 375), 70000])
def test_packets_of_any_size_are_stuffed_right(size: int) -> None:
    for audio in (True, False):
        writer = ts_writer.TsWriter()
        data = writer.audio(bytes(size), 1) if audio else writer.video([bytes([1]) * size], 2, 1, keyframe=True)
        assert len(data) % ts_writer.PACKET == 0
        payload = b""
        for number, start in enumerate(range(0, len(data), ts_writer.PACKET)):
            packet = data[start : start + ts_writer.PACKET]
            assert packet[3] & 15 == number % 16
            skipped = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
            payload += packet[skipped:]
        assert payload.endswith(bytes(size) if audio else bytes([1]) * size)


def test_flv_is_read_back_with_timestamps_of_more_than_24_bits() -> None:
    times = [0, 40, 0xFFFFFF, 0x1234567, 0xFFFFFFFF]
    data = flv_writer.header()
    for time in times:
        data += b"".join(flv_writer.tag(flv_writer.VIDEO, time, b"\x17\1\0\0\0" + bytes(300)))
    parser = FlvParser(strict=True)
    header, *tags = parser.receive_data(data)
    assert isinstance(header, FlvHeader)
    assert (header.audio, header.video) == (True, True)
    assert [tag.timestamp for tag in tags if isinstance(tag, FlvTag)] == times
    assert parser.violations == []


@pytest.mark.parametrize("time", [0, 0xFFFFFE, 0xFFFFFF, 0x7FFFFFFF])
@pytest.mark.parametrize("size", [0, 1, 128, 129, 1000])
def test_rtmp_frames_are_read_back(time: int, size: int) -> None:
    pieces: list[bytes] = []
    packets = [Packet(VIDEO, time, bytes([7]) * size), Packet(AUDIO, time, bytes([9]) * size)]
    for packet in packets:
        frame(packet, 1, 128, pieces)
    messages = ChunkReader().receive_data(b"".join(pieces))
    assert [(each.type_id, each.timestamp, each.payload, each.stream_id) for each in messages] == [
        (packet.kind, time, packet.payload, 1) for packet in packets
    ]
