"""Starting the load balancer controller, which runs as long as its cluster does."""

from __future__ import annotations

import os
import subprocess
import sys

from srs_conformance.clusters.kind.state import ClusterState, Daemon
from srs_conformance.errors import EngineError

MODULE = "srs_conformance.clusters.kind.loadbalancer"


def start(state: ClusterState) -> None:
    """Start the controller of a cluster and note it in the state; the caller saves the state.

    Raises:
        EngineError: it ended at once.
    """
    with (state.logs / "loadbalancer.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, state.name],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    try:
        state.controller = Daemon.of(process.pid)
    except ProcessLookupError as error:
        raise EngineError(f"the load balancer controller ended at once; see {log.name}") from error


def may_route() -> bool:
    """Return whether we may change the machine's routes."""
    return os.geteuid() == 0
