import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import leftovers
from srs_conformance.errors import EngineError

#: Is there until it is killed, or nobody is who could write to it.
STAYING = [sys.executable, "-c", "print(flush=True); input()"]


def container(graph: Path, name: str, namespaces: list[dict[str, str]]) -> None:
    folder = graph / "overlay-containers" / name / "userdata"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"linux": {"namespaces": namespaces}}))


def test_containers_and_their_networks_are_found_without_podman(tmp_path: Path) -> None:
    container(tmp_path, "b", [{"type": "network", "path": "/run/netns/netns-1"}, {"type": "pid"}])
    container(tmp_path, "a", [{"type": "network"}])
    (tmp_path / "overlay-containers" / "c" / "userdata").mkdir(parents=True)
    (tmp_path / "overlay-containers" / "c" / "userdata" / "config.json").write_text("{")
    found = leftovers.traces(tmp_path)
    assert found.containers == ("a", "b", "c")
    assert found.namespaces == (Path("/run/netns/netns-1"),)


def test_a_namespace_that_is_not_podmans_is_never_dropped(tmp_path: Path) -> None:
    container(tmp_path, "a", [{"type": "network", "path": "/proc/1/ns/net"}])
    assert leftovers.traces(tmp_path).namespaces == ()


def test_processes_are_found_by_the_configuration_they_use(tmp_path: Path) -> None:
    configuration = tmp_path / "containers.conf"
    ours = {**os.environ, "CONTAINERS_CONF": str(configuration)}
    others = {**os.environ, "CONTAINERS_CONF": f"{configuration}.other"}
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(STAYING, env=ours, stdin=pipe, stdout=pipe) as one,
        subprocess.Popen(STAYING, env=others, stdin=pipe, stdout=pipe) as other,
    ):
        for process in (one, other):
            assert process.stdout
            process.stdout.readline()
        assert leftovers.processes_of(configuration) == [one.pid]
        leftovers.end_processes(lambda: leftovers.processes_of(configuration))
        assert one.wait(5) == -9
        assert other.poll() is None
        other.kill()


def test_a_process_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "GONE_WITHIN", 0.1)
    monkeypatch.setattr(leftovers.os, "kill", lambda *_: None)
    with pytest.raises(EngineError, match=f"{os.getpid()}"):
        leftovers.end_processes(lambda: [os.getpid()])


def test_processes_of_a_group_are_those_of_the_groups_in_it_too(tmp_path: Path) -> None:
    inner = tmp_path / "kubelet" / "pod"
    inner.mkdir(parents=True)
    (tmp_path / "cgroup.procs").write_text("12\n")
    (inner / "cgroup.procs").write_text("13\n0\n")
    assert leftovers.processes_in([tmp_path]) == [12, 13]


def test_a_group_goes_from_the_inside_out(tmp_path: Path) -> None:
    group = tmp_path / "libpod-1"
    (group / "a" / "b").mkdir(parents=True)
    leftovers.remove_cgroup(group)
    assert not group.exists()


def test_the_mounts_of_this_process_are_read() -> None:
    assert Path("/proc") in leftovers.mounts()


def test_nothing_is_mounted_in_an_ordinary_folder(tmp_path: Path) -> None:
    (tmp_path / "folder" / "file").parent.mkdir()
    (tmp_path / "folder" / "file").touch()
    leftovers.delete_folder(tmp_path / "folder")
    leftovers.delete_folder(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_folder_is_never_deleted_through_a_mount(tmp_path: Path) -> None:
    precious, folder = tmp_path / "precious", tmp_path / "folder"
    (folder / "with space").mkdir(parents=True)
    precious.mkdir()
    (precious / "file").touch()
    done = subprocess.run(["mount", "--bind", precious, folder / "with space"], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("this machine does not let us mount")
    leftovers.delete_folder(folder)
    assert (precious / "file").exists()
    assert not folder.exists()


def test_waiting_is_short_where_nothing_is_to_end() -> None:
    began = time.monotonic()
    leftovers.end_processes(list)
    assert time.monotonic() - began < 0.1
