"""Everything that HLS and its segments are judged by, over what one viewer and one prober kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srs_conformance.rules import hls_delivery, hls_media, hls_playlists, hls_time, ts_streams, ts_tables
from srs_conformance.rules.rule import Verdict
from srs_conformance.viewers.keeping import Response


@dataclass(frozen=True)
class Judged:
    """The verdicts on one HLS stream, by what they are about."""

    playlists: tuple[Verdict, ...]
    time: tuple[Verdict, ...]
    delivery: tuple[Verdict, ...]
    media: tuple[Verdict, ...]
    transport: tuple[Verdict, ...]

    @property
    def all(self) -> tuple[Verdict, ...]:
        """All verdicts."""
        return (*self.playlists, *self.time, *self.delivery, *self.media, *self.transport)


def judge(responses: Sequence[Response], *, bodies: bool = True) -> Judged:
    """Judge an HLS stream by the responses that were kept of it, in any order.

    Args:
        responses: of whoever watched it and whoever probed it, all of one URL of the stream.
        bodies: whether all bodies were kept; where some were not, no length is judged.
    """
    segments = hls_media.segments_of(responses)
    return Judged(
        tuple(hls_playlists.judge(responses)),
        tuple(hls_time.judge(responses)),
        tuple(hls_delivery.judge(responses, bodies=bodies)),
        tuple(hls_media.judge(segments)),
        (*ts_tables.judge(segments), *ts_streams.judge(segments)),
    )
