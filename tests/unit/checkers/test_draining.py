"""Checks of servers that drain and of rollouts under way: each can hold, miss, and decline to judge."""

from dataclasses import replace

import pytest

from srs_conformance.checkers.histories import run
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import events
from srs_conformance.viewers.timeline import Ending
from tests.support.histories import history, phases, pods, sample, session, update

PORTS = [1935, 1985, 8080]
LOG = [
    "[Trace] sig=3, user start gracefully quit",
    "[Trace] force gracefully quit, signo=15",
    "[Trace] cleanup for quit signal fast=0, grace=1",
    "[Trace] wait for 4 conns to quit",
]


def samples(observer, *values, start=10.0, every=0.5):
    return [sample(start + every * number, observer, each) for number, each in enumerate(values)]


def draining(until=24.0, gone=20.0, every=0.25):
    """An update at 10 s: edge-1 terminates from 10.5 s on."""
    return [*update(), *pods({"edge-1": (0, 10.5, gone), "edge-2": (9, 99, 99)}, until, every)]


def endpoint(*, ready):
    return {"ready": ready, "serving": True, "terminating": not ready}


@pytest.mark.parametrize(("leaves", "holds"), [(10.5, True), (12.0, True), (13.5, False)])
def test_a_terminating_pod_is_out_of_the_service(leaves, holds):
    looks = [(at / 4, {"edge-1": endpoint(ready=at / 4 < leaves)}) for at in range(36, 64)]
    found = history(draining(), [sample(at, "endpoints", each) for at, each in looks])
    assert run(found, "out_of_service", {"within": 2.0}).holds is holds


def test_of_what_was_never_an_endpoint_nothing_is_said():
    with pytest.raises(CouldNotTest, match="no endpoint"):
        run(
            history(draining(), samples("endpoints", {"edge-2": endpoint(ready=True)})), "out_of_service", {"within": 2}
        )


@pytest.mark.parametrize(("opens", "closes", "holds"), [(True, 12.0, True), (False, 12.0, False), (True, 15.0, False)])
def test_listeners_stay_for_a_moment_and_close(opens, closes, holds):
    looks = []
    for step in range(43, 60):
        at = step / 4
        first = at < 11.25
        looks.append(sample(at, "ports", {"edge-1": PORTS if at < closes and (opens or not first) else []}))
    found = history(draining(), looks)
    parameters = {"open_for": 0.7, "closed_after": 2.7, "ports": PORTS}
    assert run(found, "stops_listening", parameters).holds is holds


def test_listeners_that_nobody_looked_at_in_time_are_not_judged():
    found = history(draining(), samples("ports", {"edge-1": []}, start=14))
    with pytest.raises(CouldNotTest, match="0 looks at ports within"):
        run(found, "stops_listening", {"open_for": 0.7, "closed_after": 2.7, "ports": PORTS})


@pytest.mark.parametrize(
    ("lines", "holds"),
    [
        (LOG, True),
        ([LOG[0], LOG[2], LOG[1], LOG[3]], True),
        (LOG[1:], False),
        (LOG[:3], False),
        ([LOG[0], LOG[1], LOG[3], LOG[2]], False),
        ([LOG[0], LOG[1].replace("15", "2"), *LOG[2:]], False),
        ([*LOG[:2], LOG[2].replace("fast=0", "fast=1"), LOG[3]], False),
    ],
)
def test_a_log_tells_of_a_graceful_quit_in_order(lines, holds):
    found = history(draining(), samples("logs", {"edge-1": lines[:1]}, {"edge-1": lines}))
    assert run(found, "quits_gracefully", {}).holds is holds


AT = "[2026-11-29 11:58:{}][Trace][1]"


@pytest.mark.parametrize(
    ("quit_at", "other", "holds"),
    [
        ("42.192", LOG, True),
        ("42.250", LOG, True),
        ("43.000", LOG, False),
        ("42.192", [LOG[1], LOG[0], *LOG[2:]], False),  # as all pods without a hook have it
    ],
)
def test_both_signals_of_a_server_that_did_not_run_come_at_one_time_in_any_order(quit_at, other, holds):
    first = [f"{AT.format('42.192')} force gracefully quit, signo=15", f"{AT.format(quit_at)} sig=3, user start"]
    logs = {"edge-1": [*first, *LOG[2:]], "edge-2": other}
    assert run(history(draining(), samples("logs", logs)), "quits_gracefully", {}).holds is holds


def test_what_a_log_has_told_stays_told_when_the_container_is_gone():
    """Of a container that has just ended the file cannot be read, and its console has none of this."""
    assert run(history(draining(), samples("logs", {"edge-1": LOG}, {"edge-1": []})), "quits_gracefully", {}).holds


@pytest.mark.parametrize(("gone", "holds"), [(17.0, True), (23.0, False)])
def test_a_pod_that_nobody_watches_is_gone_soon(gone, holds):
    found = history(phases(drain=12.0), draining(30.0, gone))
    assert run(found, "drained_within", {"seconds": 10, "phase": "drain"}).holds is holds


def test_a_pod_at_which_we_stopped_to_look_is_not_judged():
    found = history(phases(drain=12.0), draining(15.0, 99.0))
    with pytest.raises(CouldNotTest, match="did not look"):
        run(found, "drained_within", {"seconds": 10, "phase": "drain"})
    with pytest.raises(CouldNotTest, match="no phase"):
        run(found, "drained_within", {"seconds": 10, "phase": "rest"})


def graced(found, grace, codes=None):
    """Samples of pods that say how long their grace is, and perhaps how their containers ended."""
    told = {"grace": grace, **({"exit_codes": {"srs": codes}} if codes is not None else {})}
    return [
        replace(each, values={name: {**pod, **told} for name, pod in each.values.items()})
        if isinstance(each, events.Sample)
        else each
        for each in found
    ]


@pytest.mark.parametrize("gone", [20.75, 22.0])
def test_a_server_that_never_ends_is_not_taken_for_drained_when_its_grace_is_over(gone):
    never = history(phases(drain=13.0), graced(draining(30.0, gone), 10.0))
    with pytest.raises(CouldNotTest, match="edge-1: there until the grace was over"):
        run(never, "drained_within", {"seconds": 10, "phase": "drain"})
    killed = history(phases(drain=13.0), graced(draining(30.0, gone), 10.0, 137))
    assert not run(killed, "drained_within", {"seconds": 10, "phase": "drain"}).holds
    ended = history(phases(drain=13.0), graced(draining(30.0, gone), 10.0, 0))
    assert run(ended, "drained_within", {"seconds": 10, "phase": "drain"}).holds
    longer = history(phases(drain=13.0), graced(draining(30.0, gone), 20.0))
    assert run(longer, "drained_within", {"seconds": 10, "phase": "drain"}).holds


@pytest.mark.parametrize(
    ("ends", "ending", "holds"),
    [(13.0, Ending.CLOSED, True), (13.0, Ending.STOPPED, False), (31.0, Ending.CLOSED, False)],
)
def test_without_grace_everybody_is_cut_soon(ends, ending, holds):
    found = history(update(), session("a", 0, 12, Ending.CLOSED), session("b", 0, ends, ending))
    assert run(found, "all_cut", {"roles": ["stays"], "before": 20}).holds is holds


def test_nobody_is_nobody_cut():
    with pytest.raises(CouldNotTest):
        run(history(update(), session("a", 0, 12, role="returns")), "all_cut", {"roles": ["stays"], "before": 20})


def greeting(*failed):
    return {"tried": 4, "failed": list(failed), "versions": {}}


def test_new_connections_are_answered_always_or_in_some_phases():
    found = history(
        update(),
        phases(update=10.0, after=12.0),
        samples("greetings", greeting("refused"), start=11),
        samples("greetings", greeting(), start=13),
    )
    assert not run(found, "greeted", {}).holds
    assert run(found, "greeted", {"at_most": 1}).holds
    assert run(found, "greeted", {"phases": ["after"]}).holds
    with pytest.raises(CouldNotTest, match="nobody tried"):
        run(found, "greeted", {"phases": ["before"]})


@pytest.mark.parametrize(("least", "holds"), [(1, True), (2, False)])
def test_the_service_has_enough_endpoints_at_any_time(least, holds):
    two = {"edge-1": endpoint(ready=True), "edge-2": endpoint(ready=True)}
    one = {**two, "edge-1": endpoint(ready=False)}
    found = history(update(), samples("endpoints", two, one, {"error": "no answer"}, two))
    assert run(found, "serving_throughout", {"least": least}).holds is holds


@pytest.mark.parametrize(("counts", "holds"), [((1, 1, 1), True), ((1, 1, 2), False)])
def test_a_pause_holds(counts, holds):
    pause, resume = [
        [
            events.Disturbed(at=at, number=number, what=kind),
            events.TookEffect(at=at, number=number, proof="spec.paused"),
        ]
        for at, number, kind in ((10.0, 1, "pause"), (15.0, 2, "resume"))
    ]
    looks = [{"new": {"wanted": count}, "old": {"wanted": 2}} for count in counts]
    found = history(
        pause,
        samples("replicasets", {"old": {"wanted": 2}}, start=10.1),
        resume,
        samples("replicasets", *looks, start=12),
    )
    assert run(found, "stands_still", {"pause": "pause", "resume": "resume"}).holds is holds
    with pytest.raises(CouldNotTest):
        run(found, "stands_still", {"pause": "pause", "resume": "end"})


@pytest.mark.parametrize(
    ("check", "parameters"),
    [
        ("out_of_service", {"within": 2}),
        ("stops_listening", {"open_for": 0.7, "closed_after": 2.7, "ports": PORTS}),
        ("quits_gracefully", {}),
        ("drained_within", {"seconds": 10, "phase": "drain"}),
        ("all_cut", {"roles": ["stays"], "before": 20}),
        ("greeted", {}),
        ("serving_throughout", {"least": 1}),
        ("stands_still", {"pause": "update", "resume": "update"}),
    ],
)
@pytest.mark.parametrize("found", [history(), history(update(effect=None))], ids=["empty", "without effect"])
def test_what_was_not_disturbed_is_not_judged(check, parameters, found):
    with pytest.raises(CouldNotTest):
        run(found, check, parameters)


def test_joins_that_are_counted_when_a_phase_ends_are_of_that_phase():
    counted = sample(12.0, "versions", {"counts": {"3.0.170": 100}})
    found = history(update(), phases(gray=11.0), counted, phases(after=12.0), sample(13.0, "x", {}))
    assert run(found, "shares", {"expected": {"3.0.170": 1.0}, "phase": "gray", "roles": []}).holds
    with pytest.raises(CouldNotTest, match="0 joins"):
        run(found, "shares", {"expected": {"3.0.170": 1.0}, "phase": "after", "roles": []})
