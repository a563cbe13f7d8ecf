"""The body of one endless HTTP/1.1 response, as ranges of the reader's own buffer (RFC 9112 7.1)."""

from __future__ import annotations

from typing import Final

from srs_conformance.media.errors import ProtocolError

_LINE: Final = 64
"""Bytes that a chunk's size line may have, extensions included; SRS writes four at most."""


class BodyRanges:
    """Bytes after a response's head in, pieces of the body out, without a copy.

    Args:
        chunked: whether the response says Transfer-Encoding: chunked; if not, all bytes are body.
    """

    def __init__(self, *, chunked: bool) -> None:
        self.finished = False
        self._chunked = chunked
        self._left = 0  # of the chunk, its closing line end included
        self._cut = b""

    def pieces(self, data: memoryview) -> list[memoryview]:
        """Return what of these bytes is body.

        Raises:
            ProtocolError: no chunk begins where one must.
        """
        if not self._chunked:
            return [data]
        if self._cut:
            data, self._cut = memoryview(self._cut + bytes(data)), b""
        found: list[memoryview] = []
        position, end = 0, len(data)
        while position < end and not self.finished:
            if self._left:
                stop = min(position + self._left, end)
                body = min(position + max(self._left - 2, 0), end)
                if body > position:
                    found.append(data[position:body])
                self._left -= stop - position
                position = stop
                continue
            line = bytes(data[position : position + _LINE])
            length = line.find(b"\r\n")
            if length < 0:
                if len(line) == _LINE:
                    raise self._no_chunk(line)
                self._cut = line
                break
            position += length + 2
            self._begin(line[:length])
        return found

    def _begin(self, line: bytes) -> None:
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise self._no_chunk(line) from None
        self.finished = size == 0
        self._left = size + 2

    def _no_chunk(self, line: bytes) -> ProtocolError:
        return ProtocolError("HTTP chunk", 0, "a chunk's size in hexadecimal and a line end", repr(line[:16]))
