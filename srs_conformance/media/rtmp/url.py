"""RTMP URLs, split as ffmpeg and SRS split them: the stream is what follows the last slash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from srs_conformance.media.errors import LocalProtocolError

DEFAULT_PORT: Final = 1935
_FORM: Final = "rtmp://host[:port]/app/stream[?params]"


@dataclass(frozen=True, slots=True)
class RtmpUrl:
    """rtmp://host[:port]/app/stream[?params]."""

    host: str
    port: int
    app: str
    stream: str
    params: str = ""

    @classmethod
    def parse(cls, url: str) -> RtmpUrl:
        """Split a URL; `params` is the text after the question mark.

        Raises:
            LocalProtocolError: it has not the form rtmp://host[:port]/app/stream[?params].
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise LocalProtocolError(f"{url!r} is no RTMP URL: {error}; expected {_FORM}") from None
        app, _, stream = parts.path.strip("/").rpartition("/")
        if parts.scheme != "rtmp" or not host or not app or not stream:
            raise LocalProtocolError(f"{url!r} is no RTMP URL; expected {_FORM}")
        return cls(host, DEFAULT_PORT if port is None else port, app, stream, parts.query)

    @property
    def authority(self) -> str:
        """Host and port as URLs write them; the default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"

    @property
    def tc_url(self) -> str:
        """What `connect` names: the URL without the stream."""
        return f"rtmp://{self.authority}/{self.app}"

    @property
    def play_name(self) -> str:
        """What `play` and `publish` name: the stream with its parameters."""
        return f"{self.stream}?{self.params}" if self.params else self.stream

    def __str__(self) -> str:
        return f"{self.tc_url}/{self.play_name}"
