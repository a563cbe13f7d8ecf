from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest
from click.testing import CliRunner

from srs_conformance.clusters.base import RUN_LABEL
from srs_conformance.commands import clean
from srs_conformance.errors import EngineError


class Cluster:
    """A cluster with namespaces of two runs, which keeps in mind what is deleted."""

    def __init__(self) -> None:
        self.runs = {"srs-quick-start-a1": "a1", "srs-edge-cluster-b2": "b2"}
        self.deleted: list[str] = []
        self.left = False

    def connect(self, context: str, kubeconfig: Path | None) -> Cluster:
        assert (context, kubeconfig) == ("test", None)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def owned(self, labels: Mapping[str, str]) -> list[SimpleNamespace]:
        def destroy(name: str) -> None:
            self.deleted.append(name)

        wanted = labels.get(RUN_LABEL)
        names = [name for name, run in self.runs.items() if wanted in (None, run)]
        return [SimpleNamespace(name=name, destroy=lambda name=name: destroy(name)) for name in names]

    def bereft(self) -> list[SimpleNamespace]:
        name = "srs-inside-b2"
        return [SimpleNamespace(name=name, destroy=lambda: self.deleted.append(name))] if self.left else []


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    fake = Cluster()
    monkeypatch.setattr(clean, "KubeconfigCluster", fake)
    return fake


def test_clean_deletes_nothing_without_a_yes(cluster: Cluster) -> None:
    result = CliRunner().invoke(clean.command, ["--context", "test"], input="n\n")
    assert result.exit_code == 1
    assert "srs-quick-start-a1" in result.output
    assert cluster.deleted == []


def test_clean_deletes_one_run(cluster: Cluster) -> None:
    result = CliRunner().invoke(clean.command, ["--context", "test", "--run", "b2", "--yes"])
    assert result.exit_code == 0
    assert cluster.deleted == ["srs-edge-cluster-b2"]


def test_what_a_namespace_has_left_that_is_gone_is_cleaned_too(cluster: Cluster) -> None:
    cluster.left = True
    result = CliRunner().invoke(clean.command, ["--context", "test", "--run", "b2", "--yes"])
    assert "srs-inside-b2, which is gone, but not what belongs to no namespace" in result.output
    assert cluster.deleted == ["srs-edge-cluster-b2", "srs-inside-b2"]
    assert "inside" not in CliRunner().invoke(clean.command, ["--context", "test", "--run", "a1", "--yes"]).output


def test_clean_goes_on_where_one_namespace_stays(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    def destroy() -> None:
        raise EngineError("namespace srs-a is not gone")

    others = cluster.owned({})
    monkeypatch.setattr(cluster, "owned", lambda _: [SimpleNamespace(name="srs-a", destroy=destroy), *others])
    result = CliRunner().invoke(clean.command, ["--context", "test", "--yes"])
    assert str(result.exception) == "namespace srs-a is not gone"
    assert cluster.deleted == ["srs-quick-start-a1", "srs-edge-cluster-b2"]


def test_clean_says_that_there_is_nothing(cluster: Cluster) -> None:
    result = CliRunner().invoke(clean.command, ["--context", "test", "--run", "c3", "--yes"])
    assert result.exit_code == 0
    assert "no namespace of run c3" in result.output
    assert cluster.deleted == []


def test_clean_needs_a_context() -> None:
    assert CliRunner().invoke(clean.command, ["--yes"]).exit_code == 2
