"""Judgements over a rollout under way: new connections are served, no capacity is taken away, a pause holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from srs_conformance.checkers.histories.demands import demand_disturbances, demand_samples, shortened
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History, Sample
from srs_conformance.observing import Observation


def greeted(history: History, *, phases: Sequence[str] | None = None, at_most: int = 0) -> Observation:
    """Judge that new connections, made all the time and asking for no stream, were answered; of some phases or always.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or nobody tried then.
    """
    demand_disturbances(history)
    samples = [sample for sample in demand_samples(history, "greetings") if _within(history, sample, phases)]
    tried = sum(int(sample.values.get("tried", 0)) for sample in samples)
    if not tried:
        raise CouldNotTest(f"nobody tried to connect in {phases or 'the history'}")
    failed = [(sample.at, why) for sample in samples for why in sample.values.get("failed", ())]
    details = [f"{count} x {why}" for why, count in Counter(why for _, why in failed).most_common()]
    span = f", from {failed[0][0]:.1f} to {failed[-1][0]:.1f} s" if failed else ""
    expected = "every new connection answered" + (f", but for {at_most} at most" if at_most else "")
    seen = f"{len(failed)} of {tried} were not{span}"
    return Observation(len(failed) <= at_most, expected, seen, shortened(details))


def serving_throughout(history: History, *, least: int) -> Observation:
    """Judge that at no time the Service had fewer ready endpoints than so many.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or no sample of endpoints.
    """
    demand_disturbances(history)
    samples = [sample for sample in demand_samples(history, "endpoints") if "error" not in sample.values]
    counts = [(sample.at, sum(bool(each.get("ready")) for each in sample.values.values())) for sample in samples]
    if not counts:
        raise CouldNotTest("no look at the endpoints was answered")
    wrong = [f"{at:.1f} s: {count}" for at, count in counts if count < least]
    seen = f"at least {min(count for _, count in counts)} in {len(counts)} samples"
    return Observation(not wrong, f"at least {least} ready endpoints at any time", seen, shortened(wrong))


def stands_still(history: History, *, pause: str, resume: str, settle: float = 1.0) -> Observation:
    """Judge that between two disturbances no ReplicaSet was scaled, from `settle` seconds after the first one on.

    Raises:
        CouldNotTest: one of the two is not there or took no effect, or there are no two samples between them.
    """
    found = {each.kind: each for each in demand_disturbances(history)}
    if pause not in found or resume not in found:
        raise CouldNotTest(f"the history has {', '.join(found)}; {pause} and {resume} are needed")
    start, end = found[pause].at + settle, found[resume].at
    samples = [
        sample
        for sample in demand_samples(history, "replicasets")
        if start <= sample.at <= end and "error" not in sample.values
    ]
    if len(samples) < 2:
        raise CouldNotTest(f"{len(samples)} looks at ReplicaSets between {start:.1f} and {end:.1f} s")
    wanted = [{name: each.get("wanted") for name, each in sample.values.items()} for sample in samples]
    wrong = [f"{sample.at:.1f} s: {now}" for sample, now in zip(samples, wanted, strict=True) if now != wanted[0]]
    expected = f"ReplicaSets as the {pause} found them: {wanted[0]}"
    return Observation(not wrong, expected, f"{wanted[-1]} {end - start:.1f} s later", shortened(wrong))


def _within(history: History, sample: Sample, phases: Sequence[str] | None) -> bool:
    return phases is None or any(span.start < sample.at <= span.end for span in history.phases if span.name in phases)
