"""Address ranges for clusters side by side, and the machine's routes to them.

Every cluster takes one /22 of 198.18.0.0/15, which RFC 2544 (appendix C.2.2) sets aside for benchmarks, so that it
collides with nobody's network: one /24 each for the nodes and load balancers, the Services, and the Pods. A cluster of
several nodes takes a /20, of which half is for Pods: Kubernetes gives each node a /24 of that.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from pathlib import Path

from srs_conformance.clusters.kind.commands import Runner
from srs_conformance.clusters.kind.state import Ranges

BENCHMARK_RANGE = IPv4Network("198.18.0.0/15")
BLOCK_LENGTH, LARGE_BLOCK_LENGTH = 22, 20
MOST_NODES = 8
METRIC = 100
API_PORT = 6443
LAST_RESORT = 4000
"""The metric of the blackhole: what has no better route any more never leaves through the machine's way out."""


def ranges_of(block: IPv4Network) -> Ranges:
    """Divide a block into the ranges of a cluster."""
    network, services, pods, *more = block.subnets(new_prefix=24)
    if len(more) > 1:
        _, pods = block.subnets()
    return Ranges(str(block), str(network), str(services), str(pods))


def free_ranges(taken: Iterable[IPv4Network], nodes: int = 1) -> Iterator[Ranges]:
    """Yield the ranges of the blocks that overlap with nothing taken, and have room for the Pods of so many nodes."""
    in_use = list(taken)
    for block in BENCHMARK_RANGE.subnets(new_prefix=BLOCK_LENGTH if nodes == 1 else LARGE_BLOCK_LENGTH):
        if not any(block.overlaps(other) for other in in_use):
            yield ranges_of(block)


def reserve(run: Runner, ranges: Ranges) -> bool:
    """Take a block for good, and return whether that worked.

    The kernel decides between processes of any user and any state folder: it takes a route once.
    """
    return run("ip", "route", "add", "blackhole", ranges.block, "metric", str(LAST_RESORT)).code == 0


def routed(run: Runner) -> list[IPv4Network]:
    """Return what the machine has routes or addresses for, default routes left out."""
    found = []
    for route in run("ip", "-j", "-4", "route", "show", "table", "all").json():
        destination = str(route.get("dst", "default"))
        if destination not in {"default", "0.0.0.0/0"}:
            found.append(IPv4Network(destination, strict=False))
    return [network for network in found if network.prefixlen > 1]


def lease_range(ranges: Ranges) -> str:
    """Return the part of the network that the engine may give to nodes; the rest is for load balancers."""
    return str(next(IPv4Network(ranges.network).subnets(new_prefix=28)))


def balancer_addresses(network: str) -> list[str]:
    """Return the addresses of a cluster's network that the engine never gives to anybody."""
    whole = IPv4Network(network)
    kept = next(whole.subnets(new_prefix=28))
    return [str(address) for address in whole.hosts() if address not in kept]


def add_routes(run: Runner, ranges: Ranges, node: str) -> None:
    """Route Pods and Services through the node, and nothing of the cluster's block anywhere else.

    Raises:
        EngineError: the machine refuses; shows its words.
    """
    for destination in (ranges.pods, ranges.services):
        run("ip", "route", "replace", destination, "via", node, "metric", str(METRIC)).checked()
    run("ip", "route", "replace", "blackhole", ranges.block, "metric", str(LAST_RESORT)).checked()


def has_routes(run: Runner, ranges: Ranges, node: str) -> bool:
    """Return whether all routes of a cluster are there."""
    listed = {(route.get("dst"), route.get("gateway")) for route in run("ip", "-j", "-4", "route", "show").json()}
    return {(ranges.pods, node), (ranges.services, node), (ranges.block, None)} <= listed


def remove_routes(run: Runner, ranges: Ranges) -> None:
    """Remove the routes to a cluster; those that are not there are none to remove."""
    for destination in (ranges.pods, ranges.services):
        run("ip", "route", "del", destination, "metric", str(METRIC))
    run("ip", "route", "del", "blackhole", ranges.block, "metric", str(LAST_RESORT))


def remove_link(run: Runner, ranges: Ranges) -> None:
    """Remove the bridge that a crash may have left."""
    if Path("/sys/class/net", ranges.link).exists():
        run("ip", "link", "del", ranges.link)


def connects(address: str, port: int, timeout: float = 2.0) -> bool:
    """Return whether something accepts TCP connections there."""
    try:
        with socket.create_connection((address, port), timeout):
            return True
    except OSError:
        return False
