from __future__ import annotations

import socket
from pathlib import Path

import pytest
import yaml

from srs_conformance.clusters.kubeconfig import KubeconfigCluster, contexts
from srs_conformance.errors import CouldNotTest, UsageError


def write_kubeconfig(file: Path, server: str, *names: str) -> Path:
    file.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": names[0],
                "clusters": [{"name": "c", "cluster": {"server": server}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in names],
            }
        )
    )
    return file


def test_an_unknown_context_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1", "prod", "test")
    with pytest.raises(UsageError, match=r"context staging is not in .*config\n.*known contexts: prod, test"):
        KubeconfigCluster.connect("staging", file)


def test_the_current_context_is_never_taken(tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1", "prod")
    with pytest.raises(UsageError, match="no context named"):
        KubeconfigCluster.connect("", file)


def test_a_file_that_is_no_kubeconfig_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("- not\n- a mapping\n")
    with pytest.raises(UsageError, match=f"{file}: not a kubeconfig"):
        KubeconfigCluster.connect("any", file)


def test_files_of_the_environment_are_searched_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_kubeconfig(tmp_path / "first", "http://127.0.0.1:1", "one")
    second = write_kubeconfig(tmp_path / "second", "http://127.0.0.1:1", "two")
    monkeypatch.setenv("KUBECONFIG", f"{first}:{second}:{tmp_path / 'absent'}")
    assert contexts(second) == ["two"]
    with pytest.raises(UsageError, match="known contexts: one, two"):
        KubeconfigCluster.connect("three")


def test_an_api_server_that_does_not_answer_is_could_not_test_and_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    file = write_kubeconfig(tmp_path / "config", f"http://127.0.0.1:{port}", "gone")
    with pytest.raises(CouldNotTest, match=rf"context gone .*http://127\.0\.0\.1:{port}.*refused"):
        KubeconfigCluster.connect("gone", file)
