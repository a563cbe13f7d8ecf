"""The local backend's Deployments: which pods belong to which revision, and what is to be done with them next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srs_conformance.clusters.local import rollout
from srs_conformance.clusters.local.pod import LocalPod
from srs_conformance.clusters.local.revisions import Revision, Revisions


class Deployments:
    """The controller of all Deployments of a namespace; `pods` are the namespace's, by name."""

    def __init__(self, pods: Mapping[str, LocalPod]) -> None:
        self._pods = pods
        self._owners: dict[str, Revision] = {}
        self._observed: dict[str, int] = {}
        self.revisions = Revisions()

    def next_step(self, wanted: Mapping[str, Any]) -> tuple[rollout.Step, Revision]:
        """Take a Deployment's spec over; return which pods to make and to end, and of which revision to make them."""
        name, spec = wanted["metadata"]["name"], wanted["spec"]
        count, newest = int(spec.get("replicas", 1)), self.revisions.newest(name)
        if spec.get("paused") and newest is not None:
            step = rollout.paused_step(count, self._replicas(wanted))
        else:
            newest = self.revisions.roll(wanted)
            leaving = any(self._pods[pod].terminating for pod in self._owned(name) if self._owners[pod] is not newest)
            step = rollout.next_step(count, self._replicas(wanted), rollout.Strategy.of(spec, count), leaving=leaving)
        self._observed[name] = wanted["metadata"]["generation"]
        self.revisions.trim(wanted, [each.name for each in self._owners.values()])
        return step, newest

    def own(self, pod: str, revision: Revision) -> None:
        """Keep in mind which revision a pod is of."""
        self._owners[pod] = revision

    def disown(self, pod: str) -> None:
        """Forget a pod that is gone."""
        self._owners.pop(pod, None)

    def orphans(self, deployments: Mapping[str, Any]) -> list[str]:
        """Return the pods whose Deployment is not among these."""
        return [name for name, owner in self._owners.items() if owner.deployment not in deployments]

    def half_way(self, deployment: str) -> bool:
        """Whether a Deployment has pods of more than one revision."""
        return len({owner.name for owner in self._owners.values() if owner.deployment == deployment}) > 1

    def live_revisions(self, deployment: str) -> list[dict[str, Any]]:
        """Return the ReplicaSets of a Deployment as the API would give them."""
        return [self._live(each) for each in self.revisions.of(deployment)]

    def status(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return a Deployment's status as its controller would write it."""
        replicas = self._replicas(wanted)
        return {
            "observedGeneration": self._observed.get(wanted["metadata"]["name"], 0),
            "replicas": len(replicas),
            "updatedReplicas": sum(each.new for each in replicas),
            "readyReplicas": sum(self._pods[each.name].ready for each in replicas),
            "availableReplicas": sum(each.ready for each in replicas),
        }

    def forget(self, deployment: str) -> None:
        """Forget a Deployment that was deleted; its pods are orphans until they are gone."""
        self.revisions.forget(deployment)
        self._observed.pop(deployment, None)

    def _live(self, revision: Revision) -> dict[str, Any]:
        pods = [self._pods[name] for name, owner in self._owners.items() if owner is revision]
        standing = [pod for pod in pods if not pod.terminating]
        return revision.live(len(standing), sum(pod.ready for pod in standing))

    def _replicas(self, wanted: Mapping[str, Any]) -> list[rollout.Replica]:
        name = wanted["metadata"]["name"]
        newest = self.revisions.newest(name)
        after = float(wanted["spec"].get("minReadySeconds", 0))
        return [
            rollout.Replica(pod, new=self._owners[pod] is newest, ready=self._pods[pod].available(after))
            for pod in self._owned(name)
            if not self._pods[pod].terminating
        ]

    def _owned(self, deployment: str) -> list[str]:
        """Return the names of a Deployment's pods, those that are ending among them."""
        return [name for name, owner in self._owners.items() if owner.deployment == deployment]
