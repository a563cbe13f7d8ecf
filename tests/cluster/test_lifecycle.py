"""Bringing real kind clusters up and down, and breaking them in between."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import commands, leftovers, lifecycle, network
from srs_conformance.clusters.kind.backend import KindCluster
from srs_conformance.clusters.kind.engine import home_of
from srs_conformance.clusters.kind.state import ClusterState
from srs_conformance.errors import CouldNotTest
from tests.cluster.conftest import IMAGE, NAME
from tests.cluster.snapshot import Snapshot
from tests.support.waiting import wait_for

MARKS = (NAME, "srs-conformance-test")


@contextlib.contextmanager
def starting_up() -> Iterator[subprocess.Popen[str]]:
    """A `cluster up` in a process of its own, which takes Ctrl-C even where we were started in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "srs_conformance", "cluster", "up", "--node-image", IMAGE, "--name", NAME]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def processes_of_the_cluster() -> list[int]:
    home = home_of(NAME)
    groups = [
        group
        for container in leftovers.container_ids(home.graph)
        for group in leftovers.cgroups_named(f"libpod-{container}")
    ]
    return [*leftovers.processes_of(home.configuration), *leftovers.processes_in(groups)]


def kill_everything(state: ClusterState) -> None:
    assert state.controller
    for pid in (state.controller.pid, *processes_of_the_cluster()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not processes_of_the_cluster(), seconds=10)


def node_runs() -> bool:
    return bool(leftovers.container_ids(home_of(NAME).graph)) and len(processes_of_the_cluster()) > 10


def test_a_cluster_comes_up_once_and_down_leaves_nothing(state_home: Path) -> None:
    before = Snapshot.take(MARKS, state_home)
    made = lifecycle.up(NAME, image=IMAGE)
    assert lifecycle.status(NAME).troubles == ()

    began = time.monotonic()
    again = lifecycle.up(NAME, image=IMAGE)
    assert (again.address, again.controller) == (made.address, made.controller)
    assert time.monotonic() - began < 5

    with KindCluster.connect(NAME, up=False) as cluster:
        assert cluster.describe().nodes == 1

    assert lifecycle.down(NAME)
    assert Snapshot.take(MARKS, state_home).left_over(before) == {}
    assert not lifecycle.down(NAME)
    with pytest.raises(CouldNotTest, match="does not run"):
        KindCluster.connect(NAME, up=False)


def test_up_makes_a_cluster_anew_after_everything_was_killed(state_home: Path) -> None:
    before = Snapshot.take(MARKS, state_home)
    dead = lifecycle.up(NAME, image=IMAGE)
    kill_everything(dead)
    assert lifecycle.status(NAME).troubles

    alive = lifecycle.up(NAME, image=IMAGE)
    assert alive.controller != dead.controller
    assert lifecycle.status(NAME).troubles == ()

    kill_everything(alive)
    lifecycle.down(NAME)
    assert Snapshot.take(MARKS, state_home).left_over(before) == {}


def test_up_puts_a_dead_controller_and_lost_routes_right(state_home: Path) -> None:
    state = lifecycle.up(NAME, image=IMAGE)
    assert state.controller
    assert state.ranges
    os.kill(state.controller.pid, signal.SIGKILL)
    wait_for(lambda: state.controller and not state.controller.alive, seconds=5)
    network.remove_routes(commands.run, state.ranges)
    assert len(lifecycle.status(NAME).troubles) == 2

    again = lifecycle.up(NAME, image=IMAGE)
    assert again.address == state.address
    assert lifecycle.status(NAME).troubles == ()

    after_reboot = ClusterState.load(NAME)
    assert after_reboot
    after_reboot.boot = "another"
    after_reboot.save()
    assert lifecycle.up(NAME, image=IMAGE).boot == state.boot


def test_two_at_once_make_one_cluster(state_home: Path) -> None:
    with starting_up() as first, starting_up() as second:
        outputs = [first.communicate(timeout=300)[0], second.communicate(timeout=300)[0]]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert sum("kind makes the cluster" in output for output in outputs) == 1
    assert sum("waiting for another process" in output for output in outputs) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_up_cleans_up(state_home: Path, how: signal.Signals) -> None:
    before = Snapshot.take(MARKS, state_home)
    with starting_up() as up:
        wait_for(node_runs, seconds=120)
        up.send_signal(how)
        output = up.communicate(timeout=60)[0]
    assert up.returncode == 130, output
    lifecycle.down(NAME)
    assert Snapshot.take(MARKS, state_home).left_over(before) == {}


def test_down_cleans_after_an_up_that_was_killed(state_home: Path) -> None:
    before = Snapshot.take(MARKS, state_home)
    with starting_up() as up:
        wait_for(node_runs, seconds=120)
        up.kill()
    assert lifecycle.status(NAME).troubles == ("it was not completed",)
    lifecycle.down(NAME)
    assert Snapshot.take(MARKS, state_home).left_over(before) == {}


def test_two_clusters_side_by_side(state_home: Path) -> None:
    before = Snapshot.take(MARKS, state_home)
    one = lifecycle.up(NAME, image=IMAGE)
    two = lifecycle.up(f"{NAME}-2", image=IMAGE)
    assert one.ranges
    assert two.ranges
    assert one.ranges.block != two.ranges.block
    lifecycle.down(NAME)
    with KindCluster.connect(two.name, up=False) as cluster:
        assert cluster.describe().version.startswith("v1.")
    lifecycle.down(two.name)
    assert Snapshot.take(MARKS, state_home).left_over(before) == {}
