"""The kubeconfig of an ACK cluster on the disk: in files for this user alone, without anything that runs programs.

Certificate and key lie beside it as files of their own: the Kubernetes client would write them into some, too, but
outside of a folder that goes.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from srs_conformance.clusters.ack.access import Secret
from srs_conformance.errors import CouldNotTest

CONTEXT = "ack"
_FILES = {
    "certificate-authority-data": "certificate-authority",
    "client-certificate-data": "client-certificate",
    "client-key-data": "client-key",
}


@dataclass(frozen=True)
class _Parts:
    """What is taken of a kubeconfig: its server, and what is needed to know it and to be known to it."""

    server: str
    cluster: dict[str, str] = field(repr=False)
    user: dict[str, str] = field(repr=False)


def write(given: Secret, folder: Path, cluster: str) -> Path:
    """Write what Alibaba Cloud gave into a folder, as a kubeconfig with the one context CONTEXT, and return its path.

    Raises:
        CouldNotTest: it is no kubeconfig with an address and a certificate or token; says nothing of what it is.
    """
    parts = _parts(given)
    if parts is None:
        raise CouldNotTest(
            f"ACK cluster {cluster}: what Alibaba Cloud gave is no kubeconfig with a certificate or a token",
            hint="the console of Container Service shows the cluster's kubeconfig, and whether it has been revoked",
        )
    if not urlsplit(parts.server).hostname:
        raise CouldNotTest(
            f"ACK cluster {cluster}: its kubeconfig names no address of the API server",
            hint="expose the API server by an EIP, or ask for its address in the VPC: --ack-private",
        )
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": parts.server, **_in_files(parts.cluster, folder)}}],
        "users": [{"name": CONTEXT, "user": _in_files(parts.user, folder)}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
    }
    return _private(folder / "kubeconfig", yaml.safe_dump(document).encode())


def _parts(given: Secret) -> _Parts | None:
    """Return what is taken; None where that is not there.

    Only certificates and tokens are taken: an `exec` entry would have this machine run a program.
    """
    try:
        document = yaml.safe_load(given.text)
        context = _named(document["contexts"], document["current-context"])["context"]
        cluster = _named(document["clusters"], context["cluster"])["cluster"]
        user = _named(document["users"], context["user"])["user"]
        known = {name: str(cluster[name]) for name in _FILES if name in cluster}
        shown = {name: str(user[name]) for name in (*_FILES, "token") if name in user}
        for name, value in (*known.items(), *shown.items()):
            if name in _FILES:
                base64.b64decode(value, validate=True)
        whole = "token" in shown or {"client-certificate-data", "client-key-data"} <= shown.keys()
        return _Parts(str(cluster["server"]), known, shown) if whole else None
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        return None


def _in_files(settings: dict[str, str], folder: Path) -> dict[str, str]:
    """Return settings of a kubeconfig in which what stood there as data is the path of a file with it."""
    return {
        _FILES.get(name, name): str(_private(folder / _FILES[name], base64.b64decode(value)))
        if name in _FILES
        else value
        for name, value in settings.items()
    }


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next((each for each in entries if each["name"] == name), {})


def _private(path: Path, content: bytes) -> Path:
    """Write a new file that nobody else can ever have read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path
