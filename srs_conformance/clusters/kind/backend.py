"""The kind backend's cluster: what `KubeCluster` does, and images, pod addresses and load balancers besides."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path

from srs_conformance.clusters.base import Capability, Interruption
from srs_conformance.clusters.kind import interruption, kind_tool, lifecycle, network
from srs_conformance.clusters.kind.engine import Engine, foreign_engine, open_engine
from srs_conformance.clusters.kind.node import Node, nodes_of
from srs_conformance.clusters.kind.state import DEFAULT_NAME, ClusterState, checked_name
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.errors import CouldNotTest, EngineError
from srs_conformance.progress import NullProgress, Progress

BACKEND = "kind"
NAME_SERVICE_PORT = 53


class KindCluster(KubeCluster):
    """A kind cluster: one that `lifecycle` made, or somebody else's that has one control plane."""

    engine: Engine
    node: Node  # of the control plane
    workers: tuple[Node, ...] = ()
    _folder: tempfile.TemporaryDirectory[str] | None = None  # holds the kubeconfig of a cluster that is not ours

    @classmethod
    def connect(cls, name: str = DEFAULT_NAME, *, up: bool = True, progress: Progress | None = None) -> KindCluster:
        """Connect to the kind cluster of that name, and bring it up where there is none.

        Args:
            name: of the cluster.
            up: whether to make it, or make it anew, where it does not run.
            progress: told of what takes time.

        Raises:
            CouldNotTest: it does not run, and `up` is False.
            UsageError, EngineError: as `lifecycle.up`.
        """
        checked_name(name)
        if ClusterState.load(name) is None and (engine := foreign_engine(name)):
            return cls._adopt(name, engine)
        if up:
            return cls._ours(lifecycle.up(name, progress or NullProgress()))
        found = lifecycle.status(name)
        if found.state is None or found.troubles:
            raise CouldNotTest(
                f"the kind cluster {name} does not run: {'; '.join(found.troubles) or 'there is none'}",
                hint=f"srs-conformance cluster up --name {name}",
            )
        return cls._ours(found.state)

    @classmethod
    def _ours(cls, state: ClusterState) -> KindCluster:
        cluster = cls(
            state.kubeconfig,
            state.context,
            name=state.name,
            backend=BACKEND,
            capabilities=frozenset({Capability.KUBERNETES, Capability.LOAD_IMAGES, Capability.LOAD_BALANCER}),
        )
        cluster.engine = open_engine(state)
        cluster.node = Node(cluster.engine, state.node)
        cluster.workers = tuple(Node(cluster.engine, each) for each in state.workers)
        cluster._look_around()
        if state.published:
            cluster._data_path = "to loopback addresses whose ports the engine publishes; Pods are not reachable"
        return cluster

    @classmethod
    def _adopt(cls, name: str, engine: Engine) -> KindCluster:
        """Take over a kind cluster that somebody else made, and leave it as it is: it may or may not balance load."""
        node, *workers = nodes_of(engine, name)
        folder = tempfile.TemporaryDirectory(prefix="srs-conformance-")
        kubeconfig = Path(folder.name) / "kubeconfig"
        kubeconfig.write_text(engine.exec(node.name, "cat", "/etc/kubernetes/admin.conf").checked())
        kubeconfig.chmod(0o600)
        address = engine.address(node.name)
        reached = network.connects(address, network.API_PORT)
        where = None if reached else engine.published(node.name, network.API_PORT)
        context = kind_tool.point_at_node(kubeconfig, *(where or (address, network.API_PORT)))
        cluster = cls(
            kubeconfig,
            context,
            name=name,
            backend=BACKEND,
            capabilities=frozenset({Capability.KUBERNETES, Capability.LOAD_IMAGES}),
        )
        cluster.engine, cluster.node, cluster._folder = engine, node, folder
        cluster.workers = tuple(workers)
        cluster._look_around()
        return cluster

    def load_image(self, archive: Path, source: str, name: str) -> None:
        """Put the image that the archive calls `source` onto every node under the name `name`.

        Raises:
            CouldNotTest: containerd refuses the archive, or it holds no such image.
        """
        try:
            for node in (self.node, *self.workers):
                node.import_image(archive, source, name)
        except EngineError as error:
            raise CouldNotTest(f"the image {source} of {archive} cannot be loaded: {error.message}") from error

    def image_digest(self, name: str) -> str | None:
        """Return the digest of the image that every node has under exactly this name, else None."""
        digests = {node.image_digest(name) for node in (self.node, *self.workers)}
        return digests.pop() if len(digests) == 1 else None

    def pause_network(self, pods: Collection[str], *, at_most: float) -> AbstractContextManager[Interruption]:
        """Drop every packet of these pods; see `clusters.base.Cluster`."""
        return interruption.dropping(self.node, pods, interruption.ALL_TRAFFIC, at_most)

    def silence_names(self, pods: Collection[str], *, at_most: float) -> AbstractContextManager[Interruption]:
        """Drop the look-ups of names by these pods; see `clusters.base.Cluster`."""
        return interruption.dropping(self.node, pods, interruption.NAME_LOOKUPS, at_most)

    def dump(self, folder: Path) -> None:
        """Write what the API tells of the cluster, and the nodes' own logs, into a folder."""
        super().dump(folder)
        self.node.dump(folder / "node")
        for worker in self.workers:
            worker.dump(folder / worker.name)

    def close(self) -> None:
        """Release what this object holds; the cluster itself stays."""
        super().close()
        if self._folder:
            self._folder.cleanup()

    def _look_around(self) -> None:
        """Find out what the node and the machine let us do."""
        if not self.workers and interruption.possible(self.node):  # its rules stand in one node
            self.capabilities |= {Capability.INTERRUPTIONS}
        self._look_for_pods()

    def _look_for_pods(self) -> None:
        """Find out whether Pods can be reached from here: a machine may not let us set routes."""
        pods = self.api.call(
            "GET", "/api/v1/namespaces/kube-system/pods", query=[("labelSelector", "k8s-app=kube-dns")]
        )
        addresses = [pod["status"]["podIP"] for pod in pods["items"] if pod.get("status", {}).get("podIP")]
        if any(network.connects(address, NAME_SERVICE_PORT) for address in addresses):
            self.capabilities |= {Capability.POD_ADDRESSES}
            self._data_path = "directly to load balancer, Service and Pod addresses on the node's own network"
        else:
            self._data_path = "directly to load balancer addresses on the node's own network"
