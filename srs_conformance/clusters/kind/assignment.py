"""Which Service of type LoadBalancer gets which address: a pure function of what is wanted and what is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from srs_conformance.clusters.sharing import group_of

Port = tuple[str, int]


@dataclass(frozen=True)
class Wanted:
    """A Service of type LoadBalancer."""

    namespace: str
    name: str
    uid: str
    ports: frozenset[Port]  # protocol and port
    asked: str = ""  # spec.loadBalancerIP
    has: str = ""  # the address in its status
    created: str = ""  # RFC 3339
    group: str = ""  # whose members share an address

    @classmethod
    def of(cls, live: Mapping[str, Any]) -> Wanted:
        """Read a live Service object."""
        meta, spec = live["metadata"], live["spec"]
        ingress = (live.get("status", {}).get("loadBalancer") or {}).get("ingress") or [{}]
        return cls(
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            ports=frozenset((port.get("protocol", "TCP"), port["port"]) for port in spec.get("ports") or ()),
            asked=spec.get("loadBalancerIP") or "",
            has=ingress[0].get("ip") or "",
            created=meta.get("creationTimestamp") or "",
            group=group_of(live),
        )


@dataclass
class Assignment:
    """The answer: every Service's UID is in one of the two."""

    addresses: dict[str, str] = field(default_factory=dict)  # UID -> address
    refusals: dict[str, str] = field(default_factory=dict)  # UID -> why it stays pending, for the user


def is_ours(live: Mapping[str, Any]) -> bool:
    """Return whether a live Service wants an address, and from no other controller."""
    spec = live["spec"]
    leaving = live["metadata"].get("deletionTimestamp")
    return spec.get("type") == "LoadBalancer" and not spec.get("loadBalancerClass") and not leaving


def assign(services: Iterable[Wanted], pool: Sequence[str], after: str = "") -> Assignment:
    """Give every Service an address of its own, or the one that it or its group asks for, shared where ports allow.

    An address once given stays; the elder of two that clash keeps it. A new address is the next free one after `after`,
    so that a late viewer of a Service that is gone does not meet its successor.
    """
    result = Assignment()
    taken: dict[str, dict[Port, Wanted]] = {}
    groups: dict[str, str] = {}  # group -> its address
    listed = sorted(services, key=lambda each: (each.created, each.namespace, each.name))
    keepers = [each for each in listed if each.has in pool and each.asked in {"", each.has}]
    askers = [each for each in listed if each.asked and each not in keepers]
    others = [each for each in listed if each not in keepers and each not in askers]
    for service in [*keepers, *askers]:
        address = service.asked or service.has
        if service.group and not service.asked and groups.get(service.group, address) != address:
            others.append(service)  # it has joined a group that is elsewhere
            continue
        why = _refusal(service, address, pool, taken.get(address, {}))
        if not why:
            taken.setdefault(address, {}).update(dict.fromkeys(service.ports, service))
            result.addresses[service.uid] = address
            groups.setdefault(service.group, address)
        elif service.asked:
            result.refusals[service.uid] = why
        else:
            others.append(service)
    for service in others:
        shared = groups.get(service.group, "") if service.group else ""
        if why := _refusal(service, shared, pool, taken[shared]) if shared else "":
            result.refusals[service.uid] = why
            continue
        free = shared or _next_free(pool, taken, after)
        if not free:
            result.refusals[service.uid] = f"all {len(pool)} addresses of the cluster's network are taken"
            continue
        taken.setdefault(free, {}).update(dict.fromkeys(service.ports, service))
        result.addresses[service.uid] = free
        groups.setdefault(service.group, free)
        after = after if shared else free
    return result


def _refusal(service: Wanted, address: str, pool: Collection[str], there: Mapping[Port, Wanted]) -> str:
    if address not in pool:
        first, *_, last = pool
        return f"loadBalancerIP {address} is none of this cluster's load balancer addresses, {first} to {last}"
    for port in sorted(service.ports & there.keys()):
        other = there[port]
        return f"port {port[1]}/{port[0]} of {address} is taken by the Service {other.namespace}/{other.name}"
    return ""


def _next_free(pool: Sequence[str], taken: Collection[str], after: str) -> str:
    start = pool.index(after) + 1 if after in pool else 0
    return next((address for address in [*pool[start:], *pool[:start]] if address not in taken), "")
