"""What players over RTMP and HTTP-FLV share: the faults that end their connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from srs_conformance.reference.consumer import Consumer
from srs_conformance.reference.context import Context
from srs_conformance.reference.source import Source

_CUT_SECONDS: Final = 5.0
_WAITING_SECONDS: Final = 2.0


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
