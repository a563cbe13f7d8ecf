"""A node's group is weighed as several tasks where the kernel weighs it against single ones."""

from pathlib import Path

import pytest
import yaml

from srs_conformance.clusters.kind.weight import CONTROL_PLANE, SHARES, weigh, write_patches


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, Path]:
    groups, processes = tmp_path / "cpu", tmp_path / "proc"
    for group in ("", "libpod_parent", "libpod_parent/libpod-1", "libpod_parent/libpod-1/init.scope", "other"):
        (groups / group).mkdir(parents=True, exist_ok=True)
        (groups / group / "cpu.shares").write_text("1024\n")
    (processes / "7").mkdir(parents=True)
    return groups, processes


def shares(groups: Path) -> dict[str, int]:
    return {str(file.parent.relative_to(groups)): int(file.read_text()) for file in groups.rglob("cpu.shares")}


def test_podmans_groups_above_a_process_are_weighed_and_no_others(machine: tuple[Path, Path]) -> None:
    groups, processes = machine
    told = "2:cpuacct:/x\n1:cpu:/libpod_parent/libpod-1/init.scope\n0::/\n"
    (processes / "7/cgroup").write_text(told)
    weigh(7, groups, processes)
    assert shares(groups) == {
        ".": 1024,
        "libpod_parent": SHARES,
        "libpod_parent/libpod-1": SHARES,
        "libpod_parent/libpod-1/init.scope": 1024,
        "other": 1024,
    }


@pytest.mark.parametrize("told", ["0::/libpod_parent/libpod-1\n", "1:cpu:/machine.slice/x\n", "1:cpu:/\n", ""])
def test_nothing_is_weighed_elsewhere(told: str, machine: tuple[Path, Path]) -> None:
    groups, processes = machine
    (processes / "7/cgroup").write_text(told)
    assert weigh(7, groups, processes) == []
    assert set(shares(groups).values()) == {1024}


def test_a_process_that_has_gone_has_no_group(machine: tuple[Path, Path]) -> None:
    assert weigh(8, *machine) == []


def test_no_pod_of_the_control_plane_requests_processor_time(tmp_path: Path) -> None:
    write_patches(tmp_path / "patches")
    found = {file.name: yaml.safe_load(file.read_text()) for file in (tmp_path / "patches").iterdir()}
    (change,) = found.pop("etcd+json.yaml")
    assert (change["op"], change["value"]) == ("add", "--unsafe-no-fsync")
    little = {"requests": {"cpu": None, "memory": "1Mi"}}
    assert found == {
        f"{name}+strategic.yaml": {"spec": {"containers": [{"name": name, "resources": little}]}}
        for name in CONTROL_PLANE
    }
