"""The pump: every connection in its turn, each once per its period, and its own lateness told."""

from srs_conformance.load.pump import BUFFER_SIZE, TICK, Pump


class Reader:
    def __init__(self, answers: list[float | None]) -> None:
        self.answers, self.reads = answers, 0

    def read(self, buffer: memoryview, _now: float) -> float | None:
        assert len(buffer) == BUFFER_SIZE
        self.reads += 1
        return self.answers.pop(0) if self.answers else None


def turns(pump: Pump, seconds: float) -> None:
    for _ in range(round(seconds / TICK)):
        pump.turn()


def test_each_is_read_once_per_its_period() -> None:
    pump, often, seldom = Pump(), Reader([0.1] * 100), Reader([0.5] * 100)
    pump.add(often, 0.1)
    pump.add(seldom, 0.5)
    turns(pump, 2.0)
    assert often.reads in (19, 20, 21)
    assert seldom.reads in (3, 4, 5)


def test_who_has_ended_is_not_read_again() -> None:
    pump, reader = Pump(), Reader([0.1, None])
    pump.add(reader, 0.1)
    turns(pump, 1.0)
    assert reader.reads == 2


def test_many_are_spread_over_the_period() -> None:
    pump = Pump()
    readers = [Reader([0.5] * 10) for _ in range(100)]
    for reader in readers:
        pump.add(reader, 0.5)
    turns(pump, 0.25)
    assert 40 <= sum(reader.reads for reader in readers) <= 60


def test_its_lag_is_told_once() -> None:
    pump = Pump()
    pump._worst = 1.5
    assert pump.lag() == 1.5
    assert pump.lag() == 0.0
