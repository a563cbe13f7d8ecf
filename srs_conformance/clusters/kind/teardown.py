"""The end of a cluster, whole or half made, alive or dead: afterwards nothing of it is left but the cache."""

from __future__ import annotations

import contextlib
import shutil

from srs_conformance.clusters.kind import leftovers, machine, network, podman
from srs_conformance.clusters.kind.commands import Commands
from srs_conformance.clusters.kind.engine import Engine, open_engine
from srs_conformance.clusters.kind.state import ClusterState, boot_id
from srs_conformance.errors import EngineError


def remove(state: ClusterState, *, keep_logs: bool = False) -> None:
    """Remove a cluster and all that belongs to it; the caller holds its lock.

    Raises:
        EngineError: something does not go; says what.
    """
    end_controller(state)
    engine = open_engine(state)
    if engine.home:
        _remove_podman(state, engine)
    else:
        engine.remove_nodes(state.name)
        engine.remove_network(state.network)
    if state.ranges and state.boot == boot_id():  # else the block may be somebody else's by now
        command = Commands(log=state.logs / "engine.log")
        network.remove_link(command, state.ranges)
        if state.routes:
            network.remove_routes(command, state.ranges)
    if engine.home:
        machine.restore(state)
        podman.disclaim(state.folder)
    _delete_files(state, keep_logs=keep_logs)


def _remove_podman(state: ClusterState, engine: Engine) -> None:
    """Let podman remove what it knows of, then whatever it does not."""
    assert engine.home
    home = engine.home
    found = leftovers.traces(home.graph)
    # After a new start of the machine podman would take processes of others for those that it has on record.
    if state.boot == boot_id() and home.configuration.exists() and shutil.which("podman"):
        with contextlib.suppress(EngineError):
            engine.remove_nodes(state.name)
            engine.remove_network(state.network)
    leftovers.sweep(home.configuration, home.graph, found)
    leftovers.delete_folder(home.folder)


def end_controller(state: ClusterState) -> None:
    """End the load balancer controller, if it runs."""
    daemon, state.controller = state.controller, None
    if daemon and daemon.alive:
        leftovers.end_processes(lambda: [daemon.pid] if daemon.alive else [])


def _delete_files(state: ClusterState, *, keep_logs: bool) -> None:
    folder = state.folder
    for path in folder.iterdir():
        if path.is_dir():
            if not (keep_logs and path == state.logs):
                shutil.rmtree(path)
        else:
            path.unlink()
    if not keep_logs:
        folder.rmdir()
