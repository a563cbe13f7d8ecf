"""kind itself: which one, its configuration file, and running it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from srs_conformance.clusters.kind import build, published, weight
from srs_conformance.clusters.kind.commands import Commands, run
from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.clusters.kind.network import API_PORT
from srs_conformance.clusters.kind.runtime import CgroupLayout, can_raise_limits, cgroup_layout
from srs_conformance.clusters.kind.state import ClusterState, Ranges
from srs_conformance.errors import EngineError
from srs_conformance.progress import Progress, run_logged

ALL_BUT_A_PORT = "failed to get api server port"
"""What kind says at its last step, writing a kubeconfig: Docker publishes no port of an internal network."""

_NO_FREEZER = """\
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
"""
"""With systemd and cgroup v1 runc freezes a container that it starts, to set its devices, and waits 0.2 s for that: on
a machine under load it gives up ("unable to freeze"), and pods restart for no reason of theirs."""

_PROXY_BEAT = "100ms"
"""How long kube-proxy gathers changes, 1 s by default: whatever chapter changes its Services, all others would wait for
theirs, and new connections would go to a pod that ends for longer than where a chapter is alone."""

_PATCHES = "/kubeadm-patches"
"""Where the node sees what `weight.write_patches` wrote."""

OLDEST = (0, 29)  # the first with kubeProxyMode nftables and containerd 2 in its node images


def find_kind(progress: Progress) -> Path:
    """Return kind: the user's where it is new enough, else one of ours."""
    return own_kind() or build.ensure_tool("kind", progress)


def own_kind() -> Path | None:
    """Return the user's kind where it is new enough."""
    if found := shutil.which("kind"):
        version = re.search(r"v(\d+)\.(\d+)", run(found, "version").out)
        if version and (int(version[1]), int(version[2])) >= OLDEST:
            return Path(found)
    return None


def configuration(
    ranges: Ranges,
    patches: Path,
    *,
    layout: CgroupLayout,
    may_raise_limits: bool,
    nodes: int = 1,
    publish: bool = False,
) -> str:
    """Return kind's configuration file.

    Args:
        ranges: of the cluster.
        patches: the folder of those for the control plane.
        layout: how the machine has its control groups.
        may_raise_limits: whether containers may raise theirs.
        nodes: how many, the control plane's included.
        publish: whether the load balancers' addresses are this machine's own, with published ports.
    """
    kubelet: dict[str, Any] = {"kind": "KubeletConfiguration", "syncFrequency": "5s"}
    containerd = []
    if layout is not CgroupLayout.UNIFIED:
        kubelet |= {"failCgroupV1": False, "cgroupDriver": "cgroupfs"}
        containerd = [_NO_FREEZER]
    if not may_raise_limits:  # it then forgives what it cannot set
        kubelet |= {"featureGates": {"KubeletInUserNamespace": True}, "localStorageCapacityIsolation": False}
    # conntrack's limits belong to the whole machine: leave them alone
    conntrack = {"maxPerCore": 0, "min": 0, "tcpCloseWaitTimeout": "0s", "tcpEstablishedTimeout": "0s"}
    proxy = {"kind": "KubeProxyConfiguration", "conntrack": conntrack, "nftables": {"minSyncPeriod": _PROXY_BEAT}}
    init = {"kind": "InitConfiguration", "patches": {"directory": _PATCHES}}  # which workers do not read: they join
    mount = {"hostPath": str(patches), "containerPath": _PATCHES, "readOnly": True}
    first: dict[str, Any] = {"role": "control-plane", "extraMounts": [mount]}
    if publish:
        first["extraPortMappings"] = published.mappings(ranges)
    return yaml.safe_dump(
        {
            "kind": "Cluster",
            "apiVersion": "kind.x-k8s.io/v1alpha4",
            "networking": {
                "ipFamily": "ipv4",
                "kubeProxyMode": "nftables",
                "podSubnet": ranges.pods,
                "serviceSubnet": ranges.services,
            },
            "nodes": [first, *({"role": "worker"} for _ in range(nodes - 1))],
            "kubeadmConfigPatches": [yaml.safe_dump(patch) for patch in (init, kubelet, proxy)],
            "containerdConfigPatches": containerd,
        },
        sort_keys=False,
    )


def create(kind: Path, engine: Engine, state: ClusterState, progress: Progress, *, nodes: int = 1) -> None:
    """Run `kind create cluster` in the cluster's own network, note its nodes, and write the kubeconfig.

    Raises:
        EngineError: kind failed; names its log.
    """
    assert state.ranges
    config = state.folder / "kind.yaml"
    patches = state.folder / "kubeadm-patches"
    weight.write_patches(patches)
    limits = state.published or can_raise_limits()  # of an engine elsewhere they are not this machine's
    layout = CgroupLayout.UNIFIED if state.published else cgroup_layout()
    text = configuration(
        state.ranges, patches, layout=layout, may_raise_limits=limits, nodes=nodes, publish=state.published
    )
    config.write_text(text)
    settings = environment(engine, state.network)
    argv = ["create", "cluster", "--name", state.name, "--image", state.image, "--config", str(config), "--retain"]
    with progress.step(f"kind makes the cluster {state.name}", about=30) as step:
        try:
            run_logged(
                [kind, *argv, "--kubeconfig", state.kubeconfig],
                state.logs / "kind.log",
                env=settings,
                step=step,
                tied=True,
            )
        except EngineError as error:
            if state.published or ALL_BUT_A_PORT not in error.message:
                raise
    state.workers = [each for each in engine.nodes(state.name) if each != state.node]
    internal = () if state.published else ("--internal",)
    told = Commands(settings, state.logs / "engine.log")(kind, "get", "kubeconfig", *internal, "--name", state.name)
    state.kubeconfig.write_text(told.checked())
    state.kubeconfig.chmod(0o600)
    if not state.published:
        point_at_node(state.kubeconfig, engine.address(state.node))


def api_address(kubeconfig: Path) -> tuple[str, int]:
    """Return host and port of the API server that a kubeconfig names."""
    server = urlsplit(yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"])
    return str(server.hostname), server.port or 443


def environment(engine: Engine, network: str) -> Mapping[str, str]:
    """Return the environment in which kind uses this engine and this network."""
    return {
        **engine.environment,
        "KIND_EXPERIMENTAL_PROVIDER": engine.kind,
        f"KIND_EXPERIMENTAL_{engine.kind.upper()}_NETWORK": network,
    }


def point_at_node(kubeconfig: Path, address: str, port: int = API_PORT) -> str:
    """Put the API server's address as this machine reaches it into a kubeconfig and return its context.

    An internal network publishes no port of the machine, and the node's name is known to nobody outside.
    """
    config = yaml.safe_load(kubeconfig.read_text())
    for cluster in config["clusters"]:
        cluster["cluster"]["server"] = f"https://{address}:{port}"
    kubeconfig.write_text(yaml.safe_dump(config))
    kubeconfig.chmod(0o600)
    return str(config["current-context"])
