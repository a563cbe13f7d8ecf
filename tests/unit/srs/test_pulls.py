"""Counting pulls, sampling them, and judging them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from srs_conformance.checkers.pulls import never_more_than_one, one_per, released
from srs_conformance.observing import Observation
from srs_conformance.srs import ApiUnavailable, ClientRow, PullSample, PullSampler, StreamRow, pulls
from tests.unit.srs.conftest import CAPTURED

PODS = {"10.0.0.1": "edge-a", "10.0.0.2": "edge-b", "10.0.0.3": "edge-c"}


@pytest.fixture
def streams(captured: dict[str, Any]) -> list[StreamRow]:
    return [StreamRow.from_json(row) for row in captured["streams"]["streams"]]


@pytest.fixture
def clients(captured: dict[str, Any]) -> list[ClientRow]:
    return [ClientRow.from_json(row) for row in captured["clients"]["clients"]]


def _player(clients: list[ClientRow], ip: str) -> ClientRow:
    player = next(row for row in clients if not row.publish and row.name == "livestream")
    return replace(player, ip=ip, tc_url="rtmp://srs-origin-service/live")


def test_one_pull_per_edge(streams: list[StreamRow], clients: list[ClientRow]) -> None:
    rows = [*clients, _player(clients, "10.0.0.1"), _player(clients, "10.0.0.3")]
    assert pulls(streams, rows, "live", "livestream", PODS) == {"edge-a": 1, "edge-b": 0, "edge-c": 1}


def test_a_second_pull_is_seen(streams: list[StreamRow], clients: list[ClientRow]) -> None:
    rows = [_player(clients, "10.0.0.1")] * 2
    assert pulls(streams, rows, "live", "livestream", PODS)["edge-a"] == 2


def test_a_publisher_through_an_edge_is_no_pull(streams: list[StreamRow], clients: list[ClientRow]) -> None:
    publisher = next(row for row in clients if row.publish)
    rows = [replace(publisher, ip="10.0.0.1", type="flash-publish")]
    assert pulls(streams, rows, "live", "livestream", PODS)["edge-a"] == 0


def test_players_of_other_streams_and_other_addresses_are_no_pulls(
    streams: list[StreamRow], clients: list[ClientRow]
) -> None:
    other = next(row for row in clients if row.name == "other")
    rows = [replace(other, ip="10.0.0.1"), _player(clients, "10.0.0.9")]
    assert set(pulls(streams, rows, "live", "livestream", PODS).values()) == {0}


def test_a_pull_counts_while_nobody_publishes(captured: dict[str, Any], clients: list[ClientRow]) -> None:
    # SRS 3 has dropped the stream's row here, and its players still carry the dropped id.
    streams = [StreamRow.from_json(row) for row in captured["streams-after"]["streams"]]
    assert pulls(streams, [_player(clients, "10.0.0.1")], "live", "livestream", PODS)["edge-a"] == 1


class Origin:
    """An origin whose edges do what the test says, one list of counts per look; the last one stays."""

    def __init__(self, *looks: dict[str, int] | str, enough: int) -> None:
        captured = CAPTURED["6.0.157"]
        self._streams = [StreamRow.from_json(row) for row in captured["streams"]["streams"]]
        self._clients = [ClientRow.from_json(row) for row in captured["clients"]["clients"]]
        self._looks = list(looks)
        self._enough = enough
        self.done = threading.Event()

    def streams(self) -> list[StreamRow]:
        return self._streams

    def clients(self) -> list[ClientRow]:
        self._enough -= 1
        if self._enough <= 0:
            self.done.set()
        look = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        if isinstance(look, str):
            raise ApiUnavailable(Observation(False, "an answer", look))
        return [_player(self._clients, ip) for ip, count in look.items() for _ in range(count)]


def _history(origin: Origin) -> list[PullSample]:
    with PullSampler(origin, "live", "livestream", PODS, every=0.001) as sampler:
        assert origin.done.wait(10)
    return sampler.stop()


def test_a_passing_second_pull_is_in_the_history() -> None:
    origin = Origin({"10.0.0.1": 1}, {"10.0.0.1": 2}, "down", {"10.0.0.1": 1}, enough=6)
    history = _history(origin)
    assert [sample.counts.get("edge-a") for sample in history[:4]] == [1, 2, None, 1]
    assert history[2].error == "down"
    assert [sample.time for sample in history] == sorted(sample.time for sample in history)
    verdict = never_more_than_one(history)
    assert not verdict.holds
    assert "edge-a has 2 pulls where at most 1 expected" in verdict.details[0]
    assert "1 more got no answer" in verdict.seen


def test_a_steady_history_holds() -> None:
    verdict = never_more_than_one(_history(Origin({"10.0.0.1": 1, "10.0.0.2": 1}, enough=3)))
    assert verdict.holds
    assert "edge-a: 1, edge-b: 1, edge-c: 0" in verdict.seen


def test_pods_that_come_later_are_counted() -> None:
    pods: dict[str, str] = {}
    origin = Origin({"10.0.0.1": 1}, enough=2)
    with PullSampler(origin, "live", "livestream", pods, every=0.001) as sampler:
        assert origin.done.wait(10)
        pods["10.0.0.1"] = "edge-new"
        seen = len(sampler.history)
        origin.done.clear()
        while len(sampler.history) < seen + 2:
            assert origin.done.wait(10)
    assert sampler.history[-1].counts == {"edge-new": 1}


def test_a_defect_of_ours_comes_out_at_the_end() -> None:
    class Broken(Origin):
        def clients(self) -> list[ClientRow]:
            self.done.set()
            raise ZeroDivisionError

    broken = Broken({}, enough=1)
    sampler = PullSampler(broken, "live", "livestream", PODS).start()
    assert broken.done.wait(10)
    with pytest.raises(ZeroDivisionError):
        sampler.stop()


def test_a_sampler_that_never_started_stops() -> None:
    assert PullSampler(Origin({}, enough=1), "live", "livestream", PODS).stop() == []


def test_a_history_without_answers_judges_nothing() -> None:
    assert not never_more_than_one([]).holds
    verdict = never_more_than_one([PullSample(1.0, error="connection refused")])
    assert not verdict.holds
    assert "connection refused" in verdict.seen


def test_many_second_pulls_are_shortened() -> None:
    verdict = never_more_than_one([PullSample(float(i), {"edge-a": 2}) for i in range(20)])
    assert verdict.details[-1] == "... and 15 more"


@pytest.mark.parametrize(
    ("counts", "holds", "detail"),
    [
        ({"edge-a": 1, "edge-b": 1, "edge-c": 0}, True, ""),
        ({"edge-a": 2, "edge-b": 1, "edge-c": 0}, False, "edge-a: 2 pulls where 1 expected"),
        ({"edge-a": 1, "edge-b": 0, "edge-c": 0}, False, "edge-b: 0 pulls where 1 expected"),
        ({"edge-a": 1, "edge-b": 1, "edge-c": 1}, False, "edge-c: 1 pull where 0 expected"),
        ({"edge-a": 1}, False, "edge-b: 0 pulls where 1 expected"),
    ],
)
def test_one_per_watched_edge(counts: dict[str, int], *, holds: bool, detail: str) -> None:
    verdict = one_per(counts, ["edge-a", "edge-b"])
    assert verdict.holds is holds
    assert verdict.details == ((detail,) if detail else ())


def test_released() -> None:
    assert released({"edge-a": 0}).holds
    verdict = released({"edge-a": 0, "edge-b": 1})
    assert not verdict.holds
    assert verdict.details == ("edge-b: 1 pull where 0 expected",)
    assert released({"edge-a": 0, "edge-b": 1}, ["edge-a"]).holds
