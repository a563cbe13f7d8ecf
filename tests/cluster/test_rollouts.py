"""Rollouts on a real API server: what the protocol promises of revisions, terminating pods and their end."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.base import Endpoint, Pod
from srs_conformance.clusters.kind import lifecycle
from srs_conformance.clusters.kind.backend import KindCluster
from srs_conformance.clusters.kube import KubeNamespace
from srs_conformance.errors import CouldNotTest
from srs_conformance.images import reference, server
from srs_conformance.progress import NullProgress
from tests.cluster.conftest import IMAGE, NAME
from tests.cluster.test_backend import eventually

GRACE = 20
PORT = 1935


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KindCluster]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        lifecycle.up(NAME, image=IMAGE)
        try:
            with KindCluster.connect(NAME, up=False) as connected:
                yield connected
        finally:
            lifecycle.down(NAME)
