"""Judgements over pods and over what was done to them: did it take effect, did it end, were old pods gone in time."""

from __future__ import annotations

from srs_conformance.checkers.histories.demands import demand_disturbances, demand_samples, shortened
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History
from srs_conformance.observing import Observation


def effective(history: History) -> Observation:
    """Tell what proves that each disturbance took effect.

    It never misses: that nothing was disturbed is no fault of the server.

    Raises:
        CouldNotTest: there is no disturbance, or one without a proof.
    """
    found = demand_disturbances(history)
    proofs = tuple(f"{each.kind} at {each.at:.1f} s: {each.proof}" for each in found)
    return Observation(True, "each disturbance takes effect", f"{len(found)} did", proofs)


def ended_within(history: History, *, seconds: float, kind: str) -> Observation:
    """Judge that all that each disturbance of a kind set going came to its end within so many seconds.

    Raises:
        CouldNotTest: no such disturbance, one without a proof, or one that we did not watch for so long.
    """
    found = [each for each in demand_disturbances(history) if each.kind == kind]
    if not found:
        raise CouldNotTest(f"the history has no disturbance of kind {kind!r}")
    wrong, took = [], []
    for each in found:
        if each.settled is not None:
            took.append(each.settled - each.at)
            if took[-1] > seconds:
                wrong.append(f"{kind} at {each.at:.1f} s took {took[-1]:.1f} s")
        elif history.until - each.at > seconds:
            wrong.append(f"{kind} at {each.at:.1f} s had not ended {history.until - each.at:.1f} s later")
        else:
            raise CouldNotTest(f"{kind} at {each.at:.1f} s was watched for {history.until - each.at:.1f} s only")
    seen = f"{len(took)} of {len(found)} ended" + (f", the slowest after {max(took):.1f} s" if took else "")
    return Observation(not wrong, f"{kind} ends within {seconds:g} s", seen, shortened(wrong))


def gone_within(history: History, *, seconds: float) -> Observation:
    """Judge that every pod that began to terminate was gone within so many seconds.

    Raises:
        CouldNotTest: no disturbance, no pod that terminated, or one that was watched for less than that.
    """
    demand_disturbances(history)
    samples = demand_samples(history, "pods")
    seen: dict[str, tuple[float, float]] = {}
    for sample in samples:
        for pod in _terminating(sample.values):
            first, _ = seen.get(pod, (sample.at, sample.at))
            seen[pod] = first, sample.at
    if not seen:
        raise CouldNotTest("no pod was seen to terminate")
    last = samples[-1]
    there = _terminating(last.values)
    took = {pod: until - since for pod, (since, until) in seen.items()}
    wrong = [
        f"{pod}: {'still there' if pod in there else 'gone'} after {held:.1f} s"
        for pod, held in sorted(took.items())
        if held > seconds
    ]
    short = [pod for pod in there if took[pod] <= seconds]
    if short and not wrong:
        raise CouldNotTest(f"{', '.join(sorted(short))}: still there when we looked last, less than {seconds:g} s on")
    slowest = f"{len(took)} pods terminated, the slowest took {max(took.values()):.1f} s"
    return Observation(not wrong, f"a terminating pod is gone within {seconds:g} s", slowest, shortened(wrong))


def terminating_since(history: History) -> dict[str, float]:
    """Return for each pod that terminated since when it may have: since the last look began at which it did not."""
    began: dict[str, float] = {}
    looked = 0.0
    for sample in history.looks("pods"):
        for pod in _terminating(sample.values):
            began.setdefault(pod, looked)
        looked = sample.at - sample.took
    return began


def _terminating(pods: object) -> set[str]:
    if not isinstance(pods, dict):
        return set()
    return {name for name, pod in pods.items() if isinstance(pod, dict) and pod.get("terminating") is True}
