"""Segments that have left a playlist and must be there for a while yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass
class _Retired:
    path: Path
    seconds: float
    due: float = 0.0


class Retired:
    """Keeps removed segments for their own duration and that of the longest playlist they were in (RFC 8216 6.2.2).

    Time is the stream's own: the seconds of all segments so far. When a stream has ended, what is left stays with the
    playlist's segments, and goes with them.

    Args:
        at_once: delete them when they leave the playlist, as a fault.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        self._leaving: list[_Retired] = []
        self._kept: list[_Retired] = []
        self._at_once = at_once
        self._now = self._longest = 0.0

    def leaves(self, path: Path, seconds: float) -> None:
        """A segment of so many seconds is not in the playlist that is written next."""
        self._leaving.append(_Retired(path, seconds))

    def written(self, seconds: float, playlist: float) -> None:
        """A playlist of so many seconds was written, whose newest segment lasts `seconds`; delete what is due."""
        self._now += seconds
        for each in self._leaving:
            each.due = self._now if self._at_once else self._now + each.seconds + self._longest
        self._longest = max(self._longest, playlist)
        self._kept += self._leaving
        self._leaving = []
        due = [each for each in self._kept if each.due < self._now or self._at_once]
        self._kept = [each for each in self._kept if each not in due]
        for each in due:
            each.path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete all that is left."""
        for each in (*self._kept, *self._leaving):
            each.path.unlink(missing_ok=True)
        self._kept.clear()
        self._leaving.clear()
