"""Viewers: clients that play one stream over one protocol as a real player does, and what they saw."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from srs_conformance.errors import UsageError
from srs_conformance.media.errors import LocalProtocolError
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.viewers.flv import FlvViewer
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.hls import HlsViewer
from srs_conformance.viewers.http1 import HttpUrl
from srs_conformance.viewers.keeping import Keeping
from srs_conformance.viewers.returning import Churn, Returning
from srs_conformance.viewers.rtmp import RtmpViewer
from srs_conformance.viewers.timeline import Ending, Protocol, Timeline
from srs_conformance.viewers.viewer import Viewer

__all__ = ["Churn", "Ending", "Frame", "Keeping", "Kind", "Protocol", "Returning", "Timeline", "Viewer", "watch"]

_FORMS = "rtmp://host[:port]/app/stream, http[s]://host[:port]/app/stream.flv or http[s]://host[:port]/app/stream.m3u8"


def watch(
    url: str,
    *,
    label: str | None = None,
    decode: bool = False,
    source: str | None = None,
    from_start: bool = False,
    hosts: Mapping[str, str] = MappingProxyType({}),
    keep: Keeping | None = None,
) -> Viewer:
    """Return a viewer, not started yet, for the protocol that the URL says.

    Args:
        url: rtmp://host[:port]/app/stream, or http[s]://... that ends in .flv or .m3u8 (parameters may follow).
        label: a name for reports.
        decode: decode the pictures too, and read their numbers.
        source: the local address to connect from.
        from_start: of HLS, begin with the oldest segment and not near the live edge.
        hosts: of RTMP, addresses of names that a server may send us on to and this machine's DNS does not have.
        keep: takes what the connections carry, for those who judge protocols.

    Raises:
        UsageError: the URL has none of these forms.
    """
    try:
        path = urlsplit(url).path
        if url.startswith("rtmp:"):
            RtmpUrl.parse(url)
            return RtmpViewer(url, label=label, decode=decode, source=source, hosts=hosts, keep=keep)
        HttpUrl.parse(url, secure=True)
        if path.endswith(".flv"):
            return FlvViewer(url, label=label, decode=decode, source=source, keep=keep)
        if path.endswith(".m3u8"):
            return HlsViewer(url, label=label, decode=decode, source=source, from_start=from_start, keep=keep)
    except (ValueError, LocalProtocolError) as error:
        raise UsageError(f"cannot watch {url!r}: {error}; expected {_FORMS}") from error
    raise UsageError(f"cannot watch {url!r}; expected {_FORMS}")
