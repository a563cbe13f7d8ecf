"""The local cluster with small programs in the server's place: what pods, Services and namespaces promise."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.base import OWNER_LABEL, Pod
from srs_conformance.clusters.local import LocalCluster
from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.errors import CouldNotTest, UsageError

PORT = 1935
#: Tells each client the pod's address and the client's own.
SERVER = """
import os, socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(f"{os.environ['IP']} {self.client_address[0]}".encode())
        self.request.recv(1)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
print("serving", flush=True)
Server((os.environ["IP"], 1935), Handler).serve_forever()
"""
ADDRESS = {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}


def deployment(name: str = "d", *, replicas: int = 1, argv: tuple[str, ...] = (), **spec: Any) -> dict[str, Any]:
    command = list(argv) or [sys.executable, "-c", SERVER]
    container = {
        "name": "srs",
        "image": "ossrs/srs:3",
        "command": command,
        "env": [ADDRESS],
        "ports": [] if argv else [{"containerPort": PORT}],
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **spec}}
    selector = {"matchLabels": {"app": name}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": selector, "template": template},
    }


def service(name: str = "s", *, app: str = "d", kind: str = "LoadBalancer") -> dict[str, Any]:
    ports = [{"name": "rtmp", "port": PORT, "targetPort": PORT}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"type": kind, "selector": {"app": app}, "ports": ports},
    }


def wait_for(holds: Callable[[], object], seconds: float = 15.0) -> None:
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        pause.wait(0.02)


def settle(namespace: LocalNamespace, name: str = "d") -> list[Pod]:
    wait_for(lambda: namespace.workload(name).settled)
    return [pod for pod in namespace.pods({"app": name}) if not pod.terminating]


def ask(address: str) -> tuple[str, str]:
    """Return which pod answers at an address, and which client it sees."""
    with socket.create_connection((address, PORT), timeout=5) as connection:
        pod, client = connection.recv(100).decode().split()
        return pod, client


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    made = LocalCluster.connect("test")
    yield made
    made.close()


@pytest.fixture
def namespace(cluster: LocalCluster, request: pytest.FixtureRequest) -> Iterator[LocalNamespace]:
    made = cluster.namespace(request.node.name, {"run": "1"})
    yield made
    made.destroy()


def test_a_deployments_pods_answer_at_addresses_of_their_own(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(replicas=2)])
    pods = settle(namespace)
    assert {ask(pod.ip)[0] for pod in pods} == {pod.ip for pod in pods}
    assert len({pod.ip for pod in pods}) == 2
    assert namespace.labels == {"run": "1", OWNER_LABEL: "true"}
    assert all(pod.ready and pod.restarts == 0 and pod.labels["app"] == "d" for pod in pods)
    assert namespace.logs(pods[0].name) == "serving\n"


def test_a_service_sends_clients_to_its_pods_in_turn_with_their_own_address(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(replicas=2), service()])
    pods = settle(namespace)
    found = namespace.service("s")
    assert found.address == found.cluster_ip != ""
    wait_for(lambda: all(each.ready for each in namespace.endpoints("s", PORT)) and _connects(found.address))
    answers = [ask(found.address) for _ in range(4)]
    assert sorted(pod for pod, _ in answers) == sorted(2 * [pod.ip for pod in pods])
    assert {client for _, client in answers} == {"127.0.0.1"}


def _connects(address: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, PORT), timeout=1):
        return True
    return False


def test_a_cluster_ip_has_no_external_address_and_refuses_without_endpoints(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(), service(kind="ClusterIP")])
    settle(namespace)
    found = namespace.service("s")
    assert found.address == ""
    wait_for(lambda: _connects(found.cluster_ip))
    namespace.scale("d", 0)
    wait_for(lambda: not namespace.pods())
    assert namespace.endpoints("s", PORT) == []
    wait_for(lambda: not _connects(found.cluster_ip))


def test_a_deleted_pod_is_replaced_behind_the_same_address(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(), service()])
    (before,) = settle(namespace)
    namespace.delete("Pod", before.name)
    wait_for(lambda: before.name not in [pod.name for pod in namespace.pods()])
    (after,) = settle(namespace)
    assert (after.uid, after.ip) != (before.uid, before.ip)
    address = namespace.service("s").address
    wait_for(lambda: _connects(address))
    assert ask(address)[0] == after.ip


def test_a_container_that_ends_is_started_again_in_the_same_pod(namespace: LocalNamespace) -> None:
    namespace.apply([deployment()])
    (before,) = settle(namespace)
    assert namespace.exec(before.name, ["kill", "-TERM", "1"]).code == 0
    wait_for(lambda: namespace.pods()[0].restarts == 1)
    (after,) = settle(namespace)
    assert (after.uid, after.ip) == (before.uid, before.ip)
    assert after.containers[0].last_state == "terminated: Error (143)"
    assert namespace.logs(after.name, previous=True) == "serving\n"


def test_a_container_that_ends_at_once_is_started_once_more_and_then_backs_off(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(argv=("true",))])
    wait_for(lambda: namespace.pods() and namespace.pods()[0].containers[0].state == "waiting: CrashLoopBackOff")
    (pod,) = namespace.pods()
    assert (pod.restarts, pod.containers[0].last_state) == (1, "terminated: Completed (0)")
    assert not namespace.workload("d").settled
    assert any("BackOff" in line for line in namespace.events())


def test_a_command_that_cannot_be_started_counts_as_ended(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(argv=("/no/such/program",))])
    wait_for(lambda: namespace.pods() and namespace.pods()[0].restarts == 1)
    (pod,) = namespace.pods()
    assert pod.containers[0].last_state == "terminated: StartError (128)"
    assert "No such file" in namespace.logs(pod.name)


def test_a_pod_that_ignores_its_end_is_killed_after_its_grace_period(namespace: LocalNamespace) -> None:
    stubborn = ("bash", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done")
    namespace.apply([deployment(argv=stubborn, terminationGracePeriodSeconds=1)])
    (pod,) = settle(namespace)
    wait_for(lambda: namespace.logs(pod.name) == "up\n")
    namespace.scale("d", 0)
    wait_for(lambda: [each.terminating for each in namespace.pods()] == [True])
    started = time.monotonic()
    wait_for(lambda: not namespace.pods())
    assert time.monotonic() - started > 0.5


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


def test_containers_of_a_pod_share_its_volumes(namespace: LocalNamespace) -> None:
    wanted = deployment(argv=("bash", "-c", "echo hello >/data/a; exec sleep infinity"))
    spec = wanted["spec"]["template"]["spec"]
    spec["volumes"] = [{"name": "v", "emptyDir": {}}, {"name": "c", "configMap": {"name": "m"}}]
    spec["containers"][0]["volumeMounts"] = [{"name": "v", "mountPath": "/data"}]
    other = {"name": "other", "image": "ossrs/srs:3", "command": ["sleep", "infinity"]}
    mounts = [{"name": "v", "mountPath": "/shared"}, {"name": "c", "mountPath": "/usr/local/srs/conf"}]
    spec["containers"].append({**other, "volumeMounts": mounts})
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"srs.conf": "listen 1;"}}
    namespace.apply([wanted, config])
    (pod,) = settle(namespace)
    wait_for(lambda: namespace.exec(pod.name, ["cat", "/shared/a"], container="other").stdout == "hello\n")
    assert namespace.exec(pod.name, ["cat", "conf/srs.conf"], container="other").stdout == "listen 1;"


def test_commands_in_a_container_end_in_time_and_tell_their_code(namespace: LocalNamespace) -> None:
    namespace.apply([deployment()])
    (pod,) = settle(namespace)
    result = namespace.exec(pod.name, ["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (result.code, result.stdout, result.stderr) == (7, "out\n", "err\n")
    with pytest.raises(CouldNotTest, match=r"did not end within 0\.2 s"):
        namespace.exec(pod.name, ["sleep", "60"], timeout=0.2)
    with pytest.raises(CouldNotTest, match="could not be run"):
        namespace.exec(pod.name, ["no-such-program"])


def test_what_is_missing_is_named(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(), service()])
    (pod,) = settle(namespace)
    for missing in (
        lambda: namespace.get("Deployment", "x"),
        lambda: namespace.workload("x"),
        lambda: namespace.service("x"),
        lambda: namespace.endpoints("s", 81),
        lambda: namespace.delete("Pod", "x"),
        lambda: namespace.logs(pod.name, container="x"),
    ):
        with pytest.raises(KeyError):
            missing()
    with pytest.raises(UsageError, match="kind StatefulSet"):
        namespace.apply([{"kind": "StatefulSet", "metadata": {"name": "x"}}])
    with pytest.raises(UsageError, match="there is no ConfigMap nope"):
        namespace.apply([deployment(volumes=[{"name": "c", "configMap": {"name": "nope"}}])])


def test_a_namespace_leaves_nothing(cluster: LocalCluster) -> None:
    namespace = cluster.namespace("leaves-nothing", {})
    namespace.apply([deployment(argv=("bash", "-c", "sleep 4711 & wait"))])
    (pod,) = settle(namespace)
    wait_for(lambda: len(_processes_with(pod.name)) == 2)
    with pytest.raises(CouldNotTest, match="is there already"):
        cluster.namespace("leaves-nothing", {})
    namespace.destroy()
    assert namespace.pods() == []
    assert not _processes_with(pod.name)
    cluster.namespace("leaves-nothing", {}).destroy()


def _processes_with(text: str) -> list[str]:
    """Return the IDs of processes whose working folder has `text` in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if text in str((process / "cwd").readlink()):
                found.append(process.name)
    return found


def test_nothing_outlives_an_owner_that_is_killed(tmp_path: Path) -> None:
    script = """
import sys, time, json
from srs_conformance.clusters.local import LocalCluster
cluster = LocalCluster.connect("killed")
namespace = cluster.namespace("n", {})
namespace.apply([json.loads(sys.argv[1])])
while not namespace.workload("d").settled:
    time.sleep(0.02)
print(namespace.pods()[0].name, flush=True)
time.sleep(600)
"""
    wanted = json.dumps(deployment(argv=("bash", "-c", "sleep 600 & sleep 600")))
    command = [sys.executable, "-c", script, wanted]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as owner:
        assert owner.stdout is not None
        pod = owner.stdout.readline().strip()
        wait_for(lambda: len(_processes_with(pod)) == 3)
        owner.send_signal(signal.SIGKILL)
    wait_for(lambda: not _processes_with(pod))
    wait_for(lambda: not list(tmp_path.iterdir()))


def test_a_pod_can_be_deleted_whose_process_has_just_died(cluster: LocalCluster, namespace: LocalNamespace) -> None:
    namespace.apply([deployment()])
    (pod,) = settle(namespace)
    process = namespace._pods[pod.name].container()._process
    assert process is not None
    with cluster._lock:  # the cluster looks after its pods only when this is over
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        namespace.delete("Pod", pod.name)
    wait_for(lambda: pod.name not in [each.name for each in namespace.pods()])
    assert settle(namespace)
