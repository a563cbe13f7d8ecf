"""Judgements over server processes: memory and descriptors stay bounded."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from srs_conformance.checkers.histories.demands import demand_effects, demand_samples, shortened
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History
from srs_conformance.observing import Observation


def stays_bounded(
    history: History,
    *,
    of: Sequence[str] = ("memory", "descriptors"),
    memory: float = 64e6,
    descriptors: float = 120.0,
    warm_up: float = 60.0,
    window: float = 240.0,
    least: int = 20,
    phase: str | None = None,
) -> Observation:
    """Judge that no server process grows faster than so much an hour, once it has warmed up.

    How fast it grows is the median slope of all pairs of samples (Theil and Sen): players who come and go do not sway
    it. A process that was not watched for the whole window says nothing: what a minute brings an hour does not repeat.

    Args:
        history: with samples of "resources": process (pod's name, and UID or start where it may come back) -> "memory"
            in bytes and "descriptors".
        of: what is judged.
        memory: growth allowed, in bytes an hour.
        descriptors: growth allowed, in open file descriptors an hour.
        warm_up: seconds of each process that are not judged.
        window: seconds after that of which a process must have been watched.
        least: samples of it in that time.
        phase: only what was seen in this phase.

    Raises:
        CouldNotTest: a disturbance that did not take effect, or no process was watched for long enough.
    """
    demand_effects(history)
    limits = {"memory": memory, "descriptors": descriptors}
    wrong, told = [], []
    longest = 0.0
    for (process, name), points in sorted(_series(history, of, phase).items()):
        kept = [point for point in points if point[0] >= points[0][0] + warm_up]
        watched = kept[-1][0] - kept[0][0] if kept else 0.0
        longest = max(longest, watched)
        if len(kept) < least or watched < window:
            continue
        an_hour = trend(kept) / watched * 3600
        usual = median(value for _, value in kept)
        told.append(f"{process}: {name} {_amount(name, an_hour, '+')} an hour around {_amount(name, usual)}")
        if an_hour > limits[name]:
            wrong.append(f"{told[-1]} in {watched:.0f} s, {_amount(name, limits[name])} allowed")
    if not told:
        raise CouldNotTest(
            f"no process was watched for {window:g} s after warming up, the longest for {longest:.0f} s",
            hint="growth shows in longer runs only: --for 10m or more",
        )
    expected = " and ".join(f"{name} grows by at most {_amount(name, limits[name])} an hour" for name in of)
    return Observation(not wrong, expected, "; ".join(told[:4]), shortened(wrong))


def _series(history: History, of: Sequence[str], phase: str | None) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Return (process, what) -> (time, value) of each sample."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for sample in demand_samples(history, "resources"):
        if phase is not None and history.phase_at(sample.at).name != phase:
            continue
        for process, values in sample.values.items():
            for name in of:
                if isinstance(values, dict) and isinstance(values.get(name), int | float):
                    found.setdefault((process, name), []).append((sample.at, float(values[name])))
    return found


def _amount(name: str, value: float, sign: str = "") -> str:
    return f"{value / 1e6:{sign}.1f} MB" if name == "memory" else f"{value:{sign}.0f}"


def trend(points: Sequence[tuple[float, float]], most: int = 200) -> float:
    """Return by how much the values change from the first to the last point, by the median slope of all pairs.

    Of many points every nth is taken, so that there are at most `most`.
    """
    thinned = points[:: max(1, len(points) // most)]
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for place, earlier in enumerate(thinned)
        for later in thinned[place + 1 :]
        if later[0] > earlier[0]
    ]
    return median(slopes) * (points[-1][0] - points[0][0]) if slopes else 0.0
