"""What scenarios ask of a kind cluster: images, addresses, name service, evidence."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.base import Capability
from srs_conformance.clusters.kind import commands, interruption, lifecycle, network
from srs_conformance.clusters.kind.backend import KindCluster
from srs_conformance.clusters.kube import KubeNamespace
from srs_conformance.errors import CouldNotTest
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from tests.support.waiting import wait_for


@pytest.fixture
def namespace(cluster: KindCluster, request: pytest.FixtureRequest) -> Iterator[KubeNamespace]:
    name = request.node.name.replace("_", "-")[:40].strip("-")
    made = cluster.namespace(name, {})
    yield made
    made.destroy()


def balancer(name: str, port: int, address: str = "", selector: str = "none") -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "LoadBalancer", "selector": {"app": selector}, "ports": [{"port": port}]}
    if address:
        spec["loadBalancerIP"] = address
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def eventually(condition: Callable[[], object], within: float = 5.0) -> float:
    began = time.monotonic()
    wait_for(condition, seconds=within)
    return time.monotonic() - began


def further_addresses(cluster: KindCluster) -> set[str]:
    return cluster.node.further_addresses()


def test_it_can_do_all_that_scenarios_need(cluster: KindCluster) -> None:
    assert cluster.capabilities == frozenset(Capability)


def test_a_service_gets_an_address_within_a_second(cluster: KindCluster, namespace: KubeNamespace) -> None:
    namespace.apply([balancer("a", 1935), balancer("b", 1935)])
    took = eventually(lambda: namespace.service("a").address and namespace.service("b").address)
    assert took < 1
    addresses = {namespace.service(name).address for name in "ab"}
    assert len(addresses) == 2
    assert addresses <= further_addresses(cluster)
    namespace.delete("Service", "a")
    namespace.delete("Service", "b")
    eventually(lambda: not addresses & further_addresses(cluster))


def test_services_share_an_address_but_no_port(cluster: KindCluster, namespace: KubeNamespace) -> None:
    address = str(cluster.engine.network_of(cluster.node.name)).replace(".0/24", ".200")
    namespace.apply([balancer("rtmp", 1935, address), balancer("http", 8080, address)])
    eventually(lambda: namespace.service("http").address == namespace.service("rtmp").address == address)

    namespace.apply([balancer("clash", 8080, address)])
    eventually(lambda: any("is taken by the Service" in event for event in namespace.events()))
    assert namespace.service("clash").address == ""

    namespace.delete("Service", "http")
    eventually(lambda: namespace.service("clash").address == address)
    namespace.patch("Service", "rtmp", {"spec": {"type": "ClusterIP", "loadBalancerIP": None}})
    namespace.delete("Service", "clash")
    eventually(lambda: address not in further_addresses(cluster))
    assert namespace.service("rtmp").address == ""


def test_the_controller_survives_the_api_server(cluster: KindCluster, namespace: KubeNamespace) -> None:
    find = "for p in /proc/[0-9]*; do grep -qs ^kube-apiserver $p/cmdline && echo ${p#/proc/}; done; true"
    pid = cluster.engine.exec(cluster.node.name, "sh", "-c", find).checked().split()[0]
    cluster.engine.exec(cluster.node.name, "kill", "-9", pid).checked()
    eventually(cluster.node.healthy, 90)
    eventually(lambda: _works(lambda: namespace.apply([balancer("late", 1935)])), 30)
    eventually(lambda: namespace.service("late").address, 10)


def _works(do: Callable[[], object]) -> bool:
    try:
        do()
    except Exception:  # noqa: BLE001 - it is being tried
        return False
    return True


def query(address: str, name: str) -> tuple[int, float]:
    """Ask a name server over TCP (RFC 1035 4.2.2); return the response code and the time."""
    began = time.monotonic()
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    message = struct.pack(">6H", 1, 0x100, 1, 0, 0, 0) + labels + struct.pack(">2H", 1, 1)
    with socket.create_connection((address, 53), 3) as connection:
        connection.sendall(struct.pack(">H", len(message)) + message)
        answer = connection.makefile("rb").read(14)
    return answer[5] & 15, time.monotonic() - began


def test_pods_services_and_load_balancers_answer_from_here(cluster: KindCluster) -> None:
    system = KubeNamespace(cluster.api, "kube-system")
    pod = system.pods({"k8s-app": "kube-dns"})[0].ip
    service = system.service("kube-dns").cluster_ip
    for address in (pod, service):
        assert query(address, "kubernetes.default.svc.cluster.local")[0] == 0


@pytest.mark.parametrize("name", ["example.com", "localhost.localdomain", "nothing.default.svc.cluster.local"])
def test_names_that_are_not_there_are_answered_at_once(cluster: KindCluster, name: str) -> None:
    service = KubeNamespace(cluster.api, "kube-system").service("kube-dns").cluster_ip
    code, took = query(service, name)
    assert code == 3  # NXDOMAIN
    assert took < 0.5


def answers(address: str) -> bool:
    return _works(lambda: query(address, "kubernetes.default.svc.cluster.local"))


def test_pods_are_cut_off_for_a_while_and_back(cluster: KindCluster) -> None:
    pod = KubeNamespace(cluster.api, "kube-system").pods({"k8s-app": "kube-dns"})[0].ip
    with cluster.pause_network([pod], at_most=30) as pause:
        assert not answers(pod)
        assert pause.dropped() > 0
    assert answers(pod)


def test_names_are_looked_up_in_vain_by_some_for_a_while(cluster: KindCluster) -> None:
    system = KubeNamespace(cluster.api, "kube-system")
    service, pod = system.service("kube-dns").cluster_ip, system.pods({"k8s-app": "kube-dns"})[0].ip
    state = lifecycle.status(cluster.name).state
    assert state
    assert state.ranges
    with cluster.silence_names([state.ranges.gateway], at_most=30) as silence:
        assert not answers(service)
        assert silence.dropped() > 0
        assert network.connects(pod, 8181)  # CoreDNS's readiness: only look-ups are dropped
    assert answers(service)


def test_an_interruption_ends_also_when_its_process_is_killed_and_up_removes_what_it_left(
    cluster: KindCluster,
) -> None:
    pod = KubeNamespace(cluster.api, "kube-system").pods({"k8s-app": "kube-dns"})[0].ip
    script = (
        "import signal; from srs_conformance.clusters.kind.backend import KindCluster\n"
        f"with KindCluster.connect({cluster.name!r}, up=False).pause_network([{pod!r}], at_most=8):\n"
        "    print('paused', flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout
        assert process.stdout.readline() == b"paused\n"
        assert not answers(pod)
        process.send_signal(signal.SIGKILL)
    assert interruption.left_over(cluster.node)
    assert any("drop packets" in trouble for trouble in lifecycle.status(cluster.name).troubles)
    eventually(lambda: answers(pod), 10)
    lifecycle.up(cluster.name)
    assert not interruption.left_over(cluster.node)
    assert lifecycle.status(cluster.name).troubles == ()


def test_an_image_is_put_onto_the_node_under_its_name(
    cluster: KindCluster, namespace: KubeNamespace, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "file").write_text("content")
    archive = tmp_path / "image.tar"
    source, name = "localhost/made/here:1", "docker.io/made/there:2"
    write_image(archive, name=source, layers=[Layer(root)], config=ImageConfig(entrypoint=["/absent"]))
    assert cluster.image_digest(name) is None

    began = time.monotonic()
    cluster.load_image(archive, source, name)
    assert time.monotonic() - began < 5
    assert (cluster.image_digest(name) or "").startswith("sha256:")
    with pytest.raises(CouldNotTest, match="holds no image"):
        cluster.load_image(archive, "localhost/made/elsewhere:1", name)

    pod = {"containers": [{"name": "c", "image": name, "imagePullPolicy": "Never"}], "restartPolicy": "Never"}
    namespace.apply([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": pod}])
    eventually(lambda: "/absent" in str(namespace.get("Pod", "p").get("status")), 30)


def test_containers_may_open_as_many_files_as_the_machine_lets_them(cluster: KindCluster) -> None:
    script = "for p in /proc/[0-9]*; do grep -qs ^/pause $p/cmdline && grep 'open files' $p/limits; done; true"
    limits = cluster.engine.exec(cluster.node.name, "sh", "-c", script).checked().splitlines()
    assert min(int(line.split()[3]) for line in limits) >= 10_000


def test_evidence_is_written(cluster: KindCluster, tmp_path: Path) -> None:
    cluster.dump(tmp_path / "evidence")
    for name in ("nodes.json", "pods.json", "node/kubelet.log", "node/containerd.log", "node/pods.log"):
        assert (tmp_path / "evidence" / name).stat().st_size > 100, name


def test_an_idle_controller_takes_next_to_nothing(cluster: KindCluster) -> None:
    state = lifecycle.status(cluster.name).state
    assert state
    assert state.controller
    stat = Path(f"/proc/{state.controller.pid}/stat")

    def ticks() -> int:
        fields = stat.read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    commands.run("sleep", "5")
    assert (ticks() - before) / 100 / 5 < 0.05
