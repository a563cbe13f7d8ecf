"""nginx with its RTMP module, from the distribution's packages, as an independent server for interop tests.

Nothing is installed: the packages are unpacked into the cache, and nginx runs from there with their own libraries.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from srs_conformance.errors import ConformanceError
from srs_conformance.images.building import base
from srs_conformance.progress import NullProgress

PACKAGES = ("nginx", "libnginx-mod-rtmp")
_STARTED_SECONDS = 10


def nginx_binary() -> tuple[list[str], Path]:
    """Return how nginx is called (loader, libraries, program) and the folder of its modules.

    Skips the test where this machine cannot have the packages.
    """
    try:
        root = base("nginx-rtmp", PACKAGES, NullProgress()).folder
    except ConformanceError as error:
        pytest.skip(f"no nginx with its RTMP module here: {error.message}")
    loader = next((root / "usr" / "lib").glob("*/ld-linux*.so.?"))
    libraries = f"{loader.parent}:{root / 'usr/lib'}"
    return [str(loader), "--library-path", libraries, str(root / "usr/sbin/nginx")], root / "usr/lib/nginx/modules"


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_CONFIGURATION = """\
load_module {modules}/ngx_rtmp_module.so;
user root;
daemon off;
master_process off;
pid {prefix}/nginx.pid;
error_log {prefix}/error.log info;
events {{ worker_connections 256; }}
rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{rtmp};
        chunk_size 4096;
        application live {{
            live on;
            wait_key on;
            hls on;
            hls_path {prefix}/hls;
            hls_fragment {fragment};
            hls_playlist_length {window};
        }}
    }}
}}
http {{
    access_log off;
    types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; video/x-flv flv; }}
    client_body_temp_path {prefix}/body; proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi; uwsgi_temp_path {prefix}/uwsgi; scgi_temp_path {prefix}/scgi;
    server {{
        listen 127.0.0.1:{http};
        root {prefix};
        location /hls {{ add_header Cache-Control no-cache; }}
    }}
}}
"""


class NginxRtmp:
    """A running nginx on ports of its own: `rtmp_url(stream)`, `hls_url(stream)`; files of `prefix` over HTTP."""

    def __init__(self, prefix: Path, *, fragment: str = "1s", window: str = "6s") -> None:
        self.prefix = prefix
        self.rtmp_port, self.http_port = free_port(), free_port()
        self._command, modules = nginx_binary()
        (prefix / "hls").mkdir(parents=True, exist_ok=True)
        configuration = _CONFIGURATION.format(
            modules=modules, prefix=prefix, rtmp=self.rtmp_port, http=self.http_port, fragment=fragment, window=window
        )
        (prefix / "nginx.conf").write_text(configuration, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def rtmp_url(self, stream: str) -> str:
        """Return where a stream is published and played."""
        return f"rtmp://127.0.0.1:{self.rtmp_port}/live/{stream}"

    def hls_url(self, stream: str) -> str:
        """Return the playlist of a stream."""
        return f"http://127.0.0.1:{self.http_port}/hls/{stream}.m3u8"

    def start(self) -> Self:
        """Start it, and return once both ports are open."""
        configuration = [
            "-e",
            str(self.prefix / "error.log"),
            "-p",
            str(self.prefix),
            "-c",
            str(self.prefix / "nginx.conf"),
        ]
        log = (self.prefix / "output.log").open("wb")
        with log:
            self._process = subprocess.Popen(
                [*self._command, *configuration], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _STARTED_SECONDS
        pause = threading.Event()
        while not all(_open(port) for port in (self.rtmp_port, self.http_port)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"nginx did not start: {(self.prefix / 'output.log').read_text()}")
            pause.wait(0.02)
        return self

    def stop(self) -> None:
        """End it at once."""
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
