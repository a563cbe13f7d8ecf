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
#: Every which version begins at 0 by a fault; by how many seconds EXTINF is too long by another one.
_GOES_BACK: Final = 5
_EXTINF_MORE: Final = 0.7
#: In seconds; no fragment of the chapters is as short.
_TOO_SHORT: Final = 1


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
        self._target = 0
        self._version = 0

    def write(self, path: Path, segments: Sequence[Listed], hls: Hls, marks: int = 0) -> None:
        """Write the playlist of these segments; `marks` discontinuities were removed before them. Raises OSError."""
        if "no-playlist" in self._faults or ("stale-playlist" in self._faults and self._written):
            return
        text = self._text(segments, hls, marks)
        self._written = True
        self._version += 1
        if "playlist-names-unfinished" in self._faults:
            name = segments[-1].path.name
            _replace(path, text.replace(f"\n{name}\n", f"\n{name}{SEGMENT_SUFFIX}\n"))
            asyncio.get_running_loop().call_later(_HALF_SECONDS, _replace, path, text)
        elif "playlist-in-place" in self._faults:
            path.write_text(text[: len(text) * 2 // 3])
            asyncio.get_running_loop().call_later(_HALF_SECONDS, path.write_text, text)
        else:
            _replace(path, text)

    def _text(self, segments: Sequence[Listed], hls: Hls, marks: int) -> str:
        lines = ["#EXTM3U"] if "hls-no-version" in self._faults else ["#EXTM3U", "#EXT-X-VERSION:3"]
        back = "hls-sequence-goes-back" in self._faults and self._version % _GOES_BACK == _GOES_BACK - 1
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{0 if back else segments[0].number}")
        if "hls-no-discontinuity-sequence" not in self._faults:
            lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{marks}")
        lines.append(f"#EXT-X-TARGETDURATION:{self._target_duration(segments, hls)}")
        more = self._more()
        for segment in segments:
            lines += ["#EXT-X-DISCONTINUITY"] if segment.discontinuity else []
            lines += [f"#EXTINF:{segment.seconds + more:.3f}, no desc", segment.path.name]
        return "\n".join(lines) + "\n"

    def _more(self) -> float:
        return _EXTINF_MORE if "hls-extinf-untrue" in self._faults else 0.0

    def _target_duration(self, segments: Sequence[Listed], hls: Hls) -> int:
        """Return what no segment's duration is above in whole seconds (RFC 8216 4.3.3.1); it stays as it is (6.2.1)."""
        if "hls-target-duration-too-short" in self._faults:
            return _TOO_SHORT
        longest = math.floor(max(segment.seconds for segment in segments) + self._more() + 0.5)
        self._target = max(self._target, longest, math.ceil(hls.fragment * hls.target_duration_ratio))
        return self._target + ("hls-target-duration-changes" in self._faults and self._version % 2)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + _SUFFIX)
    temporary.write_text(text)
    temporary.replace(path)
