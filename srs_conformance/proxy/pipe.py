"""One direction of one connection: bytes read, held back as a plan says, and sent on.

What is read and not yet sent is bounded, so that a receiver who is slow, or made slow, holds the sender back as it
would without the proxy.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from typing import Final

from srs_conformance.proxy.armed import Faults

_CHUNK: Final = 1 << 16
_HELD: Final = 1 << 16
#: A delayed line holds what is on its way: 4 MiB are two seconds of 16 Mbit/s.
_HELD_DELAYED: Final = 1 << 22


class Pipe:
    """Sends on in one direction until its sender has ended, a peer is gone, or a fault ends it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, faults: Faults) -> None:
        self._reader, self._writer, self._faults = reader, writer, faults
        self._clock = asyncio.get_running_loop().time
        self._waiting: deque[tuple[float, bytes]] = deque()  # when it may be sent, and what; b"" for the end
        self._size = 0
        self._wake, self._room = asyncio.Event(), asyncio.Event()
        self._draining: asyncio.Task[None] | None = None
        faults.begin(self._clock())

    def change(self, faults: Faults) -> None:
        """Take the faults of a new plan in place of those before; they count from now."""
        now = self._clock()
        self._faults.end(now)
        self._faults = faults
        faults.begin(now)
        self._wake.set()
        self._room.set()

    async def run(self) -> None:
        """Send on to the end, which the receiver is told of in an orderly way.

        Raises:
            InjectedError: a fault ends the connection.
            OSError: a peer has.
        """
        reading = asyncio.create_task(self._read())
        reading.add_done_callback(lambda _: self._wake.set())
        try:
            while await self._step(reading):
                pass
        finally:
            for task in (reading, self._draining):
                if task is not None:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError, OSError):
                        await task
            self._faults.end(self._clock())

    async def _read(self) -> None:
        data = b"-"
        while data:
            while self._size >= (_HELD_DELAYED if self._faults.delays else _HELD):
                self._room.clear()
                await self._room.wait()
            data = await self._reader.read(_CHUNK)
            self._waiting.append((self._faults.ready(self._clock(), len(data)), data))
            self._size += len(data)
            self._wake.set()

    async def _step(self, reading: asyncio.Task[None]) -> bool:
        """Do what can be done now, or wait until something can; return whether there is more to come."""
        self._wake.clear()
        now = self._clock()
        if reading.done():
            reading.result()
        if self._draining is not None and self._draining.done():
            self._draining.result()
            self._draining = None
        may_send = self._faults.held_until(now)
        if self._draining is not None or not self._waiting:
            may_send = math.inf
        elif may_send <= now:
            ready, data = self._waiting[0]
            may_send = max(ready, self._faults.affordable(now, len(data)))
        if may_send > now:
            await self._until(min(may_send, self._faults.next_due(now)))
            return True
        return self._send(now)

    def _send(self, now: float) -> bool:
        ready, data = self._waiting.popleft()
        if not data:
            self._writer.write_eof()
            return False
        count = self._faults.take(now, len(data))
        if count < len(data):
            self._waiting.appendleft((ready, data[count:]))
        self._size -= count
        self._room.set()
        self._writer.write(data[:count])
        self._draining = asyncio.create_task(self._writer.drain())
        self._draining.add_done_callback(lambda _: self._wake.set())
        return True

    async def _until(self, time: float) -> None:
        """Wait until a time of the clock, or until something has happened."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(None if math.isinf(time) else time):
                await self._wake.wait()
