"""Updates of the local cluster's Deployments: revisions, undoing, pausing."""

from __future__ import annotations

import pytest

from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.errors import CouldNotTest
from tests.support.local_pods import deployment, settle, wait_for


def test_a_changed_template_replaces_pods_and_an_unchanged_one_nothing(namespace: LocalNamespace) -> None:
    namespace.apply([deployment()])
    (before,) = settle(namespace)
    namespace.apply([deployment()])
    assert [pod.uid for pod in settle(namespace)] == [before.uid]
    containers = [{"name": "srs", "env": [{"name": "X", "value": "1"}]}]
    namespace.patch("Deployment", "d", {"spec": {"template": {"spec": {"containers": containers}}}})
    (after,) = settle(namespace)
    assert after.uid != before.uid
    assert namespace.exec(after.name, ["sh", "-c", "echo $X"]).stdout == "1\n"


def test_an_update_makes_a_revision_and_an_undo_the_newest_of_an_old_one(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(replicas=2)])
    before = settle(namespace)
    namespace.set_image("d", "ossrs/srs:6", cause="to 6")
    after = settle(namespace)
    assert {each.containers[0].image for each in after} == {"ossrs/srs:6"}
    assert not {each.uid for each in before} & {each.uid for each in after}
    first, second = namespace.replica_sets("d")
    assert [(each.revision, each.wanted, each.images) for each in (first, second)] == [
        (1, 0, ("ossrs/srs:3",)),
        (2, 2, ("ossrs/srs:6",)),
    ]
    assert (first.cause, second.cause) == ("", "to 6")
    assert {each.owner for each in after} == {f"ReplicaSet/{second.name}"}
    assert {each.labels["pod-template-hash"] for each in after} == {second.template_hash}

    namespace.rollout_undo("d")
    assert {each.containers[0].image for each in settle(namespace)} == {"ossrs/srs:3"}
    six, three = namespace.replica_sets("d")
    assert (six.revision, three.revision) == (2, 3)
    assert (three.uid, three.wanted, six.wanted) == (first.uid, 2, 0)
    namespace.rollout_restart("d")
    settle(namespace)
    assert [each.revision for each in namespace.replica_sets("d")] == [2, 3, 4]


def test_old_revisions_are_kept_up_to_the_limit(namespace: LocalNamespace) -> None:
    wanted = deployment()
    wanted["spec"]["revisionHistoryLimit"] = 1
    namespace.apply([wanted])
    settle(namespace)
    for _ in range(3):
        namespace.rollout_restart("d")
        settle(namespace)
    wait_for(lambda: [each.revision for each in namespace.replica_sets("d")] == [3, 4])


def test_a_pause_leaves_a_rollout_half_way_and_a_resume_ends_it(namespace: LocalNamespace) -> None:
    never = {
        "readinessProbe": {"exec": {"command": ["sh", "-c", "test -e /tmp/never-$IP || exit 1"]}, "periodSeconds": 1}
    }
    namespace.apply([deployment(replicas=2)])
    old = {each.uid for each in settle(namespace)}
    namespace.rollout_pause("d")
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "srs", **never}]}}}}
    namespace.patch("Deployment", "d", patch)
    namespace.scale("d", 3)
    wait_for(lambda: len(namespace.pods()) == 3)
    assert [each.revision for each in namespace.replica_sets("d")] == [1]
    namespace.rollout_resume("d")
    wait_for(lambda: [each.total for each in namespace.replica_sets("d")] == [3, 1])
    namespace.rollout_pause("d")
    with pytest.raises(CouldNotTest, match="rollout that is paused"):
        namespace.scale("d", 4)
    assert old <= {each.uid for each in namespace.pods() if each.ready}
    (fresh,) = (each for each in namespace.pods() if not each.ready)
    wait_for(lambda: any("Readiness probe failed" in line for line in namespace.events()))
    with pytest.raises(CouldNotTest, match="is paused"):
        namespace.rollout_undo("d")
    namespace.rollout_resume("d")
    namespace.rollout_undo("d", 1)
    wait_for(lambda: namespace.workload("d").settled)
    assert fresh.name not in [each.name for each in namespace.pods() if not each.terminating]
