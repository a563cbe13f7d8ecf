"""FLV skimmed: tag headers only, from the reader's own buffer (FLV 10.1, annex E.3 and E.4)."""

from __future__ import annotations

import struct
from typing import Final

from srs_conformance.media import stamp
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.steps import AUDIO, AUDIO_MARKS, HEAD_SIZE, KEYFRAME, VIDEO, VIDEO_MARKS, Step

_FILE_HEADER: Final = 13  # the header and the first PreviousTagSize
_TAG: Final = struct.Struct(">IIxxxH")  # type and size, timestamp, stream id, the payload's first two bytes
_NEEDED: Final = _TAG.size
_AROUND: Final = 15  # the tag header and the PreviousTagSize after the payload
_SCRIPT: Final = 18


class FlvSkimmer:
    """FLV bytes in, steps out; any split of the same bytes gives the same steps.

    Memory is bounded by the few bytes of a header that is cut. `stamps` holds (timestamp, seconds since 1970) of the
    keyframes that carry a stamp, until somebody clears it; a stamp that a split cuts goes unread.
    """

    def __init__(self) -> None:
        self.stamps: list[tuple[int, float]] = []
        self.offset = 0  # of the first byte that has not been looked at or stepped over
        self._skip = 0
        self._cut = b""
        self._begun = False

    def skim(self, data: memoryview) -> list[Step]:
        """Return the steps of the tags whose headers are complete with these bytes.

        Raises:
            ProtocolError: this is no FLV; nothing can be skimmed after it.
        """
        if self._cut:
            data, self._cut = memoryview(self._cut + bytes(data)), b""
        end, position = len(data), self._skip
        if not self._begun and end >= _FILE_HEADER:
            position = self._begin(data)
        steps: list[Step] = []
        if self._begun:
            position = self._step(data, position, end, steps)
        if position < end:
            self._cut = bytes(data[position:])
        self._skip = max(position - end, 0)
        self.offset += min(position, end)
        return steps

    def _step(self, data: memoryview, position: int, end: int, steps: list[Step]) -> int:
        last, unpack, add = end - _TAG.size, _TAG.unpack_from, steps.append
        while position <= last:
            word, time, pair = unpack(data, position)
            kind = word >> 24
            timestamp = time >> 8 | (time & 255) << 24  # E.4.1: the upper 8 bits stand last
            if kind == VIDEO:
                mark = VIDEO_MARKS[pair]
                add((VIDEO, timestamp, mark))
                if mark == KEYFRAME:
                    self._look_for_stamp(timestamp, data[position + 11 : position + 11 + HEAD_SIZE])
            elif kind == AUDIO:
                add((AUDIO, timestamp, AUDIO_MARKS[pair]))
            elif kind != _SCRIPT:
                raise ProtocolError("FLV tag", self.offset + position, "a tag type of 8, 9 or 18", str(kind))
            position += (word & 0xFFFFFF) + _AROUND
        return position

    def _begin(self, data: memoryview) -> int:
        header = bytes(data[:_FILE_HEADER])
        size = int.from_bytes(header[5:9], "big")
        if header[:3] != b"FLV" or size != _FILE_HEADER - 4:
            raise ProtocolError("FLV header", 0, "the signature 'FLV' and a header of 9 bytes", repr(header[:9]))
        self._begun = True
        return _FILE_HEADER

    def _look_for_stamp(self, timestamp: int, head: memoryview) -> None:
        sent = stamp.read(head)
        if sent is not None:
            self.stamps.append((timestamp, sent))
