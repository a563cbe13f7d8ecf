"""What load tests on this machine need: open files, processors, memory, and ports of Locust."""

from __future__ import annotations

import os
import resource
import socket
from importlib.util import find_spec

from srs_conformance.doctor.finding import Finding, Part, State
from srs_conformance.load.limits import SPARE

VIEWERS = 4000
"""Followed HTTP-FLV viewers of 600 kbit/s in a process: half of what fills its core (docs/capacity.md)."""
PORTS = {8089: "--web-port", 5557: "--master-bind-port and --master-port"}
"""Locust's page and its workers' port -> the options for others."""
_UNLIMITED = 10**9


def load() -> list[Finding]:
    """Look what a load generator on this machine may do."""
    return [_engine(), _files(), _processors(), *map(_port, PORTS)]


def _engine() -> Finding:
    if find_spec("locust"):  # importing it would make all blocking calls of this process cooperative
        return Finding(Part.LOAD, "Locust", State.OK, "installed")
    return Finding(Part.LOAD, "Locust", State.MISSING, "not installed", "install the project's dependencies")


def _files() -> Finding:
    """Look how many files a process may have open: it raises its own limit up to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _UNLIMITED if hard == resource.RLIM_INFINITY else hard
    state = State.OK if most >= VIEWERS + SPARE else State.NOTE
    words = "unlimited" if most == _UNLIMITED else f"{hard} in a process (ulimit -Hn; {soft} before it is raised)"
    hint = "" if state is State.OK else "raise it in /etc/security/limits.conf or the service's LimitNOFILE"
    return Finding(Part.LOAD, "open files", state, words, hint, amount=most)


def _processors() -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding(Part.LOAD, "processors", State.OK, str(count), amount=count)


def _port(number: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", number))
        except OSError as error:
            words = error.strerror or str(error)
            return Finding(Part.LOAD, f"port {number}", State.NOTE, words, f"give Locust others: {PORTS[number]}")
    return Finding(Part.LOAD, f"port {number}", State.OK, "free")
