"""A cheap HTTP-FLV viewer."""

from __future__ import annotations

import time
from typing import ClassVar

from srs_conformance.load.viewing import Viewing
from srs_conformance.load.visits import Kind
from srs_conformance.media.flv_skimmer import FlvSkimmer
from srs_conformance.media.http_body import BodyRanges
from srs_conformance.viewers.http1 import Exchange, HttpUrl
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.wire import Ended


class FlvViewing(Viewing):
    """Plays http://host[:port]/app/stream.flv."""

    kind: ClassVar[Kind] = Kind.HTTP_FLV

    def _open(self) -> None:
        url = HttpUrl.parse(self.url)
        self._wire = self.connect(url.host, url.port)
        self._wire.patience(self.scene.settings.patience)
        exchange = Exchange(self._wire)
        head = exchange.get(url, keep=False)
        if head.status != 200:
            raise Ended(Ending.HTTP_STATUS, f"{head.status} {head.reason}")
        self.scene.says(head.headers.get("server", ""))
        self._body = BodyRanges(chunked="chunked" in head.headers.get("transfer-encoding", ""))
        self._skimmer = FlvSkimmer()
        self._take(memoryview(exchange.rest()), time.monotonic())

    def _take(self, data: memoryview, now: float) -> None:
        for piece in self._body.pieces(data):
            self.watch.take(self._skimmer.skim(piece), now)
        if self._skimmer.stamps:
            self.behind(self._skimmer.stamps)
            self._skimmer.stamps.clear()
        if self._body.finished:
            self.end(Ending.CLOSED, "the server ended the response")
