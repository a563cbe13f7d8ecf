"""One port of the proxy: connections are taken, sent on to the target, and disturbed as the plan says."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Final

from srs_conformance.proxy.armed import Faults
from srs_conformance.proxy.counters import Connection, Counters
from srs_conformance.proxy.errors import InjectedError
from srs_conformance.proxy.pipe import Pipe
from srs_conformance.proxy.plan import Direction, Drawn, Plan

_CONNECT_SECONDS: Final = 5.0
_FLUSH_SECONDS: Final = 5.0
#: The kernel's own buffers would hide a throttle or a stall from the sender for megabytes.
_KERNEL_BUFFER: Final = 1 << 15
_UNDISTURBED: Final = Plan()


@dataclass(frozen=True)
class Route:
    """Connections to `port` go on to `host`, which is looked up for each of them."""

    port: int
    host: str
    target_port: int


class Relay:
    """Listens on the at-th port; `bind` is the address to listen on and to connect from, "" for any."""

    def __init__(self, at: int, route: Route, counters: Counters, *, seed: int, bind: str = "") -> None:
        self._at, self._route, self._counters, self._seed, self._bind = at, route, counters, seed, bind
        self._plan = _UNDISTURBED
        self._pipes: dict[int, tuple[Connection, dict[Direction, Pipe]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the port cannot be had.
        """
        self._server = await asyncio.start_server(
            self._take, self._bind or None, self._route.port, limit=_KERNEL_BUFFER
        )

    def follow(self, plan: Plan) -> None:
        """Do to all connections what a plan says; those that are there are drawn anew."""
        self._plan = plan
        for connection, pipes in self._pipes.values():
            faults = self._faults(connection, present=True)
            for direction, pipe in pipes.items():
                pipe.change(faults[direction])

    async def close(self) -> None:
        """End all connections, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        connection = self._counters.opened(self._route.port, str(writer.get_extra_info("peername")[0]))
        end = "proxy ended"
        try:
            end = await self._carry(connection, reader, writer)
        finally:
            self._counters.ended(connection, end)

    async def _carry(self, connection: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Carry one connection to its end, and return how it ended."""
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                upstream = await asyncio.open_connection(
                    self._route.host,
                    self._route.target_port,
                    limit=_KERNEL_BUFFER,
                    local_addr=(self._bind, 0) if self._bind else None,
                )
        except (OSError, TimeoutError):
            _reset(writer)
            return "unreachable"
        both = (writer, upstream[1])
        faults = self._faults(connection)
        pipes = {
            Direction.UP: Pipe(reader, upstream[1], faults[Direction.UP]),
            Direction.DOWN: Pipe(upstream[0], writer, faults[Direction.DOWN]),
        }
        self._pipes[id(connection)] = connection, pipes
        try:
            for each in both:
                _shrink_buffers(each)
            await _all(pipe.run() for pipe in pipes.values())
        except InjectedError as injected:
            if injected.orderly:
                await _finish(*both)
            return "truncated" if injected.orderly else "reset"
        except OSError:
            return "cut by a peer"
        else:
            await _finish(*both)
            return "closed"
        finally:
            del self._pipes[id(connection)]
            for each in both:
                _reset(each)

    def _faults(self, connection: Connection, *, present: bool = False) -> dict[Direction, Faults]:
        drawn = self._plan.draw(self._seed, self._at, connection.number, port=self._route.port, present=present)
        self._counters.chosen(drawn)
        once: set[Drawn] = set()
        return {each: Faults(drawn, each, connection, self._counters, once) for each in Direction}


async def _all(runs: Iterable[Coroutine[None, None, None]]) -> None:
    """Run all to their ends; the first error ends the others."""
    tasks = [asyncio.create_task(run) for run in runs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _finish(*writers: asyncio.StreamWriter) -> None:
    """Close in an orderly way, with all that was sent before; whoever does not take it in time is given up."""
    for writer in writers:
        writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_FLUSH_SECONDS):
            await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST, where it has not ended before."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _shrink_buffers(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        connection.setsockopt(socket.SOL_SOCKET, option, _KERNEL_BUFFER)
