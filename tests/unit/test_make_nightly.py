"""`make nightly` for any CI: what it makes of the chapters' exit code, and on which report the gate is."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def planned(*words):
    """Return the commands that make would run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "--dry-run", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("given", "gate"),
    [
        ([], "report gate reports/latest --known known-findings.yaml"),
        (["REPORT=reports/night"], "report gate reports/night --known known-findings.yaml"),
        (["KNOWN=own.yaml", "BEFORE=a b"], "report gate reports/latest --known own.yaml --before a --before b"),
    ],
)
def test_the_gate_comes_last_and_is_on_the_report_of_the_chapters(given, gate):
    assert planned("nightly", *given)[-1].strip().endswith(gate)


def test_the_chapters_report_goes_where_the_gate_looks():
    (chapters,) = (line for line in planned("nightly", "REPORT=reports/night") if "-m pytest -n " in line)
    assert "--report reports/night" in chapters


@pytest.mark.parametrize(
    ("code", "goes_on"),
    [(0, True), (1, True), (10, True), (11, True), (2, False), (3, False), (4, False), (5, False), (130, False)],
)
def test_a_run_without_a_report_of_its_own_does_not_come_to_the_gate(code, goes_on):
    (line,) = (line for line in planned("nightly") if "-m pytest -n " in line)
    after = line[line.index(" || ") :]
    done = subprocess.run(["bash", "-c", f"(exit {code}){after}"], check=False)
    assert (done.returncode == 0) is goes_on
