"""The HTTP-FLV viewer: one GET whose response never ends, and holds FLV tags."""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import urljoin

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import FlvHeader, FlvParser, FlvTag, TagKind
from srs_conformance.viewers.http1 import Exchange, Head, HttpUrl
from srs_conformance.viewers.keeping import Response
from srs_conformance.viewers.timeline import Ending, Protocol
from srs_conformance.viewers.viewer import Viewer
from srs_conformance.viewers.wire import Ended

HOPS = 3
SHOWN = 100
_VIOLATIONS = 5


class FlvViewer(Viewer):
    """Plays http://host[:port]/app/stream.flv, or https://.

    SRS sends no response header until the stream is published: then the timeline has `connected` and no `playing`.
    """

    protocol = Protocol.HTTP_FLV

    def _watch(self) -> None:
        url = self.url
        for _ in range(HOPS + 1):
            exchange, head = self._get(url)
            if head.status not in (301, 302, 303, 307, 308) or "location" not in head.headers:
                break
            url = urljoin(url, head.headers["location"])
            self._note(f"{head.status} to {url}")
        else:
            raise Ended(Ending.REDIRECTED, f"more than {HOPS} redirects, the last one to {url}")
        if head.status != 200:
            raise Ended(Ending.HTTP_STATUS, _refusal(head, next(iter(exchange.body()), b"")))
        self.timeline.playing = time.monotonic()
        self._play(exchange.body())

    def _get(self, text: str) -> tuple[Exchange, Head]:
        try:
            url = HttpUrl.parse(text, secure=True)
        except ValueError as error:
            raise Ended(Ending.REDIRECTED, str(error)) from error
        wire = self._connect(url.host, url.port, secure=url.secure)
        wire.patience(None)
        exchange = Exchange(wire)
        asked = time.monotonic()
        head = exchange.get(url, keep=False)
        self._answer = Response(text, asked, status=head.status, headers=head.lines)
        if self._keep is not None:
            self._keep.responses.append(self._answer)
        self.timeline.server = head.headers.get("server", "")
        self.timeline.content_type = head.headers.get("content-type", "")
        return exchange, head

    def _play(self, body: Iterable[bytes]) -> None:
        parser = FlvParser()
        try:
            for data in body:
                arrival = time.monotonic()
                if self._keep is not None:
                    self._keep.keep(self._answer.pieces, arrival, data)
                try:
                    events: Iterable[object] = parser.receive_data(data)
                except ProtocolError as error:
                    self._take(error.before, arrival)
                    raise
                self._take(events, arrival)
        except (Ended, ProtocolError) as end:
            self._answer.why = "" if self._stopping.is_set() else str(end)
            raise
        finally:
            self._answer.took = time.monotonic() - self._answer.at
            for violation in parser.violations[:_VIOLATIONS]:
                self._note(f"against the specification: {violation}")
        self._answer.why = "" if self._stopping.is_set() else "the server ended the response"
        raise Ended(Ending.CLOSED, "the server ended the response")

    def _take(self, events: Iterable[object], arrival: float) -> None:
        recorder = self._recorder
        for event in events:
            if self._stopping.is_set():
                return
            if isinstance(event, FlvTag):
                if event.kind is TagKind.VIDEO:
                    recorder.flv_video(event.payload, event.timestamp, arrival)
                elif event.kind is TagKind.AUDIO:
                    recorder.flv_audio(event.payload, event.timestamp, arrival)
            elif isinstance(event, FlvHeader):
                recorder.note(f"FLV header: audio {event.audio}, video {event.video}")


def _refusal(head: Head, body: bytes) -> str:
    """Say the status, and what a body says beside it; a page says it once more, for people with a browser."""
    said = " ".join(body[:SHOWN].decode("utf-8", "backslashreplace").split())
    status = f"{head.status} {head.reason}"
    return f"{status}: {said}" if said and not said.startswith("<") else status
