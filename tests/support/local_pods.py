"""Manifests of small programs in the server's place for the local backend, and what tests ask of their pods."""

from __future__ import annotations

import contextlib
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from fixtures import probing
from srs_conformance.clusters.base import Pod
from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.clusters.sharing import ANNOTATION
from tests.support import waiting

PORT = 1935
#: Tells each client the pod's address and the client's own.
SERVER = """
import os, socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(f"{os.environ['IP']} {self.client_address[0]}".encode())
        self.request.recv(1)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
print("serving", flush=True)
Server((os.environ["IP"], 1935), Handler).serve_forever()
"""
ADDRESS = {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}


def deployment(name: str = "d", *, replicas: int = 1, argv: tuple[str, ...] = (), **spec: Any) -> dict[str, Any]:
    command = list(argv) or [sys.executable, "-c", SERVER]
    container = {
        "name": "srs",
        "image": "ossrs/srs:3",
        "command": command,
        "env": [ADDRESS],
        "ports": [] if argv else [{"containerPort": PORT}],
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **spec}}
    selector = {"matchLabels": {"app": name}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": selector, "template": template},
    }


def service(
    name: str = "s", *, app: str = "d", kind: str = "LoadBalancer", port: int = PORT, balancer: str = ""
) -> dict[str, Any]:
    ports = [{"name": "rtmp", "port": port, "targetPort": PORT}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": {ANNOTATION: balancer} if balancer else {}},
        "spec": {"type": kind, "selector": {"app": app}, "ports": ports},
    }


#: A deployment of small programs comes up within seconds, also on a machine that is busy.
wait_for = partial(waiting.wait_for, seconds=30.0)


def settle(namespace: LocalNamespace, name: str = "d") -> list[Pod]:
    wait_for(lambda: namespace.workload(name).settled)
    return [pod for pod in namespace.pods({"app": name}) if not pod.terminating]


def ask(address: str) -> tuple[str, str]:
    """Return which pod answers at an address, and which client it sees."""
    with socket.create_connection((address, PORT), timeout=5) as connection:
        pod, client = connection.recv(100).decode().split()
        return pod, client


def connects(address: str) -> bool:
    return probing.connects(address, PORT)


def processes_with(text: str) -> list[str]:
    """Return the IDs of processes whose working folder has `text` in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if text in str((process / "cwd").readlink()):
                found.append(process.name)
    return found
