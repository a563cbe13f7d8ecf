"""Services of a local namespace: their addresses, and where connections to them go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from srs_conformance.clusters.base import Endpoint
from srs_conformance.clusters.kube import convert
from srs_conformance.clusters.local import balancing
from srs_conformance.clusters.local.addresses import AddressRange
from srs_conformance.clusters.local.helper import Helper

HEADLESS = "None"
_Live = Mapping[str, Any]


class Services:
    """The addresses and forwards of Services, which callers give as name -> object, in the order in which they came.

    Attributes:
        addresses: of all but the headless ones, by name.
    """

    def __init__(self, free: AddressRange, helper: Helper) -> None:
        self._free, self._helper = free, helper
        self._forwards: dict[tuple[str, int], list[tuple[str, int]]] = {}
        self.addresses: dict[str, str] = {}

    def admit(self, name: str, services: Mapping[str, _Live]) -> None:
        """Give a Service an address, one that it shares where it asks for that."""
        live = services[name]
        if not headless(live) and name not in self.addresses:
            self.addresses[name] = balancing.shared_address(live, self._addressed(services)) or self._free.take()

    def tell(self, live: dict[str, Any], services: Mapping[str, _Live]) -> None:
        """Write into a Service what the cluster has made of it."""
        if headless(live):
            return
        address = self.addresses[live["metadata"]["name"]]
        live["spec"]["clusterIP"] = address
        balanced = live["spec"].get("type") == "LoadBalancer"
        if balanced and not balancing.refused(live, self._addressed(services), address):
            live["status"] = {"loadBalancer": {"ingress": [{"ip": address}]}}

    def forward(self, services: Mapping[str, _Live], endpoints: Callable[[str, int], Sequence[Endpoint]]) -> None:
        """Tell the helper where connections go now, and give back addresses that nobody has any more."""
        wanted: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for name, live in services.items():
            if headless(live):
                continue
            for port, target in convert.service(live).ports.items():
                if isinstance(target, str):
                    continue  # refused when it was applied
                reached = [(each.ip, target) for each in _chosen(endpoints(name, port))]
                wanted[self.addresses[name], port] = reached
        for listen in {*self._forwards, *wanted}:
            targets = wanted.get(listen, [])
            if targets != self._forwards.get(listen, []):
                self._helper.forward(listen, targets)
        self._forwards = wanted
        for name in [each for each in self.addresses if each not in services]:
            address = self.addresses.pop(name)
            if address not in self.addresses.values():
                self._free.give_back(address)

    def _addressed(self, services: Mapping[str, _Live]) -> list[tuple[dict[str, Any], str]]:
        return [(dict(live), self.addresses.get(name, "")) for name, live in services.items()]


def headless(service: _Live) -> bool:
    """Return whether a Service is to have no address of its own."""
    return bool(service["spec"].get("clusterIP") == HEADLESS)


def _chosen(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Return where kube-proxy sends new connections: to what is ready, else to what still serves while it ends."""
    ready = [each for each in endpoints if each.ready]
    return ready or [each for each in endpoints if each.serving and each.terminating]
