"""Namespaces on ACK: their load balancers cost money, and go before they do.

The cloud controller manager makes an SLB for a Service of type LoadBalancer, puts a finalizer on the Service
(`service.k8s.alibaba/resources`, of an NLB `service.k8s.alibaba/nlb`), and takes it off when it has deleted that SLB: a
Service that is gone has none.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from srs_conformance.clusters.kube.namespace import POLL_SECONDS, KubeNamespace
from srs_conformance.errors import EngineError

RELEASE_SECONDS = 300.0
BALANCER = "LoadBalancer"
FINALIZERS = "service.k8s.alibaba/"


class AckNamespace(KubeNamespace):
    """A namespace that the suite made on ACK."""

    def destroy(self) -> None:
        """Delete the Services that have SLBs, wait until those are released, and then delete all else.

        Raises:
            EngineError: one is not released; the namespace stays, so that it can be tried again.
        """
        self._release()
        super().destroy()

    def _release(self) -> None:
        deadline = time.monotonic() + RELEASE_SECONDS
        while services := [each for each in self._list("Service") if _has_balancer(each)]:
            for each in services:
                if "deletionTimestamp" not in each["metadata"]:
                    self._delete_service(each["metadata"]["name"])
            if time.monotonic() > deadline:
                raise EngineError(
                    f"namespace {self.name}: after {RELEASE_SECONDS:g} s the SLB of {_told(services)} is not released",
                    hint="`kubectl describe service` shows what hinders the cloud controller manager; "
                    "`srs-conformance clean --ack-cluster ID` tries again",
                )
            time.sleep(POLL_SECONDS)

    def _delete_service(self, name: str) -> None:
        try:
            self.delete("Service", name)
        except KeyError:  # gone between the look and this
            return


def _has_balancer(service: Mapping[str, Any]) -> bool:
    """Whether a Service has an SLB, or had one that is not released: its type may have been changed since."""
    finalizers = service["metadata"].get("finalizers") or ()
    return service["spec"].get("type") == BALANCER or any(each.startswith(FINALIZERS) for each in finalizers)


def _told(services: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"{each['metadata']['name']} (finalizers {', '.join(each['metadata'].get('finalizers') or ['none'])})"
        for each in services
    )
