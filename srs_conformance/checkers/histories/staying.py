"""Judgements over connections: who was cut, who came back and how soon, who was refused."""

from __future__ import annotations

import math
from collections.abc import Sequence

from srs_conformance.checkers.histories.demands import demand_disturbances, demand_effects, demand_viewers, shortened
from srs_conformance.checkers.histories.pods import terminating_since
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History, Session, Watcher
from srs_conformance.histories.playing import breaks
from srs_conformance.observing import Observation
from srs_conformance.viewers.timeline import Ending

STAYS = ("stays",)
RETURNS = ("returns",)
NEW = ("returns", "comes and goes")


def uncut(
    history: History,
    *,
    roles: Sequence[str] = STAYS,
    protocols: Sequence[str] | None = None,
    places: Sequence[str] | None = None,
    until_grace: float | None = None,
) -> Observation:
    """Judge that no viewer of these roles (at these places) was cut, whatever was done to the cluster.

    With `until_grace` a cut is allowed so many seconds after the viewer's pod began to terminate (the session's place;
    where that names no pod, any pod's grace will do). The pod's samples come a fraction of a second apart, of which the
    server gets the benefit.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or no viewer of these roles ever saw a picture.
    """
    demand_disturbances(history)
    viewers = demand_viewers(history, roles, protocols, places)
    watched = [viewer for viewer in viewers if viewer.first_picture is not None]
    if not watched:
        raise CouldNotTest(f"none of {len(viewers)} viewers ever saw a picture, so that none could be cut")
    wrong: list[str] = []
    late = 0
    for viewer in watched:
        for session in _cuts(viewer):
            since = _grace(history, session)
            if until_grace is not None and since is not None and since >= until_grace:
                late += 1
                continue
            after = "" if since is None else f", {since:.1f} s after its pod began to terminate"
            wrong.append(f"{_named(viewer)} {_end(session)}{after}")
    expected = "no viewer is cut" + (
        f" before its pod has been terminating for {until_grace:g} s" if until_grace else ""
    )
    seen = f"{len(wrong)} cuts among {len(watched)} viewers" + (
        f"; {late} more when the grace was over" if late else ""
    )
    return Observation(not wrong, expected, seen, shortened(wrong))


def returns_within(
    history: History, *, seconds: float, roles: Sequence[str] = RETURNS, protocols: Sequence[str] | None = None
) -> Observation:
    """Judge that a viewer that is cut and joins again loses at most so many seconds each time.

    Both count: the time from its last frame to the first picture of a later session, and, where frames are numbered,
    the media between them that it never got. A viewer that left before that time was over says nothing.

    Raises:
        CouldNotTest: no disturbance, none that took effect, no such viewer, or whoever was cut left too soon.
    """
    demand_disturbances(history)
    viewers = demand_viewers(history, roles, protocols)
    absences = [(viewer, *each) for viewer in viewers for each in _absences(history, viewer)]
    away = [each for each in absences if math.isfinite(each[2]) or each[0].until - each[1] > seconds]
    if absences and not away:
        raise CouldNotTest(f"whoever was cut ({len(absences)}) left within {seconds:g} s and was not back by then")
    wrong = [
        f"{_named(viewer)} cut at {at:.2f} s: "
        + (
            f"back after {off:.2f} s, {missed:.2f} s of media lost"
            if math.isfinite(off)
            else "never got a picture again"
        )
        for viewer, at, off, missed in away
        if max(off, missed) > seconds
    ]
    worst = max((max(off, missed) for _, _, off, missed in away), default=0.0)
    seen = f"{len(away)} cuts among {len(viewers)} viewers"
    if away:
        seen += f", the worst cost {worst:.2f} s" if math.isfinite(worst) else ", one of them for good"
    return Observation(not wrong, f"whoever is cut loses at most {seconds:g} s", seen, shortened(wrong))


def none_refused(
    history: History,
    *,
    roles: Sequence[str] = NEW,
    protocols: Sequence[str] | None = None,
    within: float = 10.0,
    at_most: int = 0,
) -> Observation:
    """Judge that every viewer that joins gets in: connected, and a first frame within so many seconds.

    A join that we gave up ourselves before `within` had passed says nothing and is not counted.

    Raises:
        CouldNotTest: a disturbance that did not take effect, or nobody joined.
    """
    demand_effects(history)
    viewers = demand_viewers(history, roles, protocols)
    tries = [(viewer, session) for viewer in viewers for session in viewer.sessions]
    judged = [(viewer, session, _refusal(session, within)) for viewer, session in tries]
    told = [each for each in judged if each[2] is not None]
    if not told:
        raise CouldNotTest(f"all {len(tries)} joins were given up before {within:g} s had passed")
    wrong = [f"{_named(viewer)} at {session.timeline.started:.2f} s: {why}" for viewer, session, why in told if why]
    expected = f"every viewer that joins gets a frame within {within:g} s" + (
        f", but for {at_most} at most" if at_most else ""
    )
    return Observation(len(wrong) <= at_most, expected, f"{len(wrong)} of {len(told)} did not", shortened(wrong))


def _refusal(session: Session, within: float) -> str | None:
    """Return why a join did not succeed, "" where it did, None where it was given up too early to tell."""
    timeline = session.timeline
    after = timeline.first_frame_after()
    if after is not None:
        return "" if after <= within else f"the first frame came after {after:.1f} s"
    if timeline.lost:
        return f"{timeline.ending}" + (f": {timeline.error}" if timeline.error else "")
    waited = timeline.until - timeline.started
    return f"no frame in {waited:.1f} s" if waited >= within else None


def _cuts(viewer: Watcher) -> list[Session]:
    return [session for session in viewer.sessions if session.timeline.lost and session.timeline.frames]


def _absences(history: History, viewer: Watcher) -> list[tuple[float, float, float]]:
    """Return each cut's time, how long the viewer then saw nothing, and the media (s) that it missed meanwhile."""
    found: list[tuple[float, float, float]] = []
    lost = list(breaks(history, viewer, 0.0)) if history.numbering is not None else []
    for session in _cuts(viewer):
        at = session.timeline.frames[-1].arrival
        later = (each.timeline for each in viewer.sessions if each.timeline.started > session.timeline.started)
        pictures = (frame.arrival for timeline in later for frame in timeline.video or timeline.audio)
        back = next(pictures, math.inf if viewer.until > at else at)
        missed = sum(each.missed for each in lost if at - 0.001 <= each.start <= back)
        found.append((session.timeline.until, back - at, missed))
    return found


def _grace(history: History, session: Session) -> float | None:
    """Return how long the session's pod had been terminating when it was cut, the longest of all where unknown."""
    began = terminating_since(history)
    at = session.timeline.until
    pods = [session.place] if session.place in began else list(began) if not _is_pod(history, session.place) else []
    return max((at - began[pod] for pod in pods if began[pod] <= at), default=None)


def _is_pod(history: History, place: str) -> bool:
    return any(place in sample.values for sample in history.looks("pods"))


def _named(viewer: Watcher) -> str:
    return f"{viewer.name} ({viewer.protocol})"


def _end(session: Session) -> str:
    timeline = session.timeline
    assert isinstance(timeline.ending, Ending)
    return f"{timeline.ending} at {timeline.until:.2f} s at {session.place}" + (
        f": {timeline.error}" if timeline.error else ""
    )
