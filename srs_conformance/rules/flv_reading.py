"""An HTTP-FLV response read as it stands, whatever is wrong in it: judges need what strict parsers refuse."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from srs_conformance.media.flv import TagKind
from srs_conformance.rules.samples import Sample, arrivals
from srs_conformance.viewers.keeping import Response

_TAG_HEADER: Final = 11
_LARGEST_HEADER: Final = 4096
_KINDS: Final = frozenset(int(kind) for kind in TagKind)


@dataclass(frozen=True, slots=True)
class Tag:
    """One whole tag (FLV 10.1 E.4.1).

    Attributes:
        offset: of its first byte in the body.
        first: that byte: reserved bits, filter and type.
        kind: the type alone.
        timestamp: 32 bits, ms.
        stream_id: which should be 0.
        payload: the data; size: how much of it the tag announces.
        back_pointer: the PreviousTagSize after it, None where the body ends before that.
        at: when its last byte had come.
    """

    offset: int
    first: int
    kind: int
    timestamp: int
    stream_id: int
    payload: bytes
    back_pointer: int | None
    at: float

    @property
    def size(self) -> int:
        """Bytes of data."""
        return len(self.payload)

    @property
    def where(self) -> str:
        """Where it stands, for a verdict's details."""
        return f"byte {self.offset}, {self.timestamp} ms"


@dataclass(frozen=True, slots=True)
class Flv:
    """A body: the header (as far as it has come), the first PreviousTagSize, the whole tags, and what they hold."""

    header: bytes
    first_size: int | None
    tags: tuple[Tag, ...]

    @property
    def samples(self) -> list[Sample]:
        """The tags of known types as samples."""
        return [
            Sample(TagKind(tag.kind), tag.timestamp, tag.payload, tag.at, tag.offset)
            for tag in self.tags
            if tag.kind in _KINDS
        ]


def read_flv(response: Response) -> Flv:
    """Read a body; a tag that has not come whole is left out."""
    body = response.body
    ends = arrivals([(len(piece.data), piece.at) for piece in response.pieces])
    size = int.from_bytes(body[5:9], "big") if body[:3] == b"FLV" and len(body) >= 9 else 9
    header = body[: size if 9 <= size <= _LARGEST_HEADER else 9]
    position = len(header)
    first_size = _number(body, position)
    position += 4
    tags: list[Tag] = []
    while position + _TAG_HEADER <= len(body):
        end = position + _TAG_HEADER + int.from_bytes(body[position + 1 : position + 4], "big")
        if end > len(body):
            break
        tags.append(_tag(body, position, end, ends[bisect_left(ends, (end, 0.0))][1]))
        position = end + 4
    return Flv(header, first_size, tuple(tags))


def _tag(body: bytes, start: int, end: int, at: float) -> Tag:
    timestamp = int.from_bytes(body[start + 4 : start + 7], "big") | body[start + 7] << 24
    stream_id = int.from_bytes(body[start + 8 : start + 11], "big")
    payload = body[start + _TAG_HEADER : end]
    return Tag(start, body[start], body[start] & 0x1F, timestamp, stream_id, payload, _number(body, end), at)


def _number(body: bytes, start: int) -> int | None:
    return int.from_bytes(body[start : start + 4], "big") if start + 4 <= len(body) else None
