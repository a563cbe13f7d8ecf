"""A load from within a cluster, by the command: it holds, it leaves nothing, and a worker that dies is named."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import lifecycle
from srs_conformance.clusters.kind.backend import KindCluster
from srs_conformance.clusters.kube import KubeNamespace
from srs_conformance.clusters.kustomize import find_kubectl, render
from srs_conformance.errors import ConformanceError
from srs_conformance.images.server import resolve
from srs_conformance.load.result import Result
from srs_conformance.loadrun.manifests import NAME_LABEL, WORKER
from srs_conformance.publisher import Publisher
from srs_conformance.srs import SrsApi
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]
GIVEN = os.environ.get("SRS_CONFORMANCE_TEST_CLUSTER", "")
"""A kind cluster that is there already, and stays."""
NAME = GIVEN or "srs-conformance-load"


@pytest.fixture(scope="module")
def cluster() -> Iterator[KindCluster]:
    try:
        with KindCluster.connect(NAME, up=not GIVEN) as connected:
            yield connected
    finally:
        if not GIVEN:
            lifecycle.down(NAME)


@pytest.fixture(scope="module")
def server(cluster: KindCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The namespace of one reference server, to which live/livestream is published."""
    image = resolve(cluster, "reference:6", [], require_real=False)
    number = uuid.uuid4().hex[:6]
    namespace = cluster.namespace(f"srs-load-origin-{number}", {"srs-conformance.io/run": number})
    try:
        chapter = ROOT / "fixtures" / "manifests" / "quick_start"
        out = tmp_path_factory.mktemp("applied")
        namespace.apply(
            render(chapter, components=[], images={"ossrs/srs": image.name}, out=out, kubectl=find_kubectl())
        )
        wait_for(lambda: namespace.pods() and all(pod.ready for pod in namespace.pods()), "ready pods", 60)
        wait_for(lambda: namespace.service("srs-service").address, "an address", 60)
        address = namespace.service("srs-service").address
        api = SrsApi(f"http://{address}:1985")
        wait_for(lambda: works(api.versions), "the API", 60)
        publisher = Publisher(f"rtmp://{address}/live/livestream")
        publisher.start()
        try:
            wait_for(lambda: works(lambda: api.stream("live", "livestream")), "the stream", 60)
            yield namespace.name
        finally:
            publisher.stop()
    finally:
        namespace.destroy()


def works(do: Callable[[], object]) -> object:
    try:
        return do()
    except ConformanceError:
        return None


def command(server: str, folder: Path, seconds: int) -> list[str]:
    where = ("--namespace", server, "--cluster-name", NAME, "--result", str(folder))
    load = ("load", "flv", "--users", "20", "--workers", "2", "--for", f"{seconds}s", *where)
    return [sys.executable, "-m", "srs_conformance", *load]


def loads(cluster: KindCluster) -> list[KubeNamespace]:
    return [each for each in cluster.owned() if each.name.startswith("srs-load-flv-")]


def test_a_small_load_holds_and_leaves_nothing(cluster: KindCluster, server: str, tmp_path: Path) -> None:
    done = subprocess.run(
        command(server, tmp_path, 8), cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = Result.read(tmp_path)
    assert (result.joined, len(result.workers)) == (20, 2)
    assert max(row.users for row in result.series.rows()) == 20
    assert result.server.startswith("SRS/")
    assert done.stdout.splitlines()[-1] == f"result: {tmp_path / 'result.json'}"
    assert "viewers 20" in done.stderr
    assert "<html" in (tmp_path / "index.html").read_text()
    assert loads(cluster) == []


def test_a_worker_that_dies_is_named_and_the_load_is_worth_nothing(
    cluster: KindCluster, server: str, tmp_path: Path
) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(command(server, tmp_path, 15), cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "viewers 20" in line)
        [namespace] = loads(cluster)
        lost = namespace.pods({NAME_LABEL: WORKER})[0].name
        namespace.delete("Pod", lost, grace=0)
        out, errors = process.communicate(timeout=120)
    assert process.returncode == 10, said + out + errors
    invalid = Result.read(tmp_path).invalid
    assert any(why.startswith(f"pod {lost} is ") for why in invalid)
    assert any(why.startswith(f"worker {lost}_") and why.endswith("was lost") for why in invalid)
    assert f"not valid any more: pod {lost}" in errors
    assert loads(cluster) == []
