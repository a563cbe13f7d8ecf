"""The suite from a pod of a real kind cluster: its report comes back, and nothing stays, however the command ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.kind.backend import KindCluster
from srs_conformance.inside import image
from srs_conformance.interrupts import EXIT_CODE
from srs_conformance.paths import state_folder
from srs_conformance.progress import NullProgress
from tests.cluster.conftest import NAME
from tests.support.suites import ROOT, chosen, verdicts
from tests.support.waiting import wait_for

#: The image of the pod is built for the first of them.
pytestmark = pytest.mark.timeout(1200)

SUITE = "suites/quick_start"
#: Which only who reaches pods can judge, and what the guide promises first.
ASKED = ("QS-00", "QS-03", "QS-09")
#: Kinds of objects that belong to no namespace and are made for one.
CLUSTER_WIDE = ("clusterroles", "clusterrolebindings", "persistentvolumes")


@contextmanager
def inside(report: Path, *arguments: str, cluster: tuple[str, ...] = ("--cluster-name", NAME)) -> Iterator[Any]:
    """Run the command in a process of its own, which takes Ctrl-C even where we were started in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    words = [sys.executable, "-m", "srs_conformance", "inside", *cluster, "--report", str(report), "--", *arguments]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def left(cluster: KindCluster) -> list[str]:
    """Name what the suite has on the cluster."""
    named = [each.name for each in (*cluster.owned({}), *cluster.bereft())]
    for kind in CLUSTER_WIDE:
        group = "/api/v1" if kind == "persistentvolumes" else "/apis/rbac.authorization.k8s.io/v1"
        names = [each["metadata"]["name"] for each in cluster.api.call("GET", f"{group}/{kind}")["items"]]
        named += [f"{kind} {name}" for name in names if name.startswith("srs-")]
    return named


def by_context() -> tuple[str, ...]:
    """Name the cluster as any other is named."""
    return ("--context", f"kind-{NAME}", "--kubeconfig", str(state_folder("clusters", NAME) / "kubeconfig"))


def report_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "conformance.json").read_text())
    return found


@pytest.fixture(scope="module")
def first_run(cluster: KindCluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, Any]]:
    """A run on a cluster that takes images from here."""
    folder = tmp_path_factory.mktemp("inside") / "report"
    with inside(folder, SUITE, *chosen(*ASKED)) as process:
        output, _ = process.communicate(timeout=900)
    assert (folder / "conformance.json").exists(), output
    return process.returncode, output, report_of(folder)


def test_what_the_suite_in_the_pod_says_comes_back_and_nothing_stays(cluster, first_run):
    code, output, report = first_run
    assert code == 0, output
    assert {name: verdicts(report)[name] for name in ASKED} == dict.fromkeys(ASKED, "pass"), output
    assert report["cluster"]["data_path"].startswith("from a pod of the cluster")
    assert left(cluster) == []


def test_a_cluster_that_pulls_for_itself_is_told_the_names_of_images(cluster, first_run, tmp_path):
    """They are on the nodes already, as from a registry."""
    _, _, before = first_run
    probe = image.on_nodes(cluster, "", NullProgress())
    images = ("--srs-image", before["server"]["name"], "--nginx-image", before["nginx"]["name"])
    named = (*by_context(), "--probe-image", probe)
    with inside(tmp_path / "report", SUITE, *images, *chosen(*ASKED), cluster=named) as process:
        output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    report = report_of(tmp_path / "report")
    assert report["cluster"]["backend"] == "kubeconfig"
    assert {name: verdicts(report)[name] for name in ASKED} == dict.fromkeys(ASKED, "pass"), output
    assert left(cluster) == []


def test_told_to_end_it_fetches_what_there_is_and_leaves_nothing(cluster, first_run, tmp_path):
    with inside(tmp_path / "report", SUITE) as process:
        wait_for(lambda: len(cluster.owned({})) >= 2 or process.poll() is not None, "a deployment", seconds=180)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=240)
    assert process.returncode == EXIT_CODE, output
    assert report_of(tmp_path / "report")["result"] == "interrupted"
    assert left(cluster) == []


def test_what_it_leaves_when_it_is_killed_goes_with_clean(cluster, first_run, tmp_path):
    with inside(tmp_path / "report", SUITE) as process:
        wait_for(lambda: len(cluster.owned({})) >= 2 or process.poll() is not None, "a deployment", seconds=180)
        os.kill(process.pid, signal.SIGKILL)
    assert left(cluster) != []
    words = [sys.executable, "-m", "srs_conformance", "clean", *by_context(), "--yes"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert left(cluster) == [], done.stdout
