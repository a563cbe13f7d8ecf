"""A proxy in a process of its own for tests, before a server that they play."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx

from tests.support.waiting import wait_for

SECONDS = 10.0
EMPTY: dict[str, Any] = {"faults": []}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


until = partial(wait_for, seconds=SECONDS)


class ProxyProcess:
    """The proxy, listening on 127.0.0.1 for one server."""

    def __init__(self, target: int, seed: int = 0) -> None:
        self.port, self.control = free_port(), free_port()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "srs_conformance.proxy", "--bind", "127.0.0.1"),
                *("--listen", f"{self.port}=upstream:{target}", "--host", "upstream=127.0.0.1"),
                *("--control", str(self.control), "--seed", str(seed)),
            ],
            env={**os.environ, "PYTHONPATH": os.getcwd()},  # noqa: PTH109 - as text
            stdout=subprocess.DEVNULL,
        )
        until(self._listens, "the control port listens")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), SECONDS)

    def put(self, *faults: dict[str, Any]) -> None:
        answer = httpx.put(self._url("plan"), content=json.dumps({"faults": faults}), timeout=SECONDS)
        assert answer.status_code == 200, answer.text

    def counters(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(self._url("counters"), timeout=SECONDS).json()
        return found

    def effect(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self.counters()["faults"][kind]
        return found

    def close(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.control}/{path}"

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.control), 1):
            return True
        assert self.process.poll() is None
        return False


@contextlib.contextmanager
def proxied(target: int, seed: int = 0) -> Iterator[ProxyProcess]:
    proxy = ProxyProcess(target, seed)
    try:
        yield proxy
    finally:
        if proxy.process.poll() is None:
            proxy.close()
