"""Load balancer addresses where the machine cannot reach nodes: loopback addresses whose ports the engine publishes.

Docker Desktop and rootless Docker keep their networks in a machine or a namespace of their own. Ports are published
when a node is made and never after, so a cluster has a fixed number of addresses, each with the ports that the guide's
Services have; behind each stands a node port. A Service that gets an address gets those node ports, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Network
from typing import Any

from srs_conformance.clusters.kind.assignment import Port
from srs_conformance.clusters.kind.state import Ranges

#: How many load balancers a cluster has at a time.
ADDRESSES = 16
PORTS = (80, 443, 1935, 1985, 8080)
FIRST_NODE_PORT = 30000
"""The first 86 node ports are those that Kubernetes gives to nobody of its own accord (KEP 3668); 80 are taken."""


def addresses(ranges: Ranges) -> list[str]:
    """Return a cluster's loopback addresses: as unlike those of any other as its block is."""
    second, third = IPv4Network(ranges.block).network_address.packed[1:3]
    return [f"127.{second}.{third}.{number + 1}" for number in range(ADDRESSES)]


def node_port(address: str, port: int) -> int:
    """Return the node port behind a port of an address."""
    return FIRST_NODE_PORT + (int(address.rpartition(".")[2]) - 1) * len(PORTS) + PORTS.index(port)


def mappings(ranges: Ranges) -> list[dict[str, Any]]:
    """Return kind's `extraPortMappings`."""
    return [
        {"listenAddress": address, "hostPort": port, "containerPort": node_port(address, port), "protocol": "TCP"}
        for address in addresses(ranges)
        for port in PORTS
    ]


def refusal(ports: Collection[Port]) -> str:
    """Return why a Service with these ports gets no address, "" where it may."""
    others = sorted(f"{port}/{protocol}" for protocol, port in ports if protocol != "TCP" or port not in PORTS)
    known = ", ".join(map(str, PORTS))
    return f"only the TCP ports {known} are published on this machine, not {', '.join(others)}" if others else ""


def node_ports(live: Mapping[str, Any], address: str) -> list[dict[str, Any]]:
    """Return the ports of a live Service as they must be at an address; [] where they are so."""
    ports = live["spec"].get("ports") or ()
    wanted = [{"port": each["port"], "protocol": "TCP", "nodePort": node_port(address, each["port"])} for each in ports]
    there = [each.get("nodePort") for each in ports]
    return wanted if there != [each["nodePort"] for each in wanted] else []
