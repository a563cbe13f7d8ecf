"""Each check holds on one history and misses on another; where no verdict can be had, it gives none."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.checkers.histories import CHECKS, judge_again, run
from srs_conformance.checkers.histories.growing import trend
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History, Outcome, events, read
from srs_conformance.histories.events import Event, Given
from srs_conformance.observing import Observation
from srs_conformance.viewers.timeline import Ending
from tests.support.audiences import (
    AT_1,
    AT_ONCE,
    BACK,
    CUT,
    FOREIGN,
    GAVE_UP,
    GUESTS,
    KILLED,
    LATE_BACK,
    NEVER_BACK,
    OLD_GOP,
    REFUSED,
    REPEATED,
    SKIPPED,
    STAYS,
    TWO_PODS,
    WAITED,
    joins,
    pulls,
    resources,
)
from tests.support.histories import (
    history,
    hls,
    live,
    numbered,
    phases,
    pods,
    published,
    sample,
    session,
    update,
    write,
)


@dataclass
class Case:
    check: str
    holds: list[list[Event]]
    misses: list[list[Event]]
    parameters: dict[str, Any] = field(default_factory=dict)
    seen: str = ""


DONE = update()
CASES = [
    Case("uncut", [[*DONE, *STAYS]], [[*DONE, *CUT]], seen="1 cuts among 3 viewers"),
    Case("uncut", [[*DONE, *CUT, *BACK[2:]]], [[*DONE, *BACK]], {"roles": ["returns"]}, "1 cuts among 1 viewers"),
    Case(
        "uncut",  # only who is at these places
        [[*DONE, *CUT, session("d", 3, 30, place="there")]],
        [[*DONE, *STAYS, session("d", 3, 18, Ending.CLOSED, until=30, place="there")]],
        {"places": ["there"]},
        "1 cuts among 1 viewers",
    ),
    Case(
        "no_gap",
        [[*DONE, session("s", 3, 30, frames=live(3, 10)), session("d", 3, 30, place="there")]],
        [[*DONE, *STAYS, session("d", 3, 30, place="there", frames=live(3, 10))]],
        {"places": ["there"], "over": 1.5},
    ),
    Case(
        "uncut",  # c was cut at 18 s at edge-1, which had been terminating since about 10 s
        [[*DONE, *pods(TWO_PODS, 30), *CUT]],
        [[*DONE, *pods({"edge-1": (0, 14, 18), "edge-2": (0, 10, 30)}, 30), *CUT], [*DONE, *CUT]],
        {"until_grace": 8},
    ),
    Case(
        "uncut",  # behind a Service any pod's grace will do
        [[*DONE, *pods(TWO_PODS, 30), session("c", 3, 18, Ending.CLOSED, until=30, place="srs-edge")]],
        [[*DONE, *pods(TWO_PODS, 30), session("c", 3, 13, Ending.CLOSED, until=30, place="srs-edge")]],
        {"until_grace": 6},
    ),
    Case(
        "returns_within",
        [[*DONE, numbered(), *BACK], [*DONE, *BACK], [*DONE, *BACK[2:]]],
        [[*DONE, numbered(), *LATE_BACK], [*DONE, *LATE_BACK], [*DONE, *NEVER_BACK]],
        {"seconds": 2.0},
    ),
    Case("none_refused", [[*DONE, *GUESTS, GAVE_UP]], [[*DONE, *GUESTS, REFUSED], [*DONE, *GUESTS, WAITED]]),
    Case("none_refused", [[*DONE, *GUESTS, REFUSED]], [[*DONE, REFUSED, *NEVER_BACK]], {"at_most": 1}),
    Case("none_refused", [[*STAYS]], [[session("s", 3, 9, frames=live(3, 9)[60:])]], {"roles": ["stays"], "within": 1}),
    Case(
        "no_gap",
        [[*DONE, *STAYS]],
        [[*DONE, *CUT], [*DONE, session("s", 3, 30, frames=[f for f in live(3, 30) if not 9 < f.arrival < 11])]],
        {"over": 1.5},
    ),
    Case(
        "no_gap",  # a silence that has not ended is too long for certain, or not known
        [[*DONE, session("s", 3, 30, frames=[f for f in live(3, 30) if not 20 < f.arrival < 24])]],
        [[*DONE, session("s", 3, 30, frames=live(3, 24)), session("d", 3, 30, frames=live(3, 26))]],
        {"over": 5},
    ),
    Case(
        "no_gap",  # an HLS player may wait for two target durations on top
        [[*DONE, hls("h", 4, 30, without={8})]],
        [[*DONE, hls("h", 4, 30, without={8, 9, 10})], [*DONE, *STAYS, *LATE_BACK]],
        {"over": 1.5, "roles": ["control", "returns"]},
    ),
    Case(
        "frames_accounted",
        [[numbered(), *DONE, *STAYS], [numbered(), *DONE, hls("h", 4, 30, role="stays")]],
        [[numbered(), *DONE, SKIPPED], [numbered(), *DONE, REPEATED], [numbered(), *DONE, *STAYS, FOREIGN]],
    ),
    Case(
        "frames_accounted",  # who comes back is given the newest GOP again, but no older one
        [[numbered(), *DONE, *AT_ONCE]],
        [[numbered(), *DONE, *OLD_GOP], [numbered(), *DONE, *LATE_BACK]],
        {"back_at_most": 75, "roles": ["returns"]},
    ),
    Case(
        "frames_accounted",
        [[numbered(), SKIPPED]],
        [[numbered(), *LATE_BACK]],
        {"missing_at_most": 100, "back_at_most": 50, "roles": ["stays", "returns"]},
    ),
    Case("lost_at_most", [[*DONE, *STAYS]], [[*DONE, *CUT]], {"per_thousand": 1}),
    Case(
        "lost_at_most",
        [[*phases(before=0, after=25), *CUT[:2]]],
        [[*phases(before=0, after=25), *CUT]],
        {"per_thousand": 1, "phase": "after"},
    ),
    Case(
        "merged_throughout",
        [
            [*DONE, *pulls({"e1": 1}, {"e1": 1, "e2": 1}, {"e2": 1})],
            [*pulls({"e1": 1}), *pulls({"e1": 1}, stream="live/b")],
        ],
        [[*DONE, *pulls({"e1": 1}, {"e1": 2, "e2": 1}, {"e2": 1})]],
        seen="at most e1: 2, e2: 1 in 3 of 3 samples",
    ),
    Case(
        "merged_throughout",
        [[*DONE, *pulls({"e1": 1}, {"e1": 2}, {"e1": 2}, {"e1": 1}, {"e1": 2})]],
        [[*DONE, *pulls({"e1": 2}, {"e1": 2}, {"e1": 2}, {"e1": 1})]],
        {"lasting": 0.5},
    ),
    Case(
        "ended_within",
        [[*update(10, settled=14), sample(40, "x", {})]],
        [[*update(10, settled=31), sample(40, "x", {})], [*update(10, settled=None), sample(40, "x", {})]],
        {"seconds": 20, "kind": "update"},
    ),
    Case(
        "gone_within",
        [[*DONE, *pods(TWO_PODS, 30)]],
        [[*DONE, *pods({"edge-1": (0, 10, 25)}, 30)], [*DONE, *pods({"edge-1": (0, 10, 99)}, 30)]],
        {"seconds": 10},
    ),
    Case(
        "shares",
        [[*DONE, *joins(75, 25)], [*DONE, *joins(80, 20)]],
        [[*DONE, *joins(100, 0)], [*DONE, *joins(75, 0, refused=25)], [*DONE, *joins(50, 50)]],
        {"expected": {"3.0.170": 0.75, "3.0.171": 0.25}, "phase": "canary"},
    ),
    Case(
        "shares",
        [[sample(1, "versions", {"counts": {"3": 60, "6": 60}})]],
        [
            [sample(1, "versions", {"counts": {"3": 60, "": 60}})],
            [sample(1, "versions", {"counts": {"3": 60, "5": 60}})],
        ],
        {"expected": {"3": 0.5, "6": 0.5}},
    ),
    Case("stays_bounded", [resources(0, 0), resources(5e3, 0.01)], [resources(1e5, 0), resources(0, 0.5)]),
    Case("stays_bounded", [resources(0, 0.5)], [resources(1e5, 0)], {"of": ["memory"]}),
    Case("stays_bounded", [resources(1e5, 0)], [resources(0, 0.5)], {"of": ["descriptors"]}),
    Case(
        "stays_bounded",  # what grows before the phase is not judged
        [[*phases(before=0, after=200), *resources(0, 0.5, until=200)]],
        [[*phases(before=0, after=200), *resources(0, 0.5)]],
        {"phase": "after", "warm_up": 10, "window": 100},
    ),
    Case(
        "cut_only_where_disturbed",
        [[*KILLED, *AT_1], [*KILLED, session("c", 3, 18, Ending.CLOSED, role="returns", place="the Service")]],
        [
            [*KILLED, session("c", 3, 18, Ending.CLOSED, role="returns", place="edge-2")],
            [*KILLED, session("c", 3, 21, Ending.CLOSED, role="returns", place="edge-1")],
            [*KILLED, session("c", 3, 9, Ending.CLOSED, role="returns", place="edge-1")],
            [*DONE, *AT_1],
        ],
        {"within": 5},
        seen="",
    ),
    Case(
        "nobody_waits",
        [[*DONE, *BACK], [*DONE, *BACK, hls("h", 4, 30, without={8, 9}, role="returns")]],
        [
            [
                *DONE,
                *BACK,
                session("s", 3, 30, role="returns", frames=[f for f in live(3, 30) if not 9 < f.arrival < 15]),
            ],
            [*DONE, session("s", 3, 30, role="returns", frames=[])],
            [*DONE, session("s", 3, 20, Ending.CLOSED, role="returns", until=30)],
        ],
        {"over": 5},
    ),
    Case(
        "recovered_within",
        [[*DONE, sample(60, "x", {})]],
        [[*update(10, settled=41), sample(60, "x", {})], [*update(10, settled=None), sample(60, "x", {})]],
        {"seconds": 30},
    ),
    Case("effective", [[*DONE]], []),
]
MODULES = ("growing", "striking", "media", "pods", "serving", "staying")
"""Of the checks that are tested here."""
IDS = [f"{number} {case.check}" for number, case in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_check_holds_and_misses(case: Case) -> None:
    for holding in case.holds:
        seen = run(history(holding), case.check, case.parameters)
        assert seen.holds, seen
    for missing in case.misses:
        seen = run(history(missing), case.check, case.parameters)
        assert not seen.holds, seen
        assert seen.details
        assert case.seen in seen.seen


def test_every_check_is_tested_both_ways() -> None:
    ours = {name for name, check in CHECKS.items() if check.__module__.rsplit(".", 1)[-1] in MODULES}
    assert {case.check for case in CASES if case.holds} == ours
    assert {case.check for case in CASES if case.misses} == ours - {"effective"}


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_disturbance_without_proof_leaves_no_verdict(case: Case) -> None:
    for found in [*case.holds, *case.misses]:
        unproven = [each for each in found if not isinstance(each, events.TookEffect)]
        if not any(isinstance(each, events.Disturbed) for each in unproven):
            unproven = [events.Disturbed(at=1, number=1, what="update"), *unproven]
        with pytest.raises(
            CouldNotTest, match=r"nothing proves that these disturbances took effect: 1 \((update|kill)"
        ):
            run(history(unproven), case.check, case.parameters)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_empty_history_and_one_without_viewers_or_samples_leave_no_verdict(case: Case) -> None:
    with pytest.raises(CouldNotTest):
        run(history(), case.check, case.parameters)
    if case.check != "effective":
        with pytest.raises(CouldNotTest):
            run(history(update(settled=None)), case.check, case.parameters)


@pytest.mark.parametrize(
    ("found", "check", "parameters", "why"),
    [
        ([*STAYS], "uncut", {}, "no disturbance"),
        ([*DONE, session("s", 3, 9, frames=[])], "uncut", {}, "ever saw a picture"),
        ([*DONE, *STAYS], "returns_within", {"seconds": 1}, "no viewer of 'returns'"),
        ([*DONE, *NEVER_BACK], "returns_within", {"seconds": 100}, "left within 100 s and was not back"),
        ([*DONE, GAVE_UP], "none_refused", {}, "given up"),
        ([*DONE, *STAYS], "no_gap", {"over": 1, "protocols": ["hls"]}, "over hls"),
        ([*DONE, session("s", 3, 9, frames=[])], "no_gap", {"over": 1}, "ever got a frame"),
        ([*DONE, session("s", 3, 30, frames=live(3, 26))], "no_gap", {"over": 5}, "got nothing for 4.0"),
        ([*DONE, *STAYS], "frames_accounted", {}, "no frame numbers"),
        ([numbered(), session("s", 3, 9, frames=[])], "frames_accounted", {}, "ever got a picture"),
        ([*DONE, *STAYS], "lost_at_most", {"per_thousand": 1, "phase": "never"}, "nobody wanted to watch in 'never'"),
        ([*DONE, *pulls({"e1": 0}, {"e1": 0})], "merged_throughout", {}, "no pull was seen"),
        (
            [sample(1, "pulls", {"error": "no answer"})],
            "merged_throughout",
            {},
            "0 samples of 'pulls', and 1 looks that failed",
        ),
        ([*DONE], "ended_within", {"seconds": 5, "kind": "rollback"}, "no disturbance of kind 'rollback'"),
        ([*update(settled=None), sample(12, "x", {})], "ended_within", {"seconds": 5, "kind": "update"}, "2.0 s only"),
        ([*DONE, *pods({"edge-1": (0, 99, 99)}, 9)], "gone_within", {"seconds": 5}, "no pod was seen to terminate"),
        ([*DONE, *pods({"edge-1": (0, 8, 99)}, 9)], "gone_within", {"seconds": 5}, "edge-1: still there"),
        ([*joins(70, 20)], "shares", {"expected": {"3.0.170": 1}, "phase": "canary"}, "90 joins in 'canary'"),
        (resources(1e5, 1)[:60], "stays_bounded", {}, "no process was watched for 240 s after warming up, the longest"),
        (resources(1e5, 1)[::4], "stays_bounded", {}, "no process was watched for 240 s"),
        ([*DONE, session("r", 3, 6, role="returns")], "nobody_waits", {"over": 5}, "was there for longer than 5 s"),
        ([*DONE, session("r", 3, 6, frames=[], role="returns")], "cut_only_where_disturbed", {"within": 5}, "ever got"),
        ([*update(settled=None), sample(20, "x", {})], "recovered_within", {"seconds": 30}, "watched for 10.0 s only"),
    ],
)
def test_why_there_is_no_verdict(found: list[Event], check: str, parameters: dict[str, Any], why: str) -> None:
    with pytest.raises(CouldNotTest) as told:
        run(history(found), check, parameters)
    assert why in str(told.value)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_stored_history_gives_the_same_verdicts(case: Case, tmp_path: Path) -> None:
    for found in [*case.holds, *case.misses]:
        first = history(found)
        then = Given.of(run(first, case.check, case.parameters))
        judged = events.Judged(at=60, requirement="X-01", check=case.check, parameters=case.parameters, given=then)
        later = [session("z", 20, 21, Ending.CLOSED), *update(70, effect=None)]  # which came after it was judged
        (again,) = judge_again(read(write(history(found, judged, list(later)), tmp_path / "history.ndjson")))
        assert again.now == then
        assert not again.differs


def test_a_check_that_crashes_is_told_as_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def crashing(_: History) -> Observation:
        raise ZeroDivisionError("a defect")

    monkeypatch.setitem(CHECKS, "uncut", crashing)
    judged = events.Judged(at=60, requirement="X", check="uncut", parameters={}, given=Given(Outcome.HOLDS))
    (again,) = judge_again(history([*DONE], judged))
    assert again.now.outcome is Outcome.CRASHED
    assert "a defect" in again.now.seen
    assert again.differs
    assert isinstance(again.defect, ZeroDivisionError)


def test_a_pod_that_was_not_terminating_excuses_nobody() -> None:
    cut = session("c", 3, 18, Ending.CLOSED, until=30, place="edge-9")
    lives = {**TWO_PODS, "edge-9": (0.0, 99.0, 99.0)}
    assert not run(history([*DONE, *pods(lives, 30), cut]), "uncut", {"until_grace": 2}).holds


def test_the_publisher_that_was_restarted_is_nobody_s_loss_of_frames() -> None:
    restart = [published("started", 0), published("ended", 12), published("restarted", 13)]
    shifted = live(2, 20)
    for frame in shifted:
        frame.arrival += 11
        frame.dts += 500_000
        frame.pts += 500_000
    frames = live(3, 12) + [frame for frame in shifted if frame.arrival > 13.2]
    viewer = session("s", 3, 30, frames=frames)
    assert not run(history([numbered(), viewer]), "frames_accounted", {}).holds
    assert run(history([numbered(), *restart, viewer]), "frames_accounted", {}).holds


@pytest.mark.parametrize(
    ("value", "grown"),
    [
        (lambda _: 5.0, 0.0),
        (lambda n: n * 2.0, 198.0),
        (lambda n: 100.0 if n % 10 == 0 else 1.0, 0.0),
        (lambda n: 50.0 * (n % 7), 0.0),
    ],
)
def test_a_trend_is_not_swayed_by_what_comes_and_goes(value: Callable[[int], float], grown: float) -> None:
    assert trend([(float(n), value(n)) for n in range(100)]) == pytest.approx(grown, abs=8)


def test_a_trend_of_one_moment_is_none() -> None:
    assert trend([(1.0, 5.0), (1.0, 9.0)]) == 0.0


def test_what_a_look_tells_may_be_as_old_as_its_beginning() -> None:
    looks = [
        replace(each, took=0.4) if isinstance(each, events.Sample) else each
        for each in pods({"edge-1": (0.0, 10.0, 40.0)}, 30)
    ]
    cut = session("c", 3, 15.7, Ending.CLOSED, until=30)
    began = max(each.at for each in looks if isinstance(each, events.Sample) and each.at < 10.0) - 0.4
    assert run(history([*DONE, *looks, cut]), "uncut", {"until_grace": 15.69 - began}).holds
    assert not run(history([*DONE, *looks, cut]), "uncut", {"until_grace": 15.9 - began}).holds


def test_a_look_that_failed_is_no_look() -> None:
    failed = [sample(at, "pods", {"error": "no answer"}) for at in (9.6, 9.9)]
    every = pods({"edge-1": (0.0, 10.0, 40.0)}, 30)
    looks = [*every[:20], *failed, *every[20:]]
    cut = session("c", 3, 15.7, Ending.CLOSED, until=30)  # 6.2 s after the last look that saw it not terminating
    assert run(history([*DONE, *looks, cut]), "uncut", {"until_grace": 6.1}).holds
    assert not run(history([*DONE, *looks, cut]), "uncut", {"until_grace": 6.3}).holds
    still = [*looks, sample(31, "pods", {"error": "no answer"})]
    with pytest.raises(CouldNotTest, match="still there"):
        run(history([*DONE, *still]), "gone_within", {"seconds": 25})


def test_nobody_watched_while_it_was_judged() -> None:
    judged = events.Judged(at=90, requirement="X", check="x", parameters={}, given=Given(Outcome.HOLDS))
    found = history([*update(settled=None), sample(12, "x", {}), judged], ended=95)
    with pytest.raises(CouldNotTest, match=r"watched for 2.0 s only"):
        run(found, "ended_within", {"seconds": 5, "kind": "update"})
