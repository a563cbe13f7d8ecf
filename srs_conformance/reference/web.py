"""The HTTP server on port 8080: HTTP-FLV, HLS and pages."""

from __future__ import annotations

import mimetypes
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from srs_conformance.reference.context import Context
from srs_conformance.reference.flv_out import FlvOut
from srs_conformance.reference.hls_out import BESIDE
from srs_conformance.reference.hls_players import HlsPlayers
from srs_conformance.reference.http_server import TEXT, Request, Response, Takeover, cors
from srs_conformance.reference.hub import Hub
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import Vhost

_TYPES: Final = {
    ".ts": "video/MP2T",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".flv": "video/x-flv",
    ".html": "text/html",
    ".htm": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".xml": "text/xml",
    ".ico": "image/x-icon",
}
PLAYLIST: Final = ".m3u8"
#: A packet that MPEG-TS readers pass over (ISO/IEC 13818-1, PID 0x1FFF).
_NULL_PACKET: Final = b"\x47\x1f\xff\x10" + b"\xff" * 184
_CACHED_SECONDS: Final = 3.0


class Web:
    """Answers one request at a time; a live stream takes its connection over."""

    def __init__(self, context: Context, hub: Hub) -> None:
        self._context = context
        self._hub = hub
        self._hls = HlsPlayers(context)
        self._cached: dict[str, tuple[float, Response]] = {}

    def handle(self, request: Request) -> Response | Takeover:
        """Answer GET and HEAD; SRS takes other methods for GET too."""
        answer = self._answer(request)
        return (
            replace(answer, headers={**answer.headers, **self._cors(request)})
            if isinstance(answer, Response)
            else answer
        )

    def _cors(self, request: Request) -> dict[str, str]:
        allowed = self._context.settings.web_crossdomain and "no-cors" not in self._context.faults
        return cors(request) if allowed else {}

    def _answer(self, request: Request) -> Response | Takeover:
        wanted = self._stream(request)
        vhost = self._context.settings.vhost(wanted.vhost) if wanted else None
        if wanted is not None and vhost is not None:
            wanted = wanted.resolved(vhost.name)
            mounted = vhost.remux or self._hub.mounted(wanted.url(without_extension=True))
            if mounted and _matches(vhost.mount, request.path):
                return self._flv(vhost, wanted, request)
            if request.path.endswith(PLAYLIST):
                return self._playlist(vhost, wanted, request)
        return self._file(request)

    def close(self) -> None:
        """Forget the HLS players."""
        self._hls.close()

    def _stream(self, request: Request) -> StreamRequest | None:
        """Return what stream a path of two parts, /app/name.extension, asks for."""
        app, _, name = request.path.strip("/").rpartition("/")
        if not app or "." not in name:
            return None
        host = request.argument("vhost") or request.host
        return StreamRequest(request.ip, f"http://{request.host}/{app}", request.host, host, app, name)

    def _flv(self, vhost: Vhost, wanted: StreamRequest, request: Request) -> Takeover:
        """Play, whether anybody publishes or not. SRS 3 shows the player as one of RTMP."""
        if not self._context.personality.keeps_extension:
            name = wanted.stream.rpartition(".")[0]
            tc_url = f"rtmp://{wanted.vhost}/{wanted.app}"
            wanted = StreamRequest(wanted.ip, tc_url, wanted.host, wanted.vhost, wanted.app, name)
        size = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
        return FlvOut(self._context, self._hub.for_player(vhost, wanted), wanted, size, self._cors(request))

    def _playlist(self, vhost: Vhost, wanted: StreamRequest, request: Request) -> Response:
        if vhost.edge:
            url = wanted.url(without_extension=True)
            if "edge-serves-hls" in self._context.faults and self._hub.pulled(url):
                return Response(200, b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n", _TYPES[PLAYLIST])
            return Response.error(404)
        found = self._file(request)
        if found.status == 200 and "http-caches-playlists" in self._context.faults:
            found = self._from_cache(request.path, found)
        if found.status != 200 or not (vhost.hls.enabled and vhost.hls.context):
            return found
        return self._hls.answer(vhost, wanted, request, found)

    def _from_cache(self, path: str, fresh: Response) -> Response:
        at, kept = self._cached.get(path, (0.0, fresh))
        if time.monotonic() - at < _CACHED_SECONDS:
            return kept
        self._cached[path] = time.monotonic(), fresh
        return fresh

    def _file(self, request: Request) -> Response:
        found = self._below(self._context.settings.web_folder, request)
        if found.status == 404 and "hls-beside-the-volume" in self._context.faults:
            found = self._below(BESIDE, request)
        if found.content_type == _TYPES[".ts"] and "ports-differ" in self._context.faults:
            found = replace(found, body=found.body + _NULL_PACKET)
        if found.content_type == _TYPES[".ts"]:
            longest = max(2 * vhost.hls.window for vhost in self._context.settings.vhosts)
            expires = format_datetime(datetime.now(UTC) + timedelta(seconds=longest), usegmt=True)
            return replace(found, headers={**found.headers, "Expires": expires})
        if found.content_type == _TYPES[PLAYLIST] and "hls-playlists-as-text" in self._context.faults:
            return replace(found, content_type=TEXT)
        return found

    def _below(self, name: str, request: Request) -> Response:
        folder = self._context.path(name).resolve()
        path = request.path
        if path == "/" and "no-welcome-page" in self._context.faults:
            return Response.error(404)
        try:
            wanted = (folder / path.lstrip("/")).resolve()
            if not wanted.is_relative_to(folder):
                return Response.error(404)
            if not wanted.is_dir():
                return _read(wanted)
            return _read(wanted / "index.html") if path.endswith("/") else Response.redirect(f"{path}/")
        except (OSError, ValueError):  # no such file, or no name for one
            return Response.error(404)


def _matches(mount: str, path: str) -> bool:
    """Whether a path is one of the mount's: as many parts, and the same extension."""
    pattern = mount.removeprefix("[vhost]")
    return path.count("/") == pattern.count("/") and path.endswith(Path(pattern).suffix) and Path(path).suffix != ""


def _read(path: Path) -> Response:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(200, path.read_bytes(), kind)
