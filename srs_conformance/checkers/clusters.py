"""Whether a cluster is as the guide has its readers buy one: that it answers, its nodes, its storage classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from srs_conformance.observing import Observation

NODES = 3
PROCESSORS = 4
MEMORY = 8 * 2**30
#: What the kernel keeps of the memory that a machine was sold with, at most: nodes of 8 GiB tell of 7.4 to 7.8.
KEPT_BY_KERNEL = 0.1
#: Drivers whose volumes many nodes write: NAS, object and parallel storage of Alibaba Cloud, and NFS as others have it.
SHARED = ("nasplugin.csi.alibabacloud.com", "ossplugin.csi.alibabacloud.com", "alicloud/nas", "nfs.csi.k8s.io")
SHARED_WORDS = ("cpfs", "bmcpfs", "cnfs")
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

Live = Mapping[str, Any]


def answers(readyz: str, endpoints: Sequence[Live]) -> Observation:
    """Look whether the API server calls itself ready, and whether the name service has a ready endpoint.

    Args:
        readyz: what it answers at /readyz.
        endpoints: live EndpointSlices of Service kube-dns.
    """
    every = [each for live in endpoints for each in live.get("endpoints") or ()]
    ready = [each for each in every if (each.get("conditions") or {}).get("ready")]
    seen = f"readyz: {readyz.strip() or 'nothing'}; {len(ready)} of {len(every)} endpoints of kube-dns ready"
    return Observation(readyz.strip() == "ok" and bool(ready), "an API server and a name service that are ready", seen)


def large_enough(nodes: Sequence[Live]) -> Observation:
    """Look whether enough nodes take pods, each with processors and memory as the guide's."""
    taking = [each for each in nodes if _takes_pods(each)]
    large = [each for each in taking if _is_large(each)]
    expected = f"{NODES} nodes or more that take pods, each with {PROCESSORS} processors and {MEMORY // 2**30} GiB"
    seen = "; ".join(f"{each['metadata']['name']}: {_size(each)}" for each in taking) or "none takes pods"
    return Observation(len(large) >= NODES, expected, seen)


def shares_volumes(classes: Sequence[Live]) -> Observation:
    """Look whether a storage class makes volumes that many nodes write."""
    provisioners = {each["metadata"]["name"]: str(each["provisioner"]) for each in classes}
    right = any(_is_shared(each) for each in provisioners.values())
    seen = ", ".join(f"{name} ({each})" for name, each in provisioners.items()) or "no storage class"
    return Observation(right, "a storage class for ReadWriteMany, such as one of NAS", seen)


def _takes_pods(node: Live) -> bool:
    spec = node.get("spec") or {}
    kept = [each for each in spec.get("taints") or () if each["effect"] in ("NoSchedule", "NoExecute")]
    conditions = node["status"].get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and not kept and not spec.get("unschedulable")


def _is_large(node: Live) -> bool:
    capacity = node["status"]["capacity"]
    return _number(capacity["cpu"]) >= PROCESSORS and _number(capacity["memory"]) >= MEMORY * (1 - KEPT_BY_KERNEL)


def _size(node: Live) -> str:
    capacity = node["status"]["capacity"]
    return f"{_number(capacity['cpu']):g} processors, {_number(capacity['memory']) / 2**30:.1f} GiB"


def _is_shared(provisioner: str) -> bool:
    return provisioner in SHARED or any(word in provisioner for word in SHARED_WORDS)


def _number(quantity: str) -> float:
    """Return a quantity of Kubernetes as a number: `4`, `3920m`, `7733284Ki`."""
    if quantity.endswith("m"):
        return float(quantity[:-1]) / 1000
    unit = next((each for each in _UNITS if quantity.endswith(each)), "")
    return float(quantity.removesuffix(unit)) * _UNITS.get(unit, 1)
