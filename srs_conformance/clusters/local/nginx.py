"""nginx for the local backend: the machine's own, else the distribution's packages unpacked in the cache."""

from __future__ import annotations

import functools
import os
import re
import shutil
from pathlib import Path

from srs_conformance.images import building
from srs_conformance.images import nginx as packaged
from srs_conformance.progress import NullProgress

DOCUMENT_ROOT = "/usr/share/nginx/html"
#: Where a container may have a file of its own for each server.
SERVERS = "/etc/nginx/conf.d"

_CONFIGURATION = """\
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
    access_log /dev/stdout combined;
    default_type application/octet-stream;
    types {{
        text/html html htm;
        text/css css;
        application/javascript js;
        image/png png;
        application/vnd.apple.mpegurl m3u8;
        video/mp2t ts;
        video/x-flv flv;
    }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""
_SERVER = """\
server {{
    listen 80;
    root {documents};
    index index.html index.htm;
}}"""


def command(folder: Path, address: str, documents: Path, servers: str = "") -> list[str]:
    """Return how nginx is started on an address; its files go into `folder`.

    `servers` are its server blocks, with paths as they are here; without any it serves `documents` on port 80.

    Raises:
        UsageError: there is none here, and this machine has no apt.
        EngineError: the packages cannot be had.
    """
    user = "user root root;" if os.geteuid() == 0 else ""
    servers = re.sub(r"\blisten\s+(?=\d+\b)", f"listen {address}:", servers or _SERVER.format(documents=documents))
    configuration = _CONFIGURATION.format(user=user, folder=folder, servers=servers)
    file = folder / "nginx.conf"
    file.write_text(configuration, encoding="utf-8")
    return [*program(), "-p", str(folder), "-c", str(file), "-e", "stderr"]


@functools.cache
def program() -> tuple[str, ...]:
    """Return the words that start nginx; raises as `command` does."""
    found = shutil.which("nginx")
    if found:
        return (found,)
    root = building.base(packaged.NAME, packaged.PACKAGES, NullProgress()).folder
    loader = next((root / "usr" / "lib").glob("*/ld-linux*.so.?"))
    return str(loader), "--library-path", f"{loader.parent}:{root / 'usr/lib'}", str(root / "usr/sbin/nginx")
