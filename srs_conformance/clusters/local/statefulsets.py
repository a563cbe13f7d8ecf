"""The local backend's StatefulSets: numbered pods that keep their names, made and replaced one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from srs_conformance.clusters.local.pod import LocalPod
from srs_conformance.clusters.local.rollout import merge, template_hash

POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name"
INDEX_LABEL = "apps.kubernetes.io/pod-index"
REVISION_LABEL = "controller-revision-hash"


@dataclass(frozen=True)
class Replica:
    """A numbered pod as the controller sees it."""

    ready: bool
    terminating: bool
    new: bool  # of the newest template


@dataclass(frozen=True)
class Step:
    """The numbers of the pods to make and to end next."""

    create: tuple[int, ...] = ()
    end: tuple[int, ...] = ()


def next_step(wanted: int, replicas: Mapping[int, Replica], *, parallel: bool = False) -> Step:
    """Return what brings a StatefulSet nearer to pods 0 to `wanted` - 1 of its newest template.

    Pods are made from the lowest number on, each when all before it are ready, and ended from the highest on. So a pod
    that never gets ready holds up all others, and its own replacement by a better template too (Kubernetes #67250).
    """
    missing = [number for number in range(wanted) if number not in replicas]
    waiting = [number for number in range(wanted) if number in replicas and not _stands(replicas[number])]
    if missing and (parallel or not waiting or missing[0] < waiting[0]):
        return Step(create=tuple(missing if parallel else missing[:1]))
    if missing or waiting:
        return Step()
    surplus = sorted((number for number in replicas if number >= wanted), reverse=True)
    if surplus:
        return Step() if replicas[surplus[0]].terminating else Step(end=(surplus[0],))
    old = sorted((number for number, each in replicas.items() if not each.new), reverse=True)
    return Step(end=tuple(old[:1]))


def _stands(replica: Replica) -> bool:
    return replica.ready and not replica.terminating


class StatefulSets:
    """The controller of all StatefulSets of a namespace; `pods` are the namespace's, by name."""

    def __init__(self, pods: Mapping[str, LocalPod]) -> None:
        self._pods = pods
        self._observed: dict[str, int] = {}
        self._owners: dict[str, tuple[str, int]] = {}

    def next_step(self, wanted: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """Take a StatefulSet's spec over; return the pods to make, name -> template, and the names of those to end."""
        name, spec = wanted["metadata"]["name"], wanted["spec"]
        self._observed[name] = wanted["metadata"]["generation"]
        parallel = spec.get("podManagementPolicy") == "Parallel"
        step = next_step(int(spec.get("replicas", 1)), self._replicas(wanted), parallel=parallel)
        if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
            step = Step(step.create, tuple(each for each in step.end if each >= int(spec.get("replicas", 1))))
        return {f"{name}-{each}": _template(wanted, each) for each in step.create}, [f"{name}-{n}" for n in step.end]

    def own(self, pod: str) -> None:
        """Keep in mind whose a pod is, by its name."""
        name, _, number = pod.rpartition("-")
        self._owners[pod] = name, int(number)

    def disown(self, pod: str) -> None:
        """Forget a pod that is gone."""
        self._owners.pop(pod, None)

    def orphans(self, wanted: Mapping[str, Any]) -> list[str]:
        """Return the pods whose StatefulSet is not among these."""
        return [pod for pod, (owner, _) in self._owners.items() if owner not in wanted]

    def status(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return a StatefulSet's status as its controller would write it."""
        standing = [each for each in self._replicas(wanted).values() if not each.terminating]
        ready = sum(each.ready for each in standing)
        return {
            "observedGeneration": self._observed.get(wanted["metadata"]["name"], 0),
            "replicas": len(standing),
            "updatedReplicas": sum(each.new for each in standing),
            "readyReplicas": ready,
            "availableReplicas": ready,
        }

    def _replicas(self, wanted: Mapping[str, Any]) -> dict[int, Replica]:
        name, newest = wanted["metadata"]["name"], template_hash(wanted["spec"]["template"])
        found = {number: self._pods[pod] for pod, (owner, number) in self._owners.items() if owner == name}
        return {
            number: Replica(pod.ready, pod.terminating, new=pod.labels.get(REVISION_LABEL) == newest)
            for number, pod in found.items()
        }


def _template(wanted: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return the template of one pod: with the labels that tell it from its siblings, and its name in DNS."""
    name, spec = wanted["metadata"]["name"], wanted["spec"]
    labels = {
        POD_NAME_LABEL: f"{name}-{number}",
        INDEX_LABEL: str(number),
        REVISION_LABEL: template_hash(spec["template"]),
    }
    host = {"hostname": f"{name}-{number}", "subdomain": spec.get("serviceName", "")}
    return merge(spec["template"], {"metadata": {"labels": labels}, "spec": host})
