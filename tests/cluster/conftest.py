"""A kind cluster of the tests' own, in a state folder of their own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import lifecycle
from srs_conformance.clusters.kind.backend import KindCluster

NAME = "srs-conformance-test"
IMAGE = os.environ.get("SRS_CONFORMANCE_TEST_NODE_IMAGE", "auto")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, and keep them on one worker: they share a machine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.xdist_group("cluster"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KindCluster]:
    """A cluster for the tests of one module; modules may have another one of their own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        lifecycle.up(NAME, image=IMAGE)
        try:
            with KindCluster.connect(NAME, up=False) as connected:
                yield connected
        finally:
            lifecycle.down(NAME)


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty XDG state folder; what a test leaves running in it is ended."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield tmp_path
    for name in (NAME, f"{NAME}-2"):
        lifecycle.down(name)
