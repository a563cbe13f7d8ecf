"""Services that ask for one load balancer: those of a namespace that bear the same id share an address, port by port.

The annotation is the one of the guide's tip Use One SLB and EIP for All Streaming Service; Alibaba Cloud demands, too,
that no two Services of a load balancer have the same port.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANNOTATION = "service.beta.kubernetes.io/alicloud-loadbalancer-id"


def group_of(live: Mapping[str, Any]) -> str:
    """Return what stands for a Service's load balancer, "" where it has one of its own."""
    key = (live["metadata"].get("annotations") or {}).get(ANNOTATION, "")
    return f"{live['metadata'].get('namespace', '')}/{key}" if key else ""
