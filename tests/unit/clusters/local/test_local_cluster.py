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
from srs_conformance.clusters.sharing import ANNOTATION
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


def service(
    name: str = "s", *, app: str = "d", kind: str = "LoadBalancer", port: int = PORT, balancer: str = ""
) -> dict[str, Any]:
    ports = [{"name": "rtmp", "port": port, "targetPort": PORT}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": {ANNOTATION: balancer} if balancer else {}},
        "spec": {"type": kind, "selector": {"app": app}, "ports": ports},
    }


def wait_for(holds: Callable[[], object], seconds: float = 30.0) -> None:
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


def test_services_of_one_load_balancer_share_an_address_where_ports_allow(namespace: LocalNamespace) -> None:
    first, second = service(balancer="lb"), service("other", port=80, balancer="lb")
    namespace.apply([deployment(), first, second, service("late", balancer="lb"), service("alone")])
    shared = namespace.service("s").address
    assert namespace.service("other").address == shared != ""
    late = namespace.service("late")
    assert (late.address, late.cluster_ip != shared) == ("", True)
    assert namespace.service("alone").address not in ("", shared)
    settle(namespace)
    wait_for(lambda: _connects(shared))
    namespace.delete("Service", "other")
    wait_for(lambda: len(namespace.endpoints("s", PORT)) == 1 and _connects(shared))


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


READS = """
import os, signal, sys, time
def end(*_):
    print("term", flush=True)
    time.sleep(float(os.environ.get("LINGER", "0")))
    sys.exit(int(os.environ.get("CODE", "0")))
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
while True:
    time.sleep(0.05)
"""


def lingering(
    seconds: float = 0, *, code: int = 0, grace: int = 30, replicas: int = 1, **container: Any
) -> dict[str, Any]:
    wanted = deployment(argv=(sys.executable, "-c", READS), replicas=replicas, terminationGracePeriodSeconds=grace)
    env = [ADDRESS, {"name": "LINGER", "value": str(seconds)}, {"name": "CODE", "value": str(code)}]
    wanted["spec"]["template"]["spec"]["containers"][0] |= {"env": env, **container}
    return wanted


def gone(namespace: LocalNamespace, pod: Pod, mark: str) -> Pod:
    wait_for(lambda: pod.name in [each.name for each in namespace.ended_pods(mark).pods])
    return next(each for each in namespace.ended_pods(mark).pods if each.name == pod.name)


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


def test_a_pod_serves_on_while_it_ends_and_is_out_of_its_service(namespace: LocalNamespace) -> None:
    namespace.apply([lingering(1.5, code=7, replicas=2, ports=[]), service()])
    leaving, staying = settle(namespace)
    mark = namespace.ended_pods().mark
    wait_for(lambda: namespace.logs(leaving.name) == "up\n")
    namespace.delete("Pod", leaving.name)
    (seen,) = (each for each in namespace.pods() if each.name == leaving.name)
    assert seen.terminating
    assert (seen.ready, seen.grace) == (True, 30)
    assert seen.deleted_at > seen.created
    found = {each.pod: each for each in namespace.endpoints("s", PORT)}
    assert (found[leaving.name].ready, found[leaving.name].serving, found[leaving.name].terminating) == (
        False,
        True,
        True,
    )
    assert found[staying.name].ready
    settle(namespace)
    ended = gone(namespace, leaving, mark)
    assert (ended.containers[0].exit_code, ended.phase) == (7, "Failed")
    assert ended.containers[0].state == "terminated: Error (7)"


def test_a_service_without_ready_pods_goes_to_those_that_end(namespace: LocalNamespace) -> None:
    server = SERVER.replace("print(", "import signal; signal.signal(signal.SIGTERM, lambda *_: None)\nprint(")
    namespace.apply([deployment(argv=(sys.executable, "-c", server)), service()])
    (pod,) = settle(namespace)
    address = namespace.service("s").address
    wait_for(lambda: _connects(address))
    namespace.scale("d", 0)
    wait_for(lambda: [each.terminating for each in namespace.endpoints("s", PORT)] == [True])
    assert ask(address)[0] == pod.ip


def test_a_pre_stop_hook_runs_before_the_end_is_asked_for(namespace: LocalNamespace) -> None:
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 0.5; date +%s.%N >/usr/local/srs/hook"]}}}
    mount = [{"name": "v", "mountPath": "/usr/local/srs"}]
    wanted = lingering(0.3, lifecycle=hook, volumeMounts=mount)
    wanted["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "emptyDir": {}}]
    namespace.apply([wanted])
    (pod,) = settle(namespace)
    wait_for(lambda: namespace.logs(pod.name) == "up\n")
    namespace.scale("d", 0)
    wait_for(lambda: [each.terminating for each in namespace.pods()] == [True])
    assert namespace.logs(pod.name) == "up\n"
    wait_for(lambda: namespace.logs(pod.name) == "up\nterm\n")
    assert namespace.exec(pod.name, ["cat", "/usr/local/srs/hook"]).code == 0


def test_a_hook_that_fails_is_told_and_the_end_asked_for(namespace: LocalNamespace) -> None:
    mark = namespace.ended_pods().mark
    namespace.apply([lingering(lifecycle={"preStop": {"exec": {"command": ["sh", "-c", "exit 3"]}}})])
    (pod,) = settle(namespace)
    wait_for(lambda: namespace.logs(pod.name) == "up\n")
    namespace.delete("Pod", pod.name)
    assert gone(namespace, pod, mark).containers[0].exit_code == 0
    assert any("PreStopHook failed with code 3" in line for line in namespace.events())


def test_a_hook_that_takes_the_whole_grace_is_ended_with_the_pod(namespace: LocalNamespace) -> None:
    mark = namespace.ended_pods().mark
    namespace.apply([lingering(grace=1, lifecycle={"preStop": {"exec": {"command": ["sleep", "4712"]}}})])
    (pod,) = settle(namespace)
    wait_for(lambda: namespace.logs(pod.name) == "up\n")
    namespace.delete("Pod", pod.name)
    assert gone(namespace, pod, mark).containers[0].exit_code == 137
    assert not _processes_with(pod.name)


def test_a_pod_that_is_deleted_by_force_is_forgotten_before_it_ends(namespace: LocalNamespace) -> None:
    namespace.apply([lingering(60), service()])
    (pod,) = settle(namespace)
    wait_for(lambda: namespace.logs(pod.name) == "up\n")
    namespace.delete("Pod", pod.name, grace=0)
    assert pod.name not in [each.name for each in namespace.pods()]
    assert pod.name not in [each.pod for each in namespace.endpoints("s", PORT)]
    assert _processes_with(pod.name)
    wait_for(lambda: not _processes_with(pod.name))


@pytest.mark.parametrize(
    "probe",
    [
        {"tcpSocket": {"port": PORT}},
        {"httpGet": {"port": 8080, "path": "/ok"}},
        {"exec": {"command": ["test", "-e", "ok"]}},
    ],
    ids=["tcp", "http", "exec"],
)
def test_a_pod_is_ready_when_its_probe_passes_and_no_longer_when_it_fails(
    namespace: LocalNamespace, probe: dict[str, Any]
) -> None:
    """The program listens, answers and has a file while it finds the file `on`, for each kind of probe."""
    program = """
import http.server, os, pathlib, socket, threading, time
ip = os.environ["IP"]
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if pathlib.Path("on").exists() and self.path == "/ok" else 503)
        self.end_headers()
threading.Thread(target=http.server.HTTPServer((ip, 8080), Answer).serve_forever, daemon=True).start()
listener = None
while True:
    on = pathlib.Path("on").exists()
    if on and listener is None:
        listener = socket.create_server((ip, 1935))
        pathlib.Path("ok").touch()
    elif not on and listener is not None:
        listener.close()
        listener = None
        pathlib.Path("ok").unlink()
    time.sleep(0.05)
"""
    wanted = deployment(argv=(sys.executable, "-c", program))
    readiness = {**probe, "periodSeconds": 0.1, "failureThreshold": 2}
    wanted["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = readiness
    namespace.apply([wanted, service()])
    wait_for(lambda: any("Readiness probe failed" in line for line in namespace.events()))
    (pod,) = namespace.pods()
    assert not pod.ready
    assert namespace.workload("d").ready == 0
    assert namespace.exec(pod.name, ["touch", "on"]).code == 0
    settle(namespace)
    assert [each.ready for each in namespace.endpoints("s", PORT)] == [True]
    assert namespace.exec(pod.name, ["rm", "on"]).code == 0
    wait_for(lambda: [(each.ready, each.serving) for each in namespace.endpoints("s", PORT)] == [(False, False)])
    assert namespace.pods()[0].containers[0].state == "running"


def test_a_probe_that_is_none_is_refused(namespace: LocalNamespace) -> None:
    wanted = deployment()
    wanted["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = {"grpc": {"port": 1}}
    with pytest.raises(UsageError, match="is none of tcpSocket, httpGet, exec"):
        namespace.apply([wanted])


def test_an_image_that_nobody_has_keeps_the_old_pods(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(replicas=2)])
    old = {each.uid for each in settle(namespace)}
    namespace.set_image("d", "localhost/srs-conformance/absent:1")
    wait_for(lambda: len(namespace.pods()) == 3)
    (fresh,) = (each for each in namespace.pods() if each.uid not in old)
    wait_for(
        lambda: namespace.get("Pod", fresh.name)["status"]["containers"][0]["state"] == "waiting: ImagePullBackOff"
    )
    assert old == {each.uid for each in namespace.pods() if each.ready}
    namespace.rollout_undo("d")
    assert {each.uid for each in settle(namespace)} == old


def test_a_changed_config_map_reaches_the_files_of_running_pods(namespace: LocalNamespace) -> None:
    wanted = deployment(volumes=[{"name": "c", "configMap": {"name": "m"}}])
    mounts = [{"name": "c", "mountPath": "/usr/local/srs/conf"}]
    wanted["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = mounts
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"srs.conf": "a", "old": "1"}}
    namespace.apply([config, wanted])
    (pod,) = settle(namespace)
    namespace.patch("ConfigMap", "m", {"data": {"srs.conf": "b", "old": None, "new": "2"}})
    namespace.patch("Pod", pod.name, {"metadata": {"annotations": {"x": "1"}}})
    assert namespace.exec(pod.name, ["cat", "conf/srs.conf", "conf/new"]).stdout == "b2"
    assert namespace.exec(pod.name, ["ls", "conf"]).stdout.split() == ["new", "srs.conf"]
    assert [each.uid for each in settle(namespace)] == [pod.uid]


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
    with pytest.raises(UsageError, match="kind DaemonSet"):
        namespace.apply([{"kind": "DaemonSet", "metadata": {"name": "x"}}])
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
