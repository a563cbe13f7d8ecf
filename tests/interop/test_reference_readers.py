"""ffmpeg and PyAV read the reference server, frame by frame the same as our viewers see it, over every protocol."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import pytest

from srs_conformance.media.avc import AvcConfig, split_annexb, split_nal_units, vcl_digest
from srs_conformance.publisher import DemoClip, Publisher, arguments
from srs_conformance.viewers import Timeline, watch
from tests.support.reference import Reference
from tests.support.waiting import wait_for

CLIP = DemoClip(seconds=4, gop=1.0)
SECONDS = 3.0
LEAST = 40
"""Pictures that both sides must have seen: two GOPs are 50."""


@dataclass(frozen=True)
class Packet:
    """A coded frame as libav gives it; times in ms."""

    digest: int
    dts: float
    keyframe: bool


@dataclass(frozen=True)
class Read:
    """What another reader made of a stream."""

    video: tuple[Packet, ...]
    sounds: tuple[float, ...]  # dts, ms
    parameter_sets: tuple[bytes, ...]


def read(source: str, seconds: float = SECONDS) -> Read:
    """Demux a URL or a file with PyAV for so many seconds of media."""
    video: list[Packet] = []
    sounds: list[float] = []
    with av.open(source, options={} if "://" not in source else {"rw_timeout": "10000000"}) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        extra = picture.codec_context.extradata or b""
        framed = extra[:1] == b"\x01"  # an AVCDecoderConfigurationRecord: NAL units with their length before them
        for packet in container.demux(picture, sound):
            if not packet.size or packet.dts is None or packet.time_base is None:
                continue
            dts = float(packet.dts * packet.time_base * 1000)
            if packet.stream is sound:
                sounds.append(dts)
                continue
            nals = split_nal_units(bytes(packet), 4) if framed else split_annexb(bytes(packet))
            if digest := vcl_digest(nals):
                video.append(Packet(digest, dts, packet.is_keyframe))
            if dts - video[0].dts > seconds * 1000:
                break
    sets = AvcConfig.parse(extra) if framed else None
    return Read(tuple(video), tuple(sounds), (*sets.sps, *sets.pps) if sets else tuple(split_annexb(extra)))


def copied(url: str, file: Path) -> Read:
    """Have ffmpeg's program copy some seconds of a URL into a file, without complaint, and read that."""
    copy = [arguments.binary(), "-v", "error", "-i", url, "-t", str(SECONDS), "-c", "copy", "-f", "mpegts", str(file)]
    done = subprocess.run(copy, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return read(str(file))


def differences(timeline: Timeline, other: Read) -> list[str]:
    """Return how another reader's stream differs from a viewer's, in the part that both saw."""
    ours = timeline.video
    theirs = [each for each in other.video if each.digest in {frame.digest for frame in ours}]
    found = []
    if len(theirs) < LEAST:
        return [f"{len(theirs)} pictures in common, of {len(other.video)} there and {len(ours)} here"]
    first = _where([frame.digest for frame in ours], [each.digest for each in theirs])
    if first is None:
        return ["the same pictures in another order"]
    same = ours[first : first + len(theirs)]
    if [frame.keyframe for frame in same] != [each.keyframe for each in theirs]:
        found.append("other keyframes")
    here, there = _steps([frame.dts for frame in same]), _steps([each.dts for each in theirs])
    if any(abs(one - two) > 1.01 for one, two in zip(here, there, strict=True)):  # MPEG-TS counts 90 kHz, FLV ms
        found.append(f"other steps of dts: {here} here, {there} there")
    for what, steps in (("picture", there), ("sound", _steps(other.sounds))):
        if min(steps) < 0:
            found.append(f"{what}: dts goes back")
    return found


def _where(whole: Sequence[int], part: Sequence[int]) -> int | None:
    """Return where a run of digests begins in a longer one; the clip's pictures come again with each loop."""
    return next(
        (at for at in range(len(whole) - len(part) + 1) if list(whole[at : at + len(part)]) == list(part)), None
    )


def _steps(times: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.fixture(scope="module", params=[3, 6], ids=["3", "6"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    folder = tmp_path_factory.mktemp(f"reference-{request.param}")
    with Reference(folder, request.param) as running, Publisher(running.rtmp("a"), CLIP):
        wait_for(lambda: running.get(8080, "/live/a.m3u8")[0] == 200, "a playlist")
        yield running


def urls(server: Reference) -> dict[str, str]:
    return {"rtmp": server.rtmp("a"), "flv": server.web("live/a.flv"), "hls": server.web("live/a.m3u8")}


@pytest.mark.parametrize("over", ["rtmp", "flv", "hls"])
@pytest.mark.parametrize("reader", ["pyav", "ffmpeg"])
def test_another_reader_sees_the_same_frames(server: Reference, over: str, reader: str, tmp_path: Path) -> None:
    url = urls(server)[over]
    with watch(url, label=over, from_start=True) as viewer:
        wait_for(lambda: viewer.timeline.video, "pictures")
        other = read(url) if reader == "pyav" else copied(url, tmp_path / "copy.ts")
        wait_for(lambda: differences(viewer.timeline, other) == [] or not viewer.alive, "the same frames", seconds=15)
    assert differences(viewer.timeline, other) == []
    assert other.video[0].keyframe
    assert len(other.sounds) > LEAST
    assert set(read(str(CLIP.ensure())).parameter_sets) <= set(other.parameter_sets)


def test_a_reader_that_loses_repeats_or_bends_frames_is_found(server: Reference) -> None:
    with watch(server.rtmp("a")) as viewer:
        wait_for(lambda: len(viewer.timeline.video) > 75, "pictures")
    frames = viewer.timeline.video[:60]
    packets = tuple(Packet(each.digest, each.dts, each.keyframe) for each in frames)
    sounds = (0.0, 23.0, 46.0)
    assert differences(viewer.timeline, Read(packets, sounds, ())) == []
    bent = (*packets[:-1], Packet(packets[-1].digest, packets[-2].dts - 5, packets[-1].keyframe))
    wrong = {
        "the same pictures in another order": Read(packets[:20] + packets[21:], sounds, ()),
        "pictures in common": Read(packets[:10], sounds, ()),
        "other keyframes": Read(
            (*packets[:1], Packet(packets[1].digest, packets[1].dts, True), *packets[2:]), sounds, ()
        ),
        "other steps of dts": Read(bent, sounds, ()),
        "picture: dts goes back": Read(bent, sounds, ()),
        "sound: dts goes back": Read(packets, (23.0, 0.0), ()),
    }
    for what, other in wrong.items():
        assert any(what in each for each in differences(viewer.timeline, other)), what
