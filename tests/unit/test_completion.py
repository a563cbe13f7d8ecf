"""What a shell completes: commands, options, and values where they are cheap to know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from srs_conformance import cli
from srs_conformance.clusters.kind.state import ClusterState
from srs_conformance.commands import COMMANDS
from srs_conformance.commands.completion import SHELLS, VARIABLE
from srs_conformance.commands.examples import PROGRAM

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.chdir(ROOT)


def completed(*words: str) -> list[str]:
    """Complete the last word."""
    asked = ShellComplete(cli.cli, {}, PROGRAM, VARIABLE)
    return [item.value for item in asked.get_completions(list(words[:-1]), words[-1])]


def test_commands_and_options() -> None:
    assert completed("re") == ["report", "requirements"]
    assert completed("report", "") == ["compare", "gate", "html", "matrix", "spent"]
    assert completed("watch", "--st") == ["--strict"]
    assert completed("--deb") == ["--debug"]


def test_faults_of_servers_and_of_manifests_that_are_not_named_yet() -> None:
    assert completed("faults", "edge-pulls") == ["edge-pulls-per-viewer"]
    assert "edges-keep-an-old-config" in completed("faults", "edges-")
    assert completed("faults", "edge-pulls-per-viewer", "edge-pulls") == []


def test_requirements_where_the_suites_are(tmp_path: Path) -> None:
    assert "EDGE-03" in completed("requirements", "edge-")
    assert completed("requirements", "--suites", str(tmp_path), "edge-") == []
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "requirements.yaml").write_text("[")
    assert completed("requirements", "--suites", str(tmp_path), "edge-") == []
    assert "EDGE-03" in completed("faults", "--breaking", "EDGE")


@pytest.mark.parametrize("command", [["clean"], ["load", "flv"], ["capacity", "hls"]])
def test_contexts_of_kubeconfigs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    assert completed(*command, "--context", "") == []
    (tmp_path / "one").write_text("contexts: [{name: ack-test}, {name: kind-a}]")
    (tmp_path / "two").write_text("[")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'two'}:{tmp_path / 'one'}")
    assert completed(*command, "--context", "a") == ["ack-test"]
    (tmp_path / "other").write_text("contexts: [{name: b}]")
    assert completed(*command, "--kubeconfig", str(tmp_path / "other"), "--context", "") == ["b"]


def test_clusters_of_this_user() -> None:
    ClusterState("second", "podman").save()
    assert completed("cluster", "down", "--name", "") == ["second"]
    assert completed("load", "flv", "--cluster-name", "s") == ["second"]


def test_commands_are_completed_without_importing_any() -> None:
    script = (
        "import sys; from srs_conformance import cli; from click.shell_completion import ShellComplete\n"
        "print(len(ShellComplete(cli.cli, {}, 'a', 'b').get_completions([], '')))\n"
        "print([name for name in sys.modules if 'commands.' in name])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(COMMANDS)}\n[]\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["completion", shell]) == 0
    assert f"{VARIABLE}={shell}_complete" in capsys.readouterr().out


def test_bash_completes_by_its_script(tmp_path: Path) -> None:
    program = tmp_path / PROGRAM
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m srs_conformance "$@"\n')
    program.chmod(0o755)
    script = (
        f'eval "$({PROGRAM} completion bash)"; COMP_WORDS=({PROGRAM} faults edge-pulls); COMP_CWORD=2\n'
        f'_srs_conformance_completion {PROGRAM}; echo "${{COMPREPLY[@]}}"'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "edge-pulls-per-viewer\n", done.stderr
