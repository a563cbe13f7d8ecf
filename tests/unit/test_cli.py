import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from srs_conformance import cli, doctor
from srs_conformance.clusters.kind import lifecycle, node_image
from srs_conformance.clusters.kind.lifecycle import Status
from srs_conformance.clusters.kind.state import ClusterState
from srs_conformance.commands import COMMANDS
from srs_conformance.doctor import Finding, Part, State
from srs_conformance.errors import EngineError, ExitCode

ROOT = Path(__file__).parents[2]
FILES = (
    Finding(Part.LOAD, "open files", State.OK, "20000", amount=20000),
    Finding(Part.LOAD, "processors", State.OK, "2", amount=2),
)


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(cli.cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Usage: cli {name}" in result.output


def test_a_command_is_imported_when_it_is_used() -> None:
    script = "import srs_conformance.cli, sys; print([name for name in sys.modules if 'commands.' in name])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_error_of_ours_is_said_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: str) -> Status:
        raise EngineError("the engine broke", hint="mend it")

    monkeypatch.setattr(lifecycle, "status", fail)
    assert cli.run(["cluster", "status"]) == ExitCode.ENGINE_ERROR
    assert capsys.readouterr().err == "error: the engine broke\n  hint: mend it\n"
    assert cli.run(["--debug", "cluster", "status"]) == ExitCode.ENGINE_ERROR
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["cluster", "up", "--name", "A"], ["dance"], ["cluster", "load", "absent.tar"]])
def test_wrong_use_has_its_exit_code(arguments: list[str]) -> None:
    assert cli.run(arguments) == ExitCode.USAGE


def test_ctrl_c_is_said_in_one_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object, **__: object) -> ClusterState:
        raise KeyboardInterrupt

    monkeypatch.setattr(lifecycle, "up", interrupt)
    assert cli.run(["cluster", "up"]) == cli.INTERRUPTED
    assert capsys.readouterr().err.strip() == "interrupted"


def test_status_shows_what_is_known(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["cluster", "status"]) == ExitCode.COULD_NOT_TEST
    assert capsys.readouterr().out == "there is no cluster srs-conformance\n"

    state = ClusterState("srs-conformance", "podman", image="node:1", address="198.18.0.2")
    monkeypatch.setattr(lifecycle, "status", lambda name: Status(name, exists=True, state=state))
    assert cli.run(["cluster", "status"]) == ExitCode.HOLDS
    assert "node:1" in capsys.readouterr().out

    monkeypatch.setattr(lifecycle, "status", lambda name: Status(name, exists=True, state=state, troubles=("broken",)))
    assert cli.run(["cluster", "status"]) == ExitCode.COULD_NOT_TEST
    assert "broken" in capsys.readouterr().out


@pytest.mark.parametrize("idle", [[], ["--idle"]])
def test_a_node_image_is_built_ahead_of_time_with_what_time_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], idle: list[str]
) -> None:
    policies: list[int] = []
    monkeypatch.setattr(os, "sched_setscheduler", lambda _, policy, __: policies.append(policy))
    monkeypatch.setattr("srs_conformance.commands.cluster.find_kubectl", lambda: None)
    monkeypatch.setattr(node_image, "prepare", lambda _: Path("node.tar"))
    assert cli.run(["cluster", "image", *idle]) == ExitCode.HOLDS
    assert capsys.readouterr().out == "the node image is node.tar\n"
    assert policies == ([os.SCHED_IDLE] if idle else [])


def test_a_cluster_that_is_not_there_has_no_kubeconfig(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["cluster", "kubeconfig", "--name", "x"]) == ExitCode.COULD_NOT_TEST
    assert "srs-conformance cluster up --name x" in capsys.readouterr().err


@pytest.mark.parametrize(("trouble", "code"), [("", ExitCode.HOLDS), ("not permitted", ExitCode.USAGE)])
def test_the_doctor_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trouble: str, code: ExitCode
) -> None:
    state = State.MISSING if trouble else State.OK
    found = [Finding(Part.KIND, "namespaces", state, trouble, "be privileged"), *FILES]
    monkeypatch.setattr(doctor, "look", lambda: found)
    assert cli.run(["doctor"]) == code
    out = capsys.readouterr().out
    assert ("hint: be privileged" in out) is bool(trouble)
    assert "kind cluster: " in out
    assert cli.run(["doctor", "--json"]) == code
    assert json.loads(capsys.readouterr().out)["exit_code"] == code


def test_the_doctor_ends_soon_and_leaves_nothing(tmp_path: Path) -> None:
    """Even where the engine does not answer."""
    home, programs = tmp_path / "home", tmp_path / "programs"
    home.mkdir()
    programs.mkdir()
    (programs / "docker").write_text("#!/bin/sh\nexec sleep 300\n")
    (programs / "docker").chmod(0o755)
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTEST_", "KUBECONFIG"))
    }
    environment = {**plain, "HOME": str(home), "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "srs_conformance", "doctor"],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in {ExitCode.HOLDS, ExitCode.USAGE}, done.stderr
    assert "watch and publish: can run" in done.stdout
    assert list(home.rglob("*")) == []
