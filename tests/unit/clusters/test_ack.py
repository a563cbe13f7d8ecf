"""The ACK backend, against a hand-written stand-in for Alibaba Cloud's API and for a cluster's API server.

The SDK is the real one, and so are the HTTP requests that it makes; it runs in a process of its own, as always.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from srs_conformance.clusters.ack import balancers
from srs_conformance.clusters.ack.access import Access, Secret
from srs_conformance.clusters.ack.cluster import AckCluster
from srs_conformance.clusters.ack.kubeconfig import write
from srs_conformance.clusters.base import OWNER_LABEL, RUN_LABEL, Capability
from srs_conformance.commands import clean
from srs_conformance.errors import ConformanceError, CouldNotTest, EngineError, UsageError
from tests.support import ack_api
from tests.support.ack_api import FORBIDDEN, RUNNING, SECRETS, STOPPED, TOKEN, AckApi, KubeApi
from tests.support.suites import ROOT
from tests.support.waiting import wait_for

OURS = {OWNER_LABEL: "true", RUN_LABEL: "a1"}
FILES = {"kubeconfig", "client-key", "client-certificate", "certificate-authority"}


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with one account's keys, and a folder for temporary files."""
    for name in [name for name in os.environ if name.startswith("ALIBABA_CLOUD_")]:
        monkeypatch.delenv(name)
    for name, value in ack_api.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with KubeApi() as server:
        yield server


@pytest.fixture
def api(kube: KubeApi) -> Iterator[AckApi]:
    with AckApi(ack_api.kubeconfig(kube.address)) as server:
        yield server


def access(api: AckApi, cluster: str = RUNNING, *, private: bool = False) -> Access:
    return Access.of(cluster, endpoint=api.address, private=private)


def temporary(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "tmp").iterdir())


def shown(error: BaseException) -> list[str]:
    """Return all that a traceback with local values can show, but for the test's own."""
    error.__traceback__ = error.__traceback__.tb_next if error.__traceback__ else None
    return list(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def told_secrets(*texts: str) -> list[str]:
    return [secret for secret in SECRETS for text in texts if secret in text]


def test_a_running_cluster_is_reached_by_a_kubeconfig_that_goes_with_it(api: AckApi, tmp_path: Path) -> None:
    with AckCluster.of(access(api), 360) as cluster:
        assert (cluster.backend, cluster.name) == ("ack", RUNNING)
        assert cluster.capabilities == {Capability.KUBERNETES, Capability.LOAD_BALANCER}
        (folder,) = temporary(tmp_path)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == dict.fromkeys(
            FILES, 0o600
        )
        assert told_secrets(cluster.kubeconfig.read_text()) == []
    assert temporary(tmp_path) == []
    assert [action for action, _ in api.asked] == ["DescribeClusterDetail", "DescribeClusterUserKubeconfig"]
    assert api.asked[-1][1].endswith("PrivateIpAddress=False&TemporaryDurationMinutes=360")


def test_the_address_in_the_vpc_is_asked_for(api: AckApi) -> None:
    access(api, private=True).kubeconfig(15)
    assert api.asked[-1][1].endswith("PrivateIpAddress=True&TemporaryDurationMinutes=15")


@pytest.mark.parametrize(
    ("cluster", "environment", "kind", "words"),
    [
        (
            "c0unknown",
            {},
            UsageError,
            r"--ack-cluster c0unknown: .* knows no such cluster \(ErrorClusterNotFound, HTTP",
        ),
        (FORBIDDEN, {}, CouldNotTest, r"may not ask for its kubeconfig \(StatusForbidden, .*\n.*grant cs:DescribeClus"),
        (STOPPED, {}, CouldNotTest, "ACK cluster c0stopped is not running: its state is stopped"),
        (RUNNING, {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIgone"}, UsageError, r"credentials \(InvalidAccessKeyId\.NotFou"),
        (RUNNING, {"ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN}, UsageError, r"have expired \(InvalidSecurityToken\.Expired"),
        (RUNNING, {"ALIBABA_CLOUD_ACCESS_KEY_ID": ""}, UsageError, r"finds no credentials .*\n.*ACCESS_KEY_SECRET"),
    ],
)
def test_what_hinders_is_told_without_a_secret(
    *,
    api: AckApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    cluster: str,
    environment: dict[str, str],
    kind: type[ConformanceError],
    words: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(kind, match=words) as caught:
        AckCluster.of(access(api, cluster), 360)
    assert told_secrets(str(caught.value), *shown(caught.value), *capfd.readouterr()) == []
    assert temporary(tmp_path) == []


def test_credentials_of_a_profile_are_found_by_the_sdk(
    api: AckApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
    profile = tmp_path / "home" / ".alibabacloud" / "credentials.ini"
    profile.parent.mkdir()
    keys = f"access_key_id = {ack_api.KEY}\naccess_key_secret = {ack_api.SECRET}\n"
    profile.write_text(f"[default]\ntype = access_key\n{keys}")
    access(api).look()
    assert [action for action, _ in api.asked] == ["DescribeClusterDetail"]


def test_without_the_sdk_its_extra_is_named(api: AckApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = tmp_path / "shadow" / "alibabacloud_cs20151215"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise ModuleNotFoundError('as where it is not installed')\n")
    monkeypatch.setenv("PYTHONPATH", f"{shadow.parent}{os.pathsep}{ROOT}")
    with pytest.raises(UsageError, match=r"not installed\n.*pip install 'srs-conformance\[ack\]'"):
        access(api).look()
    assert api.asked == []


def test_an_api_that_is_none_and_one_that_is_not_there_are_named(api: AckApi) -> None:
    api.page = b"<html>Bad Gateway</html>"
    with pytest.raises(CouldNotTest, match=r"127\.0\.0\.1:\d+ answered as no API of Alibaba Cloud does"):
        access(api).look()
    with pytest.raises(CouldNotTest, match=r"no answer from 127\.0\.0\.1:1\n.*endpoint of the cluster's region"):
        Access.of(RUNNING, endpoint="http://127.0.0.1:1").look()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cluster": "../other", "region": "cn-beijing"}, "--ack-cluster '../other' is no cluster ID"),
        ({"cluster": RUNNING}, r"needs the cluster's region\n.*--ack-region cn-beijing, or in ALIBABA_CLOUD_REGION_ID"),
        ({"cluster": RUNNING, "region": "Peking!"}, "region, and 'Peking!' is none"),
        ({"cluster": RUNNING, "endpoint": "http://cs.cn-beijing.aliyuncs.com"}, "expected HOST or HOST:PORT"),
        ({"cluster": RUNNING, "endpoint": "key:secret@host"}, "expected HOST or HOST:PORT"),
    ],
)
def test_addresses_that_are_none_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Access.of(**given)


def test_a_region_is_the_users_else_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")
    assert Access.of(RUNNING).endpoint == "cs.cn-hangzhou.aliyuncs.com"
    assert Access.of(RUNNING, "cn-beijing") == Access(RUNNING, "cs.cn-beijing.aliyuncs.com", "HTTPS", private=False)
    assert Access.of(RUNNING, "cn-beijing", "cs-vpc.cn-beijing.aliyuncs.com").endpoint.startswith("cs-vpc.")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("", "is no kubeconfig with a certificate or a token"),
        (f"{{a: [{ack_api.CLIENT_KEY}\n", "is no kubeconfig with a certificate or a token"),
        (ack_api.kubeconfig("https://1.2.3.4:6443", user={"exec": {"command": "sh"}}), "is no kubeconfig with a cert"),
        (ack_api.kubeconfig("https://1.2.3.4:6443", user={"token": ""} | {"client-key-data": "-"}), "is no kubeconfig"),
        (ack_api.kubeconfig("https://:6443"), r"names no address of the API server\n.*--ack-private"),
    ],
)
def test_a_kubeconfig_that_is_of_no_use_is_told_and_not_shown(tmp_path: Path, config: str, words: str) -> None:
    with pytest.raises(CouldNotTest, match=words) as caught:
        write(Secret(config), tmp_path, RUNNING)
    assert told_secrets(*shown(caught.value)) == []
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_token_is_taken_and_what_would_run_programs_is_not(tmp_path: Path) -> None:
    user = {"token": "t", "exec": {"command": "sh"}, "auth-provider": {"name": "gcp"}}
    file = write(Secret(ack_api.kubeconfig("https://1.2.3.4:6443", user=user)), tmp_path, RUNNING)
    assert yaml.safe_load(file.read_text())["users"] == [{"name": "ack", "user": {"token": "t"}}]


def test_an_api_server_that_is_not_there_leaves_nothing(api: AckApi, tmp_path: Path) -> None:
    api.config = ack_api.kubeconfig("http://127.0.0.1:1")
    with pytest.raises(CouldNotTest, match=rf"ACK cluster {RUNNING}: no answer from http://127\.0\.0\.1:1"):
        AckCluster.of(access(api), 15)
    assert temporary(tmp_path) == []


def test_a_command_that_is_ended_leaves_nothing(api: AckApi, kube: KubeApi, tmp_path: Path) -> None:
    kube.silent.set()
    command = [sys.executable, "-m", "srs_conformance", "clean", "--yes", *arguments(api)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        wait_for(lambda: kube.asked, "the command to ask the API server")
        assert len(temporary(tmp_path)) == 1
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=20)
    assert running.returncode == 130
    assert told_secrets(said) == []
    assert temporary(tmp_path) == []


def arguments(api: AckApi) -> list[str]:
    return ["--ack-cluster", RUNNING, "--ack-endpoint", api.address]


def test_clean_releases_the_balancers_and_then_deletes_what_is_ours(
    api: AckApi, kube: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(balancers, "POLL_SECONDS", 0)
    kube.have("srs-quick-start-a1", OURS, "srs-service", "srs-http-service")
    kube.have("srs-edge-b2", OURS | {RUN_LABEL: "b2"}, "srs-service")
    kube.have("production", {}, "shop")
    result = CliRunner().invoke(clean.command, [*arguments(api), "--run", "a1", "--yes"])
    assert result.output.splitlines() == ["srs-quick-start-a1", "deleted srs-quick-start-a1"]
    assert set(kube.namespaces) == {"srs-edge-b2", "production"}
    deleted = [path for method, path in kube.asked if method == "DELETE"]
    assert deleted[:3] == [
        "/api/v1/namespaces/srs-quick-start-a1/services/srs-service",
        "/api/v1/namespaces/srs-quick-start-a1/services/srs-http-service",
        "/api/v1/namespaces/srs-quick-start-a1",
    ]
    assert [path for path in deleted if "srs-quick-start-a1" not in path] == []


def test_a_balancer_that_is_not_released_keeps_its_namespace(
    api: AckApi, kube: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(balancers, "RELEASE_SECONDS", 0)
    kube.have("srs-quick-start-a1", OURS, "srs-service")
    with AckCluster.of(access(api), 15) as cluster:
        (namespace,) = cluster.owned()
        with pytest.raises(
            EngineError, match=r"srs-quick-start-a1: .*SLB of srs-service \(finalizers service\.k8s\.ali"
        ):
            namespace.destroy()
    assert "srs-quick-start-a1" in kube.namespaces


def test_a_service_that_never_had_a_balancer_is_not_waited_for(api: AckApi, kube: KubeApi) -> None:
    kube.have("srs-quick-start-a1", OURS, "srs-origin-service", kind="ClusterIP")
    with AckCluster.of(access(api), 15) as cluster:
        cluster.owned()[0].destroy()
    deleted = [path for method, path in kube.asked if method == "DELETE"]
    assert deleted[0] == "/api/v1/namespaces/srs-quick-start-a1"


@pytest.mark.parametrize(
    "given",
    [["--yes"], ["--context", "a", "--ack-cluster", RUNNING], ["--ack-cluster", RUNNING, "--kubeconfig", __file__]],
)
def test_clean_wants_one_cluster(given: list[str]) -> None:
    assert CliRunner().invoke(clean.command, given).exit_code == 2
