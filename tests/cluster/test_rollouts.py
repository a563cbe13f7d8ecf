"""Rollouts on a real API server: what the protocol promises of revisions, terminating pods and their end."""

from collections.abc import Iterator
from typing import Any

import pytest

from srs_conformance.clusters.base import Endpoint, Pod
from srs_conformance.clusters.kind.backend import KindCluster
from srs_conformance.clusters.kube import KubeNamespace
from srs_conformance.errors import CouldNotTest
from srs_conformance.images import server
from tests.cluster.test_backend import eventually

SOON = 30.0
ABSENT = "localhost/srs-conformance/absent:1"
#: Ends 2 s after it is asked to, with code 7; `end` makes it end at once with code 0.
SCRIPT = "trap 'sleep 2; exit 7' TERM; while [ ! -e /tmp/end ]; do sleep 0.1; done"


@pytest.fixture(scope="module")
def images(cluster: KindCluster) -> tuple[str, str]:
    """The reference server of the version that is imitated, and of the next one."""
    now = server.resolve(cluster, "reference:3", [], require_real=False)
    then = server.resolve(cluster, server.next_reference(now), [], require_real=False)
    return now.name, then.name


@pytest.fixture
def namespace(cluster: KindCluster, request: pytest.FixtureRequest) -> Iterator[KubeNamespace]:
    made = cluster.namespace(request.node.name.replace("_", "-")[:40].strip("-"), {})
    yield made
    made.destroy()


def objects(image: str, *, replicas: int = 2, **container: Any) -> list[dict[str, Any]]:
    one = {"name": "srs", "image": image, "command": ["sh", "-c", SCRIPT], **container}
    template = {
        "metadata": {"labels": {"app": "d"}},
        "spec": {"containers": [one], "terminationGracePeriodSeconds": 20},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "d"}}, "template": template}
    ports = {"selector": {"app": "d"}, "ports": [{"port": 1935}]}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "d"}, "spec": ports},
    ]


def settle(namespace: KubeNamespace) -> list[Pod]:
    eventually(lambda: namespace.workload("d").settled, SOON)
    return [pod for pod in namespace.pods({"app": "d"}) if not pod.terminating]


def test_an_update_and_an_undo_are_revisions(namespace: KubeNamespace, images: tuple[str, str]) -> None:
    now, then = images
    namespace.apply(objects(now))
    before = settle(namespace)
    namespace.set_image("d", then, cause="to the next")
    after = settle(namespace)
    assert {each.containers[0].image for each in after} == {then}
    assert not {each.uid for each in before} & {each.uid for each in after}
    first, second = namespace.replica_sets("d")
    assert [(each.revision, each.wanted, each.total, each.ready) for each in (first, second)] == [
        (1, 0, 0, 0),
        (2, 2, 2, 2),
    ]
    assert (first.images, second.images, second.cause) == ((now,), (then,), "to the next")
    assert {each.owner for each in after} == {f"ReplicaSet/{second.name}"}
    assert {each.labels["pod-template-hash"] for each in after} == {second.template_hash}
    assert all(each.containers[0].image_id and each.created for each in after)

    namespace.rollout_undo("d")
    assert {each.containers[0].image for each in settle(namespace)} == {now}
    assert [(each.revision, each.uid, each.cause) for each in namespace.replica_sets("d")] == [
        (2, second.uid, "to the next"),
        (3, first.uid, ""),
    ]
    namespace.rollout_restart("d")
    settle(namespace)
    assert [each.revision for each in namespace.replica_sets("d")] == [2, 3, 4]
    with pytest.raises(KeyError, match="revision 1 of Deployment d"):
        namespace.rollout_undo("d", 1)


def test_a_pause_holds_a_rollout_and_a_bad_image_leaves_the_old_pods(
    namespace: KubeNamespace, images: tuple[str, str]
) -> None:
    namespace.apply(objects(images[0]))
    old = {each.uid for each in settle(namespace)}
    namespace.rollout_pause("d")
    namespace.set_image("d", ABSENT)
    eventually(lambda: namespace.get("Deployment", "d")["status"].get("observedGeneration") == 3)
    assert [each.revision for each in namespace.replica_sets("d")] == [1]
    with pytest.raises(CouldNotTest, match="is paused"):
        namespace.rollout_undo("d")
    namespace.rollout_resume("d")
    eventually(lambda: [each.total for each in namespace.replica_sets("d")] == [2, 1], SOON)
    eventually(lambda: any("waiting: " in each.containers[0].state for each in namespace.pods()), SOON)
    assert old == {each.uid for each in namespace.pods() if each.ready}
    namespace.rollout_undo("d")
    assert {each.uid for each in settle(namespace)} == old


def test_a_pod_serves_on_while_it_ends_and_tells_how_it_ended(
    namespace: KubeNamespace, images: tuple[str, str]
) -> None:
    namespace.apply(objects(images[0]))
    leaving, staying = settle(namespace)
    mark = namespace.ended_pods().mark
    eventually(lambda: [each.ready for each in namespace.endpoints("d", 1935)] == [True, True])
    namespace.delete("Pod", leaving.name)

    def draining() -> Endpoint | None:
        return next(
            (each for each in namespace.endpoints("d", 1935) if each.pod == leaving.name and each.terminating), None
        )

    eventually(draining)
    found, seen = draining(), next(each for each in namespace.pods() if each.name == leaving.name)
    assert found
    assert (found.ready, found.serving) == (False, True)
    assert (seen.terminating, seen.ready, seen.grace) == (True, True, 20)
    assert seen.deleted_at > seen.created
    assert staying.uid in [each.uid for each in namespace.pods() if each.ready]
    eventually(lambda: leaving.name not in [each.name for each in namespace.pods()], SOON)
    ended = namespace.ended_pods(mark)
    assert [(each.uid, each.containers[0].exit_code, each.phase) for each in ended.pods] == [(leaving.uid, 7, "Failed")]
    assert namespace.ended_pods(ended.mark).pods == ()


def test_a_changed_config_map_reaches_a_pod_that_is_annotated(
    namespace: KubeNamespace, images: tuple[str, str]
) -> None:
    deployment, service = objects(images[0], replicas=1, volumeMounts=[{"name": "c", "mountPath": "/config"}])
    deployment["spec"]["template"]["spec"]["volumes"] = [{"name": "c", "configMap": {"name": "c"}}]
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"key": "a"}}
    namespace.apply([config, deployment, service])
    (pod,) = settle(namespace)
    assert namespace.exec(pod.name, ["cat", "/config/key"]).stdout == "a"
    namespace.patch("ConfigMap", "c", {"data": {"key": "b"}})
    namespace.patch("Pod", pod.name, {"metadata": {"annotations": {"srs-conformance.io/config": "b"}}})
    eventually(lambda: namespace.exec(pod.name, ["cat", "/config/key"]).stdout == "b", 10)
