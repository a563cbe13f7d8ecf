"""The cluster protocol: what a backend gives to the scenarios, and nothing more.

A backend creates (or is given) a Kubernetes API, reaches Services and Pods, loads images, and deletes what it made.
It never touches the user's current kube context. All addresses are as seen from the machine that runs the suite.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

#: A Kubernetes object as parsed YAML.
Manifest = Mapping[str, Any]

#: Every namespace that the suite makes carries this label; `clean` deletes nothing without it.
OWNER_LABEL = "srs-conformance.io/owned"
RUN_LABEL = "srs-conformance.io/run"


class Capability(StrEnum):
    """What a cluster can do beyond the protocol's minimum."""

    KUBERNETES = "kubernetes"  # a real API server: rollouts, events, probes
    POD_ADDRESSES = "pod_addresses"  # pods and cluster IPs are reachable from here
    LOAD_IMAGES = "load_images"  # an image archive can be put onto the nodes
    LOAD_BALANCER = "load_balancer"  # Services of type LoadBalancer get an address reachable from here
    INTERRUPTIONS = "interruptions"  # pods can be cut off from the network or from the name service for a while


@dataclass(frozen=True)
class ClusterDescription:
    """What the report's head says of a cluster."""

    backend: str
    name: str
    version: str  # of Kubernetes, "v1.34.4"; of nothing for the local backend: "none"
    nodes: int
    data_path: str  # how media travels from the suite to the pods, in words


@dataclass(frozen=True)
class Container:
    """One container of a pod: the image as the pod's spec names it, the rest as its status shows it."""

    name: str
    image: str
    ready: bool
    restarts: int
    state: str  # "running", "waiting: CrashLoopBackOff", "terminated: Completed (0)"
    last_state: str = ""  # of the run before the last restart, in the same words
    started_at: str = ""  # RFC 3339
    image_id: str = ""  # what the name was resolved to when it was started, "" before that
    exit_code: int | None = None  # of the run that ended last; 137 is SIGKILL, at the end of a pod's grace


@dataclass(frozen=True)
class Pod:
    """One pod. `terminating` pods are listed too, since they may still serve.

    Attributes:
        created: RFC 3339.
        deleted_at: the API's deletionTimestamp, RFC 3339: when the grace of a terminating pod is over. It was deleted
            `grace` seconds before. "" of a pod that has not been deleted.
        grace: seconds: of a terminating pod what its deletion gave it, else what its spec says.
        owner: "ReplicaSet/srs-edge-deploy-6d4cf56db6"; "" of a pod that nobody controls.
    """

    name: str
    uid: str
    ip: str
    labels: Mapping[str, str]
    ready: bool
    terminating: bool
    phase: str
    containers: tuple[Container, ...]
    node: str = ""
    created: str = ""
    deleted_at: str = ""
    grace: float = 30.0
    owner: str = ""

    @property
    def restarts(self) -> int:
        """The restarts of all containers together."""
        return sum(container.restarts for container in self.containers)


@dataclass(frozen=True)
class Ended:
    """Pods that are gone, each as it was last seen, and the mark from which to ask for those that go next."""

    pods: tuple[Pod, ...]
    mark: str


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet: what is wanted and what is there."""

    kind: str
    name: str
    wanted: int
    ready: int
    updated: int
    available: int
    total: int
    settled: bool  # the controller has seen the newest spec, all replicas are new, available, and none is left over
    message: str = ""  # the controller's own words where it does not progress


@dataclass(frozen=True)
class ReplicaSet:
    """One revision of a Deployment. An undo gives the old one a new highest number; no other has that number then."""

    name: str
    uid: str
    revision: int
    wanted: int
    total: int  # pods that are there and not terminating
    ready: int
    images: tuple[str, ...]  # of its containers, in their order
    cause: str  # annotation kubernetes.io/change-cause
    template_hash: str  # label pod-template-hash of its pods


@dataclass(frozen=True)
class Endpoint:
    """One address behind a Service port, with the conditions of discovery.k8s.io/v1.

    A Service sends new connections to `ready` addresses; where there is none, kube-proxy sends them to those that are
    `serving` and `terminating`.
    """

    ip: str
    pod: str
    ready: bool  # serving and not terminating
    serving: bool  # its pod is ready, be it terminating or not
    terminating: bool


@dataclass(frozen=True)
class Service:
    """A Service. `address` is its external one ("" while pending or not of type LoadBalancer)."""

    name: str
    type: str
    cluster_ip: str
    address: str
    ports: Mapping[int, int | str]  # port -> targetPort, which may be the name of a container's port
    node_ports: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ExecResult:
    """What a command in a container gave."""

    code: int
    stdout: str
    stderr: str


class Namespace(Protocol):
    """One deployment's own namespace.

    Missing objects raise `KeyError` with kind and name; a refused call raises `CouldNotTest` with the API server's
    words; a broken API connection raises `EngineError`.
    """

    name: str

    def apply(self, objects: Sequence[Manifest]) -> None:
        """Apply the objects by server-side apply, in the order given."""

    def refusals(self, objects: Sequence[Manifest]) -> list[str]:
        """Return the API server's words about each object that it would not take, by a dry-run that keeps none.

        Raises:
            CouldNotTest: this is no Kubernetes.
        """

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return one live object as the API gives it."""

    def objects(self) -> list[dict[str, Any]]:
        """Return the live objects of the namespace that matter as evidence (no Secrets)."""

    def patch(self, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        """Merge `patch` into a live object (strategic merge).

        A changed ConfigMap reaches the files of running pods after up to a minute and a half, where the kubelet has its
        defaults; a pod whose annotations are patched after that gets it within about a second.
        """

    def delete(self, kind: str, name: str, *, grace: int | None = None) -> None:
        """Delete one object, with the given grace period in seconds (pods only), and return without waiting."""

    def pods(self, labels: Mapping[str, str] | None = None) -> list[Pod]:
        """Return the pods that carry all the labels, sorted by name."""

    def ended_pods(self, since: str = "") -> Ended:
        """Return the pods that have gone since a mark; without one only the mark, at once.

        How a container ended is seldom in `pods`: the pod goes with it. The call takes about a second.

        Raises:
            CouldNotTest: the mark is too old for the API server, which remembers some minutes.
        """

    def workload(self, name: str) -> Workload:
        """Return the Deployment or StatefulSet of that name."""

    def service(self, name: str) -> Service:
        """Return the Service of that name."""

    def endpoints(self, service: str, port: int) -> list[Endpoint]:
        """Return the addresses behind one port of a Service, by its EndpointSlices; none where it lacks the port."""

    def scale(self, workload: str, replicas: int) -> None:
        """Set `replicas` as `kubectl scale` does."""

    def set_image(self, workload: str, image: str, *, container: str = "", cause: str = "") -> None:
        """Set a container's image (the first one's by default) as `kubectl set image` does, and the change's cause.

        Without a cause it is the command, as `--record` wrote it into annotation kubernetes.io/change-cause.
        """

    def rollout_undo(self, deployment: str, to_revision: int | None = None) -> None:
        """Put the pod template and annotations of a revision (the one before, by default) back into a Deployment.

        As `kubectl rollout undo` does it: nothing happens where the template is the same already.

        Raises:
            KeyError: there is no such revision.
            CouldNotTest: the Deployment is paused.
        """

    def rollout_pause(self, deployment: str) -> None:
        """Let changes of a Deployment's template wait, and a rollout that is under way stand still."""

    def rollout_resume(self, deployment: str) -> None:
        """Let a paused Deployment go on."""

    def rollout_restart(self, workload: str) -> None:
        """Replace all pods by a rolling update to the same template with annotation kubectl.kubernetes.io/restartedAt.

        Raises:
            CouldNotTest: the workload is paused.
        """

    def replica_sets(self, deployment: str) -> list[ReplicaSet]:
        """Return the ReplicaSets of a Deployment, by revision, the newest last."""

    def exec(self, pod: str, argv: Sequence[str], *, container: str = "", timeout: float = 10.0) -> ExecResult:
        """Run a command in a container (the first one by default)."""

    def logs(self, pod: str, *, container: str = "", previous: bool = False, tail: int | None = None) -> str:
        """Return a container's log, "" where it has none yet or no longer."""

    def events(self) -> list[str]:
        """Return the namespace's events, oldest first, one line each."""

    def destroy(self) -> None:
        """Delete the namespace and all in it with no grace, and return when it is gone."""


class Interruption(Protocol):
    """Traffic of pods that is being dropped."""

    def dropped(self) -> int:
        """Return how many packets have been dropped: the proof that it took effect."""


class Cluster(Protocol):
    """A Kubernetes API and a way to reach Services and Pods."""

    backend: str
    name: str
    capabilities: frozenset[Capability]

    def describe(self) -> ClusterDescription:
        """Return what the report's head says of the cluster."""

    def namespace(self, name: str, labels: Mapping[str, str]) -> Namespace:
        """Create a namespace that carries OWNER_LABEL and the given labels."""

    def image_digest(self, name: str) -> str | None:
        """Return the digest of an image that every node has under exactly this name, else None."""

    def load_image(self, archive: Path, source: str, name: str) -> None:
        """Put the image that the archive calls `source` onto every node under the name `name`; needs LOAD_IMAGES."""

    def pause_network(self, pods: Collection[str], *, at_most: float) -> AbstractContextManager[Interruption]:
        """Drop every packet between pods (by their addresses) and all others but the node itself, for a block's time.

        Only these pods suffer, so that chapters can run beside each other: to a namespace, its pods are the node.
        The pause ends with the block, and after `at_most` seconds whatever becomes of this process. Needs
        INTERRUPTIONS.

        Raises:
            CouldNotTest: this cluster cannot.
        """

    def silence_names(self, pods: Collection[str], *, at_most: float) -> AbstractContextManager[Interruption]:
        """Let the look-ups of names by pods go unanswered, as where the name service's node is gone; else as above."""

    def dump(self, folder: Path) -> None:
        """Write what helps to find a fault of the cluster itself into the folder."""

    def broken_since(self, moment: float) -> str:
        """Say what of the cluster itself has broken since a moment (`time.monotonic()`, s), "" where nothing has.

        A promise that is missed then is nobody's miss. It is asked for only where something was missed.
        """

    def close(self) -> None:
        """Release what this object holds; the cluster itself stays."""
