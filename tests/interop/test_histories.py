"""A whole scene: a reference edge is killed and comes back under viewers, and its history tells what they lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from srs_conformance.checkers.histories import judge, judge_again
from srs_conformance.histories import History, Numbering, Recording, losses, read
from srs_conformance.publisher import DemoClip, Publisher
from srs_conformance.report import timelines
from srs_conformance.viewers import Churn, Ending, Returning, Timeline, watch
from tests.support.reference import EDGE, Reference
from tests.support.waiting import wait_for

CLIP = DemoClip(size="320x180")
OFF = 1.0


def told(recording: Recording, viewer: str, place: str, role: str) -> Callable[[int, Timeline], None]:
    def on_session(number: int, timeline: Timeline) -> None:
        name = timeline.viewer if role == "comes and goes" else viewer
        recording.session(name, place, number, timeline, role=role, version="3.0.170")

    return on_session


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("scene")
    with (
        Recording.begin(folder / "history.ndjson", {"image": "reference 3", "next": "the same"}) as recording,
        Reference(folder, 3) as origin,
        Reference(folder, 3, EDGE, "--host", f"srs-origin-service={origin.host}") as edge,
        Publisher(origin.rtmp("a"), CLIP) as publisher,
    ):
        recording.numbering(Numbering.of(CLIP.ensure()))
        recording.publisher("started", "live/a", at=publisher.started)
        recording.phase("before")
        urls = {"rtmp": edge.rtmp("a"), "flv": edge.web("live/a.flv")}
        returning = [
            Returning(
                url, f"returns {kind}", after=0.1, on_session=told(recording, f"returns {kind}", "edge", "returns")
            )
            for kind, url in urls.items()
        ]
        churn = Churn(
            urls["flv"],
            "guest",
            seed=1,
            lasts=(0.5, 1.0),
            on_session=told(recording, "guest", "edge", "comes and goes"),
        )
        stays = watch(urls["rtmp"], label="stays at the edge").start()
        control = watch(origin.rtmp("a"), label="control at the origin").start()
        for seat in (*returning, churn):
            seat.start()
        wait_for(lambda: all(viewer.playing for viewer in returning) and stays.timeline.frames, "frames everywhere")
        wait_for(lambda: len(churn.sessions) > 1, "a first visit")
        recording.phase("down")
        number = recording.disturb("edge killed", pid=edge.process.pid)
        edge.process.kill()
        edge.process.wait()
        recording.took_effect(number, f"process {edge.process.pid} is gone")
        down = time.monotonic()
        wait_for(lambda: time.monotonic() - down >= OFF, "the time that the edge is away")
        wait_for(lambda: any(each.ending is Ending.REFUSED for each in churn.sessions), "a visitor who is refused")
        edge.start()
        recording.settled(number)
        recording.phase("after")
        visits = len(churn.sessions)
        wait_for(lambda: all(viewer.playing for viewer in returning), "frames again")
        wait_for(lambda: len(churn.sessions) > visits + 1, "another visit")
        for seat in (*returning, churn):
            seat.stop()
        for viewer in returning:
            recording.left(viewer.label)
        recording.session("stays", "edge", 1, stays.stop(), role="stays")
        recording.session("control", "origin", 1, control.stop(), role="control")
        judge(recording, "X-01", "uncut", roles=["stays"])
        judge(recording, "X-02", "uncut", roles=["control"])
        judge(recording, "X-03", "returns_within", seconds=30.0)
        judge(recording, "X-04", "returns_within", seconds=0.3)
        judge(recording, "X-05", "none_refused", roles=["comes and goes"])
        judge(recording, "X-06", "frames_accounted", roles=["control"])
        judge(recording, "X-07", "ended_within", seconds=20.0, kind="edge killed")
    return read(recording.path)


def test_verdicts_are_what_was_done_and_the_same_again(scene: History) -> None:
    assert {judged.requirement: str(judged.given.outcome) for judged in scene.judged} == {
        "X-01": "missed",
        "X-02": "holds",
        "X-03": "holds",
        "X-04": "missed",
        "X-05": "missed",
        "X-06": "holds",
        "X-07": "holds",
    }
    for again in judge_again(scene):
        assert again.now == again.judged.given


def test_every_frame_that_anybody_got_is_one_of_the_clip(scene: History) -> None:
    assert scene.numbering is not None
    for viewer in scene.viewers():
        for session in viewer.sessions:
            assert all(scene.numbering.numbers(frame.digest) for frame in session.timeline.video)


def test_the_figures_say_who_lost_and_when(scene: History) -> None:
    found = losses(scene)
    for undisturbed in (found.by_role["control"], found.by_phase["before"]):
        assert undisturbed.lost < 0.25  # which a busy machine may take
    (down,) = scene.disturbances
    assert down.settled is not None
    away = down.settled - down.at
    by_name = {loss.viewer.name: loss.total for loss in found.viewers}
    for kind in ("rtmp", "flv"):
        lost = by_name[f"returns {kind}"]
        # what the buffer held when it was cut, of up to a GOP, is not lost; what the pause and the join took is on top
        assert away - 2.5 <= lost.lost <= away + 3.5
    stays = next(viewer for viewer in scene.viewers(["stays"]))
    assert by_name["stays"].lost == pytest.approx(stays.until - down.at, abs=2.5)
    assert "stays" in timelines.svg(scene)
