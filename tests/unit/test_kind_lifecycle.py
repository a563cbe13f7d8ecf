"""The life cycle's decisions, with the parts that touch the machine played."""

import os
import signal
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import lifecycle, machine, node_image, preflight, teardown
from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.clusters.kind.network import free_ranges
from srs_conformance.clusters.kind.state import ClusterState, Daemon, Phase, boot_id, logs_of
from srs_conformance.errors import EngineError, UsageError
from tests.support.recording import RecordingRunner

NAME = "x"


class Machine:
    """What the played parts did."""

    def __init__(self) -> None:
        self.engine = RecordingRunner({"{{.State.Running}}": "true", "get nodes": "True"})
        self.done: list[str] = []
        self.fail: BaseException | None = None
        self.taken: set[str] = set()
        self.routes = True


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    it = Machine()
    engine = Engine("docker", it.engine, {})

    def create(_engine: Engine, state: ClusterState, _progress: object, _nodes: int) -> None:
        it.done.append("create")
        if it.fail:
            raise it.fail
        state.phase, state.address, state.controller = Phase.UP, "198.18.0.2", Daemon.of(os.getpid())
        state.save()

    def remove(state: ClusterState, *, keep_logs: bool = False) -> None:
        it.done.append("remove but for logs" if keep_logs else "remove")
        (state.folder / "cluster.json").unlink()

    def start(state: ClusterState) -> None:
        it.done.append("controller")
        state.controller = Daemon.of(os.getpid())

    for module, name, stand_in in (
        (lifecycle, "choose_kind", lambda: "docker"),
        (lifecycle, "foreign_engine", lambda _: None),
        (lifecycle, "prepare_engine", lambda *_: engine),
        (lifecycle, "open_engine", lambda _: engine),
        (lifecycle, "_create", create),
        (preflight, "require", lambda _: None),
        (node_image, "provide", lambda *_, **__: "node:1"),
        (teardown, "remove", remove),
        (lifecycle.controller, "start", start),
        (lifecycle.controller, "may_route", lambda: True),
        (lifecycle.network, "routed", lambda _: []),
        (lifecycle.network, "reserve", lambda _, ranges: ranges.block not in it.taken),
        (lifecycle.network, "connects", lambda *_: True),
        (lifecycle.network, "has_routes", lambda *_: it.routes),
        (lifecycle.network, "add_routes", lambda *_: it.done.append("routes")),
        (lifecycle.network, "remove_routes", lambda *_: it.done.append("no routes")),
        (lifecycle.network, "remove_link", lambda *_: it.done.append("no link")),
    ):
        monkeypatch.setattr(module, name, stand_in)
    return it


def test_a_new_cluster_is_made(played: Machine) -> None:
    state = lifecycle.up(NAME)
    assert played.done == ["create"]
    assert (state.phase, state.image, state.routes) == (Phase.UP, "node:1", True)


def test_one_that_runs_is_left_alone(played: Machine) -> None:
    first = lifecycle.up(NAME)
    assert lifecycle.up(NAME) == first
    assert played.done == ["create"]
    assert lifecycle.status(NAME).troubles == ()


@pytest.mark.parametrize("trouble", ["container", "api", "boot", "half made"])
def test_a_dead_one_is_removed_and_made_anew(played: Machine, trouble: str) -> None:
    state = lifecycle.up(NAME)
    played.done.clear()
    match trouble:
        case "container":
            played.engine.answers["{{.State.Running}}"] = "false"
        case "api":
            played.engine.answers["get nodes"] = 1
        case "boot":
            state.boot = "another"
            state.save()
        case _:
            state.phase = Phase.MAKING
            state.save()
    assert len(lifecycle.status(NAME).troubles) == 1
    assert lifecycle.up(NAME).boot == boot_id()
    assert played.done == ["remove", "create"]


def test_a_dead_controller_and_lost_routes_are_put_right(played: Machine) -> None:
    state = lifecycle.up(NAME)
    state.controller = None
    state.save()
    played.routes = False
    assert len(lifecycle.status(NAME).troubles) == 2
    lifecycle.up(NAME)
    assert played.done == ["create", "routes", "controller"]


@pytest.mark.parametrize("error", [EngineError("kind failed"), KeyboardInterrupt(), SystemExit(1)])
def test_what_fails_half_way_is_removed(played: Machine, error: BaseException) -> None:
    played.fail = error
    with pytest.raises(type(error)):
        lifecycle.up(NAME)
    assert played.done == ["create", "remove but for logs"]
    assert not lifecycle.status(NAME).exists


def test_a_failure_names_the_logs(played: Machine) -> None:
    played.fail = EngineError("kind failed", hint="try again")
    with pytest.raises(EngineError) as caught:
        lifecycle.up(NAME)
    assert caught.value.hint == f"try again; all logs are in {logs_of(NAME)}"


def test_nothing_is_started_on_a_machine_that_lacks_something(played: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise UsageError("no namespaces")

    monkeypatch.setattr(preflight, "require", refuse)
    with pytest.raises(UsageError, match="no namespaces"):
        lifecycle.up(NAME)
    assert played.done == []
    assert not lifecycle.status(NAME).exists


def test_a_block_that_somebody_else_takes_first_is_passed_over(played: Machine) -> None:
    played.taken = {"198.18.0.0/22"}
    state = lifecycle.up(NAME)
    assert state.ranges
    assert state.ranges.block == "198.18.4.0/22"


def test_clusters_side_by_side_have_different_ranges(played: Machine) -> None:
    one, two = lifecycle.up("one"), lifecycle.up("two")
    assert one.ranges
    assert two.ranges
    assert one.ranges.block != two.ranges.block


def test_no_free_block_is_an_error(played: Machine) -> None:
    played.taken = {ranges.block for ranges in free_ranges([])}
    with pytest.raises(EngineError, match=r"no part of 198\.18\.0\.0/15 is free"):
        lifecycle.up(NAME)


def test_somebody_elses_cluster_is_left_alone(played: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "foreign_engine", lambda _: Engine("docker", played.engine, {}))
    with pytest.raises(UsageError, match="exists that is not ours"):
        lifecycle.up(NAME)
    with pytest.raises(UsageError, match="is not ours"):
        lifecycle.down(NAME)
    assert played.done == []


def test_down_removes_once(played: Machine) -> None:
    lifecycle.up(NAME)
    assert lifecycle.down(NAME)
    assert not lifecycle.down(NAME)
    assert played.done == ["create", "remove"]


def test_down_forgets_the_logs_of_one_that_never_came_up(played: Machine) -> None:
    log = logs_of(NAME) / "kind.log"
    log.touch()
    assert not lifecycle.down(NAME)
    assert not log.parent.parent.exists()


def test_sigterm_interrupts_as_ctrl_c_does(played: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def provide(*_: object, **__: object) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        return "never"

    monkeypatch.setattr(node_image, "provide", provide)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        lifecycle.up(NAME)
    assert played.done == ["remove but for logs"]
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "ip_forward"
    path.write_text("0\n")
    monkeypatch.setattr(machine, "IP_FORWARD", path)
    folder = tmp_path / "run" / "containers"
    monkeypatch.setattr(machine, "FOLDERS", {str(folder): ("networks/ipam.db", "networks")})
    monkeypatch.setattr(machine, "NAMESPACES", tmp_path / "netns")
    return folder


def use_the_machine(folder: Path, *files: str) -> None:
    (folder / "networks").mkdir(parents=True)
    for name in ("networks/ipam.db", *files):
        (folder / name).touch()
    machine.IP_FORWARD.write_text("1")


def test_the_machine_is_put_back_as_it_was(setting: Path) -> None:
    state = ClusterState(NAME, "podman")
    machine.note(state)
    use_the_machine(setting)
    machine.restore(state)
    assert not setting.exists()
    assert machine.IP_FORWARD.read_text() == "0"


def test_what_somebody_else_has_put_there_meanwhile_stays(setting: Path) -> None:
    state = ClusterState(NAME, "podman")
    machine.note(state)
    use_the_machine(setting, "storage")
    machine.restore(state)
    assert (setting / "networks" / "ipam.db").exists()


def test_the_last_cluster_puts_the_machine_back(setting: Path) -> None:
    one = ClusterState("one", "podman")
    machine.note(one)
    use_the_machine(setting)
    two = ClusterState("two", "podman")
    machine.note(two)
    machine.restore(one)
    assert setting.exists()
    (one.folder / "cluster.json").unlink()
    heir = ClusterState.load("two")
    assert heir
    machine.restore(heir)
    assert not setting.exists()
    assert machine.IP_FORWARD.read_text() == "0"
