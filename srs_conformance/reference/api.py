"""The HTTP API on port 1985, in the formats of SRS 3 and SRS 6."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from srs_conformance.reference import coworkers
from srs_conformance.reference.context import Context
from srs_conformance.reference.http_server import Request, Response, cors
from srs_conformance.reference.statistics import Audio, ClientRow, StreamRow, Video

_PREFIX: Final = "/api/v1"
_LEAST_COUNT: Final = 10
_RATE_SECONDS: Final = 30
_LATE_SECONDS: Final = 6.0  # by a fault
_NO_VHOST, _NO_STREAM, _NO_CLIENT = 2014, 2048, 2049  # codes of SRS
_LISTS: Final = ("vhosts", "streams", "clients")
_URLS: Final = ("versions", "summaries", *_LISTS, "clusters")

Json = dict[str, Any]


class Api:
    """Answers from the server's tables."""

    def __init__(self, context: Context, connections: Callable[[], int]) -> None:
        self._context = context
        self._connections = connections
        self._started = time.time()

    def handle(self, request: Request) -> Response:
        """Answer one request. SRS takes POST for GET."""
        if "api-fails" in self._context.faults:
            return Response.error(500)
        answer = self._handle(request)
        return replace(answer, late=_LATE_SECONDS) if "api-is-slow" in self._context.faults else answer

    def _handle(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(200, headers=self._cors(request))
        path = request.path
        if path in (_PREFIX, *(f"{_PREFIX}/{name}" for name in _LISTS)):
            return Response.redirect(f"{path}/" + (f"?{request.query}" if request.query else ""))
        if not path.startswith(f"{_PREFIX}/"):
            return Response.error(404)
        name, _, wanted = path.removeprefix(f"{_PREFIX}/").partition("/")
        answer = self._answer(name, wanted, request)
        return Response.error(404) if answer is None else self._json(answer, request)

    def _answer(self, name: str, wanted: str, request: Request) -> Json | None:
        if name in _LISTS:
            return self._list(name, wanted, request)
        if name == "clusters" and not wanted:
            names = ("vhost", "ip", "app", "stream", "coworker")
            return coworkers.answer(self._context, **{each: request.argument(each) for each in names})
        data = {"": self._index, "versions": self._versions, "summaries": self._summaries}.get(name)
        return None if data is None or wanted else data()

    def _about(self) -> Json:
        statistics = self._context.statistics
        about: Json = {"code": 0, "server": statistics.server}
        if self._context.personality.has_services:
            about |= {"service": statistics.service, "pid": str(os.getpid())}
        return about

    def _json(self, answer: Mapping[str, Any], request: Request) -> Response:
        text = json.dumps(answer, separators=(",", ":"))
        callback = request.argument("callback")
        if callback:
            return Response(200, f"{callback}({text})".encode(), "text/javascript", self._cors(request))
        return Response(200, text.encode(), "application/json", self._cors(request))

    def _cors(self, request: Request) -> dict[str, str]:
        return cors(request) if self._context.settings.crossdomain else {}

    def _index(self) -> Json:
        return self._about() | {"urls": {name: f"{_PREFIX}/{name}" for name in _URLS}}

    def _versions(self) -> Json:
        version = self._context.personality.version
        major, minor, revision = map(int, version.split("."))
        if "api-wrong-version" in self._context.faults:
            major += 1
            version = f"{major}.{minor}.{revision}"
        data = {"major": major, "minor": minor, "revision": revision, "version": version, "reference": True}
        return self._about() | {"data": data}

    def _summaries(self) -> Json:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        uptime = time.time() - self._started
        own = {
            "version": self._context.personality.version,
            "pid": os.getpid(),
            "ppid": os.getppid(),
            "argv": self._context.arguments,
            "cwd": str(self._context.folder),
            "mem_kbyte": usage.ru_maxrss,
            "mem_percent": 0.0,
            "cpu_percent": round((usage.ru_utime + usage.ru_stime) / max(uptime, 1.0), 2),
            "srs_uptime": int(uptime),
        }
        return self._about() | {"data": {"ok": True, "now_ms": _now(), "self": own, "system": self._system()}}

    def _system(self) -> Json:
        """What SRS reads in /proc; the counters that no suite may rely on are 0."""
        load = os.getloadavg()
        zeros = (
            "cpu_percent disk_read_KBps disk_write_KBps disk_busy_percent mem_ram_percent mem_swap_kbyte "
            "mem_swap_percent ilde_time net_recv_bytes net_send_bytes net_recvi_bytes net_sendi_bytes srs_recv_bytes "
            "srs_send_bytes conn_sys conn_sys_et conn_sys_tw conn_sys_udp"
        )
        return dict.fromkeys(zeros.split(), 0) | {
            "mem_ram_kbyte": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024,
            "cpus": os.cpu_count(),
            "cpus_online": os.cpu_count(),
            "uptime": float(Path("/proc/uptime").read_text().split()[0]),
            "load_1m": load[0],
            "load_5m": load[1],
            "load_15m": load[2],
            "net_sample_time": _now(),
            "srs_sample_time": _now(),
            "conn_srs": self._connections(),
        }

    def _list(self, name: str, wanted: str, request: Request) -> Json:
        """Return a table, or one row by its id."""
        make, code = {
            "vhosts": (self._vhost_rows, _NO_VHOST),
            "streams": (self._stream_rows, _NO_STREAM),
            "clients": (self._client_rows, _NO_CLIENT),
        }[name]
        rows = make()
        if wanted:
            row = next((row for row in rows if row["id"] == wanted), None)
            return {"code": code} if row is None else self._about() | {name.rstrip("s"): row}
        if name != "vhosts":
            start, count = _whole(request.argument("start"), 0), _whole(request.argument("count"), _LEAST_COUNT)
            rows = rows[max(start, 0) :][: max(count, _LEAST_COUNT)]
        return self._about() | {name: rows}

    def _vhost_rows(self) -> list[Json]:
        statistics = self._context.statistics
        rows = []
        for name, identifier in statistics.vhosts.items():
            streams = [row for row in statistics.streams.values() if row.request.vhost == name]
            clients = [row for row in statistics.clients.values() if row.request.vhost == name]
            vhost = self._context.settings.vhost(name)
            hls: Json = {"enabled": bool(vhost and vhost.hls.enabled)}
            if vhost and vhost.hls.enabled:
                hls["fragment"] = vhost.hls.fragment
            sent, received = sum(row.counters.sent for row in clients), sum(row.counters.received for row in clients)
            row = {"id": identifier, "name": name, "enabled": True, "clients": len(clients)}
            row |= {"streams": sum(stream.active for stream in streams), "send_bytes": sent, "recv_bytes": received}
            rows.append(row | {"kbps": _rates(sent, received, 0.0), "hls": hls})
        return rows

    def _stream_rows(self) -> list[Json]:
        return [self._stream(row) for row in self._context.statistics.streams.values()]

    def _stream(self, row: StreamRow) -> Json:
        clients = [each for each in self._context.statistics.clients.values() if each.stream is row]
        sent = row.past_sent + sum(each.counters.sent for each in clients)
        received = row.past_received + sum(each.counters.received for each in clients)
        vhost = self._context.statistics.vhost_id(row.request.vhost)
        told: Json = {"id": row.id, "name": row.request.stream, "vhost": vhost, "app": row.request.app}
        publish: Json = {"active": row.active}
        if self._context.personality.has_services:
            told |= {"tcUrl": row.request.tc_url, "url": row.url}
            publish |= {"cid": row.publisher} if row.publisher else {}
        else:
            publish["cid"] = row.publisher
        told |= {"live_ms": _now(), "clients": row.clients, "frames": row.frames // 250 * 250}
        told |= {"send_bytes": sent, "recv_bytes": received, "kbps": _rates(sent, received, 0.0), "publish": publish}
        return told | {"video": _video(row.video), "audio": _audio(row.audio)}

    def _client_rows(self) -> list[Json]:
        if "api-omits-clients" in self._context.faults:
            return []
        return [self._client(row) for row in self._context.statistics.clients.values()]

    def _client(self, row: ClientRow) -> Json:
        vhost = self._context.statistics.vhost_id(row.request.vhost)
        told: Json = {"id": row.id, "vhost": vhost, "stream": row.stream.id, "ip": row.request.ip}
        told |= {"pageUrl": row.request.page_url, "swfUrl": row.request.swf_url, "tcUrl": row.request.tc_url}
        told["url"] = row.stream.url
        services = self._context.personality.has_services
        if services:
            told["name"] = row.request.stream
        alive = time.monotonic() - row.since
        told |= {"type": row.type, "publish": row.publish, "alive": round(alive, 2)}
        if services:
            told |= {"send_bytes": row.counters.sent, "recv_bytes": row.counters.received}
            told["kbps"] = _rates(row.counters.sent, row.counters.received, alive)
        return told


def _rates(sent: int, received: int, seconds: float) -> Json:
    """Return kbit/s; SRS has none before its first window of 30 s."""
    if seconds < _RATE_SECONDS:
        return {"recv_30s": 0, "send_30s": 0}
    return {"recv_30s": int(received * 8 / 1000 / seconds), "send_30s": int(sent * 8 / 1000 / seconds)}


def _video(video: Video | None) -> Json | None:
    if video is None:
        return None
    size = {"width": video.width, "height": video.height}
    return {"codec": "H264", "profile": video.profile, "level": video.level, **size}


def _audio(audio: Audio | None) -> Json | None:
    if audio is None:
        return None
    return {"codec": "AAC", "sample_rate": audio.sample_rate, "channel": audio.channels, "profile": audio.profile}


def _whole(text: str, default: int) -> int:
    return int(text) if text.lstrip("-").isdecimal() else default


def _now() -> int:
    return int(time.time() * 1000)
