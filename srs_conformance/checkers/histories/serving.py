"""Judgements over servers: pulls stay merged, versions get their shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from srs_conformance.checkers.histories.demands import demand_effects, demand_samples, shortened
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History, Sample
from srs_conformance.observing import Observation


def merged_throughout(history: History, *, lasting: float = 0.0) -> Observation:
    """Judge that no sample shows an edge pod pulling one stream twice.

    A terminating edge and its successor are two edges, as the pods' names say. With `lasting` a second pull may show
    for so many seconds, as where an origin has not noticed yet that the first one's network is gone.

    Raises:
        CouldNotTest: a disturbance that did not take effect, no sample with an answer, or never a pull.
    """
    demand_effects(history)
    answered, samples = demand_samples(history, "pulls"), history.samples("pulls")
    if not any(count for sample in answered for count in _counts(sample).values()):
        raise CouldNotTest(f"no pull was seen in {len(samples)} samples, {len(answered)} of them with an answer")
    doubled: dict[tuple[str, str], float] = {}
    wrong: list[str] = []
    told: set[tuple[str, str]] = set()
    for sample in answered:
        stream = str(sample.values.get("stream", ""))
        for pod, count in sorted(_counts(sample).items()):
            key = stream, pod
            if count <= 1:
                doubled.pop(key, None)
                told.discard(key)
            elif sample.at - doubled.setdefault(key, sample.at) >= lasting and key not in told:
                told.add(key)
                wrong.append(f"{doubled[key]:.2f} s: {pod} has {count} pulls of {stream or 'the stream'}")
    most = Counter[str]()
    for sample in answered:
        most |= Counter(_counts(sample))
    seen = ", ".join(f"{pod}: {count}" for pod, count in sorted(most.items()))
    seen = f"at most {seen} in {len(answered)} of {len(samples)} samples"
    return Observation(not wrong, "never two pulls of one stream by one edge", seen, shortened(wrong))


def shares(
    history: History,
    *,
    expected: Mapping[str, float],
    tolerance: float = 7.0,
    phase: str | None = None,
    roles: Sequence[str] | None = None,
    least: int = 100,
) -> Observation:
    """Judge that joins were spread over server versions as expected: fractions of 1, `tolerance` in points of percent.

    A join is a session that began in the phase, and what samples of "versions" count up to their time. One that no
    server answered is of no version, and lowers everybody's share: a version that refuses its players does not get its
    share.

    Raises:
        CouldNotTest: a disturbance that did not take effect, or fewer than `least` joins.
    """
    demand_effects(history)
    counted: Counter[str] = Counter()
    for viewer in history.viewers(roles):
        for session in viewer.sessions:
            if phase in (None, history.phase_at(session.timeline.started).name):
                served = session.timeline.frames or not session.timeline.lost
                counted[session.version if served else ""] += 1
    for sample in history.samples("versions"):
        if phase is None or any(span.name == phase and span.start < sample.at <= span.end for span in history.phases):
            counted.update({str(version): int(count) for version, count in _counts(sample).items()})
    total = counted.total()
    if total < least:
        raise CouldNotTest(f"{total} joins{f' in {phase!r}' if phase else ''}; at least {least} needed for a share")
    wrong = [
        f"{version or 'no version'}: {100 * counted[version] / total:.1f} % "
        f"where {100 * expected.get(version, 0):.1f} % expected"
        for version in sorted({*counted, *expected})
        if abs(counted[version] / total - expected.get(version, 0)) * 100 > tolerance
    ]
    wanted = ", ".join(f"{version}: {100 * share:.0f} %" for version, share in sorted(expected.items()))
    seen = ", ".join(f"{version or 'none'}: {100 * n / total:.1f} %" for version, n in sorted(counted.items()))
    return Observation(not wrong, f"{wanted}, each ±{tolerance:g} points", f"{seen} of {total} joins", shortened(wrong))


def _counts(sample: Sample) -> dict[str, Any]:
    counts = sample.values.get("counts", {})
    return counts if isinstance(counts, dict) else {}
