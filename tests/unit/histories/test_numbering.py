"""Every picture of the demo clip is known by its digest, over every protocol, and by the number that is drawn in it."""

import time
from pathlib import Path

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.histories import Numbering
from srs_conformance.media.flv import TagKind
from srs_conformance.publisher import DemoClip
from srs_conformance.viewers.recorder import Recorder
from srs_conformance.viewers.segments import SegmentReader
from srs_conformance.viewers.timeline import Protocol, Timeline
from tests.support import media


def test_the_demo_clip_has_no_two_pictures_that_are_coded_alike() -> None:
    clip = DemoClip()
    numbering = Numbering.of(clip.ensure())
    assert (numbering.period, numbering.rate) == (clip.frames, clip.rate)
    assert len(set(numbering.digests)) == clip.frames


def test_digests_of_tags_give_the_numbers_that_are_drawn_in_the_pictures() -> None:
    numbering = Numbering.of(media.CLIP.ensure())
    timeline = Timeline("v", "http://127.0.0.1/live/a.flv", Protocol.HTTP_FLV)
    recorder = Recorder(timeline, decode=True)
    for tag in media.tags():
        if tag.kind is TagKind.VIDEO:
            recorder.flv_video(tag.payload, tag.timestamp, time.monotonic())
    numbers = [frame.number for frame in timeline.video]
    assert numbers == list(range(media.CLIP.frames))
    assert [numbering.numbers(frame.digest) for frame in timeline.video] == [(number,) for number in numbers]


def test_digests_of_hls_segments_give_the_same_numbers() -> None:
    numbering = Numbering.of(media.CLIP.ensure())
    timeline = Timeline("v", "http://127.0.0.1/live/a.m3u8", Protocol.HLS)
    for segment in media.segments():
        reader = SegmentReader(Recorder(timeline, decode=False))
        reader.receive(segment, time.monotonic())
        reader.finish(time.monotonic())
    assert [numbering.numbers(frame.digest) for frame in timeline.video] == [(n,) for n in range(media.CLIP.frames)]


def test_pictures_are_numbered_in_the_order_in_which_they_are_shown() -> None:
    clip = DemoClip(seconds=2, b_frames=2)
    numbering = Numbering.of(clip.ensure())
    assert numbering.period == clip.frames
    assert len(set(numbering.digests)) == clip.frames


def test_a_numbering_survives_its_json_and_refuses_what_is_none() -> None:
    numbering = Numbering((5, 6, 6), 12.5)
    assert Numbering.from_json(numbering.to_json()) == numbering
    assert hash(Numbering.from_json(numbering.to_json())) == hash(numbering)
    for wrong in ({}, {"rate": 25, "digests": []}, {"rate": 25, "digests": ["5"]}, {"rate": "25", "digests": [5]}):
        with pytest.raises(ValueError, match="numbering"):
            Numbering.from_json(wrong)


def test_what_is_no_clip_is_the_user_s_error(tmp_path: Path) -> None:
    for name, content in (("none.mp4", None), ("text.mp4", b"hello")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match=name):
            Numbering.of(tmp_path / name)
