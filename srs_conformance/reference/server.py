"""One server from start to end: listeners, connections, signals, reload."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from srs_conformance.media.errors import MediaError
from srs_conformance.reference import fault_port
from srs_conformance.reference.api import Api
from srs_conformance.reference.config import ConfigError
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.http_server import HttpServer
from srs_conformance.reference.hub import Hub
from srs_conformance.reference.quitting import Quitting
from srs_conformance.reference.rtmp_link import Link, LinkClosedError
from srs_conformance.reference.rtmp_session import RtmpSession
from srs_conformance.reference.settings import Address, read
from srs_conformance.reference.web import Web

_FILE_EVENT_SECONDS: Final = 1.0

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Runs until a signal ends it: TERM and INT fast, QUIT when the last connection has gone."""

    def __init__(self, context: Context, config: Path, *, port_of_faults: int | None, in_docker: bool = False) -> None:
        self._context = context
        self._config = config
        self._in_docker = in_docker
        self._port_of_faults = port_of_faults
        self._hub = Hub(context)
        self._web = Web(context, self._hub)
        self._listeners: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._hanging: set[asyncio.StreamWriter] = set()  # by a fault
        self._quitting = Quitting(context, self)
        self._failed = False

    async def run(self) -> int:
        """Serve, and return the exit code.

        Raises:
            OSError: an address cannot be listened on, or the PID file cannot be written.
        """
        self._install_signals()
        await self._listen()
        self._context.write_pid()
        watcher = asyncio.create_task(self._watch_config()) if self._context.settings.watch_file else None
        try:
            await self._quitting.run()
        finally:
            if watcher is not None:
                watcher.cancel()
            await self._close()
        return int(self._failed)

    def connections(self) -> int:
        """Return how many TCP connections there are on all ports.

        In SRS 3 the last player's is not gone before the edge has released its pull.
        """
        releasing = self._hub.releasing() if self._context.personality.leaves_with_pull else 0
        return len(self._connections) + releasing

    def stop_listening(self) -> None:
        """Take no more connections."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def dispose(self) -> None:
        """Delete what HLS has written, where it is to be; players go on, as they do in SRS."""
        self._hub.dispose()

    def reload(self) -> None:
        """Read the configuration again; SRS 3 ends when it cannot, SRS 6 goes on. Listeners stay as they are."""
        context = self._context
        try:
            new = read(self._config, context.personality, in_docker=self._in_docker)
        except ConfigError as error:
            log.error("reload config failed: %s", error)
            if context.personality.number == 3:
                self._failed = True
                self._quitting.fail()
            return
        old = context.settings
        if new.max_connections != old.max_connections:
            log.info("reload max_connections %d=>%d success.", old.max_connections, new.max_connections)
        context.settings = replace(old, max_connections=new.max_connections, vhosts=new.vhosts)
        log.info("reload config success")
        if "reload-loses-the-stream" in context.faults:
            self._hub.lose()

    def _install_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number, handler in (
            (signal.SIGTERM, self._quitting.terminate),
            (signal.SIGINT, self._quitting.interrupt),
            (signal.SIGQUIT, self._quitting.quit),
            (signal.SIGHUP, self.reload),
            (signal.SIGUSR1, self._context.reopen_log),
        ):
            loop.add_signal_handler(number, handler)

    async def _listen(self) -> None:
        settings = self._context.settings
        personality = self._context.personality
        for address in settings.rtmp:
            await self._open("RTMP", address, self._serve_rtmp)
        if settings.api is not None:
            api = Api(self._context, self.connections)
            await self._open("HTTP-API", settings.api, HttpServer(personality, api.handle).serve)
        if settings.web is not None:
            await self._open("HTTP-Server", settings.web, HttpServer(personality, self._web.handle).serve)
        if self._port_of_faults is not None:
            faults = fault_port.FaultPort(self._context.faults)
            await self._open("faults", Address("", self._port_of_faults), HttpServer(personality, faults.handle).serve)

    async def _open(self, name: str, address: Address, serve: Serve) -> None:
        host = self._context.bind or address.host or None

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._connected(name, serve, reader, writer)

        self._listeners.append(await asyncio.start_server(connected, host, address.port, backlog=512))
        log.info("%s listen at tcp://%s:%d", name, host or "0.0.0.0", address.port)

    async def _connected(
        self, name: str, serve: Serve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if len(self._connections) >= self._context.settings.max_connections:
            log.error("%s: exceed the max connections, drop client: code=1074", name)
            if "full-leaves-the-rest-hanging" in self._context.faults:
                self._hanging.add(writer)
                return
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._connections[task] = writer
        try:
            await serve(reader, writer)
        except (LinkClosedError, OSError, asyncio.IncompleteReadError) as error:
            log.debug("%s: a client has left: %s", name, error)
        except MediaError as error:
            log.error("%s: a client broke the protocol: %s", name, error)
        except asyncio.CancelledError:
            pass  # the server ends
        except Exception:  # noqa: BLE001 - one connection must not end the server; the log has the traceback
            log.exception("%s: a defect of the server", name)
        finally:
            if task is not None:
                self._connections.pop(task, None)
            writer.close()

    async def _serve_rtmp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await RtmpSession(self._context, self._hub, Link(reader, writer)).run()

    async def _close(self) -> None:
        self.stop_listening()
        self._hub.close()
        self._web.close()
        for writer in (*self._connections.values(), *self._hanging):
            writer.transport.abort()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        log.info("srs reference server terminated")

    async def _watch_config(self) -> None:
        """Reload when the file changes; a ConfigMap changes by its link `..data`."""
        before = _stamp(self._config)
        while True:
            await asyncio.sleep(_FILE_EVENT_SECONDS)
            now = _stamp(self._config)
            if now != before and self._config.exists():
                before = now
                self.reload()


def _stamp(path: Path) -> tuple[int, int, str]:
    """Return what changes with the file: time, size, and the file behind its links."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0, ""
    return status.st_mtime_ns, status.st_size, str(path.resolve())
