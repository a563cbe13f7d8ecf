import threading
import time
from pathlib import Path

import pytest

from srs_conformance import http
from srs_conformance.clusters.kind import node_image
from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.errors import UsageError
from srs_conformance.progress import NullProgress
from tests.support.recording import RecordingRunner

BUILT = "docker.io/kindest/node:v1-offline"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(node_image.build, "ensure_node_image", lambda _: tmp_path / "built.tar")
    monkeypatch.setattr(node_image, "can_raise_limits", lambda: True)
    monkeypatch.setattr(node_image, "registry_answers", lambda: True)


def provide(asked: str, run: RecordingRunner, kind: str = "docker") -> str:
    run.answers = {**run.answers, f"{kind} load": f"Loaded image: {BUILT}\n"}
    return node_image.provide(Engine(kind, run, {}), asked, NullProgress())


def test_the_official_image_is_used_where_the_engine_has_it() -> None:
    run = RecordingRunner()
    assert provide("auto", run) == node_image.OFFICIAL
    assert not run.lines("docker pull")


def test_the_official_image_is_pulled_where_a_registry_answers() -> None:
    run = RecordingRunner({"image inspect": 1})
    assert provide("auto", run) == node_image.OFFICIAL
    assert run.lines("docker pull")


def test_an_image_is_built_where_none_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_image, "registry_answers", lambda: False)
    run = RecordingRunner({"image inspect": 1})
    assert provide("auto", run) == BUILT
    assert not run.lines("docker pull")


def test_an_image_is_built_where_the_pull_fails() -> None:
    assert provide("auto", RecordingRunner({"image inspect": 1, "pull": 1})) == BUILT


def test_an_image_is_built_where_the_official_one_asks_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_image, "can_raise_limits", lambda: False)
    assert provide("auto", RecordingRunner(), "podman") == BUILT


def test_the_user_decides_otherwise(tmp_path: Path) -> None:
    archive = tmp_path / "mine.tar"
    archive.touch()
    run = RecordingRunner()
    assert provide("offline", run) == BUILT
    assert provide("official", run) == node_image.OFFICIAL
    assert provide("mine/node:1", run) == "mine/node:1"
    assert provide(str(archive), run) == BUILT
    assert run.lines("docker load")[-1] == f"docker load --input {archive}"


@pytest.mark.parametrize("asked", ["official", "mine/node:1"])
def test_an_image_that_cannot_be_had_is_an_error(asked: str) -> None:
    with pytest.raises(UsageError, match=f"--node-image {asked}: .*no registry gives it"):
        provide(asked, RecordingRunner({"image inspect": 1, "pull": 1}))


@pytest.mark.parametrize(
    ("engine", "limits", "answers", "built"),
    [
        ("docker", False, True, False),
        ("podman", True, True, False),
        ("podman", False, True, True),  # which could not run the official image
        ("docker", True, False, True),
    ],
)
def test_ahead_of_time_an_image_is_built_where_a_cluster_would_want_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, engine: str, limits: bool, answers: bool, built: bool
) -> None:
    monkeypatch.setattr(node_image, "choose_kind", lambda: engine)
    monkeypatch.setattr(node_image, "can_raise_limits", lambda: limits)
    monkeypatch.setattr(node_image, "registry_answers", lambda: answers)
    assert node_image.prepare(NullProgress()) == (tmp_path / "built.tar" if built else None)


@pytest.mark.parametrize(("status", "answers"), [(200, True), (401, True), (503, False)])
def test_a_registry_answers_with_or_without_a_password(
    monkeypatch: pytest.MonkeyPatch, status: int, answers: bool
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(http, "get", lambda url, _timeout: http.Response(url, status, {}, b""))
    assert node_image.registry_answers() is answers


def test_a_name_service_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    end, ended = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        end.wait(10)
        ended.set()
        raise http.Unreachable("at last")

    monkeypatch.undo()
    monkeypatch.setattr(http, "get", hang)
    began = time.monotonic()
    assert not node_image.registry_answers(0.05)
    assert time.monotonic() - began < 2
    end.set()
    assert ended.wait(10)
