"""The FLV, MPEG-TS, H.264, AAC and HLS parsers, against what ffmpeg writes and PyAV reads."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

from srs_conformance.media.aac import AacConfig, split_adts
from srs_conformance.media.avc import AvcConfig, split_annexb, split_nal_units, vcl_digest
from srs_conformance.media.flv import (
    FlvParser,
    FlvTag,
    PacketType,
    TagKind,
    VideoCodec,
    parse_audio,
    parse_script,
    parse_video,
)
from srs_conformance.media.hls import MediaPlaylist, parse_playlist
from srs_conformance.media.mpegts import ContinuityError, Pes, StreamKind, TsEvent, TsParser

FFMPEG: str = imageio_ffmpeg.get_ffmpeg_exe()
SECONDS, RATE, GOP = 3, 25, 25


def ffmpeg(*arguments: str) -> None:
    subprocess.run([FFMPEG, "-nostdin", "-y", "-loglevel", "error", *arguments], check=True, timeout=60)


def source(size: str, *more: str, seconds: float = 0.2) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc=size={size}:rate={RATE}:duration={seconds}", *more]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip with B-frames as clip.flv, clip.ts and clip.m3u8, the same coded frames in all."""
    folder = tmp_path_factory.mktemp("media")
    sound = ["-f", "lavfi", "-i", f"sine=duration={SECONDS}", "-c:a", "aac", "-ac", "2"]
    video = ["-c:v", "libx264", "-preset", "veryfast", "-g", str(GOP), "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
    ffmpeg(*source("322x182", *sound, seconds=SECONDS), *video, str(folder / "clip.flv"))
    copy = ["-i", str(folder / "clip.flv"), "-c", "copy"]
    ffmpeg(*copy, str(folder / "clip.ts"))
    ffmpeg(*copy, "-f", "hls", "-hls_time", "1", "-hls_list_size", "0", str(folder / "clip.m3u8"))
    return folder


def tags(path: Path) -> list[FlvTag]:
    return [event for event in FlvParser(strict=True).receive_data(path.read_bytes()) if isinstance(event, FlvTag)]


def transport(path: Path) -> list[TsEvent]:
    parser = TsParser()
    return [*parser.receive_data(path.read_bytes()), *parser.flush()]


def pes_packets(path: Path, kind: StreamKind) -> list[Pes]:
    return [event for event in transport(path) if isinstance(event, Pes) and event.kind is kind]


def demuxed(path: Path, kind: str) -> list[Any]:
    with av.open(str(path)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        return [packet for packet in container.demux(stream) if packet.size]


def test_flv_video_is_what_pyav_reads(folder: Path) -> None:
    packets = [(tag, parse_video(tag.payload)) for tag in tags(folder / "clip.flv") if tag.kind is TagKind.VIDEO]
    frames = [(tag, packet) for tag, packet in packets if packet.packet_type is PacketType.FRAMES]
    mine = [
        (tag.timestamp, tag.timestamp + packet.composition_time, len(packet.data), packet.keyframe)
        for tag, packet in frames
    ]
    theirs = [(each.dts, each.pts, each.size, each.is_keyframe) for each in demuxed(folder / "clip.flv", "video")]
    assert mine == theirs
    assert len(mine) == SECONDS * RATE


def test_flv_audio_is_what_pyav_reads(folder: Path) -> None:
    packets = [(tag, parse_audio(tag.payload)) for tag in tags(folder / "clip.flv") if tag.kind is TagKind.AUDIO]
    mine = [(tag.timestamp, packet.data) for tag, packet in packets if not packet.sequence_header]
    assert mine == [(each.dts, bytes(each)) for each in demuxed(folder / "clip.flv", "audio")]


def test_metadata_is_what_was_encoded(folder: Path) -> None:
    name, (values,) = parse_script(tags(folder / "clip.flv")[0].payload)
    assert name == "onMetaData"
    assert isinstance(values, dict)
    assert (values["width"], values["height"], values["framerate"]) == (322.0, 182.0, 25.0)


def test_ts_video_is_what_pyav_reads(folder: Path) -> None:
    mine = [(each.dts, each.pts, len(each.data)) for each in pes_packets(folder / "clip.ts", StreamKind.AVC)]
    theirs = [(each.dts, each.pts, each.size) for each in demuxed(folder / "clip.ts", "video")]
    assert mine == theirs
    random_access = [each.random_access for each in pes_packets(folder / "clip.ts", StreamKind.AVC)]
    assert [index for index, here in enumerate(random_access) if here] == [0, GOP, 2 * GOP]


def test_ts_audio_is_what_pyav_reads(folder: Path) -> None:
    packets = pes_packets(folder / "clip.ts", StreamKind.AAC)
    mine = [frame.data for each in packets for frame in split_adts(each.data)]
    theirs = [bytes(each)[7:] for each in demuxed(folder / "clip.ts", "audio")]
    assert mine == theirs
    assert len(mine) > len(packets)  # several frames in a packet


def test_the_same_frames_are_the_same_in_flv_and_ts(folder: Path) -> None:
    flv = tags(folder / "clip.flv")
    pictures = [parse_video(tag.payload) for tag in flv if tag.kind is TagKind.VIDEO]
    in_flv = [
        vcl_digest(split_nal_units(packet.data, 4)) for packet in pictures if packet.packet_type is PacketType.FRAMES
    ]
    in_ts = [vcl_digest(split_annexb(each.data)) for each in pes_packets(folder / "clip.ts", StreamKind.AVC)]
    assert in_flv == in_ts
    assert len(set(in_ts)) > SECONDS * RATE - 5
    sounds = [parse_audio(tag.payload) for tag in flv if tag.kind is TagKind.AUDIO]
    raw = [packet.data for packet in sounds if not packet.sequence_header]
    assert raw == [f.data for each in pes_packets(folder / "clip.ts", StreamKind.AAC) for f in split_adts(each.data)]
    config = next(AacConfig.parse(packet.data) for packet in sounds if packet.sequence_header)
    frame = split_adts(pes_packets(folder / "clip.ts", StreamKind.AAC)[0].data)[0]
    assert (config.object_type, config.sample_rate, config.channels) == (2, 44100, 2)
    assert (frame.object_type, frame.sample_rate, frame.channels) == (2, 44100, 2)


def test_hls_segments_hold_the_whole_clip(folder: Path) -> None:
    playlist = parse_playlist((folder / "clip.m3u8").read_text(), (folder / "clip.m3u8").as_uri())
    assert isinstance(playlist, MediaPlaylist)
    assert playlist.ended
    assert len(playlist.segments) == SECONDS
    assert playlist.duration == pytest.approx(SECONDS, abs=0.2)
    pictures: list[int] = []
    for segment in playlist.segments:
        packets = pes_packets(Path(segment.uri.removeprefix("file://")), StreamKind.AVC)
        assert packets[0].random_access
        assert packets[0].pcr is not None
        pictures += [vcl_digest(split_annexb(each.data)) for each in packets]
    assert pictures == [vcl_digest(split_annexb(each.data)) for each in pes_packets(folder / "clip.ts", StreamKind.AVC)]


def test_counters_run_on_within_a_file(folder: Path) -> None:
    assert not [event for event in transport(folder / "clip.ts") if isinstance(event, ContinuityError)]


ENCODINGS = [
    ("640x360", "yuv420p", "baseline", ()),
    ("1920x1080", "yuv420p", "main", ("-flags", "+ilme+ildct", "-x264-params", "interlaced=1")),
    ("854x482", "yuv422p", "high422", ()),
    ("639x357", "yuv444p", "high444", ()),
    ("426x240", "yuv420p10le", "high10", ("-x264-params", "cqm=jvt")),
]


@pytest.mark.parametrize(("size", "pixels", "profile", "more"), ENCODINGS, ids=[row[2] for row in ENCODINGS])
def test_sizes_and_profiles(tmp_path: Path, size: str, pixels: str, profile: str, more: tuple[str, ...]) -> None:
    path = tmp_path / "clip.flv"
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", profile, "-pix_fmt", pixels, *more]
    ffmpeg(*source(size, seconds=0.08), *encoder, str(path))
    packet = next(parse_video(tag.payload) for tag in tags(path) if tag.kind is TagKind.VIDEO)
    config = AvcConfig.parse(packet.data)
    with av.open(str(path)) as container:
        theirs = container.streams.video[0].codec_context
        assert (config.width, config.height) == (theirs.width, theirs.height) == tuple(map(int, size.split("x")))
    expected = {"baseline": 66, "main": 77, "high422": 122, "high444": 244, "high10": 110}
    assert config.profile == expected[profile]


def test_hevc_in_enhanced_flv(tmp_path: Path) -> None:
    path = tmp_path / "hevc.flv"
    ffmpeg(*source("320x240"), "-c:v", "libx265", "-x265-params", "log-level=none", "-preset", "ultrafast", str(path))
    packets = [parse_video(tag.payload) for tag in tags(path) if tag.kind is TagKind.VIDEO]
    assert {packet.codec for packet in packets} == {VideoCodec.HEVC}
    assert packets[0].sequence_header
    frames = [packet for packet in packets if packet.packet_type is PacketType.FRAMES]
    assert [packet.keyframe for packet in frames] == [True, False, False, False, False]
    assert [len(packet.data) for packet in frames] == [each.size for each in demuxed(path, "video")]
