"""Assembles an nginx image from the distribution's packages, for machines that cannot reach a registry.

It starts as the registry's does and serves the same folder, so that the guide's manifests work with either.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from filelock import FileLock

from srs_conformance.images import building
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from srs_conformance.progress import Progress

NAME = "nginx"
ARCHIVED_NAME = f"localhost/srs-conformance/{NAME}:packages"
PACKAGES = ("nginx", "base-passwd", "coreutils", "dash", "usr-is-merged")
DOCUMENT_ROOT = "usr/share/nginx/html"
LABELS = {
    "org.opencontainers.image.title": "nginx, assembled from distribution packages by srs-conformance",
    "io.srs-conformance.assembled": "packages",
}
CONFIG = ImageConfig(command=("nginx", "-g", "daemon off;"), stop_signal="SIGQUIT", labels=LABELS)

#: As the registry's image has it: logs to the container's output, one server on port 80. The packages' table of types
#: gives application/vnd.apple.mpegurl and video/mp2t.
CONFIGURATION = """\
user www-data;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /var/log/nginx/access.log combined;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
"""
SERVER = """\
server {
    listen 80;
    server_name localhost;
    location / {
        root /usr/share/nginx/html;
        index index.html index.htm;
    }
    error_page 500 502 503 504 /50x.html;
    location = /50x.html { root /usr/share/nginx/html; }
}
"""
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head>\n<body><h1>{0}</h1></body></html>\n"
_WELCOME = _PAGE.format("Welcome to nginx!")
_SORRY = _PAGE.format("An error occurred.")


def build(progress: Progress) -> Path:
    """Return the archive of an nginx image, from the cache or assembled now.

    Raises:
        UsageError: this machine has no apt.
        EngineError: the packages cannot be had.
    """
    base = building.base(NAME, PACKAGES, progress)
    out = building.archive_path(NAME, base.key, CONFIGURATION, SERVER, _WELCOME, _SORRY, repr(CONFIG))
    with FileLock(out.with_suffix(".lock")):
        if not out.exists():
            with tempfile.TemporaryDirectory(prefix=".nginx-", dir=out.parent) as folder:
                tree = Path(folder)
                tree.chmod(0o755)
                write_tree(tree)
                write_image(out, name=ARCHIVED_NAME, layers=[Layer(base.folder), Layer(tree)], config=CONFIG)
    return out


def write_tree(tree: Path) -> None:
    """Write what lies over the packages: the configuration, the pages, logs to the container's output."""
    _put(tree / "etc/nginx/nginx.conf", CONFIGURATION)
    _put(tree / "etc/nginx/conf.d/default.conf", SERVER)
    _put(tree / DOCUMENT_ROOT / "index.html", _WELCOME)
    _put(tree / DOCUMENT_ROOT / "50x.html", _SORRY)
    logs = tree / "var/log/nginx"
    logs.mkdir(parents=True)
    (logs / "access.log").symlink_to("/dev/stdout")
    (logs / "error.log").symlink_to("/dev/stderr")
    (tree / "var/lib/nginx").mkdir(parents=True)  # nginx makes its folders for temporary files below it


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
