import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import state
from srs_conformance.clusters.kind.network import ranges_of
from srs_conformance.clusters.kind.state import ClusterState, Daemon, Phase, checked_name, locked
from srs_conformance.errors import UsageError
from srs_conformance.progress import NullProgress


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", ["a", "srs-conformance", "x1", "a" * 40])
def test_takes_names_that_kind_takes(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a/b", "..", "a b", "a" * 41, "é"])
def test_refuses_other_names(name: str) -> None:
    with pytest.raises(UsageError, match="--name"):
        checked_name(name)


def test_a_state_is_read_back_as_it_was_written() -> None:
    ranges = ranges_of(state.IPv4Network("198.18.4.0/22"))
    written = ClusterState("x", "podman", phase=Phase.UP, ranges=ranges, controller=Daemon.of(os.getpid()), made=["/a"])
    written.save()
    assert ClusterState.load("x") == written
    assert state.all_states() == [written]
    assert [path.name for path in written.folder.iterdir()] == ["cluster.json"]


def test_there_is_no_state_of_an_unknown_cluster() -> None:
    assert ClusterState.load("x") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"name": "x", "phase": "dancing"}'])
def test_a_broken_state_is_one_to_be_removed(text: str) -> None:
    (state.folder_of("x") / "cluster.json").write_text(text)
    found = ClusterState.load("x")
    assert found
    assert found.phase is Phase.MAKING


def test_a_daemon_is_told_from_a_later_process_with_its_number() -> None:
    daemon = Daemon.of(os.getpid())
    assert daemon.alive
    assert not Daemon(daemon.pid, daemon.started + 1).alive


def test_without_proc_a_process_is_known_by_the_time_that_ps_tells(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(state, "_BOOT_ID", tmp_path / "none")
    daemon = Daemon.of(os.getpid())
    assert daemon.alive
    with subprocess.Popen(["true"]) as ended:
        pass
    assert state.start_time(ended.pid) is None


def test_a_process_that_has_ended_is_not_alive_even_before_it_is_waited_for() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        daemon = Daemon.of(child.pid)
        assert daemon.alive
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not daemon.alive
    with pytest.raises(ProcessLookupError):
        Daemon.of(child.pid)


class _Telling(NullProgress):
    def __init__(self) -> None:
        self.told: list[str] = []
        self.waiting = threading.Event()

    def step(self, title: str, *, about: float | None = None):
        self.told.append(title)
        self.waiting.set()
        return super().step(title, about=about)


def test_one_who_waits_for_a_lock_is_told_so() -> None:
    progress, entered = _Telling(), threading.Event()

    def second() -> None:
        with locked("it", progress):
            entered.set()

    with locked("it", NullProgress()):
        other = threading.Thread(target=second)
        other.start()
        assert progress.waiting.wait(5)
        assert not entered.is_set()
    other.join(5)
    assert entered.is_set()
    assert progress.told == ["waiting for another process that is at work on it"]
