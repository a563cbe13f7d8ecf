"""A run in a pod from its namespace to its report, on a cluster that does as a script says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.base import OWNER_LABEL, RUN_LABEL, ExecResult
from srs_conformance.clusters.kube.api import Refused
from srs_conformance.errors import ClusterLost, CouldNotTest, EngineError, ExitCode, UsageError
from srs_conformance.inside import following, pod
from srs_conformance.inside.places import REPORT as THERE
from srs_conformance.inside.prepared import VARIABLE, Prepared
from srs_conformance.inside.run import Place, Terminal, run
from srs_conformance.progress import NullProgress
from tests.support.clock import only_sleep
from tests.unit.inside.making import PULLING, REPORT, RUNNING, Cluster, Namespace, a_pod, ended, packed


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes only where somebody sleeps."""
    only_sleep(monkeypatch, following)


class Tried:
    """A run, with what was shown and said; `outcome` is its exit code or its error."""

    def __init__(self, space: Namespace, folder: Path, logs: Any = (), *, keep: bool = False) -> None:
        self.space, self.cluster, self.folder = space, Cluster(space, logs), folder / "report"
        self.shown: list[str] = []
        self.said: list[str] = []
        terminal = Terminal(self.shown.append, self.said.append, NullProgress(), 100)
        where: Any = Place(self.cluster, "probe:1", self.folder, keep)
        self.outcome: int | BaseException
        try:
            self.outcome = run(["-v", "suites"], Prepared(""), where, terminal)
        except BaseException as error:  # noqa: BLE001 - it is looked at
            self.outcome = error

    def error(self, kind: type[Exception]) -> Any:
        assert type(self.outcome) is kind, self.outcome
        return self.outcome

    @property
    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }


LOGS = (
    f"2026-11-29T10:00:00.1Z EDGE-01 PASSED\n2026-11-29T10:00:00.2Z report: {THERE}/conformance.json\n",
    "2026-11-29T10:00:00.2Z passed over\n2026-11-29T10:00:01Z EDGE-02 PASSED\n",
)


@pytest.mark.parametrize("code", [0, 1, 10])
def test_the_report_comes_back_and_the_exit_code_is_the_suites(tmp_path: Path, code: int) -> None:
    tried = Tried(Namespace([PULLING, RUNNING, RUNNING, ended(code)]), tmp_path, LOGS)
    assert tried.outcome == code
    assert tried.files == REPORT
    assert tried.shown == ["EDGE-01 PASSED", f"report: {tried.folder}/conformance.json", "EDGE-02 PASSED"]
    assert [each.get("sinceTime") for each in tried.cluster.queries] == [None, "2026-11-29T10:00:00Z"]
    assert tried.space.destroyed
    name = tried.space.name
    assert name.startswith("srs-inside-")
    assert tried.cluster.labels == {OWNER_LABEL: "true", RUN_LABEL: name[-6:]}
    assert tried.cluster.api.patience == 180


def test_what_is_applied(tmp_path: Path) -> None:
    tried = Tried(Namespace([ended(0)]), tmp_path)
    account, role, binding, made = tried.space.applied
    name = tried.space.name
    assert [each["kind"] for each in (account, role, binding, made)] == [
        *("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Pod"),
    ]
    assert role["metadata"]["name"] == binding["metadata"]["name"] == binding["roleRef"]["name"] == name
    [subject] = binding["subjects"]
    assert subject == {"kind": "ServiceAccount", "name": account["metadata"]["name"], "namespace": name}
    suite, _ = made["spec"]["containers"]
    assert suite["image"] == "probe:1"
    assert suite["command"][2:] == ["srs_conformance.inside.within", "mine", "-v", "suites"]
    [handed] = [each["value"] for each in suite["env"] if each["name"] == VARIABLE]
    assert json.loads(handed)["namespace"] == name


def test_a_report_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod, "PIECE", 7)
    assert Tried(Namespace([ended(0)]), tmp_path).files == REPORT


def test_pytests_own_exit_codes_need_no_report(tmp_path: Path) -> None:
    assert Tried(Namespace([ended(4)], None), tmp_path).outcome == ExitCode.USAGE
    error = Tried(Namespace([ended(1)], None), tmp_path).error(EngineError)
    assert "exit code 1, and left no report" in error.message


def test_a_report_that_is_another_on_its_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = Namespace([ended(0)])
    right = space.packing
    monkeypatch.setattr(space, "packing", lambda words: right(words) if not words else right(["0", "5"]))
    assert "its digest differs" in Tried(space, tmp_path).error(EngineError).message
    assert space.destroyed


@pytest.mark.parametrize(
    ("waiting", "words", "hint"),
    [
        ({"reason": "ErrImagePull", "message": "not found"}, "image probe:1: ErrImagePull: not found", "probe-image"),
        ({"reason": "CreateContainerError", "message": "no such file"}, "CreateContainerError", "--keep"),
    ],
)
def test_a_pod_that_cannot_start(tmp_path: Path, waiting: dict[str, str], words: str, hint: str) -> None:
    tried = Tried(Namespace([PULLING, a_pod({"waiting": waiting}, keeper=False)]), tmp_path)
    error = tried.error(CouldNotTest)
    assert words in error.message
    assert hint in error.hint
    assert tried.space.destroyed


def test_a_pod_for_which_there_is_no_room(tmp_path: Path) -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
    pending = {"metadata": {}, "status": {"conditions": [condition]}}
    error = Tried(Namespace([pending]), tmp_path).error(CouldNotTest)
    assert "does not run after 300 s: Unschedulable: 0/3 nodes" in error.message


@pytest.mark.parametrize("kind", ["ClusterRole", "ClusterRoleBinding"])
def test_a_user_who_may_not_grant_rights(tmp_path: Path, kind: str) -> None:
    refused = Refused("PATCH /apis/...", 403, "clusterroles is forbidden")
    tried = Tried(Namespace([RUNNING], refuses={kind: refused}), tmp_path)
    error = tried.error(CouldNotTest)
    assert error.message.startswith(f"{kind} for the pod that the suite runs in: ")
    assert "clusterroles is forbidden" in error.message
    assert "docs/inside.md" in error.hint
    assert tried.space.destroyed


EVICTED = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (ended(137, "OOMKilled"), "its memory was used up (OOMKilled, exit code 137)"),
        (ended(137, "Error", keeper=False, status=EVICTED), "Evicted: The node was low on resource: memory."),
        (ended(143, "Error"), "was ended by signal 15"),
        (KeyError("Pod srs-inside"), "it is gone"),
    ],
)
def test_a_pod_that_is_lost(tmp_path: Path, last: Any, words: str) -> None:
    tried = Tried(Namespace([RUNNING, RUNNING, last]), tmp_path)
    error = tried.error(EngineError)
    assert words in error.message
    assert "namespace srs-inside-" in error.message
    assert tried.files == REPORT  # what there is of it
    assert tried.space.destroyed


def test_an_answer_that_does_not_come_is_waited_for(tmp_path: Path) -> None:
    away = EngineError("no answer")
    assert Tried(Namespace([RUNNING, *[away] * 50, RUNNING, ended(0)]), tmp_path).outcome == 0
    assert Tried(Namespace([RUNNING, RUNNING, away]), tmp_path).outcome is away


def test_a_cluster_that_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = ClusterLost("the cluster no longer answers")
    space = Namespace([RUNNING, RUNNING, lost])

    def destroy() -> None:
        raise lost

    monkeypatch.setattr(space, "destroy", destroy)
    tried = Tried(space, tmp_path)
    assert f"the run may go on in pod srs-inside of namespace {space.name}" in tried.error(ClusterLost).message
    [said] = tried.said
    assert said.startswith(f"namespace {space.name} is left: the cluster no longer answers; `srs-conformance clean")


def test_an_interruption_lets_the_suite_clean_up(tmp_path: Path) -> None:
    tried = Tried(Namespace([RUNNING, RUNNING, KeyboardInterrupt()]), tmp_path)
    assert isinstance(tried.outcome, KeyboardInterrupt)
    assert tried.space.interrupted
    assert tried.files == REPORT
    assert tried.space.destroyed
    assert any("what there is of the report" in each for each in tried.said)


def test_an_interruption_does_not_wait_for_ever(tmp_path: Path) -> None:
    tried = Tried(Namespace([RUNNING, KeyboardInterrupt()], stops=RUNNING), tmp_path)
    assert isinstance(tried.outcome, KeyboardInterrupt)
    assert tried.space.destroyed


def test_what_is_to_be_kept_stays(tmp_path: Path) -> None:
    tried = Tried(Namespace([ended(0)]), tmp_path, keep=True)
    assert not tried.space.destroyed
    assert f"namespace {tried.space.name} is kept; `srs-conformance clean --run" in tried.said[0]


def test_a_folder_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "thesis.tex").touch()
    tried = Tried(Namespace([ended(0)]), tmp_path)
    assert "holds thesis.tex and no report" in tried.error(UsageError).message
    assert not tried.space.applied


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../outside", {}),
        ("/etc/passwd", {}),
        ("a/../../outside", {}),
        ("link", {"type": b"2", "linkname": "/etc"}),
        ("hard", {"type": b"1", "linkname": "conformance.json"}),
        ("device", {"type": b"3"}),
    ],
)
def test_nothing_is_unpacked_of_an_archive_that_leads_elsewhere(
    tmp_path: Path, name: str, fields: dict[str, Any]
) -> None:
    tried = Tried(Namespace([ended(0)], packed(REPORT, **{name: fields})), tmp_path)
    assert repr(name) in tried.error(EngineError).message
    assert tried.files == {}
    assert not (tmp_path / "outside").exists()


def test_an_image_that_knows_nothing_of_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = Namespace([ended(0)])
    monkeypatch.setattr(space, "packing", lambda _: ExecResult(0, "hello", ""))
    assert "the pod says of its report 'hello'" in Tried(space, tmp_path).error(EngineError).message
    monkeypatch.setattr(space, "packing", lambda _: ExecResult(1, "", "No module named srs_conformance.inside"))
    assert "No module named" in Tried(space, tmp_path).error(EngineError).message


def test_what_is_no_archive(tmp_path: Path) -> None:
    assert "cannot be unpacked" in Tried(Namespace([ended(0)], b"no gzip"), tmp_path).error(EngineError).message
