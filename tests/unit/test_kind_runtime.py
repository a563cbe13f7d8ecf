import json
import os
import subprocess
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import runtime, runtime_wrapper
from srs_conformance.clusters.kind.runtime import CgroupLayout
from srs_conformance.progress import NullProgress

PROCESS = {
    "args": ["/sbin/init"],
    "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1048576, "soft": 1048576}],
    "capabilities": {"bounding": ["CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"], "effective": ["CAP_SYS_RESOURCE"]},
    "oomScoreAdj": -100,
}
LESSENED = {"args": ["/sbin/init"], "capabilities": {"bounding": ["CAP_SYS_ADMIN"], "effective": []}}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps({"ociVersion": "1.0.2", "process": PROCESS}))
    return tmp_path


@pytest.mark.parametrize("how", [["--bundle", "{}"], ["--bundle={}"], ["-b", "{}"]])
def test_a_new_container_asks_for_less(bundle: Path, how: list[str]) -> None:
    runtime_wrapper.adapt(["--log-format=json", "create", *(word.format(bundle) for word in how), "id"])
    assert json.loads((bundle / "config.json").read_text()) == {"ociVersion": "1.0.2", "process": LESSENED}


def test_a_further_process_asks_for_less(tmp_path: Path) -> None:
    process = tmp_path / "process"
    process.write_text(json.dumps(PROCESS))
    runtime_wrapper.adapt(["exec", "--process", str(process), "id"])
    assert json.loads(process.read_text()) == LESSENED


def test_a_higher_oom_score_stays(tmp_path: Path) -> None:
    process = tmp_path / "process"
    process.write_text(json.dumps({"oomScoreAdj": 500, "capabilities": None}))
    runtime_wrapper.adapt(["exec", "-p", str(process), "id"])
    assert json.loads(process.read_text()) == {"oomScoreAdj": 500, "capabilities": None}


@pytest.mark.parametrize("arguments", [["start", "id"], ["delete", "--force", "id"], ["--version"], []])
def test_other_commands_are_left_alone(bundle: Path, arguments: list[str]) -> None:
    before = (bundle / "config.json").read_text()
    runtime_wrapper.adapt(arguments)
    assert (bundle / "config.json").read_text() == before


def test_the_written_wrapper_becomes_the_real_runtime(bundle: Path, tmp_path: Path) -> None:
    real = tmp_path / "a real runtime"
    real.write_text('#!/bin/sh\necho "$0 $@"\n')
    real.chmod(0o755)
    wrapper = runtime.write_wrapper(tmp_path / "folder with spaces" / "oci-runtime", real)
    done = subprocess.run([wrapper, "create", "--bundle", bundle, "id"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{real} create --bundle {bundle} id\n"
    assert json.loads((bundle / "config.json").read_text())["process"] == LESSENED


@pytest.mark.parametrize(
    ("present", "layout"),
    [
        (["cgroup.controllers"], CgroupLayout.UNIFIED),
        (["memory", "unified/cgroup.controllers"], CgroupLayout.HYBRID),
        (["memory"], CgroupLayout.LEGACY),
    ],
)
def test_the_layout_of_control_groups_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: list[str], layout: CgroupLayout
) -> None:
    for each in present:
        (tmp_path / each).parent.mkdir(exist_ok=True)
        (tmp_path / each).touch()
    monkeypatch.setattr(runtime, "CGROUPS", tmp_path)
    assert runtime.cgroup_layout() is layout


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        (folder / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("layout", "chosen"), [(CgroupLayout.UNIFIED, "crun"), (CgroupLayout.LEGACY, "crun"), (CgroupLayout.HYBRID, "runc")]
)
def test_the_runtime_takes_the_machines_control_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: CgroupLayout, chosen: str
) -> None:
    programs(tmp_path, monkeypatch, "crun", "runc")
    monkeypatch.setattr(runtime, "cgroup_layout", lambda: layout)
    assert runtime.find_runtime(NullProgress()) == tmp_path / chosen


def test_runc_is_built_where_no_runtime_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path, monkeypatch, "crun")
    monkeypatch.setattr(runtime, "cgroup_layout", lambda: CgroupLayout.HYBRID)
    monkeypatch.setattr(runtime.build, "ensure_tool", lambda name, _progress: tmp_path / "built" / name)
    assert runtime.find_runtime(NullProgress()) == tmp_path / "built" / "runc"


def test_the_probe_agrees_with_the_kernel() -> None:
    done = subprocess.run(["sh", "-c", "ulimit -Hn $(($(ulimit -Hn) + 1))"], capture_output=True, check=False)
    if os.geteuid() == 0:
        assert runtime.can_raise_limits() == (done.returncode == 0)
    else:
        assert not runtime.can_raise_limits()
