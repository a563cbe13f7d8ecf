"""The end of the server, on a clock of its own: what is logged, in which order, and when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from srs_conformance.reference.config import parse
from srs_conformance.reference.context import Context, log
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.personality import PERSONALITIES
from srs_conformance.reference.quitting import Quitting
from srs_conformance.reference.settings import settings_of

GRACE = "listen 1935; grace_start_wait 700; grace_final_wait 800;"
FORCED = GRACE + " force_grace_quit on;"


class End(logging.Handler):
    """A server with connections that ends; keeps what it does, with the time in seconds."""

    def __init__(self, config: str, *faults: str, connections: int = 0) -> None:
        super().__init__()
        personality = PERSONALITIES[3]
        settings = settings_of(parse(config), personality)
        context = Context(personality, settings, Path(), faults=Switches(faults))
        self.now, self.left = 0.0, connections
        self.steps: list[tuple[float, str]] = []
        self.quitting = Quitting(context, self, sleep=self._sleep, clock=lambda: self.now)
        self._at: list[tuple[float, Callable[[], None]]] = []

    def run(self, at: Mapping[float, Callable[[], None]]) -> list[tuple[float, str]]:
        """Let these things happen at these seconds, and return the steps of the end."""
        (first, begin), *self._at = sorted(at.items())

        async def end() -> None:
            running = asyncio.create_task(self.quitting.run())
            await asyncio.sleep(0)
            self.now = first
            begin()
            await running

        asyncio.run(end())
        return self.steps

    def leave(self) -> None:
        self.left -= 1

    def connections(self) -> int:
        return self.left

    def stop_listening(self) -> None:
        self.steps.append((round(self.now, 3), "(listeners)"))

    def dispose(self) -> None:
        self.steps.append((round(self.now, 3), "(disposed)"))

    def emit(self, record: logging.LogRecord) -> None:
        self.steps.append((round(self.now, 3), record.getMessage()))

    async def _sleep(self, seconds: float) -> None:
        until = self.now + seconds
        while self._at and self._at[0][0] <= until:
            self.now, happens = self._at.pop(0)
            happens()
        self.now = until
        if until > 200:
            raise EndlessError


class EndlessError(Exception):
    """It never ends."""


@pytest.fixture(autouse=True)
def _logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "level", logging.INFO)
    monkeypatch.setattr(log, "handlers", [])


def ending(config: str, *faults: str, connections: int = 0) -> End:
    end = End(config, *faults, connections=connections)
    log.addHandler(end)
    return end


def test_a_hook_and_a_forced_end_wait_for_the_connections() -> None:
    """As SRS 3.0.170 logged it under a pod's preStop hook and the SIGTERM after it, its players leaving on the way."""
    end = ending(FORCED, connections=2)
    steps = end.run({0.2: end.quitting.quit, 0.21: end.quitting.terminate, 6: end.leave, 8.9: end.leave})
    assert steps == [
        (0.2, "sig=3, user start gracefully quit"),
        (0.21, "force gracefully quit, signo=15"),
        (1.0, "cleanup for quit signal fast=0, grace=1"),
        (1.0, "main cycle terminated, system quit normally."),
        (1.7, "start wait for 700ms"),
        (1.7, "(listeners)"),
        (1.7, "listeners closed"),
        (1.7, "ingesters stopped"),
        (2.7, "wait for 2 conns to quit"),
        (4.7, "wait for 2 conns to quit"),
        (8.7, "wait for 1 conns to quit"),
        (9.7, "wait for 0 conns to quit"),
        (9.7, "(disposed)"),
        (9.7, "source disposed"),
        (10.5, "final wait for 800ms"),
        (10.5, "srs gracefully quit"),
        (10.5, "srs terminated"),
    ]


def test_without_connections_the_waits_alone_are_left() -> None:
    end = ending(FORCED)
    steps = end.run({3.5: end.quitting.terminate})
    assert steps[:2] == [(3.5, "force gracefully quit, signo=15"), (3.5, "sig=3, user start gracefully quit")]
    assert not any("conns" in text for _, text in steps)
    assert steps[-1] == (5.5, "srs terminated")


def test_a_long_wait_is_told_in_longer_steps() -> None:
    end = ending(GRACE, connections=1)
    steps = end.run({0.5: end.quitting.quit, 180: end.leave})
    waits = [moment - 1.7 for moment, text in steps if text == "wait for 1 conns to quit"]
    assert [round(each) for each in waits[:11]] == [1, 3, 7, 15, 31, 63, 94, 123, 148, 165, 166]


def test_an_end_without_force_is_fast_although_a_hook_asked_for_grace() -> None:
    """As SRS 3.0.170 and 6.0.157 logged it: the listeners close at once, players are cut when both waits are over."""
    end = ending(GRACE, connections=2)
    steps = end.run({0.5: end.quitting.quit, 0.51: end.quitting.terminate})
    assert steps == [
        (0.5, "sig=3, user start gracefully quit"),
        (0.51, "sig=15, user terminate program, fast quit"),
        (1.0, "cleanup for quit signal fast=1, grace=1"),
        (1.0, "main cycle terminated, system quit normally."),
        (1.0, "(listeners)"),
        (1.1, "(disposed)"),
        (1.1, "srs disposed"),
        (1.8, "start wait for 700ms"),
        (1.8, "(listeners)"),
        (1.8, "listeners closed"),
        (1.8, "ingesters stopped"),
        (1.8, "(disposed)"),
        (1.8, "source disposed"),
        (2.6, "final wait for 800ms"),
        (2.6, "srs gracefully quit"),
        (2.6, "srs terminated"),
    ]


def test_a_fast_end_closes_listeners_and_ends() -> None:
    end = ending(GRACE, connections=2)
    assert [moment for moment, text in end.run({4.2: end.quitting.terminate}) if text == "srs terminated"] == [5.1]
    interrupted = ending(FORCED, connections=2)
    assert interrupted.run({0.2: interrupted.quitting.interrupt})[-1] == (1.1, "srs terminated")


def test_a_fast_signal_ends_the_wait_for_connections() -> None:
    end = ending(GRACE, connections=1)
    steps = end.run({0.5: end.quitting.quit, 10.2: end.quitting.terminate})
    assert steps[-1] == (round(10.7 + 0.8, 3), "srs terminated")


def test_a_fault_ends_at_once() -> None:
    end = ending(FORCED, "grace-exits-at-once", connections=2)
    steps = end.run({0.2: end.quitting.terminate})
    assert steps[-1] == (1.0, "main cycle terminated, system quit normally.")


def test_a_fault_closes_the_listeners_with_the_signal() -> None:
    end = ending(FORCED, "grace-refuses-while-draining", connections=1)
    steps = end.run({0.2: end.quitting.terminate, 3: end.leave})
    assert steps[2] == (0.2, "(listeners)")
    assert steps[-1][1] == "srs terminated"


def test_a_fault_never_ends() -> None:
    end = ending(FORCED, "grace-never-exits")
    with pytest.raises(EndlessError):
        end.run({0.2: end.quitting.terminate})


def test_a_fault_takes_every_signal_for_a_graceful_one() -> None:
    end = ending(GRACE, "term-is-always-graceful", connections=1)
    steps = end.run({0.5: end.quitting.terminate, 9.0: end.leave})
    assert steps[0] == (0.5, "force gracefully quit, signo=15")
    assert steps[-1][0] > 9
