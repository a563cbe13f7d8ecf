"""A run that is cut short leaves what it saw, and what it was to be judged by: the proven part is judged."""

from pathlib import Path

import pytest

from srs_conformance.checkers.histories import judge, judge_again
from srs_conformance.histories import Outcome, Recording, events, read
from srs_conformance.histories.events import Event
from srs_conformance.viewers.timeline import Ending
from tests.support.histories import history, sample, session, update

ASKED = [
    events.Asked(at=0, requirement="SOAK-02", check="returns_within", parameters={"seconds": 5.0}),
    events.Asked(at=0, requirement="SOAK-05", check="recovered_within", parameters={"seconds": 30.0}),
]


def left(viewer: str, at: float) -> events.Left:
    return events.Left(at=at, viewer=viewer)


STAYED = [session("r", 3, 20, role="returns"), left("r", 20)]
#: It was cut when the run ended, and nobody knows whether it came back.
OPEN = [session("o", 3, 21, Ending.CLOSED, role="returns", until=60)]
IDLE = events.Disturbed(at=22, number=2, what="kill")


def outcomes(*found: Event | list[Event]) -> dict[str, Outcome]:
    return {again.judged.requirement: again.now.outcome for again in judge_again(history(*found))}


def test_what_was_asked_and_not_come_to_is_judged() -> None:
    found = judge_again(history(list(ASKED), update(), STAYED))
    assert [again.judged.check for again in found] == ["returns_within", "recovered_within"]
    assert {again.now.outcome for again in found} == {Outcome.HOLDS}
    assert {again.judged.given.outcome for again in found} == {Outcome.NOT_COME_TO}
    assert not any(again.differs for again in found)


def test_what_was_cut_last_says_nothing() -> None:
    assert outcomes(list(ASKED), update(), STAYED, OPEN)["SOAK-02"] is Outcome.HOLDS
    assert outcomes(list(ASKED), update(), STAYED, OPEN, left("o", 40))["SOAK-02"] is Outcome.MISSED


def test_only_the_part_before_a_disturbance_without_a_proof_is_judged() -> None:
    late = [session("l", 3, 23, Ending.CLOSED, role="returns", until=60), left("l", 60)]
    assert outcomes(list(ASKED), update(), STAYED, IDLE, late)["SOAK-02"] is Outcome.HOLDS
    assert outcomes(list(ASKED), update(), STAYED, late)["SOAK-02"] is Outcome.MISSED
    assert outcomes(list(ASKED), IDLE)["SOAK-05"] is Outcome.COULD_NOT_TEST


def test_what_was_judged_is_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "history.ndjson"
    with Recording.begin(path, {}) as recording:
        recording.asked("SOAK-05", "recovered_within", seconds=30.0)
        recording.asked("SOAK-05", "effective")
        number = recording.disturb("kill")
        recording.took_effect(number, "gone")
        recording.settled(number)
        judge(recording, "SOAK-05", "recovered_within", seconds=30.0)
        assert recording.disturbed == 1
    found = judge_again(read(path))
    assert [(again.judged.check, again.judged.given.outcome) for again in found] == [
        ("recovered_within", Outcome.HOLDS),
        ("effective", Outcome.NOT_COME_TO),
    ]


def test_a_last_line_that_is_cut_off_does_not_keep_the_rest_from_being_judged(tmp_path: Path) -> None:
    path = tmp_path / "history.ndjson"
    with Recording.begin(path, {}) as recording:
        recording.asked("SOAK-05", "effective")
        recording.took_effect(recording.disturb("kill"), "gone")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"t": 9, "event": "sam')
    (again,) = judge_again(read(path))
    assert again.now.outcome is Outcome.HOLDS


@pytest.mark.parametrize("until", [5.0, 50.0])
def test_asking_is_nothing_that_was_seen(until: float) -> None:
    asked = events.Asked(at=99, requirement="X", check="uncut", parameters={})
    assert history(sample(until, "pods", {}), asked).until == until
