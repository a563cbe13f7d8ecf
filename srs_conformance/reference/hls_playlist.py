"""The playlist of one HLS stream: its text, and how it gets onto the disk."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from srs_conformance.reference.faults import Switches
from srs_conformance.reference.settings import Hls

#: What an unfinished file's name ends with: a segment's, and a playlist's.
SEGMENT_SUFFIX: Final = ".tmp"
_SUFFIX: Final = ".temp"
#: How long faults leave a playlist as it must not be seen.
_HALF_SECONDS: Final = 0.1


class Listed(Protocol):
    """A finished segment."""

    number: int
    path: Path
    discontinuity: bool

    @property
    def seconds(self) -> float:
        """How long it lasts."""


class HlsPlaylist:
    """Writes the playlist of a stream beside it and puts it in its place by a rename, so that none is seen half."""

    def __init__(self, faults: Switches) -> None:
        self._faults = faults
        self._written = False

    def write(self, path: Path, segments: Sequence[Listed], hls: Hls) -> None:
        """Write the playlist of these segments. Raises OSError."""
        if "no-playlist" in self._faults or ("stale-playlist" in self._faults and self._written):
            return
        text = self._text(segments, hls)
        self._written = True
        if "playlist-names-unfinished" in self._faults:
            name = segments[-1].path.name
            _replace(path, text.replace(f"\n{name}\n", f"\n{name}{SEGMENT_SUFFIX}\n"))
            asyncio.get_running_loop().call_later(_HALF_SECONDS, _replace, path, text)
        elif "playlist-in-place" in self._faults:
            path.write_text(text[: len(text) * 2 // 3])
            asyncio.get_running_loop().call_later(_HALF_SECONDS, path.write_text, text)
        else:
            _replace(path, text)

    def _text(self, segments: Sequence[Listed], hls: Hls) -> str:
        longest = math.ceil(max(segment.seconds for segment in segments))
        target = max(longest, math.ceil(hls.fragment * hls.target_duration_ratio))
        if "hls-target-duration-too-short" in self._faults:
            target = 2
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-MEDIA-SEQUENCE:{segments[0].number}"]
        lines.append(f"#EXT-X-TARGETDURATION:{target}")
        for segment in segments:
            lines += ["#EXT-X-DISCONTINUITY"] if segment.discontinuity else []
            lines += [f"#EXTINF:{segment.seconds:.3f}, no desc", segment.path.name]
        return "\n".join(lines) + "\n"


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + _SUFFIX)
    temporary.write_text(text)
    temporary.replace(path)
