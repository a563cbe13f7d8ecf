"""A local cluster for each file of tests, and a namespace for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from srs_conformance.clusters.local import LocalCluster
from srs_conformance.clusters.local.namespace import LocalNamespace


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    made = LocalCluster.connect("test")
    yield made
    made.close()


@pytest.fixture
def namespace(cluster: LocalCluster, request: pytest.FixtureRequest) -> Iterator[LocalNamespace]:
    made = cluster.namespace(request.node.name, {"run": "1"})
    yield made
    made.destroy()
