"""Load balancers of the local backend: which Services share an address, and which stay without one.

A Service's address is its cluster IP as well; one that is refused a shared address has a cluster IP of its own and no
external one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from srs_conformance.clusters.sharing import group_of

Live = Mapping[str, Any]


def shared_address(live: Live, services: Iterable[tuple[Live, str]]) -> str:
    """Return the address of a Service's group where its ports are free there, else ""."""
    members = [(other, address) for other, address in _members(live, services) if address]
    taken = {port for other, _ in members for port in _ports(other)}
    return members[0][1] if members and not taken & _ports(live) else ""


def refused(live: Live, services: Iterable[tuple[Live, str]], address: str) -> bool:
    """Return whether a Service has another address than the first of its group, which has not let it in."""
    members = [has for _, has in _members(live, services, others=False)]
    return bool(members) and members[0] != address


def _members(live: Live, services: Iterable[tuple[Live, str]], *, others: bool = True) -> list[tuple[Live, str]]:
    group, name = group_of(live), live["metadata"]["name"]
    found = [(each, address) for each, address in services if group and group_of(each) == group]
    return [(each, address) for each, address in found if not others or each["metadata"]["name"] != name]


def _ports(live: Live) -> set[int]:
    return {int(each["port"]) for each in live["spec"].get("ports") or ()}
