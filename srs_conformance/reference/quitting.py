"""How the server ends: fast, or gracefully when its last connection has gone, as measured on SRS 3.0.170 and 6.0.157.

The main loop looks at signals once a second. What each step logs, and in which order, is SRS's own; so is that a wait
is told after it is over, and that a fast quit ends the wait for connections but no other.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from srs_conformance.reference.context import Context, log

_CYCLE_SECONDS: Final = 1.0
_DISPOSE_SECONDS: Final = 0.1
_LONGEST_STEP: Final = 33

Sleep = Callable[[float], Awaitable[None]]


class Served(Protocol):
    """What is to be ended."""

    def connections(self) -> int:
        """Return how many connections there are still."""

    def stop_listening(self) -> None:
        """Take no more connections; may be called again."""

    def dispose(self) -> None:
        """Delete what is to be deleted of the streams; players and pulls go on."""


class Quitting:
    """Takes the signals that end the server, and ends it."""

    def __init__(
        self,
        context: Context,
        served: Served,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context, self._served, self._sleep, self._clock = context, served, sleep, clock
        self._fast = self._grace = False
        self._signalled = asyncio.Event()

    def interrupt(self) -> None:
        """SIGINT: end fast, whatever is configured."""
        self._quit_fast(signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM: end fast, or gracefully where force_grace_quit is on."""
        if self._context.settings.force_grace_quit or "term-is-always-graceful" in self._context.faults:
            log.info("force gracefully quit, signo=%d", signal.SIGTERM)
            self.quit()
        else:
            self._quit_fast(signal.SIGTERM)

    def quit(self) -> None:
        """SIGQUIT: end gracefully."""
        if not self._grace:
            log.info("sig=%d, user start gracefully quit", signal.SIGQUIT)
            self._grace = True
            self._signalled.set()

    def fail(self) -> None:
        """End at once for a reason of our own."""
        self._fast = True
        self._signalled.set()

    async def run(self) -> None:
        """Wait for a signal, and return when the process is to end."""
        started = self._clock()
        await self._signalled.wait()
        if self._grace and "grace-refuses-while-draining" in self._context.faults:
            self._served.stop_listening()
        await self._sleep(_CYCLE_SECONDS - (self._clock() - started) % _CYCLE_SECONDS)
        log.info("cleanup for quit signal fast=%d, grace=%d", self._fast, self._grace)
        log.warning("main cycle terminated, system quit normally.")
        if self._grace and "grace-exits-at-once" in self._context.faults:
            return
        grace = self._grace  # a signal that comes from now on begins no other way to end
        if self._fast:
            self._served.stop_listening()
            await self._sleep(_DISPOSE_SECONDS)
            self._served.dispose()
            log.info("srs disposed")
        if grace:
            await self._gracefully()
        log.info("srs terminated")

    async def _gracefully(self) -> None:
        settings = self._context.settings
        await self._sleep(settings.grace_start)
        log.info("start wait for %dms", settings.grace_start * 1000)
        self._served.stop_listening()
        log.info("listeners closed")
        log.info("ingesters stopped")
        await self._until_drained()
        self._served.dispose()
        log.info("source disposed")
        await self._sleep(settings.grace_final)
        log.info("final wait for %dms", settings.grace_final * 1000)
        log.info("srs gracefully quit")

    async def _until_drained(self) -> None:
        """Look each second whether all are gone; tell it after 1, 2, 4, 8, 16, 32, 31, 29 ... of them."""
        step = 1
        while self._waits():
            for _ in range(step):
                if not self._waits():
                    break
                await self._sleep(_CYCLE_SECONDS)
            step = step * 2 % _LONGEST_STEP
            log.info("wait for %d conns to quit", self._served.connections())

    def _waits(self) -> bool:
        if "grace-never-exits" in self._context.faults:
            return True
        return self._served.connections() > 0 and not self._fast

    def _quit_fast(self, number: signal.Signals) -> None:
        if not self._fast:
            log.info("sig=%d, user terminate program, fast quit", number)
            self._fast = True
            self._signalled.set()
