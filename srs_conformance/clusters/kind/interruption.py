"""Interruptions of pods' traffic: packets dropped where the node passes them on, for a while.

The rules stand in a table of their own in the node's nftables, and name the pods in a set whose elements time out: so
the kernel itself ends an interruption whose process was killed. Rules that match nothing any more are then all that is
left; whoever next sees to the cluster removes them.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address

from srs_conformance.clusters.kind.node import Node
from srs_conformance.clusters.kind.state import Daemon
from srs_conformance.errors import UsageError
from srs_conformance.interrupts import terminable, uninterrupted

ALL_TRAFFIC = ("ip saddr @pods", "ip daddr @pods")
#: To the name service, whose cluster address has been replaced by a pod's before packets are passed on.
NAME_LOOKUPS = ("ip saddr @pods meta l4proto { tcp, udp } th dport 53",)
_TABLE = re.compile(r"table inet (srs_conformance_(\d+)_(\d+)_\d+)")
_RULES = """\
table inet {table} {{
    counter dropped {{ }}
    set pods {{ type ipv4_addr; flags timeout; timeout {milliseconds}ms; elements = {{ {pods} }}; }}
    chain forward {{
        type filter hook forward priority -10; policy accept;
        {rules}
    }}
}}
"""
_serial = itertools.count(1)


@dataclass(frozen=True)
class Dropping:
    """An interruption that goes on; see `clusters.base.Interruption`."""

    node: Node
    table: str

    def dropped(self) -> int:
        """Return how many packets have been dropped."""
        listed = self.node.nft("-j", "list", "counters", "table", "inet", self.table).json()
        return sum(int(each["counter"]["packets"]) for each in listed["nftables"] if "counter" in each)


@contextmanager
def dropping(node: Node, pods: Collection[str], matches: Collection[str], at_most: float) -> Iterator[Dropping]:
    """Drop the packets of pods that match, until the block ends or `at_most` seconds are over.

    Raises:
        UsageError: no pods, or something that is no IPv4 address.
        EngineError: the node refuses.
    """
    try:
        addresses = ", ".join(sorted({str(IPv4Address(pod)) for pod in pods}))
    except ValueError as error:
        raise UsageError(f"the pods to interrupt are given by their IPv4 addresses: {error}") from error
    if not addresses:
        raise UsageError("no pods to interrupt")
    me = Daemon.of(os.getpid())
    table = f"srs_conformance_{me.pid}_{me.started}_{next(_serial)}"
    rules = "\n        ".join(f"{match} counter name dropped drop" for match in matches)
    with terminable():
        try:
            text = _RULES.format(table=table, milliseconds=round(at_most * 1000), pods=addresses, rules=rules)
            node.nft("-f", "-", stdin=text).checked()
            yield Dropping(node, table)
        finally:
            with uninterrupted():
                if table in _tables(node):
                    node.nft("delete", "table", "inet", table).checked()


def left_over(node: Node) -> list[str]:
    """Return the tables that processes made which have ended since."""
    return [table for table, owner in _tables(node).items() if not owner.alive]


def mend(node: Node) -> None:
    """Remove what killed processes left; interruptions of processes that run are theirs."""
    for table in left_over(node):
        node.nft("delete", "table", "inet", table)


def possible(node: Node) -> bool:
    """Return whether the node can drop packets."""
    return node.nft("list", "tables").code == 0


def _tables(node: Node) -> dict[str, Daemon]:
    listed = node.nft("list", "tables").out
    return {found[1]: Daemon(int(found[2]), int(found[3])) for found in _TABLE.finditer(listed)}
