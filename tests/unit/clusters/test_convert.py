"""Live objects as an API server of Kubernetes 1.34 gives them, cut down to what is read."""

from __future__ import annotations

from typing import Any

import pytest

from srs_conformance.clusters.base import Endpoint
from srs_conformance.clusters.kube import convert
from srs_conformance.clusters.kube.api import exit_code
from srs_conformance.clusters.kube.kinds import path_of
from srs_conformance.errors import CouldNotTest, EngineError, UsageError


def pod(statuses: list[dict[str, Any]], **metadata: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "srs-1", "uid": "u-1", "labels": {"app": "srs"}, **metadata},
        "spec": {
            "nodeName": "node",
            "containers": [{"name": "srs", "image": "ossrs/srs:3"}, {"name": "nginx", "image": "nginx"}],
        },
        "status": {
            "phase": "Running",
            "podIP": "10.244.0.9",
            "conditions": [{"type": "Ready", "status": "False"}, {"type": "PodScheduled", "status": "True"}],
            "containerStatuses": statuses,
        },
    }


def test_a_container_in_a_crash_loop_tells_both_its_states() -> None:
    status = {
        "name": "srs",
        "image": "docker.io/ossrs/srs:3",
        "ready": False,
        "restartCount": 2,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s restarting failed container"}},
        "lastState": {"terminated": {"exitCode": 0, "reason": "Completed"}},
    }
    found = convert.pod(pod([status]))
    srs, nginx = found.containers
    assert (srs.state, srs.last_state) == ("waiting: CrashLoopBackOff", "terminated: Completed (0)")
    assert (srs.restarts, srs.ready, srs.image) == (2, False, "ossrs/srs:3")
    assert (nginx.state, nginx.restarts, nginx.image) == ("waiting: Pending", 0, "nginx")
    assert (found.restarts, found.ready, found.terminating) == (2, False, False)
    assert (found.ip, found.node, found.labels) == ("10.244.0.9", "node", {"app": "srs"})


def test_a_running_container_tells_since_when() -> None:
    status = {"name": "srs", "ready": True, "state": {"running": {"startedAt": "2026-11-24T00:00:00Z"}}}
    found = convert.pod(pod([status], deletionTimestamp="2026-11-24T00:00:30Z"))
    assert (found.containers[0].state, found.containers[0].started_at) == ("running", "2026-11-24T00:00:00Z")
    assert found.terminating


def test_a_pod_that_was_deleted_tells_when_its_grace_ends() -> None:
    status = {"name": "srs", "imageID": "sha256:1", "state": {"terminated": {"exitCode": 137, "reason": "Error"}}}
    live = pod([status], creationTimestamp="2026-11-24T00:00:00Z", deletionTimestamp="2026-11-24T00:02:00Z")
    live["spec"]["terminationGracePeriodSeconds"] = 120
    owners = [{"kind": "Node", "name": "n"}, {"kind": "ReplicaSet", "name": "d-1", "controller": True}]
    live["metadata"] |= {"deletionGracePeriodSeconds": 0, "ownerReferences": owners}
    found = convert.pod(live)
    assert (found.created, found.deleted_at) == ("2026-11-24T00:00:00Z", "2026-11-24T00:02:00Z")
    assert (found.grace, found.owner) == (0, "ReplicaSet/d-1")
    srs, nginx = found.containers
    assert (srs.exit_code, srs.image_id) == (137, "sha256:1")
    assert (nginx.exit_code, nginx.image_id) == (None, "")
    del live["metadata"]["deletionGracePeriodSeconds"], live["metadata"]["ownerReferences"]
    assert (convert.pod(live).grace, convert.pod(live).owner) == (120, "")


def test_a_container_that_runs_again_tells_how_it_ended_before() -> None:
    status = {"name": "srs", "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 0}}}
    assert convert.pod(pod([status])).containers[0].exit_code == 0


def test_a_watch_tells_the_pods_that_have_gone_as_they_were_last() -> None:
    def seen(kind: str, version: str, name: str) -> dict[str, Any]:
        status = {"name": "srs", "state": {"terminated": {"exitCode": 137}}}
        return {"type": kind, "object": pod([status], name=name, resourceVersion=version)}

    found = convert.ended([seen("MODIFIED", "11", "a"), seen("DELETED", "12", "a"), seen("BOOKMARK", "20", "")], "10")
    assert [(each.name, each.containers[0].exit_code) for each in found.pods] == [("a", 137)]
    assert found.mark == "20"
    assert convert.ended([], "10").mark == "10"
    too_old = {"type": "ERROR", "object": {"code": 410, "message": "too old resource version: 10 (99)"}}
    with pytest.raises(CouldNotTest, match="too old resource version"):
        convert.ended([too_old], "10")


def deployment(**status: Any) -> dict[str, Any]:
    complete = {
        "observedGeneration": 3,
        "replicas": 2,
        "updatedReplicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": "d", "generation": 3},
        "spec": {"replicas": 2},
        "status": {**complete, **status},
    }


@pytest.mark.parametrize(
    ("status", "settled"),
    [
        ({}, True),
        ({"observedGeneration": 2}, False),
        ({"updatedReplicas": 1}, False),
        ({"readyReplicas": 1}, False),
        ({"availableReplicas": None}, False),
        ({"replicas": 3}, False),
    ],
)
def test_a_workload_is_settled_when_all_of_it_is_new_and_available(status: dict[str, Any], settled: bool) -> None:
    assert convert.workload(deployment(**status)).settled is settled


def test_a_deployment_without_status_wants_its_replicas() -> None:
    live = deployment()
    live["status"] = {}
    found = convert.workload(live)
    assert (found.wanted, found.total, found.settled) == (2, 0, False)


def test_a_stalled_deployment_tells_the_controllers_words() -> None:
    conditions = [
        {"type": "Available", "status": "False", "message": "not this one"},
        {"type": "Progressing", "status": "False", "message": "ReplicaSet has timed out progressing."},
    ]
    assert convert.workload(deployment(conditions=conditions)).message == "ReplicaSet has timed out progressing."


def service(**spec: Any) -> dict[str, Any]:
    ports = [
        {"name": "rtmp", "port": 1935, "targetPort": 1935, "nodePort": 31935},
        {"name": "http", "port": 80, "targetPort": 8080},
    ]
    return {
        "metadata": {"name": "s"},
        "spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.7", "ports": ports, **spec},
        "status": {"loadBalancer": {}},
    }


def test_a_pending_service_has_no_address() -> None:
    found = convert.service(service())
    assert (found.type, found.cluster_ip, found.address) == ("LoadBalancer", "10.96.0.7", "")
    assert found.ports == {1935: 1935, 80: 8080}
    assert found.node_ports == {1935: 31935}


@pytest.mark.parametrize("ingress", [{"ip": "198.18.0.9"}, {"hostname": "198.18.0.9"}])
def test_a_services_address_may_be_a_name(ingress: dict[str, str]) -> None:
    live = service()
    live["status"] = {"loadBalancer": {"ingress": [ingress]}}
    assert convert.service(live).address == "198.18.0.9"


def test_a_target_port_may_be_the_name_of_a_containers() -> None:
    assert convert.service(service(ports=[{"port": 1935, "targetPort": "rtmp"}])).ports == {1935: "rtmp"}


def test_endpoints_are_those_of_the_slices_that_serve_the_port() -> None:
    def endpoint(address: str, *, ready: bool | None) -> dict[str, Any]:
        conditions = {} if ready is None else {"ready": ready}
        return {
            "addresses": [address],
            "conditions": conditions,
            "targetRef": {"kind": "Pod", "name": f"pod-{address[-1]}"},
        }

    both = [{"name": "rtmp", "port": 1935}, {"name": "http", "port": 8080}]
    slices: list[dict[str, Any]] = [
        {"ports": both, "endpoints": [endpoint("10.0.0.3", ready=True), endpoint("10.0.0.1", ready=False)]},
        {"ports": both[1:], "endpoints": [endpoint("10.0.0.2", ready=None)]},
        {"ports": None, "endpoints": None},
    ]
    assert convert.endpoints(service(), slices, 1935) == [
        Endpoint("10.0.0.1", "pod-1", ready=False, serving=False, terminating=False),
        Endpoint("10.0.0.3", "pod-3", ready=True, serving=True, terminating=False),
    ]
    assert [each.ip for each in convert.endpoints(service(), slices, 80) if each.ready] == ["10.0.0.2", "10.0.0.3"]
    assert convert.endpoints(service(), slices, 81) == []


def test_an_endpoint_may_serve_while_its_pod_terminates() -> None:
    def conditions(**given: bool) -> Endpoint:
        slices = [{"ports": [{"name": "rtmp"}], "endpoints": [{"addresses": ["10.0.0.1"], "conditions": given}]}]
        (found,) = convert.endpoints(service(), slices, 1935)
        return found

    draining = conditions(ready=False, serving=True, terminating=True)
    assert (draining.ready, draining.serving, draining.terminating) == (False, True, True)
    unset = conditions()
    assert (unset.ready, unset.serving, unset.terminating) == (True, True, False)
    assert not conditions(ready=False).serving


def test_an_event_is_one_line_with_its_last_time_first() -> None:
    live = {
        "metadata": {"creationTimestamp": "2026-11-24T00:00:00Z"},
        "involvedObject": {"kind": "Pod", "name": "srs-1"},
        "type": "Warning",
        "reason": "BackOff",
        "message": "Back-off restarting\nfailed container",
        "count": 3,
        "firstTimestamp": "2026-11-24T00:00:01Z",
        "lastTimestamp": "2026-11-24T00:00:09Z",
    }
    line = "2026-11-24T00:00:09Z Warning BackOff Pod/srs-1: Back-off restarting failed container (x3)"
    assert convert.event(live) == line
    newer = {"metadata": {}, "eventTime": "2026-11-24T00:00:05.123456Z", "reason": "Scheduled"}
    assert convert.event_time(newer) == "2026-11-24T00:00:05Z"


def test_a_digest_is_told_for_the_exact_name_only() -> None:
    digest = "sha256:" + "b" * 64
    node = {
        "status": {
            "images": [
                {"names": [f"docker.io/ossrs/srs@{digest}", "docker.io/ossrs/srs:3"]},
                {"names": ["docker.io/x:1"]},
            ]
        }
    }
    assert convert.digest_of("docker.io/ossrs/srs:3", node) == digest
    assert convert.digest_of("ossrs/srs:3", node) is None
    assert convert.digest_of("docker.io/x:1", node) is None


def test_a_commands_exit_code_is_in_its_status() -> None:
    failed = (
        '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}'
    )
    assert exit_code('{"metadata":{},"status":"Success"}', "x") == 0
    assert exit_code(failed, "x") == 7
    with pytest.raises(CouldNotTest, match="executable file not found"):
        exit_code('{"status":"Failure","message":"exec: \\"nope\\": executable file not found in $PATH"}', "x")
    with pytest.raises(EngineError):
        exit_code("", "x")


def test_paths_of_the_api() -> None:
    assert path_of("Pod", "n") == "/api/v1/namespaces/n/pods"
    assert path_of("PersistentVolume", "n", "v") == "/api/v1/persistentvolumes/v"
    assert path_of("Deployment", "n", "d") == "/apis/apps/v1/namespaces/n/deployments/d"
    with pytest.raises(UsageError, match="kind Gateway"):
        path_of("Gateway", "n")
