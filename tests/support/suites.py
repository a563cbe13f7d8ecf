"""Runs of the suites on the local backend, as a user starts them, against the reference server and its faults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from srs_conformance.reference.faults import Fault
from srs_conformance.requirements import load_all

ROOT = Path(__file__).parents[2]
MISSED = frozenset({"fail", "warn"})
#: Judged on a cluster only, by tests/cluster: what its requirements.yaml says by `needs`.
NEEDS_KUBERNETES = frozenset(
    each.id for chapter in load_all(ROOT / "suites") for each in chapter.requirements if each.needs
)
#: Missed with every server: the guide's own manifests break them.
BY_THE_MANIFESTS = frozenset({"DEP-02", "WEB-05"})
#: Missed on the reference server by what the versions that it imitates do, whatever fault is on (docs/real-srs.md).
BY_VERSION = {3: frozenset[str](), 6: frozenset({"HLS-06"})}
#: Judged with a Helm chart only.
NEEDS_CHART = frozenset({"CLOUD-03", "CLOUD-04"})
#: The seed of a soak of 90 s that does so: there is time for one disturbance in which pods go, and others kill none.
KILLING_THE_ORIGIN = ("--seed", "4")
#: Chapters that the gate leaves to `make nightly`: they take too long, or need what a machine may not have.
LONG = frozenset({"failures", "soak", "reload", "tips", "browsers"})


def run(
    folder: Path, *arguments: str, timeout: float, suites: Sequence[str] = ("suites",)
) -> tuple[dict[str, str], str]:
    """Run suites, and return the verdict of each requirement and the output."""
    command = [sys.executable, "-m", "pytest", *suites, "--cluster", "local", "--report", str(folder), *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment["PYTHONPATH"] = str(ROOT)  # its servers are of this checkout too
    done = subprocess.run(
        [*command, "-p", "no:randomly"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    path = folder / "conformance.json"
    assert path.exists(), done.stdout + done.stderr
    return verdicts(json.loads(path.read_text())), done.stdout


def chosen(*requirements: str) -> list[str]:
    """Return the arguments by which a run judges just these."""
    return [word for name in requirements for word in ("--requirement", name)]


def verdicts(report: Mapping[str, Any]) -> dict[str, str]:
    """Return the verdict of each requirement of a report."""
    return {each["id"]: each["verdict"] for chapter in report["chapters"] for each in chapter["requirements"]}


def switched_on(fault: Fault) -> list[str]:
    """Return the arguments that switch a fault on, on the version that has it where just one has."""
    return ["--reference-fault", fault.name, "--srs-image", f"ossrs/srs:{version_of(fault)}"]


def version_of(fault: Fault | None) -> int:
    """Return the version on which a fault is tried."""
    return min(fault.faithful) if fault and fault.faithful else 3
