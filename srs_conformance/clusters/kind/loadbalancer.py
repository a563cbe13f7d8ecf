"""The load balancer controller: gives Services of type LoadBalancer addresses of the cluster's network, on its node.

`python -m srs_conformance.clusters.kind.loadbalancer NAME` runs until the cluster goes. Every address is added to the
node's interface, where kube-proxy serves it, and written into the Service's status (ipMode VIP). The machine reaches it
directly, since the network's bridge is the machine's own. Where it is not, the addresses are those of `published`
(ipMode Proxy), and the Service gets the node ports behind it.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from srs_conformance.clusters.kind import network, published
from srs_conformance.clusters.kind.assignment import Assignment, Wanted, assign, is_ours
from srs_conformance.clusters.kind.engine import open_engine
from srs_conformance.clusters.kind.node import Node
from srs_conformance.clusters.kind.state import ClusterState
from srs_conformance.clusters.kube.api import MERGE_PATCH, STRATEGIC_PATCH, Api, Refused
from srs_conformance.errors import ConformanceError, EngineError

EVERY = 0.3
"""Seconds between two looks at the Services: the API server answers from its cache, and nothing has to be kept open."""

PATIENCE = 2.0
"""Seconds to wait after the API server has not answered."""

log = logging.getLogger("loadbalancer")


class Controller:
    """Keeps the Services' addresses as `assign` wants them."""

    def __init__(self, api: Api, node: Node, pool: list[str], *, publish: bool = False) -> None:
        self._api = api
        self._node = node
        self._pool = pool
        self._publish = publish
        self._last = ""
        self._refused: dict[str, str] = {}
        self._present = set() if publish else node.further_addresses() & set(pool)

    def look(self) -> None:
        """Look at all Services once and do what is due.

        Raises:
            EngineError: the API server or the node does not answer.
        """
        listed = self._api.call("GET", "/api/v1/services", query=[("resourceVersion", "0")])["items"]
        ours = [live for live in listed if is_ours(live)]
        services = [Wanted.of(live) for live in ours]
        why = {each.uid: published.refusal(each.ports) for each in services} if self._publish else {}
        result = assign([each for each in services if not why.get(each.uid)], self._pool, self._last)
        result.refusals |= {uid: words for uid, words in why.items() if words}
        if not self._publish:
            self._set_addresses(set(result.addresses.values()))
        for service, live in zip(services, ours, strict=True):
            if self._lead(live, result.addresses.get(service.uid, "")):
                self._settle(service, result)
        for live in listed:
            self._clear(live)
        self._refused = {uid: why for uid, why in self._refused.items() if uid in result.refusals}

    def _set_addresses(self, wanted: set[str]) -> None:
        for address in sorted(wanted - self._present):
            self._node.add_address(address)
            self._present.add(address)
        for address in sorted(self._present - wanted):
            self._node.remove_address(address)
            self._present.discard(address)

    def _lead(self, live: Mapping[str, Any], address: str) -> bool:
        """Give a Service the node ports behind its address; return whether it has them."""
        ports = published.node_ports(live, address) if self._publish and address else []
        path = f"/api/v1/namespaces/{live['metadata']['namespace']}/services/{live['metadata']['name']}"
        return not ports or self._call("PATCH", path, {"spec": {"ports": ports}}, STRATEGIC_PATCH)

    def _settle(self, service: Wanted, result: Assignment) -> None:
        address = result.addresses.get(service.uid, "")
        if address != service.has:
            ingress = [{"ip": address, "ipMode": "Proxy" if self._publish else "VIP"}] if address else None
            if self._patch(service.namespace, service.name, ingress):
                self._last = address or self._last
                log.info("%s/%s: %s", service.namespace, service.name, address or "no address any more")
        why = result.refusals.get(service.uid, "")
        if why and self._refused.get(service.uid) != why:
            self._refused[service.uid] = why
            self._warn(service, why)

    def _clear(self, live: Mapping[str, Any]) -> None:
        """Take the address out of the status of a Service that is no load balancer any more."""
        has = Wanted.of(live).has
        if live["spec"].get("type") != "LoadBalancer" and has in self._pool:
            self._patch(live["metadata"]["namespace"], live["metadata"]["name"], None)

    def _patch(self, namespace: str, name: str, ingress: list[dict[str, str]] | None) -> bool:
        body = {"status": {"loadBalancer": {"ingress": ingress}}}
        path = f"/api/v1/namespaces/{namespace}/services/{name}/status"
        return self._call("PATCH", path, body, MERGE_PATCH)

    def _warn(self, service: Wanted, why: str) -> None:
        log.warning("%s/%s: %s", service.namespace, service.name, why)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        about = {"kind": "Service", "apiVersion": "v1", "namespace": service.namespace, "name": service.name}
        event = {
            "metadata": {"generateName": f"{service.name}.", "namespace": service.namespace},
            "involvedObject": {**about, "uid": service.uid},
            "type": "Warning",
            "reason": "NoAddress",
            "message": why,
            "source": {"component": "srs-conformance"},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }
        self._call("POST", f"/api/v1/namespaces/{service.namespace}/events", event)

    def _call(self, method: str, path: str, body: Mapping[str, Any], content_type: str = "application/json") -> bool:
        """Send a change; one that is refused (mostly since the Service has gone) is due again at the next look."""
        try:
            self._api.call(method, path, body=body, content_type=content_type)
        except Refused as error:
            log.info("%s", error.message)
            return False
        return True


def run(name: str) -> None:
    """Keep a cluster's addresses until the cluster's state is gone."""
    state = ClusterState.load(name)
    if not (state and state.ranges):
        raise EngineError(f"there is no cluster {name}")
    node = Node(open_engine(state), state.node)
    api = Api(state.kubeconfig, state.context)
    ranges = state.ranges
    pool = published.addresses(ranges) if state.published else network.balancer_addresses(ranges.network)
    controller = Controller(api, node, pool, publish=state.published)
    log.info("started for %s", ranges.network)
    while (state.folder / "cluster.json").exists():
        try:
            controller.look()
        except ConformanceError as error:
            log.warning("%s", error.message)
            time.sleep(PATIENCE)
        time.sleep(EVERY)
    log.info("the cluster is gone")


def main() -> None:
    """Run the controller for the cluster named on the command line."""
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    os.chdir("/")  # a daemon keeps no folder from being unmounted
    run(sys.argv[1])


if __name__ == "__main__":
    main()
