import os
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import preflight
from srs_conformance.clusters.kind.commands import Result
from srs_conformance.errors import UsageError
from tests.support.recording import RecordingRunner


@pytest.fixture(autouse=True)
def roomy_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(preflight, "DISK", 0)
    monkeypatch.setattr(preflight, "MEMORY", 0)
    monkeypatch.setattr(preflight.os, "geteuid", lambda: 0)
    monkeypatch.setattr(preflight.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(preflight, "cgroup_roots", lambda: [tmp_path])
    (tmp_path / "pids.max").touch()


def trouble(command: RecordingRunner, engine: str = "podman") -> dict[str, str]:
    return {check.what: check.trouble for check in preflight.checks(engine, command) if check.trouble}


def test_docker_is_trusted_with_its_own_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.os, "geteuid", lambda: 1000)
    command = RecordingRunner()
    assert trouble(command, "docker") == {}
    assert command.calls == []


def test_into_the_machine_that_docker_has_on_macos_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.sys, "platform", "darwin")
    assert [check.what for check in preflight.checks("docker", RecordingRunner())] == ["disk"]
    assert trouble(RecordingRunner(), "podman")["Linux"] == "this is darwin"


def test_a_machine_without_namespaces_is_told_from_one_without_overlays() -> None:
    refused = Result(("unshare",), 1, "", "unshare: unshare failed: Operation not permitted\n")
    assert trouble(RecordingRunner({"unshare --mount": refused})) == {
        "namespaces": "unshare: unshare failed: Operation not permitted"
    }
    refused = Result(("mount",), 32, "", "\nmount: /x: permission denied.\n       dmesg(1) may have more.\n")
    assert trouble(RecordingRunner({"mount -t overlay": refused}))["overlay file systems"] == (
        "mount: /x: permission denied."
    )


def test_nothing_more_is_tried_without_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.os, "geteuid", lambda: 1000)
    command = RecordingRunner()
    assert list(trouble(command)) == ["root"]
    assert command.calls == []


def test_control_groups_must_take_new_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "control groups" not in trouble(RecordingRunner())
    monkeypatch.setattr(preflight, "cgroup_roots", lambda: [tmp_path / "pids.max"])
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "tasks").touch()
    readonly = tmp_path / "pids"
    monkeypatch.setattr(preflight, "cgroup_roots", lambda: [readonly])

    def refuse(self: Path, *_: object, **__: object) -> None:
        if self.parent == readonly:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    check = preflight._cgroups(RecordingRunner())
    assert check.trouble == f"cannot make one in {readonly}: Permission denied"


def test_all_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "DISK", 10**18)
    monkeypatch.setattr(preflight, "MEMORY", 10**15)
    with pytest.raises(UsageError) as caught:
        preflight.require("docker", RecordingRunner())
    assert "disk: " in caught.value.message
    assert "memory: " in caught.value.message
    assert "make room" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="the kernel tells only root")
def test_the_kernel_is_asked_for_nftables() -> None:
    assert preflight._nftables(RecordingRunner()).what == "nftables in the kernel"


def test_too_few_inotify_instances_are_named_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(3)]
    monkeypatch.setattr(preflight, "_inotify", iter([*opened, -1]).__next__)
    found = trouble(RecordingRunner())
    assert found["inotify instances"].startswith(f"3 can be opened, a cluster needs {preflight.WATCHERS}")
    for each in opened:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(each)
