from pathlib import Path

import pytest

from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.clusters.kind.node import COREFILE, Node, nodes_of
from srs_conformance.errors import EngineError
from tests.support.recording import RecordingRunner

ARCHIVE = Path("image.tar")
IMPORTED = "unpacking docker.io/ossrs/srs:3 (sha256:12)...done\nunpacking import-1@sha256:12 (sha256:12)...done\n"
LISTED = """\
REF                   TYPE                                       DIGEST    SIZE     PLATFORMS   LABELS
docker.io/ossrs/srs:3 application/vnd.oci.image.manifest.v1+json sha256:12 33.0 MiB linux/amd64 -
"""


def node(run: RecordingRunner) -> Node:
    return Node(Engine("podman", run, {}), "x-control-plane")


@pytest.mark.parametrize("source", ["docker.io/ossrs/srs:3", "ossrs/srs:3"])
def test_an_image_gets_the_name_it_is_to_have(source: str) -> None:
    run = RecordingRunner({"images import": IMPORTED})
    node(run).import_image(ARCHIVE, source, "docker.io/srs-conformance/srs:12")
    assert run.given[0] == ARCHIVE
    assert run.lines()[1].endswith(
        "ctr --namespace=k8s.io images tag --force docker.io/ossrs/srs:3 docker.io/srs-conformance/srs:12"
    )


def test_an_image_that_has_its_name_gets_no_other() -> None:
    run = RecordingRunner({"images import": IMPORTED})
    node(run).import_image(ARCHIVE, "ossrs/srs:3", "docker.io/ossrs/srs:3")
    assert len(run.calls) == 1


def test_an_archive_without_the_image_is_an_error_that_says_what_it_holds() -> None:
    with pytest.raises(EngineError, match=r"holds no image ossrs/srs:6, only docker\.io/ossrs/srs:3"):
        node(RecordingRunner({"images import": IMPORTED})).import_image(ARCHIVE, "ossrs/srs:6", "x")


def test_an_archive_that_containerd_refuses_is_an_error() -> None:
    with pytest.raises(EngineError, match="refused"):
        node(RecordingRunner({"images import": 1})).import_image(ARCHIVE, "a", "b")


def test_an_images_digest_is_read() -> None:
    assert node(RecordingRunner({"images list": LISTED})).image_digest("docker.io/ossrs/srs:3") == "sha256:12"


def test_an_image_that_is_not_there_has_no_digest() -> None:
    assert node(RecordingRunner({"images list": LISTED.splitlines()[0]})).image_digest("x") is None


def test_names_outside_the_cluster_are_answered_in_a_block_of_their_own() -> None:
    inside, outside = COREFILE.split(".:53 {")
    assert "kubernetes cluster.local" in inside
    assert "template" not in inside
    assert "NXDOMAIN" in outside
    assert "forward" not in COREFILE


@pytest.mark.parametrize(("said", "healthy"), [("True", True), ("False", False), ("Unknown", False), ("", False)])
def test_a_node_is_healthy_when_kubernetes_says_so(said: str, healthy: bool) -> None:
    assert node(RecordingRunner({"kubectl get nodes": said})).healthy() is healthy


def test_addresses_come_and_go() -> None:
    run = RecordingRunner({"ip -j": '[{"addr_info": [{"local": "10.0.0.2", "prefixlen": 24}]}]'})
    assert node(run).further_addresses() == set()
    node(run).add_address("10.0.0.9")
    node(run).remove_address("10.0.0.9")
    assert [line.partition("x-control-plane ")[2] for line in run.lines()[1:]] == [
        "ip address replace 10.0.0.9/32 dev eth0",
        "ip address del 10.0.0.9/32 dev eth0",
    ]


@pytest.mark.parametrize("listed", ["", "x-worker\n", "x-control-plane\nx-control-plane2\nx-external-load-balancer\n"])
def test_a_cluster_with_another_number_of_control_planes_is_an_error(listed: str) -> None:
    with pytest.raises(EngineError, match="this works with one control plane"):
        nodes_of(Engine("docker", RecordingRunner({"ps --all": listed}), {}), "x")


def test_the_control_plane_comes_before_the_workers() -> None:
    listed = "x-worker2\nx-control-plane\nx-worker\n"
    found = nodes_of(Engine("docker", RecordingRunner({"ps --all": listed}), {}), "x")
    assert [each.name for each in found] == ["x-control-plane", "x-worker", "x-worker2"]


def test_the_proxy_is_weighed_with_the_control_plane_and_waited_for() -> None:
    run = RecordingRunner({})
    node(run).weigh_proxy()
    node(run).wait_for_name_service_and_proxy(10)
    patched, *waited = run.lines()
    assert "daemonset/kube-proxy" in patched
    assert '{"requests": {"cpu": null, "memory": "1Mi"}}' in patched
    assert [line.split("rollout status ")[1].split()[0] for line in waited] == [
        "deployment/coredns",
        "daemonset/kube-proxy",
    ]
