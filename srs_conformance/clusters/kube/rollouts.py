"""What `kubectl set image` and `kubectl rollout` do, as patches: the same for every backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from srs_conformance.clusters.base import ReplicaSet
from srs_conformance.clusters.kube import convert
from srs_conformance.errors import CouldNotTest

RESTARTED = "kubectl.kubernetes.io/restartedAt"

#: Annotations that belong to the object that carries them, so that kubectl does not take them from one to the other.
OWN_ANNOTATIONS = (
    "kubectl.kubernetes.io/last-applied-configuration",
    convert.REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)


class Rollouts(ABC):
    """The rollouts of a namespace; see `clusters.base.Namespace` for what each call promises."""

    @abstractmethod
    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return one live object."""

    @abstractmethod
    def patch(self, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        """Merge `patch` into a live object (strategic merge)."""

    @abstractmethod
    def live_workload(self, name: str) -> dict[str, Any]:
        """Return the live Deployment or StatefulSet of that name."""

    @abstractmethod
    def live_replica_sets(self, deployment: str) -> list[dict[str, Any]]:
        """Return the live ReplicaSets that a Deployment controls."""

    def set_image(self, workload: str, image: str, *, container: str = "", cause: str = "") -> None:
        """Set a container's image as `kubectl set image` does, and the change's cause."""
        live = self.live_workload(workload)
        names = [each["name"] for each in live["spec"]["template"]["spec"]["containers"]]
        if container and container not in names:
            raise KeyError(f"container {container} of {live['kind']} {workload}")
        chosen = container or names[0]
        command = f"kubectl set image {live['kind'].lower()}/{workload} {chosen}={image}"
        patch = {
            "metadata": {"annotations": {convert.CAUSE: cause or command}},
            "spec": {"template": {"spec": {"containers": [{"name": chosen, "image": image}]}}},
        }
        self.patch(live["kind"], workload, patch)

    def rollout_undo(self, deployment: str, to_revision: int | None = None) -> None:
        """Put the pod template and annotations of a revision back into a Deployment."""
        live = self.get("Deployment", deployment)
        if live["spec"].get("paused"):
            raise CouldNotTest(f"Deployment {deployment} is paused: a rollback would wait; resume it first")
        former = self._revision(deployment, to_revision)
        template = former["spec"]["template"]
        template["metadata"].get("labels", {}).pop(convert.HASH_LABEL, None)
        if template == live["spec"]["template"]:
            return
        annotations = _taken_over(
            live["metadata"].get("annotations") or {}, former["metadata"].get("annotations") or {}
        )
        patch = {"metadata": {"annotations": annotations}, "spec": {"template": {"$patch": "replace", **template}}}
        self.patch("Deployment", deployment, patch)

    def rollout_pause(self, deployment: str) -> None:
        """Let changes of a Deployment wait."""
        self.patch("Deployment", deployment, {"spec": {"paused": True}})

    def rollout_resume(self, deployment: str) -> None:
        """Let a paused Deployment go on."""
        self.patch("Deployment", deployment, {"spec": {"paused": None}})

    def rollout_restart(self, workload: str) -> None:
        """Replace all pods by a rolling update to the same template."""
        live = self.live_workload(workload)
        if live["spec"].get("paused"):
            raise CouldNotTest(f"{live['kind']} {workload} is paused: a restart would wait; resume it first")
        now = datetime.now(UTC).isoformat()  # finer than kubectl's whole seconds: two restarts in one are two
        self.patch(live["kind"], workload, {"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}})

    def replica_sets(self, deployment: str) -> list[ReplicaSet]:
        """Return the ReplicaSets of a Deployment, by revision, the newest last."""
        found = [convert.replica_set(each) for each in self.live_replica_sets(deployment)]
        return sorted(found, key=lambda each: each.revision)

    def _revision(self, deployment: str, number: int | None) -> dict[str, Any]:
        """Return the live ReplicaSet of a revision, the last but one by default."""
        found = {convert.replica_set(each).revision: each for each in self.live_replica_sets(deployment)}
        numbers = sorted(found)
        if number is None and len(numbers) > 1:
            return found[numbers[-2]]
        if number not in found:
            wanted = "before the newest" if number is None else number
            raise KeyError(f"revision {wanted} of Deployment {deployment}; there are {numbers}")
        return found[number]


def _taken_over(now: Mapping[str, str], former: Mapping[str, str]) -> dict[str, str | None]:
    """Return the patch that gives an object the former annotations, but for those that are its own."""
    gone = {name: None for name in now if name not in former and name not in OWN_ANNOTATIONS}
    return {**gone, **{name: text for name, text in former.items() if name not in OWN_ANNOTATIONS}}
