"""What a process has lost while it did not run: told in full, where it was lost, and nothing else."""

from __future__ import annotations

import time

import pytest

from srs_conformance import witness
from srs_conformance.witness import TICK, Witness
from tests.support.asleep import lost, stand_still
from tests.support.waiting import wait_for


class Sleep:
    """An event and a clock in one: each wait takes as long as it is asked for and, in turn, so much more."""

    def __init__(self, *late: float) -> None:
        self.now, self._late = 100.0, list(late)

    def monotonic(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return not self._late

    def wait(self, seconds: float) -> None:
        self.now += seconds + self._late.pop(0)


def test_a_thread_that_is_woken_late_keeps_from_when_to_when(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = Sleep(0.0, TICK / 2, 3.0, 0.001)
    watching = Witness()
    monkeypatch.setattr(witness, "time", sleep)
    monkeypatch.setattr(watching, "_stop", sleep)
    watching._run()
    begins = 100.0 + 3 * TICK + TICK / 2
    ((start, end),) = watching.lost(100.0)
    assert (start, end) == pytest.approx((begins, begins + 3.0))


def test_of_a_span_counts_what_was_lost_within_it() -> None:
    watching = lost((10.0, 12.0), (20.0, 21.0))
    assert watching.lost_within((0.0, 9.0)) == 0.0
    assert watching.lost_within((11.0, 20.5)) == pytest.approx(1.5)
    assert watching.lost_within((10.5, 11.0)) == pytest.approx(0.5)


def test_a_process_that_does_not_run_is_noticed_at_once() -> None:
    watching = Witness()
    watching.start()
    watching.start()
    try:
        began = time.monotonic()
        wait_for(lambda: watching._due, "the witness to watch")
        span = stand_still(0.3)
        assert watching.lost_within(span) > (span[1] - span[0]) / 2
        assert watching.lost_within((began - 10.0, began - 5.0)) == 0.0
    finally:
        watching.stop()
    assert watching.lost_within(span) > (span[1] - span[0]) / 2, "what was lost stays known"
