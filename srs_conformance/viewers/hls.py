"""The HLS viewer: playlists polled as RFC 8216 section 6.3 asks of a client, and segments fetched one by one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.hls import MasterPlaylist, MediaPlaylist, Segment, parse_playlist
from srs_conformance.viewers.fetching import Fetched, Fetcher
from srs_conformance.viewers.keeping import Keeping, Piece, Response
from srs_conformance.viewers.segments import SegmentReader
from srs_conformance.viewers.timeline import Ending, PlaylistFetch, Protocol, SegmentFetch
from srs_conformance.viewers.viewer import Viewer
from srs_conformance.viewers.window import RETRY_SECONDS, Window, reload_after
from srs_conformance.viewers.wire import Ended

PLAYLIST_SECONDS = 5.0
SEGMENT_SECONDS = 20.0


class HlsViewer(Viewer):
    """Plays http://host[:port]/app/stream.m3u8, or https://.

    A playlist that is not there yet is asked for again until the viewer is stopped. A master playlist is followed to
    its first variant: SRS 4 and later open a session so, and its query stays on playlist and segments. Playback begins
    three target durations before the end, or with `from_start` at the oldest segment.
    """

    protocol: ClassVar[Protocol] = Protocol.HLS

    def __init__(
        self,
        url: str,
        *,
        label: str | None = None,
        decode: bool = False,
        source: str | None = None,
        from_start: bool = False,
        keep: Keeping | None = None,
    ) -> None:
        super().__init__(url, label=label, decode=decode, source=source, keep=keep)
        self._window = Window(self._recorder.note, from_start=from_start)
        self._fetcher = Fetcher(lambda at: self._connect(at.host, at.port, secure=at.secure), secure=True)
        self._problem = ""

    def _watch(self) -> None:
        url = self.url
        while not self._stopping.is_set():
            began = time.monotonic()
            playlist = self._load(url)
            if isinstance(playlist, MasterPlaylist) and url == self.url:
                url = self._first_variant(playlist)
                continue
            if not isinstance(playlist, MediaPlaylist):
                url = self.url  # a session may have ended with its server
                self._stopping.wait(RETRY_SECONDS)
                continue
            fresh = self._window.fresh(playlist)
            for segment in fresh:
                if self._stopping.is_set():
                    return
                self._fetch_segment(segment)
            if playlist.ended:
                raise Ended(Ending.FINISHED, "the playlist is complete")
            self._stopping.wait(max(began + reload_after(playlist, fresh) - time.monotonic(), 0))

    def _load(self, url: str) -> MasterPlaylist | MediaPlaylist | None:
        """Fetch and read a playlist; None when there is none at present.

        Raises:
            Ended: the very first connection failed.
        """
        body = bytearray()
        fetched = self._fetch(url, lambda data, _: body.extend(data), PLAYLIST_SECONDS)
        if self._stopping.is_set() and not fetched.complete:
            return None  # what our own leaving cut short is no answer
        if fetched.ending is not None and self.timeline.connected is None:
            raise Ended(fetched.ending, fetched.why)
        playlist, problem = None, fetched.why
        if fetched.complete:
            try:
                playlist = parse_playlist(body.decode("utf-8"), url)
            except (ProtocolError, UnicodeDecodeError) as error:
                problem = str(error)
        if isinstance(playlist, MasterPlaylist) and url != self.url:
            problem = "a master playlist where a variant's media playlist must be"
        self._record(fetched, playlist, problem)
        self._tell(f"{url}: {problem or fetched.status}" if problem or not fetched.complete else "")
        return playlist

    def _fetch(self, url: str, consume: Callable[[bytes, float], None], seconds: float) -> Fetched:
        pieces: list[Piece] = []

        def take(data: bytes, at: float) -> None:
            if self._keep is not None:
                self._keep.keep(pieces, at, data)
            consume(data, at)

        try:
            fetched = self._fetcher.fetch(url, take, seconds)
        except ValueError as error:
            fetched = Fetched(url, time.monotonic(), why=str(error))
        if self._keep is not None and not self._stopping.is_set():  # what our own leaving cut short is no answer
            answer = Response(url, fetched.at, fetched.took, fetched.status, fetched.lines, pieces, fetched.why)
            self._keep.responses.append(answer)
        return fetched

    def _record(self, fetched: Fetched, playlist: MasterPlaylist | MediaPlaylist | None, problem: str) -> None:
        timeline = self.timeline
        timeline.server = fetched.headers.get("server", timeline.server)
        if fetched.complete:
            timeline.content_type = fetched.headers.get("content-type", "")
        media = playlist if isinstance(playlist, MediaPlaylist) else None
        if media is not None and timeline.playing is None:
            timeline.playing = time.monotonic()
        timeline.playlists.append(
            PlaylistFetch(
                fetched.url,
                fetched.at,
                fetched.took,
                fetched.status,
                fetched.size,
                master=isinstance(playlist, MasterPlaylist),
                media_sequence=media.media_sequence if media else None,
                segments=len(media.segments) if media else None,
                target_duration=media.target_duration if media else None,
                finished=bool(media and media.ended),
                problem=problem,
            )
        )

    def _tell(self, problem: str) -> None:
        """Note a problem once, and not at every try."""
        if problem and problem != self._problem:
            self._recorder.note(problem)
        self._problem = problem

    def _first_variant(self, playlist: MasterPlaylist) -> str:
        if not playlist.variants:
            raise Ended(Ending.PROTOCOL_ERROR, f"the master playlist {playlist.uri} names no variant")
        return playlist.variants[0].uri

    def _fetch_segment(self, segment: Segment) -> None:
        pieces: list[tuple[bytes, float]] = []
        fetched = self._fetch(segment.uri, lambda data, at: pieces.append((data, at)), SEGMENT_SECONDS)
        if self._stopping.is_set():
            return
        reader = SegmentReader(self._recorder)
        first = len(self.timeline.frames)
        for data, at in pieces:
            reader.receive(data, at)
        if fetched.complete:
            reader.finish(pieces[-1][1] if pieces else fetched.at)
        problem = fetched.why or reader.problem
        if problem or not fetched.complete:
            self._recorder.note(f"segment {segment.sequence}, {segment.uri}: {problem or fetched.status}")
        self.timeline.segments.append(
            SegmentFetch(
                segment.uri,
                segment.sequence,
                segment.duration,
                fetched.at,
                fetched.took,
                fetched.status,
                fetched.size,
                first,
                len(self.timeline.frames),
                discontinuity=segment.discontinuity,
                problem=problem,
            )
        )
