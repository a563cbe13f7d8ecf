"""How pods of the local cluster end: in their time, by hooks, by force, and what serves meanwhile."""

from __future__ import annotations

import sys
import time
from typing import Any

from srs_conformance.clusters.base import Pod
from srs_conformance.clusters.local.namespace import LocalNamespace
from tests.support.local_pods import (
    ADDRESS,
    PORT,
    SERVER,
    ask,
    connects,
    deployment,
    processes_with,
    service,
    settle,
    wait_for,
)


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


READS = """
import os, signal, sys, time
def end(*_):
    print("term", flush=True)
    time.sleep(float(os.environ.get("LINGER", "0")))  # a server that takes its time to end
    sys.exit(int(os.environ.get("CODE", "0")))
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
while True:
    signal.pause()
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
    wait_for(lambda: connects(address))
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
    assert not processes_with(pod.name)


def test_a_pod_that_is_deleted_by_force_is_forgotten_before_it_ends(namespace: LocalNamespace) -> None:
    namespace.apply([lingering(60), service()])
    (pod,) = settle(namespace)
    wait_for(lambda: namespace.logs(pod.name) == "up\n")
    namespace.delete("Pod", pod.name, grace=0)
    assert pod.name not in [each.name for each in namespace.pods()]
    assert pod.name not in [each.pod for each in namespace.endpoints("s", PORT)]
    assert processes_with(pod.name)
    wait_for(lambda: not processes_with(pod.name))
