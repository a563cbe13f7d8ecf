"""The folder /usr/local/srs as the guide's manifests rely on it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_LAUNCHER: Final = """\
#!/bin/sh
# Starts the reference server of srs-conformance, which behaves like SRS and is not SRS.
exec /usr/bin/python3 -P -m srs_conformance.reference "$@"
"""

# The image of SRS 3 was released in two forms: with `daemon on` here, which ends a container under containerd, and
# with `daemon off`. The reference server goes to the background only with its fault `daemonizes`.
_SRS_CONF: Final = """\
# main config for srs.
listen              1935;
max_connections     1000;
srs_log_tank        console;
daemon              on;
http_api {
    enabled         on;
    listen          1985;
}
http_server {
    enabled         on;
    listen          8080;
    dir             ./objs/nginx/html;
}
vhost __defaultVhost__ {
    hls {
        enabled         on;
    }
    http_remux {
        enabled     on;
        mount       [vhost]/[app]/[stream].flv;
    }
}
"""
_DOCKER_CONF: Final = _SRS_CONF.replace("# main", "# docker").replace(
    "daemon              on;", "daemon              off;"
)

_INIT: Final = """\
#!/bin/sh
# srs start|stop|restart|status|reload|rotate|grace
cd "$(dirname "$0")/../.." || exit 1

running() {
    pid=$(cat ./objs/srs.pid 2>/dev/null) && kill -0 "$pid" 2>/dev/null
}

tell() {
    running || { echo "SRS not start."; return 0; }
    kill -s "$1" "$pid"
}

start() {
    running && { echo "SRS started(pid $pid), should not start it again."; return 1; }
    ./objs/srs -c conf/srs.conf >>./objs/srs.log.sys 2>&1 &
}

stop() {
    tell TERM
    tries=0
    while running && [ "$tries" -lt 100 ]; do
        sleep 0.3
        tries=$((tries + 1))
    done
    running && kill -s KILL "$pid"
    rm -f ./objs/srs.pid
}

case "$1" in
    start) start ;;
    stop) stop ;;
    restart) stop; start ;;
    status) running && echo "SRS(pid $pid) is running." ;;
    reload) tell HUP ;;
    rotate) tell USR1 ;;
    grace) tell QUIT && echo "Gracefully quit" ;;
    *) echo "Usage: $0 {start|stop|status|restart|reload|rotate|grace}"; exit 1 ;;
esac
"""

_PAGE: Final = """\
<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title>SRS {version}: {title}</title></head>
<body>
<h1>{title}</h1>
<p>This is the reference server of srs-conformance. It behaves like SRS {version} and is not SRS.</p>
</body>
</html>
"""
_PAGES: Final = {
    "index.html": "It works",
    "players/index.html": "Players",
    "players/srs_player.html": "Player",
    "console/index.html": "Console",
    "console/ng_index.html": "Console",
}


def write_tree(folder: Path, personality: int) -> None:
    """Write what stands in /usr/local/srs: objs/srs, conf, the pages and etc/init.d/srs.

    The launcher wants /usr/bin/python3 with the packages `srs_conformance.reference` and `.media` where Python finds
    them.
    """
    files = {
        "objs/srs": _LAUNCHER,
        "etc/init.d/srs": _INIT,
        "conf/srs.conf": _SRS_CONF,
        "conf/docker.conf": _DOCKER_CONF,
        **{f"objs/nginx/html/{name}": _PAGE.format(version=personality, title=title) for name, title in _PAGES.items()},
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
