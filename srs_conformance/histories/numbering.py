"""Frame numbers without decoding.

A published clip is encoded once and sent as it is, so that a picture's digest tells which of its pictures it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import av

from srs_conformance.errors import UsageError
from srs_conformance.media.avc import AvcConfig, split_nal_units, vcl_digest
from srs_conformance.media.errors import ProtocolError


class Numbering:
    """Which digest (`Frame.digest`) has which number in a clip that is published over and over.

    Args:
        digests: of the pictures in the order in which they are shown.
        rate: pictures per second.
    """

    def __init__(self, digests: tuple[int, ...], rate: float) -> None:
        self.digests = digests
        self.rate = rate

    @property
    def period(self) -> int:
        """Return after how many pictures the numbers begin again at 0."""
        return len(self.digests)

    def numbers(self, digest: int) -> tuple[int, ...]:
        """Return the numbers of the pictures with that digest: none for a picture that is not the clip's.

        Several where the clip has pictures that are coded alike, as in a still scene; `nearest` chooses among them.
        """
        return self._numbers.get(digest, ())

    def nearest(self, digest: int, expected: float) -> int | None:
        """Return the place in the endless repetition of the clip, nearest to the expected one, that has the digest.

        None for a picture that is not the clip's. A place that is further off than half a period is taken for another.
        """
        places = [
            number + self.period * round((expected - number) / self.period) for number in self._numbers.get(digest, ())
        ]
        return min(places, key=lambda place: abs(place - expected), default=None)

    @cached_property
    def _numbers(self) -> Mapping[int, tuple[int, ...]]:
        found: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
        for number, digest in enumerate(self.digests):
            found[digest] += (number,)
        return dict(found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Numbering) and (self.digests, self.rate) == (other.digests, other.rate)

    def __hash__(self) -> int:
        return hash((self.digests, self.rate))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"rate": self.rate, "digests": list(self.digests)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Numbering:
        """Return what `to_json` wrote.

        Raises:
            ValueError: it is no numbering.
        """
        rate, digests = values.get("rate"), values.get("digests")
        if not isinstance(rate, int | float) or rate <= 0 or not isinstance(digests, list):
            raise ValueError("a numbering needs a rate above 0 and a list of digests")
        if not digests or not all(isinstance(digest, int) for digest in digests):
            raise ValueError("a numbering's digests are whole numbers, and there is at least one")
        return cls(tuple(digests), float(rate))

    @classmethod
    def of(cls, clip: Path) -> Numbering:
        """Number the pictures of an H.264 file as `DemoClip.ensure` makes it (about 0.1 s a minute of clip).

        Raises:
            UsageError: it cannot be read, or its pictures are not H.264 with a configuration record.
        """
        try:
            with av.open(str(clip)) as container:
                if not container.streams.video or container.streams.video[0].codec_context.name != "h264":
                    raise UsageError(f"{clip} has no H.264 picture track, so its pictures cannot be numbered")
                track = container.streams.video[0]
                size = AvcConfig.parse(bytes(track.codec_context.extradata or b"")).length_size
                packets = [packet for packet in container.demux(track) if packet.size]
                rate = float(track.average_rate or 0)
                packets.sort(key=lambda packet: packet.pts or 0)
                digests = tuple(vcl_digest(split_nal_units(bytes(packet), size)) for packet in packets)
        except (av.error.FFmpegError, OSError, ProtocolError) as error:
            raise UsageError(f"the pictures of {clip} cannot be numbered: {error}") from error
        return cls(digests, rate)
