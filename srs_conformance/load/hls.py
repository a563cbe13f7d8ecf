"""A cheap HLS viewer: playlists and segments on one kept connection, in the thread or greenlet of its own visit."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import ClassVar, Final

from srs_conformance.load.measures import Measure
from srs_conformance.load.viewing import Scene, Visitor
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.load.watching import Watch
from srs_conformance.media import stamp, ts_skimmer
from srs_conformance.media.hls import MasterPlaylist, MediaPlaylist, Segment, parse_playlist
from srs_conformance.media.steps import HEAD_SIZE, KEYFRAME, VIDEO
from srs_conformance.viewers.fetching import Fetched, Fetcher
from srs_conformance.viewers.hls import PLAYLIST_SECONDS, SEGMENT_SECONDS
from srs_conformance.viewers.http1 import HttpUrl
from srs_conformance.viewers.timeline import Ending
from srs_conformance.viewers.window import RETRY_SECONDS, Window, reload_after
from srs_conformance.viewers.wire import Ended, Wire

_SPAN: Final = (1 << 33) // 90
_TRIES: Final = 3
"""Playlists in a row that may be missing before the visit ends: a player gives up some time too."""


_KEPT: Final = 256
"""Playlists that are remembered as parsed: a crowd gets the same one again and again."""


@lru_cache(_KEPT)
def _parsed(text: str, url: str) -> MasterPlaylist | MediaPlaylist:
    return parse_playlist(text, url)


class HlsViewing(Visitor):
    """Plays http://host[:port]/app/stream.m3u8: whole segments, judged by their timestamps, or unseen by EXTINF."""

    kind: ClassVar[Kind] = Kind.HLS

    def __init__(self, scene: Scene, url: str, stream: str, *, deep: bool = True) -> None:
        super().__init__(scene, url, stream, deep=deep)
        self.watch = Watch(self.record, scene.settings.buffer, span=_SPAN, on_stall=self.stood_still)
        self._wire: Wire | None = None
        self._fetcher = Fetcher(self._reconnect)
        self._window = Window(lambda _: None)
        self._url = url
        self._due = 0.0
        self._missing = 0
        self._why = ""

    def stalled(self, now: float) -> bool:
        """Whether the modelled player stands still at a time."""
        return self.watch.stalled(now)

    def _join(self) -> None:
        self.watch.started = self.started
        patience = self.scene.settings.hls_patience
        while not self.watch.joined and not self.over:
            if time.monotonic() - self.started > patience:
                raise Ended(Ending.TIMEOUT, f"no segment within {patience:g} s: {self._why}")
            self._round()
        if not self.watch.joined:
            raise Ended(Ending.STOPPED, "")

    def _stay(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.over and time.monotonic() < until:
            self._round(until)
            if self._missing >= _TRIES:
                raise Ended(Ending.HTTP_STATUS, self._why)

    def _round(self, until: float = float("inf")) -> None:
        """Wait until a playlist is due, load it and fetch what is new in it."""
        self._over.wait(max(min(self._due, until) - time.monotonic(), 0))
        if self.over or time.monotonic() >= until:
            return
        began = time.monotonic()
        playlist = self._load()
        if isinstance(playlist, MasterPlaylist) and playlist.variants and self._url == self.url:
            self._url = playlist.variants[0].uri
            return
        if not isinstance(playlist, MediaPlaylist):
            self._missing += 1
            self._url, self._due = self.url, began + RETRY_SECONDS
            return
        self._missing = 0
        fresh = self._window.fresh(playlist)
        for segment in fresh:
            if not self.over:
                self._fetch_segment(segment)
        if playlist.ended:
            self.end(Ending.FINISHED)
        self._due = began + reload_after(playlist, fresh)

    def _load(self) -> MasterPlaylist | MediaPlaylist | None:
        fetched, body = self._fetch(self._url, PLAYLIST_SECONDS, Measure.PLAYLIST)
        if not fetched.complete:
            return None
        return _parsed(body.decode("utf-8", "replace"), self._url)

    def _fetch_segment(self, segment: Segment) -> None:
        fetched, body = self._fetch(segment.uri, SEGMENT_SECONDS, Measure.SEGMENT, keep=self.deep)
        if not fetched.complete:
            return
        now = time.monotonic()
        if not self.deep:
            self.watch.take_media(segment.duration, now)
            return
        steps = ts_skimmer.skim(body)
        self.watch.take(steps, now)
        if any(kind == VIDEO and mark == KEYFRAME for kind, _, mark in steps):
            sent = stamp.read(body[: 20 * HEAD_SIZE])
            if sent is not None:
                self.scene.measures.record(self.kind, Measure.BEHIND, max(time.time() - sent, 0.0))

    def _fetch(self, url: str, seconds: float, measure: Measure, *, keep: bool = True) -> tuple[Fetched, bytearray]:
        try:
            fetched, body = self._fetcher.fetch_whole(url, seconds, keep=keep)
        except ValueError as error:
            raise Ended(Ending.PROTOCOL_ERROR, str(error)) from error
        if fetched.ending is not None and self.record.connect is None:
            raise Ended(fetched.ending, fetched.why)
        self.scene.says(fetched.headers.get("server", ""))
        self._why = f"{url}: {fetched.why or fetched.status}"
        if fetched.complete:
            self.scene.measures.record(self.kind, measure, fetched.took)
        return fetched, body

    def _reconnect(self, place: HttpUrl) -> Wire:
        self._hang_up()
        self._wire = self.connect(place.host, place.port)
        return self._wire

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()

    def leave(self) -> None:
        """Have it leave now, whatever it waits for."""
        super().leave()
        if self._wire is not None:
            self._wire.interrupt()

    def _leave(self) -> None:
        self._hang_up()

    def _account(self, now: float, ending: Ending, error: str) -> Visit:
        return self.watch.finish(now, ending, error)
