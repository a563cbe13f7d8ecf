"""What trials come to, and which resource gave out."""

import json
from pathlib import Path

import pytest

from srs_conformance.capacity.finding import Finding, find
from srs_conformance.capacity.limits import limiting
from srs_conformance.capacity.search import Search
from srs_conformance.capacity.trial import Trial, judged
from srs_conformance.capacity.usage import Usage
from srs_conformance.errors import CouldNotTest, ExitCode
from srs_conformance.load.counts import Counts
from srs_conformance.load.result import Result

MIB = 2**20


def usage(
    cores: float = 0.1,
    *,
    throttled: float = 0.0,
    cpu_limit: float | None = None,
    memory: int = 60 * MIB,
    memory_limit: int | None = None,
    node: float = 0.5,
) -> Usage:
    return Usage(cores, throttled, cpu_limit, memory, memory_limit, node, 2)


AWAY = Counts(visits=1200, joined=1000, refused=200, errors={"the server closed the connection": 200})
STALLED = Counts(visits=1200, joined=1200, stalled_seconds=100)


@pytest.mark.parametrize(
    ("used", "counts", "missed", "ended", "words"),
    [
        (usage(0.3), AWAY, ["refused"], [], "connections: 200 of 1200 turned away"),
        (usage(0.97), STALLED, ["stalled-seconds"], [], "one processor"),
        (usage(0.97), AWAY, ["refused"], [], "one processor"),
        (usage(0.2, throttled=0.6, cpu_limit=0.2), STALLED, ["stalled-seconds"], [], "share of processor time"),
        (usage(0.19, cpu_limit=0.2), STALLED, ["stalled-seconds"], [], "share of processor time"),
        (usage(memory=120 * MIB, memory_limit=128 * MIB), STALLED, ["cut"], [], "memory: 120 of 128 MiB"),
        (usage(), AWAY, ["cut"], ["terminated: OOMKilled (137)"], "killed for it"),
        (usage(), AWAY, ["cut"], ["terminated: Error (1)"], "the server ended"),
        (usage(0.4, node=0.98), STALLED, ["stalled-seconds"], [], "the node's processors: 98%"),
        (usage(0.4), STALLED, ["stalled-seconds"], [], "neither processor"),
        (None, AWAY, ["refused"], [], "nobody could look into the server; 200 of 1200"),
        (None, STALLED, ["stalled-seconds"], [], "nobody could look into the server"),
    ],
)
def test_the_resource_that_gave_out_is_named(
    used: Usage | None, counts: Counts, missed: list[str], ended: list[str], words: str
) -> None:
    assert words in limiting(used, counts, missed, ended)


def searched(capacity: int, *, most: int = 3000, reach: int = 10_000) -> Finding:
    def attempt(users: int) -> Trial:
        if users > reach:
            return Trial(users, False, invalid="the load generator itself stood still for 3.0 s")
        if users > capacity:
            return Trial(users, False, ["stalled-seconds 3 %, at most 0.1 %"], limit="one processor: 1.00 in use")
        return Trial(users, True, usage=usage(users / 4000, memory=users * 65536))

    return find(Search(100, most), attempt, Finding({"viewers": "flv"}), lambda _: None)


def test_the_answer_has_viewers_per_core_and_per_gib_and_what_gave_out(tmp_path: Path) -> None:
    finding = searched(1000)
    assert finding.held is not None
    assert 950 <= finding.held.users <= 1000
    assert finding.per_core == pytest.approx(4000)
    assert finding.per_gib == pytest.approx(16384)
    assert finding.exit_code is ExitCode.HOLDS
    assert any("do not: one processor" in line for line in finding.lines())
    told = json.loads(finding.write(tmp_path).read_text())
    assert (told["held"], told["limit"]) == (finding.held.users, "one processor: 1.00 in use")
    assert len(told["trials"]) == len(finding.trials)


def test_a_server_that_carries_all_that_was_asked_for_is_no_failure() -> None:
    finding = searched(9000)
    assert (finding.held.users if finding.held else None, finding.broke) == (3000, None)
    assert finding.exit_code is ExitCode.HOLDS


def test_a_generator_that_cannot_go_on_is_no_verdict_on_the_server() -> None:
    finding = searched(9000, reach=1000)
    assert finding.exit_code is ExitCode.COULD_NOT_TEST
    assert "at 1600 viewers the load generator itself" in finding.stopped
    assert finding.broke is None


def test_a_server_that_carries_nobody_says_so() -> None:
    finding = searched(0)
    assert (finding.held, finding.exit_code) == (None, ExitCode.COULD_NOT_TEST)
    assert "no number of viewers held: one processor" in finding.lines()[-1]


def test_a_load_without_a_visit_is_no_trial() -> None:
    with pytest.raises(CouldNotTest, match="nothing to judge"):
        judged(10, Result("play"), None, [])


def test_a_load_that_is_not_valid_judges_nothing() -> None:
    trial = judged(10, Result("play", invalid=["a worker was lost"]), None, [])
    assert (trial.holds, trial.invalid, trial.limit) == (False, "a worker was lost", "")
