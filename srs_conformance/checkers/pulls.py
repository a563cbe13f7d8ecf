"""Judgements over pulls: what an origin shows of its edges' upstream connections (guide: "Edge Cluster").

The promise is the merge: an edge pulls a stream once from its origin, whatever the number of its players, and gives it
back when the last one has left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from srs_conformance.observing import Observation
from srs_conformance.srs.pulls import PullSample

_SHOWN = 5


def one_per(counts: Mapping[str, int], watched: Collection[str]) -> Observation:
    """Judge one look: each edge pod with viewers pulls once, every other one not at all.

    `counts` maps every edge pod to its pulls; `watched` names the pods that have viewers. A watched pod that the
    origin's table was not asked for counts as 0.
    """
    wanted = {pod: int(pod in watched) for pod in sorted({*counts, *watched})}
    wrong = [
        f"{pod}: {counts.get(pod, 0)} {_pulls(counts.get(pod, 0))} where {want} expected"
        for pod, want in wanted.items()
        if counts.get(pod, 0) != want
    ]
    return Observation(
        not wrong, f"one pull from each of {_names(watched)}, none from others", _table(counts), tuple(wrong)
    )


def never_more_than_one(history: Sequence[PullSample]) -> Observation:
    """Judge a whole watch: no sample shows an edge pod pulling twice.

    A history in which the origin never answered judges nothing and does not hold.
    """
    answered = [sample for sample in history if not sample.error]
    expected = "at most one pull per edge pod at any time"
    if not answered:
        last = history[-1].error if history else "no sample was taken"
        return Observation(False, expected, f"the origin's API answered in none of {len(history)} samples: {last}")
    start = history[0].time
    doubled = [
        f"{sample.time - start:.2f} s: {pod} has {count} pulls where at most 1 expected"
        for sample in answered
        for pod, count in sorted(sample.counts.items())
        if count > 1
    ]
    most = {pod: max(sample.counts.get(pod, 0) for sample in answered) for sample in answered for pod in sample.counts}
    seen = f"at most {_table(most)} in {len(answered)} samples over {answered[-1].time - start:.1f} s"
    if len(answered) < len(history):
        seen += f" ({len(history) - len(answered)} more got no answer)"
    return Observation(not doubled, expected, seen, _shortened(doubled))


def released(counts: Mapping[str, int], pods: Collection[str] = ()) -> Observation:
    """Judge one look: none of the edge pods pulls any more; of all in `counts` unless `pods` names some."""
    asked = {pod: count for pod, count in counts.items() if not pods or pod in pods}
    held = tuple(f"{pod}: {count} {_pulls(count)} where 0 expected" for pod, count in sorted(asked.items()) if count)
    return Observation(not held, f"no pull from {_names(asked)}", _table(asked), held)


def _pulls(count: int) -> str:
    return "pull" if count == 1 else "pulls"


def _names(pods: Collection[str]) -> str:
    return ", ".join(sorted(pods)) or "no pod"


def _table(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{pod}: {count}" for pod, count in sorted(counts.items())) or "no edge pod"


def _shortened(lines: Sequence[str]) -> tuple[str, ...]:
    if len(lines) <= _SHOWN:
        return tuple(lines)
    return (*lines[:_SHOWN], f"... and {len(lines) - _SHOWN} more")
