"""What players over RTMP and HTTP-FLV share: the faults that end their connections, or keep something of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

from srs_conformance.reference.consumer import Consumer
from srs_conformance.reference.context import Context
from srs_conformance.reference.source import Source

_CUT_SECONDS: Final = 5.0
_WAITING_SECONDS: Final = 2.0
_KEPT_BYTES: Final = 1 << 16


def left(context: Context) -> None:
    """Keep something of each player that has left, where a fault says so."""
    if "leaks-memory" in context.faults:
        context.kept.append(os.urandom(_KEPT_BYTES))  # not zeros, which would take no memory
    if "leaks-descriptors" in context.faults:
        context.kept.append(os.open(os.devnull, os.O_RDONLY))


def ends_early(context: Context, source: Source, consumer: Consumer, *, edge: bool = False) -> Callable[[], None]:
    """End the player early where a fault says so, unless it is an edge; return what calls that off."""

    def cut() -> None:
        if "cuts-players" in context.faults and not edge:
            consumer.end("fault cuts-players")

    def drop_waiting() -> None:
        if "edge-drops-waiting-player" in context.faults and source.vhost.edge and not consumer.got_media:
            consumer.end("fault edge-drops-waiting-player")

    loop = asyncio.get_running_loop()
    timers = (loop.call_later(_CUT_SECONDS, cut), loop.call_later(_WAITING_SECONDS, drop_waiting))

    def call_off() -> None:
        for timer in timers:
            timer.cancel()

    return call_off
