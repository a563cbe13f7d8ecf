"""The revisions of the local backend's Deployments, as ReplicaSets; pods are counted by who owns them."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from srs_conformance.clusters.kube import convert
from srs_conformance.clusters.kube.rollouts import OWN_ANNOTATIONS
from srs_conformance.clusters.local.rollout import merge, template_hash

HISTORY = 10


@dataclass
class Revision:
    """One ReplicaSet; `template` is the Deployment's, without the hash label."""

    deployment: str
    template: Mapping[str, Any]
    number: int
    annotations: Mapping[str, str]
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def hash(self) -> str:
        """A short name for the template."""
        return template_hash(self.template)

    @property
    def name(self) -> str:
        """The ReplicaSet's name, from which its pods' names begin."""
        return f"{self.deployment}-{self.hash}"

    @property
    def labelled(self) -> dict[str, Any]:
        """The template with the label that tells the pods of one revision from those of another."""
        return merge(self.template, {"metadata": {"labels": {convert.HASH_LABEL: self.hash}}})

    def live(self, pods: int, ready: int) -> dict[str, Any]:
        """Return the ReplicaSet as the API would give it."""
        template = self.labelled
        return {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": self.name,
                "uid": self.uid,
                "labels": dict(template["metadata"]["labels"]),
                "annotations": {**self.annotations, convert.REVISION: str(self.number)},
                "ownerReferences": [{"kind": "Deployment", "name": self.deployment, "controller": True}],
            },
            "spec": {"replicas": pods, "template": template},
            "status": {"replicas": pods, "readyReplicas": ready},
        }


class Revisions:
    """All ReplicaSets of a namespace."""

    def __init__(self) -> None:
        self._all: dict[str, list[Revision]] = {}

    def of(self, deployment: str) -> list[Revision]:
        """Return a Deployment's revisions, the newest last."""
        return sorted(self._all.get(deployment, ()), key=lambda each: each.number)

    def newest(self, deployment: str) -> Revision | None:
        """Return the revision that was rolled out last."""
        return next(reversed(self.of(deployment)), None)

    def roll(self, live: Mapping[str, Any]) -> Revision:
        """Return the revision of a Deployment's template now: a new one, or an old one that becomes the newest."""
        name, template = live["metadata"]["name"], live["spec"]["template"]
        known = self._all.setdefault(name, [])
        newest = self.newest(name)
        found = next((each for each in known if each.template == template), None)
        if found is None:
            found = Revision(name, copy.deepcopy(template), 0, {})
            known.append(found)
        if found is not newest:
            found.number = (newest.number if newest else 0) + 1
        found.annotations = {
            key: text for key, text in (live["metadata"].get("annotations") or {}).items() if key not in OWN_ANNOTATIONS
        }
        return found

    def trim(self, live: Mapping[str, Any], in_use: Sequence[str]) -> None:
        """Forget the oldest revisions beyond revisionHistoryLimit that have no pods."""
        name = live["metadata"]["name"]
        old = [each for each in self.of(name)[:-1] if each.name not in in_use]
        for each in old[: max(0, len(old) - int(live["spec"].get("revisionHistoryLimit", HISTORY)))]:
            self._all[name].remove(each)

    def forget(self, deployment: str) -> None:
        """Forget a Deployment that was deleted."""
        self._all.pop(deployment, None)
