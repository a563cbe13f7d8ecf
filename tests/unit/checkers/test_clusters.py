"""A cluster as the guide has its readers buy one: what is large enough, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from srs_conformance.checkers.clusters import answers, large_enough, shares_volumes


def node(cpu: str = "4", memory: str = "7733284Ki", *, ready: str = "True", **spec: Any) -> dict[str, Any]:
    """A node as ACK has it; 8 GiB of memory that the kernel keeps some of."""
    status = {"capacity": {"cpu": cpu, "memory": memory}, "conditions": [{"type": "Ready", "status": ready}]}
    return {"metadata": {"name": "cn-beijing.192.168.0.1"}, "spec": spec, "status": status}


def test_three_nodes_of_the_guides_size_are_large_enough() -> None:
    assert large_enough([node(), node(), node("8", "32Gi")]).holds


@pytest.mark.parametrize(
    ("third", "seen"),
    [
        (node("2"), "2 processors, 7.4 GiB"),
        (node("3920m"), "3.92 processors, 7.4 GiB"),
        (node("4", "3.8G"), "4 processors, 3.5 GiB"),
        (node(ready="Unknown"), ""),
        (node(unschedulable=True), ""),
        (node(taints=[{"key": "virtual-kubelet.io/provider", "effect": "NoSchedule"}]), ""),
    ],
)
def test_a_node_that_is_small_or_takes_no_pods_does_not_count(third: dict[str, Any], seen: str) -> None:
    found = large_enough([node(), node(), third])
    assert not found.holds
    assert len(found.seen.split("; ")) == (3 if seen else 2)
    assert found.seen.endswith(seen)


def test_a_taint_that_only_advises_keeps_nobody_away() -> None:
    assert large_enough([node(), node(), node(taints=[{"key": "a", "effect": "PreferNoSchedule"}])]).holds


@pytest.mark.parametrize(
    ("provisioner", "holds"),
    [
        ("nasplugin.csi.alibabacloud.com", True),
        ("bmcpfsplugin.csi.alibabacloud.com", True),
        ("diskplugin.csi.alibabacloud.com", False),
        ("rancher.io/local-path", False),
    ],
)
def test_a_storage_class_is_known_by_its_driver(provisioner: str, holds: bool) -> None:
    found = shares_volumes([{"metadata": {"name": "alicloud"}, "provisioner": provisioner}])
    assert found.holds is holds
    assert found.seen == f"alicloud ({provisioner})"
    assert not shares_volumes([]).holds


@pytest.mark.parametrize(
    ("readyz", "ready", "holds"),
    [("ok", True, True), ("ok\n", True, True), ("ok", False, False), ("failed", True, False)],
)
def test_a_cluster_answers_when_its_api_server_and_its_name_service_are_ready(
    readyz: str, ready: bool, holds: bool
) -> None:
    assert answers(readyz, [{"endpoints": [{"conditions": {"ready": ready}}]}]).holds is holds
    assert not answers("ok", [{"endpoints": None}]).holds
