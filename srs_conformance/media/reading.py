"""What the parsers share: a cursor over one record, a bit reader, and the frame of an incremental parser."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from srs_conformance.media.errors import LocalProtocolError, ProtocolError

Event = TypeVar("Event")
Buffer = bytes | bytearray | memoryview


class Cursor:
    """Reads one record from front to back; a record that is too short is a `ProtocolError` at the missing byte."""

    def __init__(self, data: Buffer, where: str) -> None:
        self.data = bytes(data)
        self.where = where
        self.position = 0

    @property
    def remaining(self) -> int:
        """Bytes that are left."""
        return len(self.data) - self.position

    def take(self, count: int, what: str) -> bytes:
        """Return the next `count` bytes; `what` names them in the error."""
        start, end = self.position, self.position + count
        if end > len(self.data):
            expected = f"{count} byte{'s' * (count != 1)} of {what}"
            raise ProtocolError(self.where, start, expected, f"the end after {len(self.data) - start} bytes")
        self.position = end
        return self.data[start:end]

    def unsigned(self, count: int, what: str) -> int:
        """Return a big-endian unsigned number of `count` bytes."""
        return int.from_bytes(self.take(count, what), "big")

    def double(self, what: str) -> float:
        """Return a big-endian IEEE 754 double."""
        value: float = struct.unpack(">d", self.take(8, what))[0]
        return value

    def fail(self, expected: str, found: str, *, back: int = 0) -> ProtocolError:
        """Return an error at the position, or `back` bytes before it."""
        return ProtocolError(self.where, self.position - back, expected, found)


class BitReader:
    """Reads bits from the most significant on, for the short headers that are not byte aligned."""

    def __init__(self, data: bytes, where: str) -> None:
        self._number = int.from_bytes(data, "big")
        self._left = len(data) * 8
        self._size = len(data)
        self._where = where

    def bits(self, count: int) -> int:
        """Return `count` bits as an unsigned number."""
        if count > self._left:
            raise ProtocolError(self._where, self._size, f"{count} more bits", f"the end after {self._left} bits")
        self._left -= count
        return (self._number >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        """Return one bit."""
        return self.bits(1) == 1

    def unsigned_golomb(self) -> int:
        """Return an unsigned Exp-Golomb code, ue(v) of H.264 9.1."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                offset = self._size - self._left // 8
                raise ProtocolError(self._where, offset, "an Exp-Golomb code of 32 bits at most", "more leading zeros")
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed_golomb(self) -> int:
        """Return a signed Exp-Golomb code, se(v) of H.264 9.1.1."""
        code = self.unsigned_golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)


class StreamParser(ABC, Generic[Event]):
    """The frame of an incremental parser: buffering, the offset in the stream, and the end after an error.

    A subclass implements `_parse_unit`. Any split of the same bytes gives the same events and the same error.
    """

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset  # of the first byte that is not parsed yet
        self._buffer = bytearray()
        self._failure: ProtocolError | None = None

    @property
    def buffered(self) -> int:
        """Bytes that wait for the rest of their unit."""
        return len(self._buffer)

    def receive_data(self, data: Buffer) -> list[Event]:
        """Take bytes from the peer and return the events that they complete.

        Raises:
            ProtocolError: the peer broke the protocol; its `before` holds the events up to there.
            LocalProtocolError: called again after that.
        """
        if self._failure is not None:
            raise LocalProtocolError(f"bytes were fed to a parser that had failed: {self._failure}")
        self._buffer += data
        events: list[Event] = []
        position = 0
        try:
            with memoryview(self._buffer) as view:
                while position < len(view):
                    used = self._parse_unit(view[position:], events)
                    if not used:
                        break
                    position += used
                    self.offset += used
        except ProtocolError as error:
            error.before = tuple(events)
            self._failure = error
            self._buffer = bytearray()
            raise
        del self._buffer[:position]
        return events

    @abstractmethod
    def _parse_unit(self, view: memoryview, events: list[Event]) -> int:
        """Parse one unit at the head of `view`, which is never empty.

        Returns the bytes used, or 0 when more are needed. Nothing may keep a slice of `view`.
        """
