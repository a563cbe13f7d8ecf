"""The local cluster with small programs in the server's place: what pods, Services and namespaces promise."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.base import OWNER_LABEL
from srs_conformance.clusters.local import LocalCluster
from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.errors import CouldNotTest, UsageError
from tests.support.local_pods import PORT, ask, connects, deployment, processes_with, service, settle, wait_for


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
    wait_for(lambda: all(each.ready for each in namespace.endpoints("s", PORT)) and connects(found.address))
    answers = [ask(found.address) for _ in range(4)]
    assert sorted(pod for pod, _ in answers) == sorted(2 * [pod.ip for pod in pods])
    assert {client for _, client in answers} == {"127.0.0.1"}


def test_a_cluster_ip_has_no_external_address_and_refuses_without_endpoints(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(), service(kind="ClusterIP")])
    settle(namespace)
    found = namespace.service("s")
    assert found.address == ""
    wait_for(lambda: connects(found.cluster_ip))
    namespace.scale("d", 0)
    wait_for(lambda: not namespace.pods())
    assert namespace.endpoints("s", PORT) == []
    wait_for(lambda: not connects(found.cluster_ip))


def test_services_of_one_load_balancer_share_an_address_where_ports_allow(namespace: LocalNamespace) -> None:
    first, second = service(balancer="lb"), service("other", port=80, balancer="lb")
    namespace.apply([deployment(), first, second, service("late", balancer="lb"), service("alone")])
    shared = namespace.service("s").address
    assert namespace.service("other").address == shared != ""
    late = namespace.service("late")
    assert (late.address, late.cluster_ip != shared) == ("", True)
    assert namespace.service("alone").address not in ("", shared)
    settle(namespace)
    wait_for(lambda: connects(shared))
    namespace.delete("Service", "other")
    wait_for(lambda: len(namespace.endpoints("s", PORT)) == 1 and connects(shared))


def test_a_deleted_pod_is_replaced_behind_the_same_address(namespace: LocalNamespace) -> None:
    namespace.apply([deployment(), service()])
    (before,) = settle(namespace)
    namespace.delete("Pod", before.name)
    wait_for(lambda: before.name not in [pod.name for pod in namespace.pods()])
    (after,) = settle(namespace)
    assert (after.uid, after.ip) != (before.uid, before.ip)
    address = namespace.service("s").address
    wait_for(lambda: connects(address))
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
    time.sleep(0.05)  # this server looks at its file for as long as it runs
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
        lambda: namespace.delete("Pod", "x"),
        lambda: namespace.logs(pod.name, container="x"),
    ):
        with pytest.raises(KeyError):
            missing()
    assert namespace.endpoints("s", 81) == []
    with pytest.raises(UsageError, match="kind DaemonSet"):
        namespace.apply([{"kind": "DaemonSet", "metadata": {"name": "x"}}])
    with pytest.raises(UsageError, match="there is no ConfigMap nope"):
        namespace.apply([deployment(volumes=[{"name": "c", "configMap": {"name": "nope"}}])])


def test_a_namespace_leaves_nothing(cluster: LocalCluster) -> None:
    namespace = cluster.namespace("leaves-nothing", {})
    namespace.apply([deployment(argv=("bash", "-c", "sleep 4711 & wait"))])
    (pod,) = settle(namespace)
    wait_for(lambda: len(processes_with(pod.name)) == 2)
    with pytest.raises(CouldNotTest, match="is there already"):
        cluster.namespace("leaves-nothing", {})
    namespace.destroy()
    assert namespace.pods() == []
    assert not processes_with(pod.name)
    cluster.namespace("leaves-nothing", {}).destroy()


def test_nothing_outlives_an_owner_that_is_killed(tmp_path: Path) -> None:
    script = """
import sys, json, signal
from srs_conformance.clusters.local import LocalCluster
from srs_conformance.observing import wait_while
cluster = LocalCluster.connect("killed")
namespace = cluster.namespace("n", {})
namespace.apply([json.loads(sys.argv[1])])
wait_while(lambda: not namespace.workload("d").settled, at_most=30)
print(namespace.pods()[0].name, flush=True)
signal.pause()
"""
    wanted = json.dumps(deployment(argv=("bash", "-c", "sleep 600 & sleep 600")))
    command = [sys.executable, "-c", script, wanted]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as owner:
        assert owner.stdout is not None
        pod = owner.stdout.readline().strip()
        wait_for(lambda: len(processes_with(pod)) == 3)
        owner.send_signal(signal.SIGKILL)
    wait_for(lambda: not processes_with(pod))
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
