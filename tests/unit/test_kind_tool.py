from pathlib import Path
from typing import Any

import pytest
import yaml

from srs_conformance.clusters.kind import kind_tool
from srs_conformance.clusters.kind.commands import Result
from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.clusters.kind.network import ranges_of
from srs_conformance.clusters.kind.runtime import CgroupLayout
from srs_conformance.clusters.kind.state import IPv4Network
from srs_conformance.progress import NullProgress
from tests.support.recording import RecordingRunner

PATCHES = Path("/state/kubeadm-patches")
RANGES = ranges_of(IPv4Network("198.18.4.0/22"))


def patches(layout: CgroupLayout, *, may_raise_limits: bool) -> dict[str, dict[str, object]]:
    text = kind_tool.configuration(RANGES, PATCHES, layout=layout, may_raise_limits=may_raise_limits)
    return {patch["kind"]: patch for patch in map(yaml.safe_load, yaml.safe_load(text)["kubeadmConfigPatches"])}


def test_a_cluster_has_its_own_ranges() -> None:
    text = kind_tool.configuration(RANGES, PATCHES, layout=CgroupLayout.UNIFIED, may_raise_limits=True)
    assert yaml.safe_load(text)["networking"] == {
        "ipFamily": "ipv4",
        "kubeProxyMode": "nftables",
        "podSubnet": "198.18.6.0/24",
        "serviceSubnet": "198.18.5.0/24",
    }


def test_an_ordinary_machine_needs_no_leniency() -> None:
    kubelet = patches(CgroupLayout.UNIFIED, may_raise_limits=True)["KubeletConfiguration"]
    assert kubelet == {"kind": "KubeletConfiguration", "syncFrequency": "5s"}


@pytest.mark.parametrize(
    ("layout", "driver"),
    [(CgroupLayout.UNIFIED, None), (CgroupLayout.HYBRID, "cgroupfs"), (CgroupLayout.LEGACY, "cgroupfs")],
)
def test_kubelet_and_containerd_agree_on_the_cgroup_driver(layout: CgroupLayout, driver: str | None) -> None:
    text = kind_tool.configuration(RANGES, PATCHES, layout=layout, may_raise_limits=True)
    containerd = "".join(yaml.safe_load(text)["containerdConfigPatches"])
    assert patches(layout, may_raise_limits=True)["KubeletConfiguration"].get("cgroupDriver") == driver
    assert ("SystemdCgroup = false" in containerd) == (driver is not None)


def test_leniency_where_the_machine_needs_it() -> None:
    kubelet = patches(CgroupLayout.HYBRID, may_raise_limits=False)["KubeletConfiguration"]
    assert kubelet["failCgroupV1"] is False
    assert kubelet["featureGates"] == {"KubeletInUserNamespace": True}
    assert kubelet["localStorageCapacityIsolation"] is False


def test_conntrack_is_left_as_the_machine_has_it() -> None:
    proxy = patches(CgroupLayout.UNIFIED, may_raise_limits=True)["KubeProxyConfiguration"]
    assert proxy["conntrack"] == {
        "maxPerCore": 0,
        "min": 0,
        "tcpCloseWaitTimeout": "0s",
        "tcpEstablishedTimeout": "0s",
    }


def test_the_proxy_does_not_gather_changes_for_a_second() -> None:
    proxy = patches(CgroupLayout.UNIFIED, may_raise_limits=True)["KubeProxyConfiguration"]
    assert proxy["nftables"] == {"minSyncPeriod": "100ms"}


def test_kubeadm_finds_the_patches_of_the_control_plane_in_the_node() -> None:
    text = kind_tool.configuration(RANGES, PATCHES, layout=CgroupLayout.UNIFIED, may_raise_limits=True)
    (node,) = yaml.safe_load(text)["nodes"]
    (mount,) = node["extraMounts"]
    init = patches(CgroupLayout.UNIFIED, may_raise_limits=True)["InitConfiguration"]
    assert mount == {"hostPath": str(PATCHES), "containerPath": init["patches"]["directory"], "readOnly": True}


@pytest.mark.parametrize("kind", ["docker", "podman"])
def test_kind_is_told_the_engine_and_the_network(kind: str) -> None:
    environment = kind_tool.environment(Engine(kind, RecordingRunner(), {"A": "b"}), "kind-x")
    assert environment == {
        "A": "b",
        "KIND_EXPERIMENTAL_PROVIDER": kind,
        f"KIND_EXPERIMENTAL_{kind.upper()}_NETWORK": "kind-x",
    }


def test_the_kubeconfig_names_the_nodes_address(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    config = {
        "current-context": "kind-x",
        "clusters": [{"name": "kind-x", "cluster": {"server": "https://127.0.0.1:40000"}}],
    }
    path.write_text(yaml.safe_dump(config))
    assert kind_tool.point_at_node(path, "198.18.4.2") == "kind-x"
    assert yaml.safe_load(path.read_text())["clusters"][0]["cluster"]["server"] == "https://198.18.4.2:6443"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("kind v0.31.0 go1.26 linux/amd64", False),
        ("kind v0.29.0-alpha go1.24", False),
        ("kind v1.0.0", False),
        ("kind v0.20.0 go1.20", True),
        ("something else", True),
    ],
)
def test_the_users_kind_is_used_where_it_is_new_enough(monkeypatch: pytest.MonkeyPatch, said: str, ours: bool) -> None:
    monkeypatch.setattr(kind_tool.shutil, "which", lambda _: "/usr/bin/kind")
    monkeypatch.setattr(kind_tool, "run", lambda *argv: Result(argv, 0, said))
    monkeypatch.setattr(kind_tool.build, "ensure_tool", lambda *_: Path("/cache/kind"))
    assert kind_tool.find_kind(NullProgress()) == Path("/cache/kind" if ours else "/usr/bin/kind")


def test_a_cluster_has_as_many_nodes_as_are_asked_for_and_publishes_where_it_must() -> None:
    def nodes(**more: Any) -> list[dict[str, Any]]:
        text = kind_tool.configuration(RANGES, PATCHES, layout=CgroupLayout.UNIFIED, may_raise_limits=True, **more)
        found: list[dict[str, Any]] = yaml.safe_load(text)["nodes"]
        return found

    (alone,) = nodes()
    assert set(alone) == {"role", "extraMounts"}
    assert nodes(nodes=3) == [alone, {"role": "worker"}, {"role": "worker"}]
    first, other = nodes(nodes=2, publish=True)
    assert other == {"role": "worker"}
    assert first["extraMounts"] == alone["extraMounts"]
    assert first["extraPortMappings"][2] == {
        "listenAddress": "127.18.4.1",
        "hostPort": 1935,
        "containerPort": 30002,
        "protocol": "TCP",
    }
    assert max(each["containerPort"] for each in first["extraPortMappings"]) < 30086, "the band of KEP 3668"
