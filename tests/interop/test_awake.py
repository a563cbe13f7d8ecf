"""A server that stalls is missed on a machine that is awake; where this process stood still it is not blamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixtures.awake import WITNESS, stood_still
from srs_conformance.checkers import playback
from srs_conformance.observing import Missed, must
from srs_conformance.viewers import Viewer, watch
from tests.support.asleep import stand_still
from tests.support.reference import Reference, make_clip, publish
from tests.support.waiting import wait_for


@contextmanager
def watching(folder: Path, *faults: str) -> Iterator[Viewer]:
    """Have a viewer with pictures at a server with faults, and a witness."""
    clip = make_clip(folder / "clip.flv")
    with Reference(folder, 6) as server, server.faulty(*faults), publish(clip, server.rtmp("a")):
        wait_for(lambda: server.streams().get("a", {}).get("publish", {}).get("active"), "the stream to be listed")
        WITNESS.start()
        try:
            with watch(server.rtmp("a"), label="viewer") as viewer:
                wait_for(lambda: viewer.timeline.video, "a picture")
                yield viewer
        finally:
            WITNESS.stop()


def miss(viewer: Viewer) -> Missed:
    with pytest.raises(Missed) as caught:
        must(playback.uninterrupted(viewer.timeline))
    return caught.value


def longest(viewer: Viewer) -> float:
    return max((each.seconds for each in viewer.timeline.gaps(1.5)), default=0.0)


def test_a_server_that_stalls_is_missed(tmp_path: Path) -> None:
    with watching(tmp_path, "stalls") as viewer:
        wait_for(lambda: longest(viewer) > 3.0, "a stall")
    assert stood_still(miss(viewer)) == ""


def test_a_server_that_stalls_is_missed_although_this_process_stood_still_at_another_time(tmp_path: Path) -> None:
    with watching(tmp_path, "stalls") as viewer:
        wait_for(lambda: longest(viewer) > 3.0, "a stall")
        before = len(viewer.timeline.video)
        wait_for(lambda: len(viewer.timeline.video) > before + 5, "what comes after it")
        stand_still(1.0)
    assert stood_still(miss(viewer)) == ""


def test_a_server_is_not_missed_while_this_process_stands_still(tmp_path: Path) -> None:
    with watching(tmp_path) as viewer:
        must(playback.uninterrupted(viewer.timeline))
        stand_still(2.5)
        before = len(viewer.timeline.video)
        wait_for(lambda: len(viewer.timeline.video) > before + 5, "what comes after it")
    assert "this process itself was given no processor for" in stood_still(miss(viewer))
