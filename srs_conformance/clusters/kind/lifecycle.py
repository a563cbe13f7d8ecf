"""Bringing a kind cluster up and down, and telling how it is. Any number of processes may do so at once."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from srs_conformance.clusters.kind import (
    controller,
    interruption,
    kind_tool,
    leftovers,
    machine,
    network,
    node_image,
    preflight,
    teardown,
    weight,
)
from srs_conformance.clusters.kind.commands import Commands, run
from srs_conformance.clusters.kind.engine import Engine, choose_kind, foreign_engine, open_engine, prepare_engine
from srs_conformance.clusters.kind.node import Node
from srs_conformance.clusters.kind.state import (
    DEFAULT_NAME,
    ClusterState,
    Phase,
    Ranges,
    all_states,
    base,
    boot_id,
    checked_name,
    locked,
)
from srs_conformance.errors import ConformanceError, EngineError, UsageError
from srs_conformance.interrupts import terminable, uninterrupted
from srs_conformance.progress import NullProgress, Progress

READY_WITHIN = 120.0


@dataclass(frozen=True)
class Status:
    """How a cluster is; `troubles` is empty where all is well."""

    name: str
    exists: bool
    state: ClusterState | None = None
    troubles: tuple[str, ...] = ()


def up(
    name: str = DEFAULT_NAME,
    progress: Progress | None = None,
    *,
    image: str = node_image.AUTO,
    nodes: int | None = None,
) -> ClusterState:
    """See that a cluster of this name runs; at once where it does.

    Args:
        name: of the cluster.
        progress: told of everything that takes time.
        image: for a cluster that has to be made: "auto", "official", "offline", an archive's path, or an image's name.
        nodes: how many it is to have; None: one where it has to be made, else as many as it has.

    Raises:
        UsageError: the name is taken by somebody else's cluster or by one with another number of nodes, or the machine
            lacks something; nothing was started.
        EngineError: it did not come up; nothing is left but the logs, which are named.
    """
    progress = progress or NullProgress()
    checked_name(name)
    if nodes is not None and not 1 <= nodes <= network.MOST_NODES:
        raise UsageError(f"--nodes {nodes}: a cluster has 1 to {network.MOST_NODES} nodes")
    with terminable(), locked(f"cluster-{name}", progress):
        state = ClusterState.load(name)
        if state:
            if not any(_troubles(state, deep=False)):
                _must_have(state, nodes)
                return _completed(state)
            with progress.step(f"removing what is left of an earlier cluster {name}"), uninterrupted():
                teardown.remove(state)
        elif foreign_engine(name):
            raise UsageError(f"a kind cluster {name} exists that is not ours", hint="choose another with --name")
        return _make(name, progress, image, nodes or 1)


def _must_have(state: ClusterState, nodes: int | None) -> None:
    if nodes not in (None, len(state.nodes)):
        raise UsageError(
            f"--nodes {nodes}: the cluster {state.name} runs, and has {len(state.nodes)}",
            hint=f"choose another with --name, or end it: srs-conformance cluster down --name {state.name}",
        )


def down(name: str = DEFAULT_NAME, progress: Progress | None = None) -> bool:
    """Remove a cluster and all that belongs to it; return whether there was one.

    Raises:
        UsageError: it is somebody else's.
        EngineError: something of it does not go away.
    """
    progress = progress or NullProgress()
    checked_name(name)
    with locked(f"cluster-{name}", progress):
        state = ClusterState.load(name)
        if state is None:
            _forget_logs(name)
            if foreign_engine(name):
                raise UsageError(
                    f"the kind cluster {name} is not ours", hint=f"`kind delete cluster --name {name}` ends it"
                )
            return False
        with progress.step(f"removing the cluster {name}", about=5), uninterrupted():
            teardown.remove(state)
        return True


def status(name: str = DEFAULT_NAME) -> Status:
    """Look at a cluster without changing anything."""
    state = ClusterState.load(checked_name(name))
    if state is None:
        return Status(name, exists=False)
    return Status(name, exists=True, state=state, troubles=tuple(_troubles(state, deep=True)))


def _make(name: str, progress: Progress, image: str, nodes: int) -> ClusterState:
    kind = choose_kind()
    preflight.require(kind)
    state = _reserve(name, kind, progress, nodes)
    try:
        if kind == "podman":
            machine.note(state)
        engine = prepare_engine(state, progress)
        state.image = node_image.provide(engine, image, progress, nodes=nodes)
        state.save()
        _create(engine, state, progress, nodes)
    except BaseException as error:
        with progress.step("cleaning up"), uninterrupted():
            if isinstance(error, Exception):
                with contextlib.suppress(OSError, ConformanceError):
                    Node(open_engine(state), state.node).dump(state.logs)
            teardown.remove(state, keep_logs=True)
        if isinstance(error, ConformanceError):
            error.hint = f"{error.hint}; " * bool(error.hint) + f"all logs are in {state.logs}"
        raise
    return state


def _reserve(name: str, kind: str, progress: Progress, nodes: int) -> ClusterState:
    """Choose address ranges that nobody uses, and write them down.

    Raises:
        EngineError: all of them are in use.
    """
    with locked("address-ranges", progress):
        taken = [IPv4Network(other.ranges.block) for other in all_states() if other.ranges]
        elsewhere = open_engine(ClusterState(name, kind)).is_elsewhere()
        # the routes of this machine are not those of the one that an engine elsewhere runs on
        taken += [] if elsewhere else network.routed(run)
        for ranges in network.free_ranges(taken, nodes):
            routes = controller.may_route() and not elsewhere
            if routes and not network.reserve(run, ranges):
                continue
            return _noted(name, kind, ranges, routes=routes, published=elsewhere)
    raise EngineError(
        f"no part of {network.BENCHMARK_RANGE} is free for a cluster",
        hint="`ip route` shows what takes it; end other clusters",
    )


def _noted(name: str, kind: str, ranges: Ranges, *, routes: bool, published: bool) -> ClusterState:
    state = ClusterState(
        name,
        kind,
        boot=boot_id(),
        ranges=ranges,
        # new each time: podman remembers by this name, for the whole machine, addresses that a crash left leased
        network=f"kind-{name}-{secrets.token_hex(3)}",
        node=f"{name}-control-plane",
        routes=routes,
        published=published,
    )
    state.save()
    return state


def _create(engine: Engine, state: ClusterState, progress: Progress, nodes: int) -> None:
    assert state.ranges
    tool = kind_tool.find_kind(progress)
    if engine.home:
        machine.prepare()
    engine.create_network(state.network, state.ranges, published=state.published)
    kind_tool.create(tool, engine, state, progress, nodes=nodes)
    state.address = engine.address(state.node)
    if engine.home:
        for each in state.nodes:
            weight.weigh(engine.pid(each))
    node = Node(engine, state.node)
    with progress.step("waiting until the node, its name service and its proxy are ready", about=8):
        node.close_name_service()
        node.weigh_proxy()
        _add_routes(state)
        node.wait_until_ready(READY_WITHIN)
        controller.start(state)
        node.wait_for_name_service_and_proxy(READY_WITHIN)
    state.phase = Phase.UP
    state.save()


def _add_routes(state: ClusterState) -> None:
    """Route Pods and Services to the node where we may; without, the backend finds out that it cannot reach them."""
    assert state.ranges
    if state.routes:
        network.add_routes(Commands(log=state.logs / "engine.log"), state.ranges, state.address)


def _completed(state: ClusterState) -> ClusterState:
    """Put right what can be put right in a cluster that runs."""
    assert state.ranges
    if state.routes and not network.has_routes(run, state.ranges, state.address):
        _add_routes(state)
    if not (state.controller and state.controller.alive):
        controller.start(state)
        state.save()
    interruption.mend(Node(open_engine(state), state.node))
    return state


def _troubles(state: ClusterState, *, deep: bool) -> Iterator[str]:
    """Find what is wrong with a cluster; with `deep` also what `up` puts right without making it anew."""
    if state.phase is not Phase.UP:
        yield "it was not completed"
        return
    if state.boot != boot_id():
        yield "the machine was started anew since"
        return
    node = Node(open_engine(state), state.node)
    host, port = kind_tool.api_address(state.kubeconfig) if state.published else (state.address, network.API_PORT)
    if stopped := [each for each in state.nodes if not node.engine.running(each)]:
        yield f"the node's container {', '.join(stopped)} does not run"
    elif not node.healthy():
        yield "the API server does not answer, or a node is not ready"
    elif not network.connects(host, port):
        yield f"the API server is not to be reached at {host}:{port}"
    if deep and not (state.controller and state.controller.alive):
        yield "the load balancer controller does not run"
    if deep and interruption.left_over(node):
        yield "rules that drop packets of pods were left by a process that was killed"
    if deep and state.routes and state.ranges and not network.has_routes(run, state.ranges, state.address):
        yield "the machine's routes to the cluster are gone"


def _forget_logs(name: str) -> None:
    """Delete the logs of a cluster that never came up."""
    folder = base() / name
    if folder.is_dir():
        leftovers.delete_folder(folder)
