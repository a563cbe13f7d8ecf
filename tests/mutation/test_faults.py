"""Every fault of the reference server is found: the requirements that it breaks are judged on it, and must be missed.

This proves that each check can fail. The deployments are processes on loopback addresses (`--cluster local`);
requirements that only a real Kubernetes can judge, and what acts when a container starts, are left to the cluster. That
a fault breaks nothing else shows `pytest suites --cluster local --reference-fault NAME`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from srs_conformance.reference.faults import CATALOGUE

ROOT = Path(__file__).parents[2]

#: Judged on Kubernetes only, by tests/cluster.
NEEDS_KUBERNETES = {"EDGE-13"}
MISSED = ("fail", "warn")


def verdicts(tmp_path, fault, requirements):
    chosen = [word for name in sorted(requirements) for word in ("--requirement", name)]
    command = [sys.executable, "-m", "pytest", "suites", "--cluster", "local", "--reference-fault", fault, *chosen]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    run = subprocess.run(
        [*command, "--report", str(tmp_path), "-p", "no:randomly"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (tmp_path / "conformance.json").exists(), run.stdout + run.stderr
    report = json.loads((tmp_path / "conformance.json").read_text())
    found = {each["id"]: each["verdict"] for chapter in report["chapters"] for each in chapter["requirements"]}
    return {name: found[name] for name in requirements}, run.stdout


@pytest.mark.parametrize(
    "fault", [fault for fault in CATALOGUE.values() if not fault.at_start], ids=lambda fault: fault.name
)
def test_a_fault_is_found_by_the_requirements_that_it_breaks(fault, tmp_path):
    broken = fault.breaks - NEEDS_KUBERNETES
    # one of each chapter is enough here: the whole matrix takes an hour
    chapters = {name.split("-")[0]: name for name in sorted(broken, reverse=True)}
    found, output = verdicts(tmp_path, fault.name, chapters.values())
    assert set(found.values()) <= set(MISSED), output


def test_every_requirement_that_a_server_can_break_has_a_fault():
    """What no fault breaks is what Kubernetes itself keeps, or the manifests."""
    text = "".join(path.read_text() for path in sorted(ROOT.glob("suites/*/requirements.yaml")))
    known = {line.split("id: ")[1].strip() for line in text.splitlines() if "- id: " in line}
    broken = set().union(*(fault.breaks for fault in CATALOGUE.values()))
    assert broken <= known
    assert known - broken <= {"QS-01", "QS-03", "QS-11", "QS-12", "QS-13", "EDGE-01", "EDGE-12", "EDGE-13"}
