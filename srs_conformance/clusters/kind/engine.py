"""The container engine: Docker or podman, through their command line, which is the same where it matters here."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srs_conformance.clusters.kind import network, podman, runtime
from srs_conformance.clusters.kind.commands import Commands, Result, Runner
from srs_conformance.clusters.kind.podman import PodmanHome
from srs_conformance.clusters.kind.state import ClusterState, Ranges, folder_of, locked
from srs_conformance.errors import EngineError
from srs_conformance.progress import Progress

CLUSTER_LABEL = "io.x-k8s.kind.cluster"
ANSWERS_WITHIN = 5.0
PULL_TIMEOUT = 600.0
MACHINE_STORES = (Path("/var/lib/containers/storage"), Path.home() / ".local/share/containers/storage")
_VERSION = {"docker": "{{.ServerVersion}}", "podman": "{{.Version.Version}}"}


@dataclass(frozen=True)
class Engine:
    """One engine as one cluster uses it."""

    kind: str  # "docker" or "podman"
    run: Runner
    environment: Mapping[str, str]
    home: PodmanHome | None = None  # podman with files of our own

    def __call__(self, *argv: str | Path, stdin: str | Path | None = None, timeout: float = 60) -> Result:
        """Run an engine command."""
        return self.run(self.kind, *argv, stdin=stdin, timeout=timeout)

    def exec(self, node: str, *argv: str, stdin: str | Path | None = None, timeout: float = 60) -> Result:
        """Run a command in a node."""
        interactive = () if stdin is None else ("--interactive",)
        return self("exec", "--privileged", *interactive, node, *argv, stdin=stdin, timeout=timeout)

    def version(self) -> str:
        """Return the engine's version."""
        return self("info", "--format", _VERSION[self.kind]).out.strip()

    def nodes(self, cluster: str) -> list[str]:
        """Return the containers of a kind cluster, running or not, sorted by name."""
        listed = self("ps", "--all", "--filter", f"label={CLUSTER_LABEL}={cluster}", "--format", "{{.Names}}")
        return sorted(listed.checked().split())

    def running(self, node: str) -> bool:
        """Return whether a node's container runs."""
        return self("container", "inspect", "--format", "{{.State.Running}}", node).out.strip() == "true"

    def address(self, node: str) -> str:
        """Return a node's IPv4 address.

        Raises:
            EngineError: it has none.
        """
        networks = self._inspect(node)["NetworkSettings"]["Networks"]
        address = next((entry["IPAddress"] for entry in networks.values() if entry.get("IPAddress")), "")
        if not address:
            raise EngineError(f"the node {node} has no IPv4 address in {', '.join(networks)}")
        return str(address)

    def published(self, node: str, port: int) -> tuple[str, int] | None:
        """Return where this machine reaches a port of a node that the engine publishes; None where it does not."""
        told = self("port", node, f"{port}/tcp").out.split()
        host, _, number = told[0].rpartition(":") if told else ("", "", "")
        return ("127.0.0.1" if host in {"0.0.0.0", "[::]"} else host, int(number)) if host else None

    def pid(self, node: str) -> int:
        """Return the process ID of a node's first process, as the machine sees it; 0 where it does not run."""
        return int(self("container", "inspect", "--format", "{{.State.Pid}}", node).out.strip() or 0)

    def network_of(self, node: str) -> str:
        """Return the IPv4 range of the network that a node is in."""
        name = next(iter(self._inspect(node)["NetworkSettings"]["Networks"]))
        described = self("network", "inspect", name).json()[0]
        ranges = described.get("subnets") or (described.get("IPAM") or {}).get("Config") or []
        subnets = [str(entry.get("subnet") or entry.get("Subnet")) for entry in ranges]
        return next(subnet for subnet in subnets if ":" not in subnet)

    def create_network(self, name: str, ranges: Ranges, *, published: bool = False) -> None:
        """Make a cluster's network: internal, so nothing in the cluster has a way out; but so no port is published."""
        own = ("--disable-dns",) if self.home else ("--opt", f"com.docker.network.bridge.name={ranges.link}")
        self(
            *("network", "create", "--driver", "bridge", *(() if published else ("--internal",)), *own),
            *("--subnet", ranges.network, "--gateway", ranges.gateway, "--ip-range", network.lease_range(ranges)),
            name,
        ).checked()
        if self.home:
            self.home.name_bridge(name, ranges.link)

    def remove_network(self, name: str) -> None:
        """Remove a network; one that is not there is none to remove."""
        self("network", "rm", name)

    def remove_nodes(self, cluster: str) -> None:
        """Remove a cluster's containers with their volumes."""
        for node in self.nodes(cluster):
            self("rm", "--force", "--volumes", *self._at_once(), node, timeout=120).checked()

    def is_elsewhere(self) -> bool:
        """Return whether nodes have addresses that this machine cannot reach: those of another machine's networks."""
        if self.kind != "docker":
            return False
        told = self("info", "--format", "{{.OperatingSystem}} {{json .SecurityOptions}}").out
        remote = self.environment.get("DOCKER_HOST", "").partition("://")[0] in {"tcp", "ssh", "http", "https"}
        return remote or sys.platform != "linux" or "Docker Desktop" in told or "name=rootless" in told

    def has_image(self, name: str, progress: Progress) -> bool:
        """Return whether the engine has an image; then it stays as long as the cluster."""
        with self._images(progress) as command:
            return self._claimed(command, name) if command(self.kind, "image", "inspect", name).code == 0 else False

    def pull(self, name: str, progress: Progress) -> bool:
        """Pull an image and return whether that went well; why not stands in the log."""
        with self._images(progress) as command:
            pulled = command(self.kind, "pull", name, timeout=PULL_TIMEOUT).code == 0
            return self._claimed(command, name) if pulled else False

    def load(self, archive: Path, progress: Progress) -> str:
        """Give the engine an image archive and return the image's name; at once where it has been done."""
        with self._images(progress) as command:
            if self.home:
                name = podman.load_into_store(command, archive)
            else:
                said = command(self.kind, "load", "--input", archive, timeout=PULL_TIMEOUT).checked()
                name = podman.loaded_name(said, archive)
            self._claimed(command, name)
            return name

    def _claimed(self, command: Runner, name: str) -> bool:
        """Keep an image of the shared store from being removed as unused."""
        if self.home:
            podman.claim(command, name, self.home.folder.parent)
        return True

    @contextmanager
    def _images(self, progress: Progress) -> Iterator[Runner]:
        """Give a runner that may write images: with files of our own they go into the store that clusters share."""
        if not self.home:
            yield self.run
            return
        with (
            locked("engine-images", progress),
            podman.store(self.home, self.home.folder.parent / "logs/engine.log") as it,
        ):
            yield it

    def _inspect(self, node: str) -> dict[str, Any]:
        described: dict[str, Any] = self("container", "inspect", node).json()[0]
        return described

    def _at_once(self) -> tuple[str, ...]:
        return ("--time", "0") if self.kind == "podman" else ()


def docker_answers(within: float = ANSWERS_WITHIN) -> bool:
    """Return whether a Docker daemon answers within so many seconds."""
    if not shutil.which("docker"):
        return False
    return Commands()("docker", "info", "--format", "{{.ServerVersion}}", timeout=within).code == 0


def choose_kind(within: float = ANSWERS_WITHIN) -> str:
    """Return "docker" where its daemon answers in that time, else "podman" (which may have to be installed)."""
    return "docker" if docker_answers(within) else "podman"


def foreign_engine(cluster: str) -> Engine | None:
    """Return the engine in which somebody else's kind cluster of this name is, None where there is none."""
    environment = dict(os.environ)
    candidates = ["docker"] if docker_answers() else []
    if any(folder.is_dir() for folder in MACHINE_STORES) and shutil.which("podman"):
        candidates.append("podman")  # asked only where it has been used: asking alone would make its files
    for kind in candidates:
        engine = Engine(kind, Commands(environment), environment)
        if engine("ps").code == 0 and engine.nodes(cluster):
            return engine
    return None


def open_engine(state: ClusterState) -> Engine:
    """Return the engine of a cluster that exists, or did before a crash."""
    log = state.logs / "engine.log"
    if state.engine == "docker":
        environment = dict(os.environ)
        return Engine("docker", Commands(environment, log), environment)
    home = home_of(state.name)
    return Engine("podman", Commands(home.environment, log), home.environment, home)


def prepare_engine(state: ClusterState, progress: Progress) -> Engine:
    """Make the engine of a new cluster ready: install podman where there is none, and write its files.

    Raises:
        UsageError: there is no engine and we cannot install one.
        EngineError: the installation failed, or podman does not work with our files.
    """
    if state.engine == "podman":
        if not podman.is_complete():
            podman.install(progress)
        home = home_of(state.name)
        home.write(runtime.prepared_runtime(home.folder, progress), images=podman.image_store())
    engine = open_engine(state)
    engine("info").checked()
    return engine


def home_of(name: str) -> PodmanHome:
    """Return the podman home of a cluster."""
    return PodmanHome(folder_of(name) / "engine")
