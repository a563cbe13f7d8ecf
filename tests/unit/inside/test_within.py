"""What the pod does: its kubeconfig, by which the suite knows its own cluster, and the command that it becomes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from srs_conformance.clusters import own_api
from srs_conformance.clusters.kube.api import Api
from srs_conformance.clusters.kubeconfig import KubeconfigCluster, contexts
from srs_conformance.errors import ExitCode, UsageError
from srs_conformance.inside import within
from tests.support.kube import ApiServer

POD = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def account(tmp_path: Path) -> Path:
    folder = tmp_path / "account"
    folder.mkdir()
    (folder / "token").write_text("first\n")
    (folder / "ca.crt").write_text("")
    return folder


def test_the_suite_is_run_with_a_kubeconfig_of_the_pods_account(tmp_path: Path, account: Path) -> None:
    command = within.prepared(["my cluster", "-v", "suites"], POD, account, tmp_path)
    assert command == [
        *(sys.executable, "-m", "pytest", "-v", "suites", "--cluster", "kubeconfig", "--context", "my cluster"),
        *("--kubeconfig", str(tmp_path / "kubeconfig"), "--report", "/work/report"),
    ]
    assert contexts(tmp_path / "kubeconfig") == ["my cluster"]
    written = yaml.safe_load((tmp_path / "kubeconfig").read_text())
    assert written["clusters"][0]["cluster"]["server"] == "https://10.96.0.1:443"
    assert written["users"][0]["user"] == {"tokenFile": str(account / "token")}


def test_a_token_that_the_kubelet_has_replaced_is_used(tmp_path: Path, account: Path) -> None:
    within.prepared(["mine"], POD, account, tmp_path)
    api = Api(tmp_path / "kubeconfig", "mine")

    def token() -> str:
        return api._prepared("GET", "/version", (), None, "")[1]["authorization"]

    assert token() == "Bearer first"
    (account / "token").write_text("second\n")
    assert token() == "Bearer second"


@pytest.mark.parametrize("environment", [{}, POD])
def test_outside_of_a_pod_it_says_so(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="this is no pod that has a ServiceAccount"):
        within.prepared(["mine"], environment, tmp_path / "nowhere", tmp_path)


def test_what_goes_wrong_before_pytest_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, account: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(within, "ACCOUNT", account)
    monkeypatch.setattr(within, "WORK", "/nowhere")
    for name, value in POD.items():
        monkeypatch.setenv(name, value)
    assert within.main(["mine"]) == ExitCode.ENGINE_ERROR
    assert "error: " in capsys.readouterr().err


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert own_api.url({**POD, "KUBERNETES_SERVICE_HOST": "fd00::1"}) == "https://[fd00::1]:443"
    assert own_api.url({}) == ""


def test_from_a_pod_of_the_cluster_pods_are_reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ApiServer() as server:
        user = {"name": "u", "user": {"token": "t"}}
        content = {
            "clusters": [{"name": "c", "cluster": {"server": server.url}}],
            "users": [user],
            "contexts": [{"name": "mine", "context": {"cluster": "c", "user": "u"}}],
        }
        (tmp_path / "config").write_text(yaml.safe_dump(content))
        with KubeconfigCluster.connect("mine", tmp_path / "config") as cluster:
            assert "pod_addresses" not in cluster.capabilities
        monkeypatch.setattr(own_api, "url", lambda _: server.url)
        with KubeconfigCluster.connect("mine", tmp_path / "config") as cluster:
            assert "pod_addresses" in cluster.capabilities
            assert cluster.describe().data_path.startswith("from a pod of the cluster to the Services'")
