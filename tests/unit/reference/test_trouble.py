"""Faults that show when lines or players are slow, or come late."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from srs_conformance.reference.consumer import EndedError
from srs_conformance.reference.crowding import Crowd
from srs_conformance.reference.edge_pull import EdgePull
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.media import VIDEO, Packet
from srs_conformance.reference.players import left
from srs_conformance.reference.slow_players import Outlet
from srs_conformance.reference.source import Source

MUCH = bytes(1 << 20)


def outlet(source: Any, writer: asyncio.StreamWriter, *faults: str) -> Outlet:
    return Outlet(SimpleNamespace(faults=Switches(list(faults))), source, writer, writer.drain)


@asynccontextmanager
async def two_players() -> AsyncIterator[tuple[asyncio.StreamWriter, asyncio.StreamWriter, socket.socket]]:
    """A player who takes nothing, one who takes everything, and the first one's socket."""
    accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    server = await asyncio.start_server(lambda _, writer: accepted.put(writer), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect(address)
    slow = await accepted.get()
    reader, writer = await asyncio.open_connection(*address)
    fast = await accepted.get()
    taking = asyncio.create_task(reader.read())
    try:
        yield slow, fast, lazy
    finally:
        for each in (slow, fast, writer):
            each.transport.abort()
        taking.cancel()
        lazy.close()
        server.close()


@pytest.mark.parametrize("faults", [(), ("slow-player-holds-others",)])
def test_a_slow_player_holds_others_up_by_fault_only(faults: tuple[str, ...]) -> None:
    async def play() -> bool:
        source = SimpleNamespace(turn=asyncio.Lock())
        async with two_players() as (slow, fast, lazy):
            outlets = outlet(source, slow, *faults), outlet(source, fast, *faults)
            slow.write(MUCH)
            waiting = asyncio.create_task(outlets[0].drain())
            await asyncio.sleep(0)
            fast.write(b"next")
            others = asyncio.create_task(outlets[1].drain())
            done, _ = await asyncio.wait([others], timeout=0.5)
            lazy.setblocking(False)
            loop = asyncio.get_running_loop()
            while not (waiting.done() and others.done()):
                await loop.sock_recv(lazy, 65536)
            return bool(done)

    assert asyncio.run(play()) is not bool(faults)


def test_a_slow_player_is_cut_by_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("srs_conformance.reference.slow_players._PATIENCE_SECONDS", 0.1)

    async def play() -> None:
        async with two_players() as (slow, fast, _):
            fast.write(b"next")
            await outlet(None, fast, "slow-players-are-cut").drain()
            patient = outlet(None, slow, "slow-players-are-cut")
            slow.write(MUCH)
            with pytest.raises(EndedError, match="slow-players-are-cut"):
                await patient.drain()

    asyncio.run(play())


def test_who_joins_late_waits_by_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("srs_conformance.reference.crowding.time", SimpleNamespace(monotonic=lambda: clock.now))
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("srs_conformance.reference.crowding.asyncio", SimpleNamespace(sleep=sleep))
    for faults, edge in ((["late-joiners-wait"], True), (["late-joiners-wait"], False), ([], True)):
        crowd = Crowd(Switches(faults), edge=edge)
        for seconds in (0, 3, 2):
            clock.now += seconds
            asyncio.run(crowd.enter(lambda _: None).hold(100))
    assert waited == [9.0]


def test_players_of_a_late_stream_are_cut_by_fault() -> None:
    async def pull(*faults: str) -> list[str]:
        switches = Switches(list(faults))
        context: Any = SimpleNamespace(faults=switches)
        ended: list[str] = []
        consumer: Any = Mock(end=ended.append)
        source = Source(SimpleNamespace(gop_cache=False, edge=True), "live/a", Crowd(switches))
        source.consumers.add(consumer)
        pulled = EdgePull(context, source, SimpleNamespace())
        began = time.monotonic()
        for timestamp in (10_000, 11_000, 8_000, 6_500):  # what comes now is of 4.5 s before the newest
            pulled._push(Packet(VIDEO, timestamp, b"\x27\x01"))
        assert time.monotonic() - began < 1
        return ended

    assert asyncio.run(pull("edge-cuts-players-of-a-late-stream")) == ["the stream is late"]
    assert asyncio.run(pull()) == []


@pytest.mark.parametrize(
    ("faults", "memory", "descriptors"),
    [((), 0, 0), (("leaks-memory",), 3 * 65536, 0), (("leaks-descriptors",), 0, 3), (("stalls",), 0, 0)],
)
def test_something_is_kept_of_players_who_have_left_by_fault_only(
    faults: tuple[str, ...], memory: int, descriptors: int
) -> None:
    context: Any = SimpleNamespace(faults=Switches(list(faults)), kept=[])
    for _ in range(3):
        left(context)
    kept = [each for each in context.kept if isinstance(each, int)]
    try:
        assert sum(len(each) for each in context.kept if isinstance(each, bytes)) == memory
        assert len(set(kept)) == descriptors
        for each in kept:
            os.fstat(each)
    finally:
        for each in kept:
            os.close(each)
