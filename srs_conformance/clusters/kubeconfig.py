"""An existing cluster, by an explicit context of a kubeconfig.

The suite makes labelled namespaces in it and deletes nothing else. The current context is neither used nor changed.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from srs_conformance.clusters import own_api
from srs_conformance.clusters.base import Capability
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.clusters.kube.api import Refused
from srs_conformance.errors import CouldNotTest, EngineError, UsageError

PROBE_SECONDS = 1.5
_GIVE_ONE = "give one with --kubeconfig FILE"
DNS_PORT = 53


class KubeconfigCluster(KubeCluster):
    """A cluster that somebody else runs."""

    @classmethod
    def connect(cls, context: str, kubeconfig: Path | None = None) -> KubeconfigCluster:
        """Connect to the cluster of a context, looked for in the given file or where kubectl looks.

        Raises:
            UsageError: no such file or context.
            CouldNotTest: the API server does not answer, or refuses.
        """
        file = file_with(context, kubeconfig)
        cluster = cls(file, context, name=context, backend="kubeconfig", data_path="")
        cluster._reach(f"context {context} of {file}")
        return cluster

    def _reach(self, called: str) -> None:
        """Look around, and close where that fails.

        Raises:
            CouldNotTest: the API server does not answer, or refuses.
        """
        try:
            self._look_around()
        except EngineError as error:
            self.close()
            raise CouldNotTest(f"{called}: {error.message}", hint=error.hint) from error
        except BaseException:
            self.close()
            raise

    def _look_around(self) -> None:
        """Ask the API server who it is, and find out whether pods can be reached from here."""
        self.api.call("GET", "/version")
        within = self.api.server == own_api.url(os.environ)  # where all pods reach each other
        direct = within or _pods_reachable(self._system_pods())
        capabilities = {Capability.KUBERNETES, Capability.LOAD_BALANCER}
        if direct:
            capabilities.add(Capability.POD_ADDRESSES)
        self.capabilities = frozenset(capabilities)
        pods = "reachable from here" if direct else "not reachable from here"
        start = "from a pod of the cluster " if within else ""
        self._data_path = f"{start}to the Services' external addresses; pod addresses are {pods}"

    def _system_pods(self) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = self.api.call("GET", "/api/v1/namespaces/kube-system/pods")["items"]
        except Refused:  # a user whose rights end at namespaces of their own
            return []
        return found


def contexts(file: Path) -> list[str]:
    """Return the names of the contexts that a kubeconfig file holds.

    Raises:
        UsageError: it cannot be read, or is not a kubeconfig.
    """
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return [str(each["name"]) for each in found.get("contexts") or ()]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise UsageError(f"{file}: not a kubeconfig: {_shortly(error)}", hint=_GIVE_ONE) from error


def _shortly(error: Exception) -> str:
    """Return the reason in one line; a YAML error draws a picture of the place."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error)


def default_files() -> list[Path]:
    """Return the files where kubectl looks: KUBECONFIG, else ~/.kube/config."""
    listed = os.environ.get("KUBECONFIG", "")
    files = [Path(each) for each in listed.split(os.pathsep) if each] or [Path.home() / ".kube" / "config"]
    return [each for each in files if each.exists()]


def file_with(context: str, kubeconfig: Path | None = None) -> Path:
    """Return the file that holds a context: the one that is given, else of those where kubectl looks.

    Raises:
        UsageError: no context named, no such file or context, or a file that is no kubeconfig.
    """
    files = [kubeconfig] if kubeconfig else default_files()
    if not context:
        raise UsageError("no context named", hint="name one with --context; the current one is never used")
    known = {file: contexts(file) for file in files}
    for file, names in known.items():
        if context in names:
            return file
    if not files:
        raise UsageError(f"context {context}: no kubeconfig found", hint=_GIVE_ONE)
    names = sorted({name for each in known.values() for name in each})
    where = ", ".join(str(file) for file in files)
    raise UsageError(f"context {context} is not in {where}", hint=f"known contexts: {', '.join(names) or 'none'}")


def _pods_reachable(pods: list[dict[str, Any]]) -> bool:
    """Try the cluster's DNS pods: every cluster has them, they listen on TCP, and no policy usually hides them."""
    return any(_connects(address, DNS_PORT) for address in list(_dns_addresses(pods))[:2])


def _dns_addresses(pods: list[dict[str, Any]]) -> Iterator[str]:
    for pod in pods:
        labels = pod["metadata"].get("labels") or {}
        if labels.get("k8s-app") == "kube-dns" and pod.get("status", {}).get("podIP"):
            yield pod["status"]["podIP"]


def _connects(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=PROBE_SECONDS):
            return True
    except OSError:
        return False
