"""What every check demands of a history before it judges; where it is not met, there is no verdict."""

from __future__ import annotations

from collections.abc import Collection

from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import Disturbance, History, Numbering, Sample, Watcher

_HINT = "the scene must record it; see docs/histories.md"


def demand_effects(history: History) -> tuple[Disturbance, ...]:
    """Return the disturbances, each of which is proven to have taken effect.

    Raises:
        CouldNotTest: the history is empty or cut off, or a disturbance has no proof.
    """
    if history.truncated:
        raise CouldNotTest(f"the history is cut off: {history.truncated}")
    if not history.events:
        raise CouldNotTest("the history is empty")
    idle = [each for each in history.disturbances if each.effect is None]
    if idle:
        names = ", ".join(f"{each.number} ({each.kind}, at {each.at:.1f} s)" for each in idle)
        raise CouldNotTest(f"nothing proves that these disturbances took effect: {names}")
    return history.disturbances


def demand_disturbances(history: History) -> tuple[Disturbance, ...]:
    """Return the disturbances, at least one.

    Raises:
        CouldNotTest: there is none, or `demand_effects` is not met.
    """
    found = demand_effects(history)
    if not found:
        raise CouldNotTest("the history has no disturbance", hint=_HINT)
    return found


def demand_viewers(
    history: History,
    roles: Collection[str] | None,
    protocols: Collection[str] | None,
    places: Collection[str] | None = None,
) -> tuple[Watcher, ...]:
    """Return the viewers to be judged, at least one; with `places` only those who were nowhere else.

    Raises:
        CouldNotTest: there is none.
    """
    found = tuple(
        viewer
        for viewer in history.viewers(roles, protocols)
        if places is None or all(session.place in places for session in viewer.sessions)
    )
    if not found:
        told = " or ".join(repr(str(role)) for role in roles) if roles is not None else "any role"
        over = f" over {' or '.join(protocols)}" if protocols is not None else ""
        at = f" at {' or '.join(places)}" if places is not None else ""
        raise CouldNotTest(f"the history has no viewer of {told}{over}{at}", hint=_HINT)
    return found


def demand_samples(history: History, observer: str, least: int = 1) -> tuple[Sample, ...]:
    """Return the samples of an observer, at least so many that are no failed looks.

    Raises:
        CouldNotTest: there are fewer.
    """
    found = history.looks(observer)
    failed = len(history.samples(observer)) - len(found)
    if len(found) < least:
        had = f"{len(found)} samples of {observer!r}, and {failed} looks that failed"
        raise CouldNotTest(f"the history has {had}; at least {least} needed", hint=_HINT)
    return found


def demand_numbering(history: History) -> Numbering:
    """Return which picture has which number.

    Raises:
        CouldNotTest: the history does not tell.
    """
    if history.numbering is None:
        raise CouldNotTest("the history has no frame numbers: its clip was not numbered", hint=_HINT)
    return history.numbering


def shortened(lines: Collection[str], most: int = 5) -> tuple[str, ...]:
    """Return the first lines, and how many more there are."""
    found = tuple(lines)
    return found if len(found) <= most else (*found[:most], f"... and {len(found) - most} more")
