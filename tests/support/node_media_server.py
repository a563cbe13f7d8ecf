"""node-media-server from npm, an independent server of RTMP and HTTP-FLV for interop tests; it has no HLS."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from filelock import FileLock

from srs_conformance.paths import cache_folder
from tests.support.ffmpeg import listens
from tests.support.nginx import free_port
from tests.support.waiting import wait_for

#: Where versions and hashes are pinned.
_PINNED = Path(__file__).parent / "node"
_FILES = ("package.json", "package-lock.json")
_INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
_SECONDS = 120.0


def installed() -> Path:
    """Return the folder of the server, installed into the cache on first use; skips the test where npm cannot."""
    key = hashlib.sha256(b"".join((_PINNED / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    folder = cache_folder("node-media-server", key)
    with FileLock(folder / ".lock"):
        if not (folder / ".installed").exists():
            for name in _FILES:
                shutil.copyfile(_PINNED / name, folder / name)
            try:
                done = subprocess.run(
                    _INSTALL, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                pytest.skip(f"node-media-server needs npm and Node.js 20: {error}")
            if done.returncode:
                pytest.skip(f"npm cannot install node-media-server: {done.stderr.strip()[-300:]}")
            (folder / ".installed").touch()
    return folder / "node_modules" / "node-media-server"


class NodeMediaServer:
    """A running server on ports of its own."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        self.rtmp_port, self.http_port = free_port(), free_port()
        self._program = installed() / "bin" / "app.js"
        self._process: subprocess.Popen[bytes] | None = None

    def rtmp_url(self, stream: str) -> str:
        """Return where a stream is published and played."""
        return f"rtmp://127.0.0.1:{self.rtmp_port}/live/{stream}"

    def flv_url(self, stream: str) -> str:
        """Return where a stream is played over HTTP-FLV."""
        return f"http://127.0.0.1:{self.http_port}/live/{stream}.flv"

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        configuration = self.prefix / "config.json"
        whole = {
            "bind": "127.0.0.1",
            "store": {"path": str(self.prefix / "data"), "maxHistory": 10},
            "auth": {"play": False, "publish": False, "secret": "none"},
            "rtmp": {"port": self.rtmp_port},
            "http": {"port": self.http_port},
            "webadmin": {"enable": False},
        }
        configuration.write_text(json.dumps(whole), encoding="utf-8")
        with (self.prefix / "output.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["node", str(self._program), "-c", str(configuration)],
                cwd=self.prefix,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        process = self._process
        wait_for(
            lambda: process.poll() is not None or all(map(listens, (self.rtmp_port, self.http_port))), "the server"
        )
        assert process.poll() is None, (self.prefix / "output.log").read_text()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
