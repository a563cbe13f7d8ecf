"""Readiness probes of the local backend, with the kubelet's defaults."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from srs_conformance import http
from srs_conformance.clusters.base import ExecResult
from srs_conformance.errors import CouldNotTest

Run = Callable[[list[str], float], ExecResult]


class Readiness:
    """Probes one run of a container in a thread of its own until it is closed."""

    def __init__(self, spec: Mapping[str, Any], address: str, run: Run, *, told: Callable[[str], None]) -> None:
        self._spec, self._address, self._run, self._told = spec, address, run, told
        self._timeout = float(spec.get("timeoutSeconds", 1))
        self._closed = threading.Event()
        self.passes = False
        threading.Thread(target=self._probe, name=f"readiness probe of {address}", daemon=True).start()

    def close(self) -> None:
        """Probe no more."""
        self._closed.set()

    def _probe(self) -> None:
        """Probe each period; so many successes or failures in a row change what it says."""
        needed = {True: int(self._spec.get("successThreshold", 1)), False: int(self._spec.get("failureThreshold", 3))}
        pause, last, streak = float(self._spec.get("initialDelaySeconds", 0)), False, 0
        while not self._closed.wait(pause):
            pause = float(self._spec.get("periodSeconds", 10))
            why = self._fails()
            passed = not why
            streak = streak + 1 if passed is last else 1
            last = passed
            if why:
                self._told(f"Warning Unhealthy Readiness probe failed: {why}")
            if streak >= needed[passed]:
                self.passes = passed

    def _fails(self) -> str:
        """Probe once; return why it failed, or nothing."""
        if "tcpSocket" in self._spec:
            port = int(self._spec["tcpSocket"]["port"])
            with contextlib.closing(socket.socket()) as probe:
                probe.settimeout(self._timeout)
                code = probe.connect_ex((self._address, port))
            return f"port {port}: error {code}" if code else ""
        if "httpGet" in self._spec:
            get = self._spec["httpGet"]
            url = f"http://{self._address}:{int(get['port'])}{get.get('path', '/')}"
            try:
                status = http.get(url, self._timeout).status
            except CouldNotTest as error:
                return str(error)
            return "" if 200 <= status < 400 else f"HTTP {status}"
        try:
            result = self._run(list(self._spec["exec"]["command"]), self._timeout)
        except CouldNotTest as error:
            return str(error)
        return f"code {result.code}: {result.stderr or result.stdout}" if result.code else ""


def check_probe(container: Mapping[str, Any]) -> str:
    """Return what of a container's probes the local backend cannot play, or nothing."""
    probe = container.get("readinessProbe")
    if probe is not None and not {"tcpSocket", "httpGet", "exec"} & probe.keys():
        return f"the readiness probe of container {container['name']} is none of tcpSocket, httpGet, exec"
    return ""
