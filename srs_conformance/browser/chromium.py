"""Headless Chromium as a process of ours, which reaches the hosts that it is given and no others."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Self

from srs_conformance import http
from srs_conformance.browser.devtools import Page
from srs_conformance.errors import CouldNotTest, EngineError

NAMES = ("chromium", "chromium-browser", "google-chrome")
_START_SECONDS = 30.0
_END_SECONDS = 10.0
_POLL_SECONDS = 0.05
_OPTIONS = (
    *("--headless=new", "--disable-gpu", "--mute-audio", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0"),
)


def find() -> str:
    """Return the path of a Chromium.

    Raises:
        CouldNotTest: there is none on this machine.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise CouldNotTest("there is no Chromium here", hint="install it (Debian: apt-get install chromium)")


class Browser:
    """A browser; a context manager, which ends it with all its processes."""

    def __init__(self, program: str, hosts: Collection[str]) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="srs-conformance-browser-"))
        known = ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in sorted({"127.0.0.1", *hosts}))])
        # Chromium's sandbox refuses to run as root.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [program, *_OPTIONS, *sandbox, f"--user-data-dir={self._profile}", f"--host-resolver-rules={known}"]
        with (self._profile / "log.txt").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def __enter__(self) -> Self:
        try:
            self._port = self._listens()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def page(self) -> Page:
        """Open a page. Raises EngineError where the browser opens none."""
        answer = http.request("PUT", f"http://127.0.0.1:{self._port}/json/new?about:blank")
        return Page(answer.json()["webSocketDebuggerUrl"])

    def _listens(self) -> int:
        told, deadline = self._profile / "DevToolsActivePort", time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(FileNotFoundError):
                if lines := told.read_text().splitlines():
                    return int(lines[0])
            if self._process.poll() is not None or time.monotonic() > deadline:
                words = (self._profile / "log.txt").read_text(errors="replace")[-500:]
                raise EngineError(f"the browser does not start: {words}")
            time.sleep(_POLL_SECONDS)

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)
