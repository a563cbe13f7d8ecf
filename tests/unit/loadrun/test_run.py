"""A load from its namespace to its result, on a cluster that does as a script says."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.base import OWNER_LABEL, RUN_LABEL
from srs_conformance.errors import ConformanceError, CouldNotTest, EngineError, ExitCode, UsageError
from srs_conformance.load.moment import Moment, Phase
from srs_conformance.load.result import Result
from srs_conformance.loadrun import following, terminal
from srs_conformance.loadrun import run as running
from srs_conformance.loadrun.manifests import MASTER, WORKER
from srs_conformance.loadrun.run import Place, run
from srs_conformance.loadrun.terminal import Display
from srs_conformance.progress import NullProgress
from tests.support.clock import only_sleep
from tests.unit.load.making import a_result
from tests.unit.loadrun.making import CONNECTED, ENDED, PODS, RUNNING, WAITING, Cluster, Namespace, a_plan, a_pod


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No kubectl, and a clock that goes only where somebody sleeps."""
    only_sleep(monkeypatch, following, terminal)
    monkeypatch.setattr(running, "find_kubectl", lambda: Path("kubectl"))
    monkeypatch.setattr(running, "render", lambda _, **where: [{"image": where["image"]}])


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    result = replace(a_result(visits=200), slo=[])
    return {"result.json": json.dumps(result.to_json()).encode(), "index.html": "<p>done ✓</p>".encode()}


class Tried:
    """A load that is run, with what it said; `outcome` is its result or its error."""

    def __init__(self, space: Namespace, folder: Path, *, keep: bool = False, **changes: Any) -> None:
        self.space, self.cluster, self.stream = space, Cluster(space), io.StringIO()
        place = Place(self.cluster, "image:1", Path("base"), folder, keep)
        self.outcome: Result | BaseException
        try:
            self.outcome = run(a_plan(**changes), place, NullProgress(), Display(self.stream))
        except BaseException as error:  # noqa: BLE001 - it is looked at
            self.outcome = error

    @property
    def result(self) -> Result:
        assert isinstance(self.outcome, Result), self.outcome
        return self.outcome


def test_a_load_that_holds(tmp_path: Path, files: dict[str, bytes]) -> None:
    space = Namespace([WAITING, CONNECTED, RUNNING, RUNNING, ENDED], files, said="Starting Locust")
    tried = Tried(space, tmp_path)
    assert tried.result.exit_code is ExitCode.HOLDS
    assert space.applied == [{"image": "image:1"}]
    assert space.destroyed
    assert space.name.startswith("srs-load-flv-")
    assert tried.cluster.labels == {OWNER_LABEL: "true", RUN_LABEL: space.name[-6:]}
    assert {name: (tmp_path / name).read_bytes() for name in files} == files
    assert (tmp_path / "logs" / f"{MASTER}-0.log").read_text() == "Starting Locust"
    assert (tmp_path / "logs" / "events.txt").read_text() == "event\n"
    assert "viewers 4" in tried.stream.getvalue()


def test_a_worker_that_runs_out_of_memory_makes_it_not_valid(tmp_path: Path, files: dict[str, bytes]) -> None:
    again = a_pod(f"{WORKER}-2", restarts=1, last_state="terminated: OOMKilled (137)")
    space = Namespace([CONNECTED, RUNNING, RUNNING, ENDED], files)
    space.crowd = lambda: PODS if space.told < 2 else (*PODS[:2], again)
    tried = Tried(space, tmp_path)
    [why] = tried.result.invalid
    assert why.startswith(f"pod {WORKER}-2 was started again: its memory was used up")
    assert Result.read(tmp_path).invalid == [why]
    assert why in (tmp_path / "index.html").read_text()
    assert tried.result.exit_code is ExitCode.COULD_NOT_TEST
    assert f"not valid any more: {why}" in tried.stream.getvalue()


SERVES_NOBODY = "error: http://e/live/a.flv: one viewer was not served (refused)\n  hint: is the server up?"


@pytest.mark.parametrize(
    ("code", "said", "kind", "words"),
    [
        (10, SERVES_NOBODY, CouldNotTest, "one viewer was not served (refused)\n  hint: is the server up?"),
        (4, "error: --host is missing", UsageError, "--host is missing"),
        (11, "error: Locust was ended by signal 9", EngineError, "ended by signal 9"),
        (1, "Traceback (most recent call last):\nKeyError: 1", EngineError, "KeyError: 1"),
        (2, "locust: unrecognized arguments", EngineError, "unrecognized arguments"),
        (0, "", EngineError, "exit code 0 and left no result"),
    ],
)
def test_a_master_without_a_result_says_why(
    tmp_path: Path, code: int, said: str, kind: type[ConformanceError], words: str
) -> None:
    (tmp_path / "result.json").write_text("of an earlier run")
    space = Namespace([WAITING, Moment(Phase.ENDED, code=code)], said=said)
    outcome = Tried(space, tmp_path).outcome
    assert type(outcome) is kind
    assert words in str(outcome)
    assert space.destroyed
    assert not (tmp_path / "result.json").exists()


def test_pods_that_cannot_run(tmp_path: Path) -> None:
    space = Namespace([WAITING], crowd=lambda: [PODS[0], a_pod(f"{WORKER}-1", state="waiting: ErrImageNeverPull")])
    outcome = Tried(space, tmp_path).outcome
    assert isinstance(outcome, CouldNotTest)
    assert f"{WORKER}-1: waiting: ErrImageNeverPull" in outcome.message
    assert "load-image" in outcome.hint
    assert space.destroyed


def test_workers_that_do_not_come(tmp_path: Path) -> None:
    waits = a_pod(f"{WORKER}-2", ready=False, state="waiting: Pending")
    space = Namespace([replace(WAITING, workers=1)], crowd=lambda: [*PODS[:2], waits])
    outcome = Tried(space, tmp_path).outcome
    assert isinstance(outcome, CouldNotTest)
    assert "1 of 2 workers are connected after 240 s: srs-load-worker-2 (waiting: Pending)" in outcome.message


def test_a_load_that_does_not_end(tmp_path: Path) -> None:
    outcome = Tried(Namespace([CONNECTED, RUNNING]), tmp_path).outcome
    assert isinstance(outcome, EngineError)
    assert "has not ended" in outcome.message


def test_a_master_that_is_lost(tmp_path: Path) -> None:
    space = Namespace([CONNECTED, RUNNING])
    space.crowd = lambda: PODS if space.told < 3 else PODS[1:]
    outcome = Tried(space, tmp_path).outcome
    assert isinstance(outcome, EngineError)
    assert f"pod {MASTER}-0 is gone" in outcome.message


def test_an_api_server_that_does_not_answer_for_a_while(tmp_path: Path, files: dict[str, bytes]) -> None:
    away = EngineError("no answer")
    assert Tried(Namespace([CONNECTED, RUNNING, *[away] * 50, RUNNING, ENDED], files), tmp_path).result
    outcome = Tried(Namespace([CONNECTED, RUNNING, away], files), tmp_path).outcome
    assert outcome is away


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a defect")])
def test_whatever_happens_nothing_stays(tmp_path: Path, error: BaseException) -> None:
    tried = Tried(Namespace([CONNECTED, RUNNING, error]), tmp_path)
    assert tried.outcome is error
    assert tried.space.destroyed


def test_what_is_to_be_kept_stays(tmp_path: Path, files: dict[str, bytes]) -> None:
    tried = Tried(Namespace([CONNECTED, ENDED], files), tmp_path, keep=True)
    assert not tried.space.destroyed
    assert f"namespace {tried.space.name} is kept; `srs-conformance clean --run" in tried.stream.getvalue()


def test_where_the_page_is(tmp_path: Path, files: dict[str, bytes]) -> None:
    tried = Tried(Namespace([CONNECTED, ENDED], files), tmp_path, web=True)
    assert "Locust's page: http://10.0.0.9:8089" in tried.stream.getvalue()


def test_a_result_of_another_version(tmp_path: Path) -> None:
    other = {"result.json": b'{"kind": "srs-conformance/load-result", "version": 99}', "index.html": b""}
    outcome = Tried(Namespace([CONNECTED, ENDED], other), tmp_path).outcome
    assert isinstance(outcome, EngineError)
    assert "is the image of this version of the suite?" in outcome.message
