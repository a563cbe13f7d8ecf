"""The faults that show when a player takes what is sent too slowly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from srs_conformance.reference.consumer import EndedError
from srs_conformance.reference.context import Context
from srs_conformance.reference.source import Source

_HOLDS_OTHERS: Final = "slow-player-holds-others"
_CUTS: Final = "slow-players-are-cut"
_PATIENCE_SECONDS: Final = 3.0
#: Without this the kernel would take what a slow player does not, for a minute and more.
_SEND_BUFFER: Final = 1 << 14


class Outlet:
    """What one player's writes wait for; `drain` is the connection's own, and all there is unless a fault is on."""

    def __init__(
        self, context: Context, source: Source, writer: asyncio.StreamWriter, drain: Callable[[], Awaitable[None]]
    ) -> None:
        self._faults, self._source, self._drain = context.faults, source, drain
        if _HOLDS_OTHERS in self._faults or _CUTS in self._faults:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            writer.transport.set_write_buffer_limits(0)

    async def drain(self) -> None:
        """Wait until what was written has left.

        Raises:
            EndedError: a fault ends the connection of a player who takes it too slowly.
            ConnectionError: the player has gone.
        """
        if _CUTS in self._faults:
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._drain()
            except TimeoutError as late:
                raise EndedError(f"fault {_CUTS}") from late
        elif _HOLDS_OTHERS in self._faults:
            async with self._source.turn:
                await self._drain()
        else:
            await self._drain()
