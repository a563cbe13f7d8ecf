"""Judgements over many disturbances in a row: whom each of them reached, and whether what it broke was whole again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from srs_conformance.checkers.histories.demands import demand_disturbances, demand_effects, demand_viewers, shortened
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import Disturbance, History, Session, Watcher
from srs_conformance.histories.playing import target_duration
from srs_conformance.observing import Observation

NEW = ("returns", "comes and goes")


def cut_only_where_disturbed(
    history: History, *, within: float, roles: Sequence[str] = NEW, protocols: Sequence[str] | None = None
) -> Observation:
    """Judge that nobody is cut but by a disturbance that reaches the place where it watches.

    A disturbance says whom it reaches in `reaches`, a list of places: pods, and Services that lead to them. It may cut
    them from its beginning until so many seconds after it has settled.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or no viewer of these roles ever got a frame.
    """
    disturbances = demand_disturbances(history)
    viewers = demand_viewers(history, roles, protocols)
    sessions = [session for viewer in viewers for session in viewer.sessions if session.timeline.frames]
    if not sessions:
        raise CouldNotTest(f"none of {len(viewers)} viewers ever got a frame, so that none could be cut")
    cut = [session for session in sessions if session.timeline.lost]
    wrong = [
        f"{session.viewer} at {session.place}: {session.timeline.ending} at {session.timeline.until:.2f} s"
        for session in cut
        if not any(_may_cut(each, session, within) for each in disturbances)
    ]
    seen = f"{len(wrong)} others among {len(cut)} cuts of {len(sessions)} sessions"
    return Observation(not wrong, "nobody cut but where something was disturbed", seen, shortened(wrong))


def nobody_waits(
    history: History, *, over: float, roles: Sequence[str] = NEW, protocols: Sequence[str] | None = None
) -> Observation:
    """Judge that no viewer, from its first try until it is told to leave, is without a new frame for so long.

    Joining, being cut and standing still all count. An HLS player gets whole segments: two target durations may pass
    on top.

    Raises:
        CouldNotTest: a disturbance that did not take effect, or no viewer of these roles stayed for longer.
    """
    demand_effects(history)
    viewers = demand_viewers(history, roles, protocols)
    waits = [(viewer, *_longest_wait(viewer), over + 2 * target_duration(viewer)) for viewer in viewers]
    if not any(viewer.until - viewer.tried > most for viewer, _, _, most in waits):
        raise CouldNotTest(f"none of {len(viewers)} viewers was there for longer than {over:g} s")
    late = [(viewer, seconds, since) for viewer, seconds, since, most in waits if seconds > most]
    wrong = [f"{viewer.name}: no frame for {seconds:.1f} s from {since:.1f} s on" for viewer, seconds, since in late]
    longest = max(seconds for _, seconds, _, _ in waits)
    seen = f"{len(wrong)} of {len(viewers)} viewers, the longest wait {longest:.1f} s"
    more = " (HLS: two target durations more)" if any(most > over for *_, most in waits) else ""
    return Observation(
        not wrong,
        f"nobody waits longer than {over:g} s for the next frame{more}",
        seen,
        shortened(wrong),
        tuple((since, since + seconds) for _, seconds, since in late),
    )


def _longest_wait(viewer: Watcher) -> tuple[float, float]:
    """Return the longest time without a frame, and when it began."""
    times = [viewer.tried, *sorted(frame.arrival for frame in viewer.frames), viewer.until]
    return max((after - before, before) for before, after in pairwise(times))


def recovered_within(history: History, *, seconds: float) -> Observation:
    """Judge that after every disturbance the deployment was whole again within so many seconds.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or one that we did not watch for so long.
    """
    found = [each for each in demand_disturbances(history) if "of" not in each.proof_values]  # no ends of others
    took = [each.settled - each.at for each in found if each.settled is not None]
    wrong = [f"{_named(each)} took {spent:.1f} s" for each in found if (spent := _took(each) or 0.0) > seconds]
    for each in found:
        if each.settled is not None:
            continue
        watched = history.until - each.at
        if watched <= seconds:
            raise CouldNotTest(f"{_named(each)} was watched for {watched:.1f} s only")
        wrong.append(f"{_named(each)} had not ended {watched:.1f} s later")
    kinds = ", ".join(f"{count} x {kind}" for kind, count in Counter(each.kind for each in found).items())
    seen = f"{kinds}; the slowest took {max(took, default=0.0):.1f} s"
    return Observation(not wrong, f"whole again within {seconds:g} s after each disturbance", seen, shortened(wrong))


def _may_cut(disturbance: Disturbance, session: Session, within: float) -> bool:
    reached = {*disturbance.values.get("reaches", ()), *disturbance.proof_values.get("reaches", ())}
    end = max(disturbance.at, disturbance.settled or 0.0, disturbance.effect or 0.0)
    return session.place in reached and disturbance.at <= session.timeline.until <= end + within


def _took(disturbance: Disturbance) -> float | None:
    return None if disturbance.settled is None else disturbance.settled - disturbance.at


def _named(disturbance: Disturbance) -> str:
    return f"{disturbance.number} {disturbance.kind} at {disturbance.at:.1f} s"
