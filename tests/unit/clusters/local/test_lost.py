"""A local cluster whose processes something else kills is lost, says so of everything, and leaves nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.clusters.local import LocalCluster
from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.errors import ClusterLost
from tests.support.local_pods import connects, deployment, processes_with, service, settle, wait_for

SHELL = ("bash", "-c", "sleep 600; exit $?")
EXITS = ("bash", "-c", "exit 1")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCluster]:
    """A cluster of the test's own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = LocalCluster.connect("lost")
    yield made
    made.close()
    assert not list(tmp_path.iterdir())
    assert not processes_with(str(tmp_path))


@pytest.fixture
def namespace(cluster: LocalCluster) -> LocalNamespace:
    return cluster.namespace("n", {})


def process_of(namespace: LocalNamespace, pod: str) -> int:
    process = namespace._pods[pod].container()._process
    assert process is not None
    return process.pid


def is_lost(cluster: LocalCluster, namespace: LocalNamespace, what: str) -> None:
    assert what in cluster.broken_since(0.0)
    for ask in (namespace.pods, lambda: namespace.workload("d"), lambda: cluster.namespace("other", {})):
        with pytest.raises(ClusterLost, match="something outside of the local cluster lost has killed") as caught:
            ask()
        assert "dmesg" in caught.value.hint


def test_servers_that_are_killed(cluster: LocalCluster, namespace: LocalNamespace) -> None:
    namespace.apply([deployment(replicas=2), service()])
    pod, _ = settle(namespace)
    assert cluster.broken_since(0.0) == ""
    os.kill(process_of(namespace, pod.name), signal.SIGKILL)
    wait_for(lambda: cluster.broken_since(0.0))
    is_lost(cluster, namespace, f"{pod.name}/srs")


def test_a_server_under_a_shell_that_is_killed(cluster: LocalCluster, namespace: LocalNamespace) -> None:
    namespace.apply([deployment(argv=SHELL)])
    (pod,) = settle(namespace)
    shell = process_of(namespace, pod.name)
    (child,) = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    wait_for(lambda: cluster.broken_since(0.0))
    is_lost(cluster, namespace, f"{pod.name}/srs")


def test_its_helper_that_is_killed(cluster: LocalCluster, namespace: LocalNamespace) -> None:
    namespace.apply([deployment(), service()])
    settle(namespace)
    address = namespace.service("s").address
    wait_for(lambda: connects(address))
    os.kill(cluster._helper._process.pid, signal.SIGKILL)
    wait_for(lambda: not connects(address))
    is_lost(cluster, namespace, "its helper (exit code -9)")


def test_what_ends_by_itself_or_is_deleted_loses_no_cluster(cluster: LocalCluster, namespace: LocalNamespace) -> None:
    namespace.apply([deployment(), deployment("e", argv=EXITS)])
    (pod,) = settle(namespace)
    namespace.delete("Pod", pod.name, grace=0)
    wait_for(lambda: any(each.restarts for each in namespace.pods({"app": "e"})))
    wait_for(lambda: pod.name not in [each.name for each in namespace.pods()])
    namespace.exec(settle(namespace)[0].name, ["kill", "-TERM", "1"])
    wait_for(lambda: any(each.restarts for each in namespace.pods({"app": "d"})))
    assert cluster.broken_since(0.0) == ""
