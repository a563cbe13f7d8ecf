"""What happens to pods."""

from __future__ import annotations

import pytest

from srs_conformance.clusters.base import Pod
from srs_conformance.loadrun.noticing import Noticer, hopeless
from tests.unit.loadrun.making import PODS, a_pod

ONE, TWO = "srs-load-worker-1", "srs-load-worker-2"


def seen(*later: Pod) -> list[str]:
    return Noticer([a_pod(ONE), a_pod(TWO)]).look(later)


def test_nothing_happens() -> None:
    noticer = Noticer(PODS)
    assert noticer.look(PODS) == noticer.look(PODS) == []


def test_memory_that_is_used_up() -> None:
    [found] = seen(a_pod(ONE), a_pod(TWO, restarts=1, last_state="terminated: OOMKilled (137)"))
    assert found == (
        f"pod {TWO} was started again: its memory was used up (OOMKilled (137)); share the users among more workers"
    )


def test_a_restart_is_told_once() -> None:
    again = a_pod(ONE, restarts=1, last_state="terminated: Error (1)")
    noticer = Noticer([a_pod(ONE)])
    assert noticer.look([again]) == [f"pod {ONE} was started again: terminated: Error (1)"]
    assert noticer.look([again]) == []


def test_a_worker_that_ends_as_it_is_told_is_no_trouble() -> None:
    assert seen(a_pod(ONE, restarts=1, last_state="terminated: Completed (0)"), a_pod(TWO)) == []


def test_pods_that_go_are_told_once_and_newcomers_are_none() -> None:
    noticer = Noticer([a_pod(ONE), a_pod(TWO)])
    going = a_pod(ONE, terminating=True)
    assert noticer.look([going, a_pod(TWO)]) == [f"pod {ONE} is being deleted"]
    assert noticer.look([going, a_pod(TWO), a_pod("srs-load-worker-3")]) == []
    assert noticer.look([a_pod("srs-load-worker-3")]) == [f"pod {TWO} is gone"]


def test_an_evicted_pod() -> None:
    failed = a_pod(ONE, phase="Failed", state="terminated: Error (137)")
    assert seen(failed, a_pod(TWO)) == [f"pod {ONE} failed (terminated: Error (137))"]


@pytest.mark.parametrize(
    ("pod", "words"),
    [
        (a_pod(ONE), []),
        (a_pod(ONE, state="waiting: ContainerCreating"), []),
        (a_pod(ONE, state="waiting: ErrImageNeverPull"), [f"pod {ONE}: waiting: ErrImageNeverPull"]),
        (
            a_pod(ONE, state="waiting: CrashLoopBackOff", last_state="terminated: Error (4)", restarts=1),
            [f"pod {ONE}: waiting: CrashLoopBackOff, before that terminated: Error (4)"],
        ),
        (a_pod(ONE, restarts=2), [f"pod {ONE}: running"]),
    ],
)
def test_pods_for_which_waiting_does_not_help(pod: Pod, words: list[str]) -> None:
    assert hopeless([pod]) == words
