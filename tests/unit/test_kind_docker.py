"""kind on Docker, against a hand-written fake of both command lines (tests/support/fake_docker.py): not Docker itself.

What the fake cannot show: whether images run, and whether packets get where they should.
"""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from srs_conformance.clusters.base import Capability
from srs_conformance.clusters.kind import (
    controller,
    engine,
    lifecycle,
    network,
    node_image,
    preflight,
    published,
    teardown,
)
from srs_conformance.clusters.kind.backend import KindCluster
from srs_conformance.clusters.kind.node import Node
from srs_conformance.clusters.kind.node_image import OFFICIAL
from srs_conformance.clusters.kind.state import ClusterState, Daemon
from srs_conformance.errors import EngineError, UsageError
from tests.support import fake_docker

NAME = "x"
DESKTOP = {"os": "Docker Desktop"}


class Docker:
    """The fake, and what it knows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, **settings: Any) -> Docker:
        self._state = fake_docker.install(self._folder, **{"registry": [OFFICIAL], **settings})
        return self

    def __getitem__(self, what: str) -> Any:
        return json.loads(self._state.read_text())[what]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """A machine on which Docker is played, and nothing of the machine itself is touched."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    for module, name, stand_in in (
        (preflight, "require", lambda _: None),
        (controller, "may_route", lambda: False),
        (controller, "start", lambda state: setattr(state, "controller", Daemon.of(os.getpid()))),
        (network, "connects", lambda *_: True),
        (network, "routed", lambda _: []),
        # the machine's own bridge and routes of these names may be a real cluster's
        (network, "reserve", lambda *_: True),
        (network, "add_routes", lambda *_: None),
        (network, "remove_routes", lambda *_: None),
        (network, "remove_link", lambda *_: None),
        (node_image, "registry_answers", lambda: True),
        (engine, "MACHINE_STORES", ()),
        (teardown, "end_controller", lambda _: None),
    ):
        monkeypatch.setattr(module, name, stand_in)
    return Docker(tmp_path / "bin")


def saved(folder: Path, *names: str) -> Path:
    """Write an archive with as much of `docker save` as the fake reads."""
    archive, manifest = folder / "image.tar", folder / "manifest.json"
    manifest.write_text(json.dumps([{"RepoTags": list(names)}]))
    with tarfile.open(archive, "w") as out:
        out.add(manifest, "manifest.json")
    return archive


def server(state: ClusterState) -> str:
    found: str = yaml.safe_load(state.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    return found


def test_a_cluster_of_one_node_comes_and_goes(docker: Docker) -> None:
    docker.start()
    state = lifecycle.up(NAME)
    assert (state.engine, state.image, state.nodes, state.published) == ("docker", OFFICIAL, ["x-control-plane"], False)
    (made,) = docker["networks"].values()
    assert made["internal"]
    assert server(state) == f"https://{docker['containers']['x-control-plane']['address']}:6443"
    assert state.kubeconfig.stat().st_mode & 0o777 == 0o600
    assert lifecycle.status(NAME).troubles == ()
    assert lifecycle.down(NAME)
    assert (docker["containers"], docker["networks"]) == ({}, {})


def test_the_official_image_is_pulled_by_name_and_digest(docker: Docker) -> None:
    docker.start()
    lifecycle.up(NAME)
    (pulled,) = docker["images"]
    assert pulled.startswith("docker.io/kindest/node:v1.")
    assert "@sha256:" in pulled


def test_an_image_that_is_saved_needs_no_registry(docker: Docker, tmp_path: Path) -> None:
    docker.start(registry=[])
    archive = saved(tmp_path, "kindest/node:v1.35.0")
    assert lifecycle.up(NAME, image=str(archive)).image == "kindest/node:v1.35.0"


def test_an_image_without_a_name_is_told(docker: Docker, tmp_path: Path) -> None:
    docker.start(registry=[])
    with pytest.raises(EngineError, match=r"image\.tar holds no named image; the engine says 'Loaded image ID"):
        lifecycle.up(NAME, image=str(saved(tmp_path)))
    assert docker["networks"] == {}


def test_several_nodes_have_their_names_room_for_their_pods_and_every_image(docker: Docker, tmp_path: Path) -> None:
    docker.start()
    state = lifecycle.up(NAME, nodes=3)
    assert state.nodes == ["x-control-plane", "x-worker", "x-worker2"]
    assert state.ranges
    assert state.ranges.pods.endswith("/21")
    cluster = opened(state)
    cluster.load_image(saved(tmp_path, "ossrs/srs:6"), "ossrs/srs:6", "docker.io/srs-conformance/srs:12")
    assert cluster.image_digest("docker.io/srs-conformance/srs:12") == "sha256:12"
    assert all("docker.io/srs-conformance/srs:12" in each["held"] for each in docker["containers"].values())
    cluster.workers[0].engine("exec", "x-worker", *("ctr", "-", "images", "tag", "-", "docker.io/ossrs/srs:6", "other"))
    assert cluster.image_digest("other") is None
    assert lifecycle.down(NAME)
    assert docker["containers"] == {}


def opened(state: ClusterState) -> KindCluster:
    """Return the backend's cluster without its look at an API server that is not there."""
    cluster = KindCluster(state.kubeconfig, state.context, name=state.name, backend="kind")
    cluster.engine = engine.open_engine(state)
    cluster.node, *workers = [Node(cluster.engine, each) for each in state.nodes]
    cluster.workers = tuple(workers)
    return cluster


def test_a_node_that_has_gone_is_noticed(docker: Docker) -> None:
    docker.start()
    state = lifecycle.up(NAME, nodes=2)
    engine.open_engine(state)("rm", "--force", "x-worker")
    assert lifecycle.status(NAME).troubles == ("the node's container x-worker does not run",)
    assert lifecycle.up(NAME, nodes=2).nodes == ["x-control-plane", "x-worker"]


@pytest.mark.parametrize("image", ["auto", "offline"])
def test_several_nodes_need_an_image_with_a_network_for_them(docker: Docker, image: str) -> None:
    docker.start(registry=[])
    with pytest.raises(UsageError, match=r"--nodes 3: the node image .* is for one node, .*\n.*docker save"):
        lifecycle.up(NAME, image=image, nodes=3)
    assert docker["networks"] == {}


def test_another_number_of_nodes_is_another_cluster(docker: Docker) -> None:
    docker.start()
    lifecycle.up(NAME)
    with pytest.raises(UsageError, match=r"--nodes 3: the cluster x runs, and has 1\n.*cluster down --name x"):
        lifecycle.up(NAME, nodes=3)
    with pytest.raises(UsageError, match="--nodes 9: a cluster has 1 to 8 nodes"):
        lifecycle.up(NAME, nodes=9)


@pytest.mark.parametrize("elsewhere", [DESKTOP, {"security": ["name=rootless"]}])
def test_an_engine_whose_nodes_cannot_be_reached_publishes_ports(docker: Docker, elsewhere: dict[str, Any]) -> None:
    docker.start(**elsewhere)
    state = lifecycle.up(NAME)
    (made,) = docker["networks"].values()
    assert state.published
    assert not made["internal"], "Docker publishes no port of an internal network"
    assert server(state) == "https://127.0.0.1:43210"
    ports = {(each["listenAddress"], each["hostPort"]): each["containerPort"] for each in published_ports(docker)}
    assert state.ranges
    assert ports == {
        (address, port): published.node_port(address, port)
        for address in published.addresses(state.ranges)
        for port in published.PORTS
    }
    assert sorted(ports.values()) == list(range(30000, 30080))


def published_ports(docker: Docker) -> list[dict[str, Any]]:
    return [each for each in docker["containers"]["x-control-plane"]["ports"] if each["containerPort"] != 6443]


def test_clusters_side_by_side_publish_at_addresses_of_their_own(docker: Docker) -> None:
    docker.start(**DESKTOP)
    one, two = lifecycle.up("one"), lifecycle.up("two")
    assert one.ranges
    assert two.ranges
    assert not set(published.addresses(one.ranges)) & set(published.addresses(two.ranges))


def test_a_port_that_is_taken_is_told_in_the_engines_words_and_nothing_stays(docker: Docker) -> None:
    docker.start(**DESKTOP, ports=["127.18.0.1:1935"])
    with pytest.raises(EngineError, match=r"Bind for 127\.18\.0\.1:1935 failed: port is already allocated"):
        lifecycle.up(NAME)
    assert (docker["containers"], docker["networks"]) == ({}, {})


def test_docker_on_another_machine_is_elsewhere(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    docker.start()
    monkeypatch.setenv("DOCKER_HOST", "ssh://build@host")
    assert engine.open_engine(ClusterState(NAME, "docker")).is_elsewhere()
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/user/1000/docker.sock")
    assert not engine.open_engine(ClusterState(NAME, "docker")).is_elsewhere()
    monkeypatch.setattr("sys.platform", "darwin")
    assert engine.open_engine(ClusterState(NAME, "docker")).is_elsewhere()


@pytest.mark.parametrize(("reached", "where"), [(True, "https://198.18.0.2:6443"), (False, "https://127.0.0.1:43210")])
def test_a_cluster_of_somebody_else_is_reached_by_its_node_or_its_published_port(
    docker: Docker, monkeypatch: pytest.MonkeyPatch, *, reached: bool, where: str
) -> None:
    docker.start(**DESKTOP)
    state = lifecycle.up(NAME, nodes=2)
    (state.folder / "cluster.json").unlink()
    monkeypatch.setattr(network, "connects", lambda *_: reached)
    monkeypatch.setattr(KindCluster, "_look_around", lambda _: None)
    with KindCluster.connect(NAME, up=False) as cluster:
        assert cluster.api.server == where
        assert [each.name for each in cluster.workers] == ["x-worker"]
        assert Capability.LOAD_BALANCER not in cluster.capabilities
