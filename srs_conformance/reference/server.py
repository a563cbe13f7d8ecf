"""One server from start to end: listeners, connections, signals, reload."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from srs_conformance.media.errors import MediaError
from srs_conformance.reference import fault_port
from srs_conformance.reference.api import Api
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.http_server import HttpServer
from srs_conformance.reference.hub import Hub
from srs_conformance.reference.quitting import Quitting
from srs_conformance.reference.reloading import Reloading
from srs_conformance.reference.rtmp_link import Link, LinkClosedError
from srs_conformance.reference.rtmp_session import RtmpSession
from srs_conformance.reference.settings import Address
from srs_conformance.reference.web import Web

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Runs until a signal ends it: TERM and INT fast, QUIT when the last connection has gone."""

    def __init__(self, context: Context, config: Path, *, port_of_faults: int | None, in_docker: bool = False) -> None:
        self._context = context
        self._port_of_faults = port_of_faults
        self._hub = Hub(context)
        self._web = Web(context, self._hub)
        self._listeners: dict[tuple[str, Address], asyncio.Server] = {}
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._hanging: set[asyncio.StreamWriter] = set()  # by a fault
        self._quitting = Quitting(context, self)
        end = self._quitting.fail
        self._reloading = Reloading(context, config, self, in_docker=in_docker, end=end)

    async def run(self) -> int:
        """Serve, and return the exit code.

        Raises:
            OSError: an address cannot be listened on, or the PID file cannot be written.
        """
        self._install_signals()
        await self.listen()
        self._context.write_pid()
        watcher = asyncio.create_task(self._reloading.watch())
        try:
            await self._quitting.run()
        finally:
            watcher.cancel()
            await self._close()
        return 0

    def connections(self) -> int:
        """Return how many TCP connections there are on all ports.

        In SRS 3 the last player's is not gone before the edge has released its pull.
        """
        releasing = self._hub.releasing() if self._context.personality.leaves_with_pull else 0
        return len(self._connections) + releasing

    def stop_listening(self) -> None:
        """Take no more connections."""
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()

    def dispose(self) -> None:
        """Delete what HLS has written, where it is to be; players go on, as they do in SRS."""
        self._hub.dispose()

    def reload_streams(self) -> None:
        """Give the streams that are there the settings of their vhosts."""
        self._hub.reload(self._context.settings)

    def lose_streams(self) -> None:
        """Let nothing of the streams that are there reach anybody, as a fault does."""
        self._hub.lose()

    async def listen(self) -> None:
        """Listen where the settings say, and nowhere else; who is connected stays.

        Raises:
            OSError: an address cannot be listened on.
        """
        wanted = self._wanted()
        for place in self._listeners.keys() - wanted.keys():
            self._listeners.pop(place).close()
        for (name, address), serve in wanted.items():
            if (name, address) not in self._listeners:
                await self._open(name, address, serve)

    def _install_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number, handler in (
            (signal.SIGTERM, self._quitting.terminate),
            (signal.SIGINT, self._quitting.interrupt),
            (signal.SIGQUIT, self._quitting.quit),
            (signal.SIGHUP, self._reloading.reload),
            (signal.SIGUSR1, self._context.reopen_log),
        ):
            loop.add_signal_handler(number, handler)

    def _wanted(self) -> dict[tuple[str, Address], Serve]:
        settings, personality = self._context.settings, self._context.personality
        wanted: dict[tuple[str, Address], Serve] = {("RTMP", address): self._serve_rtmp for address in settings.rtmp}
        if settings.api is not None:
            api = Api(self._context, self.connections)
            wanted["HTTP-API", settings.api] = HttpServer(personality, api.handle).serve
        if settings.web is not None:
            wanted["HTTP-Server", settings.web] = HttpServer(personality, self._web.handle).serve
        if self._port_of_faults is not None:
            faults = fault_port.FaultPort(self._context.faults)
            wanted["faults", Address("", self._port_of_faults)] = HttpServer(personality, faults.handle).serve
        return wanted

    async def _open(self, name: str, address: Address, serve: Serve) -> None:
        host = self._context.bind or address.host or None

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._connected(name, serve, reader, writer)

        self._listeners[name, address] = await asyncio.start_server(connected, host, address.port, backlog=512)
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
