"""What kubectl would send, over objects as a Deployment's controller keeps them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from srs_conformance.clusters.kube.rollouts import RESTARTED, Rollouts
from srs_conformance.errors import CouldNotTest

REVISION, CAUSE = "deployment.kubernetes.io/revision", "kubernetes.io/change-cause"


def template(image: str) -> dict[str, Any]:
    containers = [{"name": "srs", "image": image}, {"name": "nginx", "image": "nginx"}]
    return {"metadata": {"labels": {"app": "edge"}}, "spec": {"containers": containers}}


def replica_set(revision: int, image: str, **annotations: str) -> dict[str, Any]:
    made = template(image)
    made["metadata"]["labels"]["pod-template-hash"] = f"h{revision}"
    return {
        "metadata": {
            "name": f"edge-h{revision}",
            "uid": f"u{revision}",
            "labels": {"app": "edge", "pod-template-hash": f"h{revision}"},
            "annotations": {REVISION: str(revision), **annotations},
        },
        "spec": {"replicas": 0, "template": made},
        "status": {"replicas": 2, "readyReplicas": 1},
    }


class Recorded(Rollouts):
    """A namespace with one Deployment, that keeps the patches."""

    def __init__(self, sets: list[dict[str, Any]], **spec: Any) -> None:
        self.deployment = {
            "kind": "Deployment",
            "metadata": {"name": "edge", "annotations": {REVISION: "9", CAUSE: "the newest", "mine": "1"}},
            "spec": {"replicas": 2, "template": template("srs:new"), **spec},
        }
        self.sets, self.patches = sets, list[Mapping[str, Any]]()

    def get(self, kind: str, name: str) -> dict[str, Any]:
        assert (kind, name) == ("Deployment", "edge")
        return copy.deepcopy(self.deployment)

    def live_workload(self, name: str) -> dict[str, Any]:
        return self.get("Deployment", name)

    def live_replica_sets(self, deployment: str) -> list[dict[str, Any]]:
        assert deployment == "edge"
        return copy.deepcopy(self.sets)

    def patch(self, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        assert (kind, name) == ("Deployment", "edge")
        self.patches.append(patch)


def test_an_image_is_set_with_its_cause() -> None:
    rollouts = Recorded([])
    rollouts.set_image("edge", "srs:6", cause="to 6")
    rollouts.set_image("edge", "nginx:2", container="nginx")
    first, second = rollouts.patches
    assert first == {
        "metadata": {"annotations": {CAUSE: "to 6"}},
        "spec": {"template": {"spec": {"containers": [{"name": "srs", "image": "srs:6"}]}}},
    }
    assert second["metadata"]["annotations"] == {CAUSE: "kubectl set image deployment/edge nginx=nginx:2"}
    with pytest.raises(KeyError, match="container x of Deployment edge"):
        rollouts.set_image("edge", "srs:6", container="x")


@pytest.mark.parametrize(("revision", "image"), [(None, "srs:2"), (1, "srs:1")])
def test_an_undo_puts_template_and_annotations_of_a_revision_back(revision: int | None, image: str) -> None:
    sets = [replica_set(9, "srs:new"), replica_set(1, "srs:1", theirs="2"), replica_set(2, "srs:2", theirs="2")]
    rollouts = Recorded(sets)
    rollouts.rollout_undo("edge", revision)
    (patch,) = rollouts.patches
    assert patch["spec"]["template"] == {"$patch": "replace", **template(image)}
    assert patch["metadata"]["annotations"] == {"mine": None, CAUSE: None, "theirs": "2"}


def test_an_undo_to_the_same_template_changes_nothing() -> None:
    rollouts = Recorded([replica_set(9, "srs:new"), replica_set(1, "srs:1")])
    rollouts.rollout_undo("edge", 9)
    assert rollouts.patches == []


def test_an_undo_needs_a_revision_and_a_deployment_that_is_not_paused() -> None:
    rollouts = Recorded([replica_set(9, "srs:new")])
    with pytest.raises(KeyError, match=r"revision before the newest of Deployment edge; there are \[9\]"):
        rollouts.rollout_undo("edge")
    with pytest.raises(KeyError, match=r"revision 4 of Deployment edge"):
        rollouts.rollout_undo("edge", 4)
    paused = Recorded([replica_set(9, "srs:new"), replica_set(1, "srs:1")], paused=True)
    with pytest.raises(CouldNotTest, match="is paused"):
        paused.rollout_undo("edge")
    with pytest.raises(CouldNotTest, match="is paused"):
        paused.rollout_restart("edge")


def test_two_restarts_are_two_templates() -> None:
    rollouts = Recorded([])
    rollouts.rollout_restart("edge")
    rollouts.rollout_restart("edge")
    stamps = [each["spec"]["template"]["metadata"]["annotations"][RESTARTED] for each in rollouts.patches]
    assert len(set(stamps)) == 2


def test_revisions_are_told_in_their_order() -> None:
    rollouts = Recorded([replica_set(2, "srs:2", **{CAUSE: "to 2"}), replica_set(1, "srs:1")])
    first, second = rollouts.replica_sets("edge")
    assert (first.revision, first.images, first.cause) == (1, ("srs:1", "nginx"), "")
    assert (second.revision, second.cause, second.template_hash) == (2, "to 2", "h2")
    assert (second.name, second.uid) == ("edge-h2", "u2")
    assert (second.wanted, second.total, second.ready) == (0, 2, 1)
