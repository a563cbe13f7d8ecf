"""Where a player stands in a live playlist: which segments are new to it, and when to ask again (RFC 8216 6.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from srs_conformance.media.hls import MediaPlaylist, Segment

RETRY_SECONDS = 0.5
"""Between tries while there is no playlist: players keep trying, and a stream's first one takes a whole fragment."""
FROM_THE_END = 3
"""Target durations between the start of playback and the end of a live playlist (RFC 8216 6.3.3)."""


class Window:
    """Follows the media sequence of one playlist.

    Args:
        note: told what is worth telling: segments that were missed, a sequence that went back.
        from_start: begin with the oldest segment instead of three target durations before the end.
    """

    def __init__(self, note: Callable[[str], None], *, from_start: bool = False) -> None:
        self._note = note
        self._from_start = from_start
        self._next: int | None = None

    def fresh(self, playlist: MediaPlaylist) -> list[Segment]:
        """Return the segments to fetch now, the oldest first; they count as fetched."""
        fresh = self._choose(playlist)
        if fresh:
            self._next = fresh[-1].sequence + 1
        return fresh

    def _choose(self, playlist: MediaPlaylist) -> list[Segment]:
        segments = list(playlist.segments)
        if not segments:
            return []
        if self._next is not None and segments[-1].sequence + 1 < self._next:
            self._note(f"the media sequence went back, from {self._next} to {segments[-1].sequence + 1}")
            self._next = None
        if self._next is None:
            return segments if self._from_start or playlist.ended else segments[live_start(playlist) :]
        if segments[0].sequence > self._next:
            self._note(f"segments {self._next} to {segments[0].sequence - 1} have left the playlist unseen")
        return [segment for segment in segments if segment.sequence >= (self._next or 0)]


def live_start(playlist: MediaPlaylist) -> int:
    """Return the index of the latest segment that starts three target durations before the end; else the first."""
    total = 0.0
    for index in range(len(playlist.segments) - 1, -1, -1):
        total += playlist.segments[index].duration
        if total >= FROM_THE_END * playlist.target_duration:
            return index
    return 0


def reload_after(playlist: MediaPlaylist, fresh: Sequence[Segment]) -> float:
    """Return seconds from the start of one load of the playlist to the next: half as long when nothing was new."""
    return max(playlist.target_duration * (1.0 if fresh else 0.5), RETRY_SECONDS)
