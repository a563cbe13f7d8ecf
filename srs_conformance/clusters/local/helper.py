"""The helper process of a local cluster: forwards TCP for its Services, and cleans up when its owner ends.

It reads one JSON object a line from its standard input:

    {"forward": ["127.64.0.2", 1935], "to": [["127.64.0.5", 1935]]}    listen there; no targets: stop listening
    {"guard": 4711} {"release": 4711}                                  a process group, and that it is gone

At the end of its input, which the kernel brings about however the owner ends, it kills the process groups that are left
and deletes the folder that it was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_CHUNK = 1 << 16
#: The kernel's own would take megabytes for a player who takes nothing, where a cluster's Services hold nothing at all.
_KERNEL_BUFFER = 1 << 15
_LOOPBACK = "127."
END_SECONDS = 10.0

Endpoint = tuple[str, int]


class Forwarder:
    """Forwards the connections of one address and port to targets in turn, each from its client's own address.

    So a server sees the address of the pod that connects, as on a cluster whose network keeps it.
    """

    def __init__(self, listen: Endpoint) -> None:
        self._listen = listen
        self._server: asyncio.Server | None = None
        self._targets: Iterator[Endpoint] = iter(())
        self._connections: set[asyncio.Task[None]] = set()  # the loop alone would not keep them from being collected
        self._closed = False

    async def set_targets(self, targets: Iterable[Endpoint]) -> None:
        """Take other targets for new connections; with none, connections are refused."""
        chosen = list(targets)
        self._targets = itertools.cycle(chosen)
        if chosen and self._server is None:
            host, port = self._listen
            self._server = await asyncio.start_server(self._accept, host, port)
        elif not chosen and self._server is not None:
            self._server.close()
            self._server = None

    async def close(self) -> None:
        """Take no more connections, and end those that are there."""
        self._closed = True
        await self.set_targets([])
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:
            _reset(writer)
            return
        connection = asyncio.create_task(self._forward(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = writer.get_extra_info("peername")[0]
        source = (client, 0) if client.startswith(_LOOPBACK) else None
        try:
            host, port = next(self._targets)
            upstream_reader, upstream_writer = await asyncio.open_connection(host, port, local_addr=source)
        except (OSError, StopIteration):
            _reset(writer)
            return
        try:
            for each in (writer, upstream_writer):
                _shrink_buffers(each)
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, upstream_writer))
                both.create_task(_pump(upstream_reader, writer))
        except* OSError:  # one side reset its connection: so does the other see it
            _reset(writer)
            _reset(upstream_writer)
        finally:
            writer.close()
            upstream_writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def _shrink_buffers(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        connection.setsockopt(socket.SOL_SOCKET, option, _KERNEL_BUFFER)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST, as a refused one looks to a client."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


class Helper:
    """The owner's end of a helper process. Not for use by several threads at once."""

    def __init__(self, folder: Path) -> None:
        # As a script, since the package that it is in would load the Kubernetes client.
        command = [sys.executable, "-P", __file__, str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def forward(self, listen: Endpoint, targets: Iterable[Endpoint]) -> None:
        """Forward an address and port to these targets from now on."""
        self._tell({"forward": listen, "to": list(targets)})

    def guard(self, group: int) -> None:
        """See to it that a process group does not outlive its owner."""
        self._tell({"guard": group})

    def release(self, group: int) -> None:
        """Forget a process group, which is gone."""
        self._tell({"release": group})

    @property
    def ended(self) -> int | None:
        """Its exit code where it has ended; what it was told since then is lost."""
        return self._process.poll()

    def close(self) -> None:
        """End the helper; it deletes the folder."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):  # it has ended: its cluster looks for that
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()


async def _serve(groups: set[int]) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    forwarders: dict[Endpoint, Forwarder] = {}
    while line := await reader.readline():
        order = json.loads(line)
        if "forward" in order:
            listen = (order["forward"][0], order["forward"][1])
            forwarder = forwarders.setdefault(listen, Forwarder(listen))
            await forwarder.set_targets((host, port) for host, port in order["to"])
        elif "guard" in order:
            groups.add(order["guard"])
        else:
            groups.discard(order["release"])
    for forwarder in forwarders.values():
        await forwarder.close()


def main(folder: str) -> None:
    """Serve until the input ends, then clean up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides; the end of the input says so
    groups: set[int] = set()
    try:
        asyncio.run(_serve(groups))
    finally:
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
