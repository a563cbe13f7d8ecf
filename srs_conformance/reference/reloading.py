"""Reload: what a running server makes of an edited configuration, as measured on SRS 3 and 6 (docs/reload.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from srs_conformance.reference.config import ConfigError
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.logs import set_level
from srs_conformance.reference.settings import Settings, read

_LOOK_SECONDS: Final = 0.2
_AFTER_RELOAD_SECONDS: Final = 3.0  # SRS sleeps so long between two reads of its events


class Running(Protocol):
    """The parts of a running server that a reload reaches."""

    async def listen(self) -> None:
        """Listen where the settings say, and nowhere else; who is connected stays. Raises OSError."""

    def reload_streams(self) -> None:
        """Give the streams that are there the settings of their vhosts."""

    def lose_streams(self) -> None:
        """Let nothing of the streams that are there reach anybody, as a fault does."""


class Reloading:
    """Reads the configuration again, by signal or because the file has changed; `end` ends the server."""

    def __init__(
        self, context: Context, config: Path, running: Running, *, in_docker: bool, end: Callable[[], None]
    ) -> None:
        self._context, self._config, self._running = context, config, running
        self._in_docker, self._end = in_docker, end
        self._listening: asyncio.Task[None] | None = None

    def reload(self) -> None:
        """Take over what this version does while it runs; a file that is no configuration changes nothing."""
        context = self._context
        old, faults = context.settings, context.faults
        try:
            new = read(self._config, context.personality)
        except ConfigError as error:
            log.error("reload config failed: %s", error)
            if "broken-config-ends-the-server" in faults:
                self._end()
            return
        before, after = _modes(old), _modes(new)
        if any(before[name] != after[name] for name in before.keys() & after.keys()):
            log.error("reload config failed: vhost mode changed")
            self._end()
            return
        if "reload-changes-nothing" not in faults:
            self._take(old, new)
        log.info("reload config success")
        if "reload-loses-the-stream" in faults:
            self._running.lose_streams()

    async def watch(self) -> None:
        """Reload when the file changes; a ConfigMap changes by its link `..data`."""
        before = _stamp(self._config)
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = _stamp(self._config)
            if now != before and self._config.exists():
                before = now
                if self.watches():
                    self.reload()
                    if "reloads-at-every-event" not in self._context.faults:
                        await asyncio.sleep(_AFTER_RELOAD_SECONDS)

    def watches(self) -> bool:
        """Whether a change of the file is looked for."""
        settings = self._context.settings
        by_itself = self._in_docker and settings.watch_in_docker
        return settings.watch_file or (by_itself and "config-is-not-watched" not in self._context.faults)

    def _take(self, old: Settings, new: Settings) -> None:
        context = self._context
        if new.max_connections != old.max_connections:
            log.info("reload max_connections %d=>%d success.", old.max_connections, new.max_connections)
        # What is read once, at the start, stays as it is.
        new = replace(new, pid_file=old.pid_file, log_file=old.log_file, daemon=old.daemon, web_folder=old.web_folder)
        new = replace(new, watch_file=old.watch_file, watch_in_docker=old.watch_in_docker)
        if "reload-leaves-http" in context.faults:
            new = replace(new, api=old.api, web=old.web)
        if context.personality.reloads_log:
            set_level(new.log_level)
        context.settings = new
        self._running.reload_streams()
        self._listening = asyncio.get_running_loop().create_task(self._listen(moved=new.rtmp != old.rtmp))

    async def _listen(self, *, moved: bool) -> None:
        try:
            await self._running.listen()
        except OSError as error:
            log.error("reload config failed: %s", error)
            self._end()
        if moved and "reload-of-listen-ends-the-server" in self._context.faults:
            if self._context.personality.number == 3:
                self._end()
            else:
                self._context.crash()


def _modes(settings: Settings) -> dict[str, bool]:
    return {vhost.name: vhost.edge for vhost in settings.vhosts if vhost.enabled}


def _stamp(path: Path) -> tuple[int, int, str]:
    """Return what changes with the file: time, size, and the file behind its links."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0, ""
    return status.st_mtime_ns, status.st_size, str(path.resolve())
