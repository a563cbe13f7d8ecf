"""Namespaces for one command, and namespaces that are only half made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from srs_conformance.clusters.base import RUN_LABEL
from srs_conformance.clusters.kube import namespace as making
from srs_conformance.clusters.kube.api import Refused
from srs_conformance.clusters.kube.namespace import KubeNamespace
from srs_conformance.clusters.kube.passing import passing
from srs_conformance.errors import ClusterLost, CouldNotTest
from srs_conformance.progress import NullProgress
from tests.support.interrupting import interrupted


class Cluster:
    """A cluster that keeps in mind which namespaces of which runs are there."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None, *, lost: bool = False) -> None:
        self.there: dict[str, str] = {}
        self.made = ""
        self.said: list[str] = []
        self._meanwhile, self._lost = meanwhile, lost

    def namespace(self, name: str, labels: Mapping[str, str]) -> SimpleNamespace:
        self._meanwhile()
        self.there[name] = self.made = labels[RUN_LABEL]
        return SimpleNamespace(name=name)

    def owned(self, labels: Mapping[str, str]) -> list[SimpleNamespace]:
        if self._lost:
            raise ClusterLost("the cluster no longer answers")
        names = [name for name, run in self.there.items() if run == labels[RUN_LABEL]]
        return [SimpleNamespace(name=name, destroy=lambda name=name: self.there.pop(name)) for name in names]

    def given(self, *, keep: bool = False) -> Any:
        there: Any = self
        return passing(there, "srs-load", keep=keep, say=self.said.append, progress=NullProgress())


def test_it_goes_when_the_block_ends() -> None:
    cluster = Cluster()
    with cluster.given() as made:
        assert list(cluster.there) == [made.name]
        assert made.name.startswith("srs-load-")
    assert (cluster.there, cluster.said) == ({}, [])


def test_it_goes_also_where_it_is_half_made_when_an_interruption_comes() -> None:
    with interrupted() as interrupt:
        cluster = Cluster(interrupt)
        with cluster.given():
            pytest.fail("interrupted before")
    assert cluster.made
    assert cluster.there == {}


def test_what_stays_is_told() -> None:
    cluster = Cluster()
    with cluster.given(keep=True) as made:
        pass
    assert list(cluster.there) == [made.name]
    assert cluster.said == [f"namespace {made.name} is kept; `srs-conformance clean --run {made.name[-6:]}` removes it"]
    lost = Cluster(lost=True)
    with pytest.raises(RuntimeError, match="what counts"), lost.given() as made:
        raise RuntimeError("what counts")
    assert lost.said[0].startswith(f"namespace {made.name} is left: the cluster no longer answers; `srs-conformance")


class Api:
    """An API server without its controllers: a namespace gets nothing that pods mount."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def call(self, method: str, path: str, **_: Any) -> dict[str, Any]:
        self.calls.append((method, path))
        if method == "GET":
            raise Refused(path, 404, "not there")
        return {}


def test_a_namespace_in_which_no_pod_can_start_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PREPARE_SECONDS", 0.0)
    monkeypatch.setattr(making, "POLL_SECONDS", 0.01)
    api: Any = Api()
    with pytest.raises(CouldNotTest, match="no ServiceAccount default after"):
        KubeNamespace.create(api, "n", {})
    assert api.calls[-1] == ("DELETE", "/api/v1/namespaces/n")
