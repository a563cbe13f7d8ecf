"""Starting the load balancer controller, which runs as long as its cluster does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from srs_conformance.clusters.kind.state import ClusterState, Daemon
from srs_conformance.errors import EngineError

MODULE = "srs_conformance.clusters.kind.loadbalancer"


def start(state: ClusterState) -> None:
    """Start the controller of a cluster and note it in the state; the caller saves the state.

    Raises:
        EngineError: it ended at once.
    """
    log = state.logs / "loadbalancer.log"
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", MODULE, state.name],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
            setsid=True,
        )
    try:
        state.controller = Daemon.of(pid)
    except ProcessLookupError as error:
        raise EngineError(f"the load balancer controller ended at once; see {log}") from error


def may_route() -> bool:
    """Return whether we may change the machine's routes."""
    return os.geteuid() == 0
