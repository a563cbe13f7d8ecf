"""Judgements over whole histories: pure functions by name, so that a stored history can be judged again.

A check takes a history and parameters that are JSON values, and returns an `Observation`. It raises `CouldNotTest`
where the history does not allow a verdict: a disturbance without a proof that it took effect, nobody who was judged.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from srs_conformance.checkers.histories.draining import (
    all_cut,
    drained_within,
    out_of_service,
    quits_gracefully,
    stops_listening,
)
from srs_conformance.checkers.histories.growing import stays_bounded
from srs_conformance.checkers.histories.media import frames_accounted, lost_at_most, no_gap
from srs_conformance.checkers.histories.pods import effective, ended_within, gone_within
from srs_conformance.checkers.histories.rolling import greeted, serving_throughout, stands_still
from srs_conformance.checkers.histories.serving import merged_throughout, shares
from srs_conformance.checkers.histories.staying import none_refused, returns_within, uncut
from srs_conformance.checkers.histories.striking import cut_only_where_disturbed, nobody_waits, recovered_within
from srs_conformance.checkers.histories.witness import unless_asleep
from srs_conformance.errors import CouldNotTest, EngineError
from srs_conformance.histories import Given, History, Judged, Outcome, Recording
from srs_conformance.observing import Observation

CHECKS: dict[str, Callable[..., Observation]] = {
    check.__name__: check
    for check in (
        all_cut,
        cut_only_where_disturbed,
        drained_within,
        effective,
        ended_within,
        frames_accounted,
        gone_within,
        greeted,
        lost_at_most,
        merged_throughout,
        no_gap,
        nobody_waits,
        none_refused,
        out_of_service,
        quits_gracefully,
        recovered_within,
        returns_within,
        serving_throughout,
        shares,
        stands_still,
        stays_bounded,
        stops_listening,
        uncut,
    )
}
"""Every check by its name, which is what histories store: a check keeps its name, and its parameters' names."""


@dataclass(frozen=True)
class Again:
    """What a check gave once and what it gives now; `defect` is the exception of one that crashed."""

    judged: Judged
    now: Given
    defect: Exception | None = None

    @property
    def differs(self) -> bool:
        """Tell whether the verdict is another one now; other words for the same verdict are no difference."""
        return self.judged.given.outcome not in (self.now.outcome, Outcome.NOT_COME_TO)


def judge(recording: Recording, requirement: str, check: str, **parameters: Any) -> Observation:
    """Run a check on what has been recorded so far, and write down what it gave.

    Raises:
        CouldNotTest: the history allows no verdict.
        EngineError: the check is unknown, or crashed; both are defects of ours.
    """
    values: dict[str, Any] = json.loads(json.dumps(parameters))  # what a later reader will find
    try:
        observation = run(recording.history(), check, values)
    except CouldNotTest as why:
        recording.judged(requirement, check, values, why)
        raise
    except Exception as defect:
        recording.crashed(requirement, check, values, defect)
        raise EngineError(f"the check {check} of {requirement} crashed: {defect!r}") from defect
    recording.judged(requirement, check, values, observation)
    return observation


def judge_again(history: History) -> list[Again]:
    """Run every check that was judged again, each on the history as it was then.

    What was to be judged, and was not as the run was cut short, is judged on what there is of it.
    """
    found = [_again(history.before(judged), judged) for judged in history.judged]
    return [*found, *(_again(history.proven, judged) for judged in history.unanswered)]


def run(history: History, check: str, parameters: Mapping[str, Any]) -> Observation:
    """Run one check.

    Raises:
        CouldNotTest: the history allows no verdict, or there is no such check, or it takes other parameters.
    """
    function = CHECKS.get(check)
    if function is None:
        raise CouldNotTest(f"no check is called {check!r}; known are {', '.join(CHECKS)}")
    try:
        inspect.signature(function).bind(history, **parameters)
    except TypeError as error:
        raise CouldNotTest(f"the check {check} does not take these parameters: {error}") from error
    return unless_asleep(history, check, function(history, **parameters))


def _again(history: History, judged: Judged) -> Again:
    try:
        seen = run(history, judged.check, judged.parameters)
    except CouldNotTest as why:
        return Again(judged, Given(Outcome.COULD_NOT_TEST, seen=why.message))
    except Exception as defect:  # noqa: BLE001 - a crash is a result: engine error, with the exception in it
        return Again(judged, Given(Outcome.CRASHED, seen=repr(defect)), defect)
    return Again(judged, Given.of(seen))
