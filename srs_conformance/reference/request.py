"""What a client asks for: vhost, app and stream, taken from RTMP or HTTP URLs as SRS does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs, urlsplit

from srs_conformance.reference.settings import DEFAULT_VHOST

_EXTENSION: Final = "."


def host_of(url: str) -> str:
    """Return the host of a URL, or nothing where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@dataclass(frozen=True)
class StreamRequest:
    """One client's wish; `vhost` is the name in the configuration once it is resolved."""

    ip: str
    tc_url: str
    host: str
    vhost: str
    app: str
    stream: str = ""
    params: str = ""
    page_url: str = ""
    swf_url: str = ""

    @classmethod
    def from_connect(cls, ip: str, tc_url: str, app: str, page_url: str = "", swf_url: str = "") -> StreamRequest:
        """Build from the arguments of RTMP `connect`; `?vhost=` in the app wins over the host."""
        host = host_of(tc_url)
        name, _, query = app.partition("?")
        vhost = parse_qs(query).get("vhost", [host])[0]
        return cls(ip, tc_url.partition("?")[0], host, vhost, name.strip("/"), page_url=page_url, swf_url=swf_url)

    def of_stream(self, name: str) -> StreamRequest:
        """Return the wish for one stream; `?vhost=` after its name wins."""
        stream, _, query = name.partition("?")
        vhost = parse_qs(query).get("vhost", [self.vhost])[0]
        return replace(self, stream=stream, params=f"?{query}" if query else "", vhost=vhost)

    def resolved(self, vhost: str) -> StreamRequest:
        """Return the wish with the vhost's name in the configuration."""
        return replace(self, vhost=vhost)

    def url(self, *, without_extension: bool) -> str:
        """Return /app/stream, with the vhost before it unless it is the default one: the key of the stream."""
        stream = self.stream
        if without_extension:  # SRS 6 takes livestream.flv and livestream for one stream
            stream = stream.rpartition(_EXTENSION)[0] or stream
        vhost = "" if self.vhost == DEFAULT_VHOST else self.vhost
        return f"{vhost}/{self.app}/{stream}"
