"""An API server that stops answering: told from one that only takes its time, once, and never asked again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.clusters.kube import api as kube
from srs_conformance.clusters.kube.api import Api
from srs_conformance.clusters.kubeconfig import KubeconfigCluster
from srs_conformance.errors import ClusterLost, CouldNotTest, EngineError
from tests.support.kube import ApiServer
from tests.unit.clusters.test_kubeconfig import write_kubeconfig

PATH = "/api/v1/namespaces/kube-system/pods"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"CONNECT": 0.3, "READ": 0.3, "PROBE": 0.3, "PATIENCE": 0.5, "_PAUSE": 0.05}.items():
        monkeypatch.setattr(kube, f"{name}_SECONDS", seconds)


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as made:
        yield made


@pytest.fixture
def api(server: ApiServer, tmp_path: Path) -> Iterator[Api]:
    made = Api(write_kubeconfig(tmp_path / "config", server.url, "a"), "a")
    yield made
    made.close()


@pytest.mark.parametrize("how", ["dies", "falls silent"])
def test_one_that_answered_before_is_lost_and_that_is_said_again_without_asking(
    server: ApiServer, api: Api, how: str
) -> None:
    api.call("GET", "/version")
    server.die() if how == "dies" else server.fall_silent()
    with pytest.raises(ClusterLost, match=f"the cluster no longer answers: no answer from .* to GET {PATH}") as first:
        api.call("GET", PATH)
    asked = len(server.asked)
    with pytest.raises(ClusterLost) as again:
        api.call("POST", "/api/v1/namespaces", body={})
    assert str(again.value) == str(first.value)
    assert "is the cluster up" in first.value.hint
    assert len(server.asked) == asked


def test_one_that_never_answered_was_never_there(server: ApiServer, api: Api) -> None:
    server.die()
    with pytest.raises(EngineError, match="no answer from"):
        api.call("GET", "/version")


def test_one_that_leaves_one_question_unanswered_is_not_lost(server: ApiServer, api: Api) -> None:
    api.call("GET", "/version")
    server.silent_about = PATH
    with pytest.raises(EngineError, match=f"no answer from .* to GET {PATH}"):
        api.call("GET", PATH)
    server.silent_about = ""
    assert api.call("GET", PATH)["items"] == []


def test_one_that_is_back_within_seconds_is_not_lost(
    server: ApiServer, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube, "PATIENCE_SECONDS", 20.0)
    api.call("GET", "/version")
    server.die()
    back = threading.Timer(0.3, server.come_back)
    back.start()
    with pytest.raises(EngineError):
        api.call("GET", PATH)
    back.join()
    assert api.call("GET", PATH)["items"] == []


def test_a_cluster_says_whether_it_broke(server: ApiServer, tmp_path: Path) -> None:
    with KubeconfigCluster.connect("a", write_kubeconfig(tmp_path / "config", server.url, "a")) as cluster:
        assert cluster.broken_since(0.0) == ""
        server.refuse("/version")
        assert cluster.broken_since(0.0) == ""
        server.die()
        assert cluster.broken_since(0.0).startswith("the cluster no longer answers: no answer from")
        with pytest.raises(CouldNotTest):
            cluster.namespace("a", {})


def test_a_command_whose_connection_breaks_with_the_cluster_is_lost_with_it(server: ApiServer, api: Api) -> None:
    api.call("GET", "/version")
    server.die()
    with pytest.raises(CouldNotTest):
        api.run("/api/v1/namespaces/a/pods/b/exec", query=[("command", "true")], timeout=1.0)


def test_a_port_is_free_again_when_its_server_is_dead(server: ApiServer) -> None:
    """Or the tests above would wait for what never comes."""
    server.die()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), 1)
