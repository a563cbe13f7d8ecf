import json
import tarfile
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import engine, podman
from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.clusters.kind.network import ranges_of
from srs_conformance.clusters.kind.podman import PodmanHome
from srs_conformance.clusters.kind.state import ClusterState, IPv4Network
from srs_conformance.errors import EngineError, UsageError
from srs_conformance.progress import NullProgress
from tests.support.recording import RecordingRunner

RANGES = ranges_of(IPv4Network("198.18.4.0/22"))


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def docker(run: RecordingRunner) -> Engine:
    return Engine("docker", run, {})


def test_a_network_has_no_way_out_and_keeps_addresses_for_load_balancers() -> None:
    run = RecordingRunner()
    docker(run).create_network("kind-x", RANGES)
    (line,) = run.lines()
    assert line == (
        "docker network create --driver bridge --internal --opt com.docker.network.bridge.name=srs-18-4 "
        "--subnet 198.18.4.0/24 --gateway 198.18.4.1 --ip-range 198.18.4.0/28 kind-x"
    )


def test_podmans_bridge_is_named_in_its_file(tmp_path: Path) -> None:
    home = PodmanHome(tmp_path)
    home.write(Path("/bin/runc"))
    described = tmp_path / "networks" / "kind-x.json"
    described.write_text('{"name": "kind-x", "network_interface": "podman1"}')
    run = RecordingRunner()
    Engine("podman", run, {}, home).create_network("kind-x", RANGES)
    assert "--disable-dns" in run.calls[0]
    assert json.loads(described.read_text())["network_interface"] == "srs-18-4"


def test_a_refused_command_says_the_engines_words() -> None:
    with pytest.raises(EngineError, match=r"docker network create.*refused"):
        docker(RecordingRunner({"network create": 1})).create_network("x", RANGES)


def test_input_is_passed_on_to_a_command_in_a_node() -> None:
    run = RecordingRunner()
    docker(run).exec("node", "tee", "file", stdin="text")
    docker(run).exec("node", "true")
    assert run.lines() == ["docker exec --privileged --interactive node tee file", "docker exec --privileged node true"]
    assert run.given == ["text", None]


@pytest.mark.parametrize(
    "networks",
    [
        {"kind-x": {"IPAddress": "198.18.4.2"}},
        {"other": {"IPAddress": ""}, "kind-x": {"IPAddress": "198.18.4.2"}},
    ],
)
def test_a_nodes_address_is_that_of_a_network_that_has_one(networks: dict[str, object]) -> None:
    answer = json.dumps([{"NetworkSettings": {"Networks": networks}}])
    assert docker(RecordingRunner({"container inspect": answer})).address("node") == "198.18.4.2"


def test_a_node_without_an_address_is_an_error() -> None:
    answer = json.dumps([{"NetworkSettings": {"Networks": {"kind-x": {"IPAddress": ""}}}}])
    with pytest.raises(EngineError, match="no IPv4 address in kind-x"):
        docker(RecordingRunner({"container inspect": answer})).address("node")


def test_only_the_named_clusters_nodes_are_removed() -> None:
    run = RecordingRunner({"ps --all": "x-worker\nx-control-plane\n"})
    Engine("podman", run, {}).remove_nodes("x")
    assert run.lines() == [
        "podman ps --all --filter label=io.x-k8s.kind.cluster=x --format '{{.Names}}'",
        "podman rm --force --volumes --time 0 x-control-plane",
        "podman rm --force --volumes --time 0 x-worker",
    ]


def test_docker_keeps_images_itself(tmp_path: Path) -> None:
    archive = tmp_path / "node.tar"
    with tarfile.open(archive, "w"):
        pass
    run = RecordingRunner({"docker load": "Loaded image: kindest/node:v1\n"})
    assert docker(run).load(archive, NullProgress()) == "kindest/node:v1"


def test_the_engines_files_are_the_clusters_own() -> None:
    opened = engine.open_engine(ClusterState("x", "podman"))
    assert opened.home
    folder = ClusterState("x", "podman").folder / "engine"
    assert opened.environment["CONTAINERS_CONF"] == str(folder / "containers.conf")
    assert opened.environment["CONTAINERS_STORAGE_CONF"] == str(folder / "storage.conf")


def test_an_engine_that_cannot_be_installed_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podman, "is_complete", lambda: False)
    monkeypatch.setattr(podman.shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match=r"(?s)no container engine.*start Docker, or install podman.*netavark"):
        engine.prepare_engine(ClusterState("x", "podman"), NullProgress())
