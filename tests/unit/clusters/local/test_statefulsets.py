"""StatefulSets of the local backend: the decisions, and pods, names and volumes as processes see them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from srs_conformance.clusters.local.claims import bound
from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.clusters.local.statefulsets import Replica, Step, next_step
from srs_conformance.errors import UsageError
from tests.support.local_pods import ask, deployment, service, settle, wait_for

UP, DOWN, GOING = Replica(True, False, True), Replica(False, False, True), Replica(True, True, True)
OLD, OLD_DOWN = Replica(True, False, False), Replica(False, False, False)


@pytest.mark.parametrize(
    ("wanted", "replicas", "step"),
    [
        (3, {}, Step(create=(0,))),
        (3, {0: DOWN}, Step()),
        (3, {0: UP}, Step(create=(1,))),
        (3, {0: UP, 2: UP}, Step(create=(1,))),
        (3, {0: UP, 1: GOING, 2: UP}, Step()),
        (3, {0: UP, 1: DOWN}, Step()),
        (2, {0: UP, 1: UP, 2: UP, 3: UP}, Step(end=(3,))),
        (2, {0: UP, 1: UP, 2: UP, 3: GOING}, Step()),
        (2, {0: OLD, 1: OLD}, Step(end=(1,))),
        (2, {0: OLD, 1: UP}, Step(end=(0,))),
        (2, {0: UP, 1: UP}, Step()),
        (0, {0: UP}, Step(end=(0,))),
        (2, {0: OLD_DOWN}, Step()),  # what never gets ready holds up its own replacement
    ],
)
def test_pods_are_made_and_ended_one_after_the_other(wanted: int, replicas: dict[int, Replica], step: Step) -> None:
    assert next_step(wanted, replicas) == step


def test_in_parallel_all_are_made_at_once() -> None:
    assert next_step(3, {1: DOWN}, parallel=True) == Step(create=(0, 2))


def volume(name: str, claim: str = "", **spec: Any) -> dict[str, Any]:
    reserved = {"claimRef": {"name": claim}} if claim else {}
    given = {"storageClassName": "nas", "accessModes": ["ReadWriteMany", "ReadOnlyMany"], **reserved, **spec}
    return {"kind": "PersistentVolume", "metadata": {"name": name, "labels": {"pv": name}}, "spec": given}


def claim(name: str, pv: str = "a", **spec: Any) -> dict[str, Any]:
    wanted = {"storageClassName": "nas", "accessModes": ["ReadWriteMany"], "selector": {"matchLabels": {"pv": pv}}}
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": {**wanted, **spec}}


@pytest.mark.parametrize(
    ("claims", "volumes", "pairs"),
    [
        ([claim("c")], [volume("b"), volume("a")], {"c": "a"}),
        ([claim("c"), claim("d")], [volume("a")], {"c": "a"}),
        ([claim("c"), claim("d")], [volume("a", claim="d")], {"d": "a"}),
        ([claim("c", storageClassName="other")], [volume("a")], {}),
        ([claim("c")], [volume("a", accessModes=["ReadWriteOnce"])], {}),
    ],
)
def test_a_claim_gets_a_volume_that_fits(
    claims: list[dict[str, Any]], volumes: list[dict[str, Any]], pairs: dict[str, str]
) -> None:
    assert bound(claims, volumes) == pairs


def stateful(replicas: int = 2, *, argv: tuple[str, ...] = (), **spec: Any) -> dict[str, Any]:
    made = deployment(replicas=replicas, argv=argv, **spec)
    return {**made, "kind": "StatefulSet", "spec": {**made["spec"], "serviceName": "s"}}


def headless() -> dict[str, Any]:
    made = service(kind="ClusterIP")
    return {**made, "spec": {**made["spec"], "clusterIP": "None"}}


def resolves(namespace: LocalNamespace, pod: str, name: str) -> str:
    script = f"exec 3<>/dev/tcp/{name}/1935 && read -t 2 -u 3 -d ' ' answer; echo $answer"
    return namespace.exec(pod, ["bash", "-c", script]).stdout.strip()


def test_pods_have_names_that_lead_to_them_and_to_those_that_replace_them(namespace: LocalNamespace) -> None:
    namespace.apply([headless(), stateful()])
    first, second = settle(namespace)
    assert [first.name, second.name] == ["d-0", "d-1"]
    assert second.labels["statefulset.kubernetes.io/pod-name"] == "d-1"
    assert second.owner == "StatefulSet/d"
    assert namespace.service("s").cluster_ip == "None"
    assert {each.ip for each in namespace.endpoints("s", 1935)} == {first.ip, second.ip}
    wait_for(lambda: resolves(namespace, "d-0", "d-1.s") == second.ip)
    assert resolves(namespace, "d-0", "s") in {first.ip, second.ip}

    namespace.delete("Pod", "d-1", grace=0)
    wait_for(
        lambda: [each.uid for each in namespace.pods() if each.name == "d-1" and each.ready] not in ([second.uid], [])
    )
    new = settle(namespace)[1]
    assert (new.name, new.uid != second.uid) == ("d-1", True)
    assert new.ip != second.ip
    wait_for(lambda: resolves(namespace, "d-0", "d-1.s") == new.ip)
    assert ask(new.ip)[0] == new.ip


def test_it_scales_from_the_highest_number_and_restarts_in_that_order(namespace: LocalNamespace) -> None:
    namespace.apply([headless(), stateful(1)])
    (before,) = settle(namespace)
    namespace.scale("d", 3)
    assert [each.name for each in settle(namespace)] == ["d-0", "d-1", "d-2"]
    namespace.rollout_restart("d")
    after = settle(namespace)
    assert before.uid not in {each.uid for each in after}
    killed = [line.split("Pod/")[1].split(":")[0] for line in namespace.events() if "Killing" in line]
    assert killed == ["d-2", "d-1", "d-0"]
    namespace.scale("d", 1)
    wait_for(lambda: [each.name for each in namespace.pods()] == ["d-0"])
    namespace.delete("StatefulSet", "d")
    wait_for(lambda: not namespace.pods())


WRITES = "import os, signal; open('/data/' + os.environ['IP'], 'w').close(); signal.pause()"


def test_all_pods_share_the_volume_of_a_claim(namespace: LocalNamespace) -> None:
    mounted = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]}
    wanted = stateful(argv=(sys.executable, "-c", WRITES), **mounted)
    wanted["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [{"name": "v", "mountPath": "/data"}]
    with pytest.raises(UsageError, match="there is no PersistentVolumeClaim c"):
        namespace.apply([headless(), wanted])
    namespace.apply([volume("a"), claim("c"), headless(), wanted])
    pods = settle(namespace)
    wait_for(lambda: len(namespace.exec("d-0", ["sh", "-c", "ls /data"]).stdout.split()) == len(pods))
    assert namespace.get("PersistentVolumeClaim", "c")["status"]["phase"] == "Bound"
    assert namespace.get("PersistentVolumeClaim", "c")["spec"]["volumeName"] == "a"
    assert namespace.get("PersistentVolume", "a")["status"]["phase"] == "Bound"
