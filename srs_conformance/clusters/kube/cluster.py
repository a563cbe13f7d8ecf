"""A cluster over the Kubernetes API; backends derive from it what they can do besides."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from srs_conformance.clusters.base import OWNER_LABEL, Capability, ClusterDescription
from srs_conformance.clusters.kube import convert
from srs_conformance.clusters.kube.api import Api, Refused
from srs_conformance.clusters.kube.kinds import CLUSTER_WIDE, path_of
from srs_conformance.clusters.kube.namespace import NAMESPACE_LABEL, KubeNamespace, labelled
from srs_conformance.clusters.uninterruptible import Uninterruptible
from srs_conformance.errors import ClusterLost, ConformanceError, CouldNotTest

_DATA_PATH = "directly to the Services' external addresses"


class KubeCluster(Uninterruptible):
    """The cluster of one kubeconfig context; see `clusters.base.Cluster` for what each call promises.

    A backend passes what it can do as `capabilities` and says in `data_path` how media travels; `api` is there for
    requests of its own.

    Attributes:
        made_for: a namespace that those which are made here go with, when it is destroyed; "" for none.
    """

    #: What its namespaces are.
    namespaces: type[KubeNamespace] = KubeNamespace

    def __init__(
        self,
        kubeconfig: Path,
        context: str,
        *,
        name: str,
        backend: str,
        capabilities: frozenset[Capability] = frozenset({Capability.KUBERNETES}),
        data_path: str = _DATA_PATH,
    ) -> None:
        self.name, self.backend, self.capabilities = name, backend, capabilities
        self.kubeconfig, self.context = kubeconfig, context
        self.made_for = ""
        self._data_path = data_path
        self.api = Api(kubeconfig, context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def describe(self) -> ClusterDescription:
        """Return what the report's head says of the cluster."""
        return ClusterDescription(
            backend=self.backend,
            name=self.name,
            version=self.api.call("GET", "/version")["gitVersion"],
            nodes=len(self.nodes()),
            data_path=self._data_path,
        )

    def nodes(self) -> list[dict[str, Any]]:
        """Return the live Node objects."""
        found: list[dict[str, Any]] = self.api.call("GET", "/api/v1/nodes")["items"]
        return found

    def namespace(self, name: str, labels: Mapping[str, str]) -> KubeNamespace:
        """Create a namespace that carries OWNER_LABEL and the given labels."""
        goes_with = {NAMESPACE_LABEL: self.made_for} if self.made_for else {}
        return self.namespaces.create(self.api, name, {**labels, **goes_with, OWNER_LABEL: "true"})

    def owned(self, labels: Mapping[str, str] | None = None) -> list[KubeNamespace]:
        """Return the namespaces that carry OWNER_LABEL and all the given labels, sorted by name."""
        wanted = {**(labels or {}), OWNER_LABEL: "true"}
        selector = ",".join(f"{key}={value}" for key, value in wanted.items())
        found = self.api.call("GET", "/api/v1/namespaces", query=[("labelSelector", selector)])["items"]
        return [self.namespaces(self.api, name) for name in sorted(each["metadata"]["name"] for each in found)]

    def bereft(self) -> list[KubeNamespace]:
        """Return namespaces that are gone, but not all that went with them: a run was ended between the two."""
        found: set[str] = set()
        for kind in CLUSTER_WIDE:
            for each in labelled(self.api, path_of(kind, ""), f"{OWNER_LABEL}=true,{NAMESPACE_LABEL}"):
                found.add(each["metadata"]["labels"][NAMESPACE_LABEL])
        return [self.namespaces(self.api, name) for name in sorted(found) if not self._has_namespace(name)]

    def _has_namespace(self, name: str) -> bool:
        """Return whether there is a namespace of that name, be it the suite's or anybody's."""
        try:
            self.api.call("GET", f"/api/v1/namespaces/{name}")
        except Refused as refused:
            if refused.status != 404:
                raise
            return False
        return True

    def image_digest(self, name: str) -> str | None:
        """Return the digest of an image that every node has under exactly this name, else None."""
        digests = {convert.digest_of(name, node) for node in self.nodes()}
        return digests.pop() if len(digests) == 1 else None

    def load_image(self, archive: Path, source: str, name: str) -> None:
        """Refuse: a cluster that we only have a kubeconfig of takes images from its registry."""
        raise CouldNotTest(
            f"cluster {self.name}: the image {source} of {archive} cannot be put onto its nodes as {name}",
            hint="push the image to a registry that the nodes pull from, and name it with --srs-image",
        )

    def dump(self, folder: Path) -> None:
        """Write nodes, pods and events of the whole cluster, and the logs of what runs in kube-system."""
        folder.mkdir(parents=True, exist_ok=True)
        pods = self.api.call("GET", "/api/v1/pods")["items"]
        _write(folder / "nodes.json", self.nodes())
        _write(folder / "pods.json", pods)
        events = sorted(self.api.call("GET", "/api/v1/events")["items"], key=convert.event_time)
        lines = [f"{each['metadata'].get('namespace', '')} {convert.event(each)}\n" for each in events]
        (folder / "events.txt").write_text("".join(lines), encoding="utf-8")
        for pod in pods:
            if pod["metadata"]["namespace"] == "kube-system":
                self._dump_logs(pod["metadata"]["name"], pod["spec"]["containers"], folder)

    def _dump_logs(self, pod: str, containers: Sequence[Mapping[str, Any]], folder: Path) -> None:
        system = KubeNamespace(self.api, "kube-system")
        for container in containers:
            try:
                log = system.logs(pod, container=container["name"], tail=2000)
            except (KeyError, ConformanceError) as error:  # of a cluster at fault, what can be had is worth keeping
                log = f"no log: {error}\n"
            (folder / f"{pod}.{container['name']}.log").write_text(log, encoding="utf-8")

    def broken_since(self, moment: float) -> str:  # noqa: ARG002 - what is lost stays lost
        """Say why the cluster no longer answers, "" while it does; see `clusters.base.Cluster`."""
        try:
            self.api.call("GET", "/version")
        except ClusterLost as lost:
            return lost.message
        except ConformanceError:  # that it answers so is for others to say
            pass
        return ""

    def close(self) -> None:
        """Release what this object holds; the cluster itself stays."""
        self.api.close()


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
