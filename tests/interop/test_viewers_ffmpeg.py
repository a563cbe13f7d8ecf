"""The viewers against ffmpeg's own RTMP and HTTP servers."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

import pytest

from srs_conformance.checkers import playback
from srs_conformance.publisher import arguments
from srs_conformance.viewers import Ending, watch
from tests.support import media
from tests.support.ffmpeg import listens
from tests.support.nginx import free_port
from tests.support.waiting import wait_for


@contextlib.contextmanager
def serving(url: str, port: int) -> Iterator[None]:
    """Have an ffmpeg that serves the clip, once, to the first player that comes."""
    sent = [arguments.binary(), "-v", "error", "-re", "-i", str(media.CLIP.ensure()), "-c", "copy"]
    command = [*sent, "-listen", "1", "-f", "flv", "-flvflags", "no_duration_filesize", url]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_for(lambda: listens(port) or process.poll() is not None, "ffmpeg to listen")
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("form", ["rtmp://127.0.0.1:{}/live/a", "http://127.0.0.1:{}/live/a.flv"], ids=["rtmp", "flv"])
def test_the_clip_arrives_whole_and_in_real_time(form: str) -> None:
    port = free_port()
    url = form.format(port)
    with serving(url, port), watch(url, label="v", decode=True) as viewer:
        wait_for(lambda: len(viewer.timeline.video) > 60 or viewer.timeline.ended, "most of the pictures")
        assert playback.uninterrupted(viewer.timeline).holds, playback.uninterrupted(viewer.timeline)
        wait_for(lambda: viewer.timeline.ended, "the clip's end")
        timeline = viewer.stop()
    assert timeline.ending in (Ending.CLOSED, Ending.RESET)
    assert playback.sound(timeline).holds, playback.sound(timeline)
    assert timeline.numbers == list(range(100))
    video = timeline.video
    lasted = video[-1].arrival - video[0].arrival
    assert lasted == pytest.approx((video[-1].dts - video[0].dts) / 1000, abs=1.5)
    assert not timeline.stalls(1.5)
