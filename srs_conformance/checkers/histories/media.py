"""Judgements over what came: gaps, frames accounted for by number, and lost viewer-seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from srs_conformance.checkers.histories.demands import demand_effects, demand_numbering, demand_viewers, shortened
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History, Watcher, losses
from srs_conformance.histories.placing import Placed, placed
from srs_conformance.histories.playing import target_duration
from srs_conformance.observing import Observation

STAYS = ("stays",)
STILL = 1.5
"""Seconds without a frame after which a viewer gets none any more: frames come in bursts of 350 ms for each hop."""


def no_gap(
    history: History,
    *,
    over: float,
    roles: Sequence[str] = STAYS,
    protocols: Sequence[str] | None = None,
    places: Sequence[str] | None = None,
    until_cut: bool = False,
) -> Observation:
    """Judge that no viewer had a silence of more than `over` seconds, from its first frame until it was told to stop.

    The time between two sessions is silence, and so is what comes after a cut, unless with `until_cut`, where `uncut`
    judges whether there might be one. An HLS player gets whole segments: two target durations may pass on top.

    Raises:
        CouldNotTest: a disturbance that did not take effect, or no viewer of these roles ever got a frame, or one was
            told to stop in a silence of over `STILL` seconds that might have become too long.
    """
    demand_effects(history)
    viewers = [each for each in demand_viewers(history, roles, protocols, places) if each.frames]
    if not viewers:
        raise CouldNotTest("no viewer ever got a frame")
    gaps = [
        (after - before, before, viewer)
        for viewer in viewers
        for before, after in pairwise(
            [*sorted(frame.arrival for frame in viewer.frames), _end(viewer, until_cut=until_cut)]
        )
    ]
    longest, _, who = max(gaps, key=lambda gap: gap[0] - 2 * target_duration(gap[2]))
    late = [gap for gap in gaps if gap[0] > over + 2 * target_duration(gap[2])]
    wrong = [f"{_named(viewer)}: {seconds:.2f} s from {start:.2f} s on" for seconds, start, viewer in late]
    waits = tuple((start, start + seconds) for seconds, start, _ in late)
    seen = f"{len(wrong)} longer among {len(viewers)} viewers, the longest {longest:.2f} s ({who.protocol})"
    if not wrong:
        _demand_ended(viewers, until_cut=until_cut)
    more = " (HLS: two target durations more)" if any(target_duration(viewer) for viewer in viewers) else ""
    return Observation(not wrong, f"no silence longer than {over:g} s{more}", seen, shortened(wrong), waits)


@dataclass(frozen=True)
class Account:
    """What became of the frames of one viewer, in frames: `back` is the longest step back."""

    got: int
    missing: int
    repeated: int
    back: int
    unknown: int


def account(pictures: Sequence[Placed]) -> Account:
    """Account for the pictures of a viewer.

    Attributes of the result: `missing` between the first and the furthest one and never got, `repeated` within one
    session, `back` within one and from one to the next, `unknown` which are none of the clip's.
    """
    known = [(each.run, each.place, each.session) for each in pictures if each.place is not None]
    by_run: dict[int, list[int]] = {}
    for run, place, _ in known:
        by_run.setdefault(run, []).append(place)
    missing = sum(
        max(places) - places[0] + 1 - len({place for place in places if place >= places[0]})
        for places in by_run.values()
    )
    steps = [one[1] - other[1] for one, other in pairwise(known) if one[0] == other[0]]
    return Account(
        got=len({(run, place) for run, place, _ in known}),
        missing=missing,
        repeated=len(known) - len(set(known)),
        back=max((step for step in steps if step > 0), default=0),
        unknown=len(pictures) - len(known),
    )


def frames_accounted(
    history: History,
    *,
    missing_at_most: int = 0,
    repeated_at_most: int = 0,
    back_at_most: int = 0,
    roles: Sequence[str] = STAYS,
    protocols: Sequence[str] | None = None,
) -> Observation:
    """Judge each viewer by frame numbers, over all its sessions; limits are in frames.

    Who joins again is sent the newest group of pictures anew: `back_at_most` says how far that may reach back. Frames
    that are none of the publisher's are never right.

    Raises:
        CouldNotTest: a disturbance that did not take effect, no numbers, or no viewer of these roles with a picture.
    """
    demand_effects(history)
    numbering = demand_numbering(history)
    viewers = demand_viewers(history, roles, protocols)
    accounts = [(viewer, account(placed(history, viewer, numbering))) for viewer in viewers]
    told = [(viewer, found) for viewer, found in accounts if found.got or found.unknown]
    if not told:
        raise CouldNotTest(f"none of {len(viewers)} viewers ever got a picture")
    limits = {"missing": missing_at_most, "repeated": repeated_at_most, "back": back_at_most, "unknown": 0}
    wrong = []
    for viewer, found in told:
        faults = [f"{getattr(found, name)} {name}" for name, most in limits.items() if getattr(found, name) > most]
        if faults:
            wrong.append(f"{_named(viewer)}: {', '.join(faults)} of {found.got}")
    expected = f"at most {missing_at_most} frames missing, {repeated_at_most} repeated, {back_at_most} back"
    worst = ", ".join(f"{max(getattr(found, name) for _, found in told)} {name}" for name in limits)
    return Observation(not wrong, expected, f"at worst {worst}, among {len(told)} viewers", shortened(wrong))


def lost_at_most(
    history: History,
    *,
    per_thousand: float,
    roles: Sequence[str] | None = None,
    protocols: Sequence[str] | None = None,
    buffer: float = 1.0,
    phase: str | None = None,
) -> Observation:
    """Judge the lost viewer-seconds per thousand wanted (docs/histories.md), of one phase or of the whole run.

    Raises:
        CouldNotTest: a disturbance that did not take effect, or nobody wanted to watch then.
    """
    demand_effects(history)
    demand_viewers(history, roles, protocols)
    found = losses(history, buffer, roles=roles, protocols=protocols)
    figure = found.total if phase is None else found.by_phase.get(phase)
    if figure is None or figure.per_thousand is None:
        raise CouldNotTest(f"nobody wanted to watch in {phase!r}" if phase else "nobody wanted to watch")
    worst = sorted(found.viewers, key=lambda loss: -loss.total.lost)
    details = [f"{_named(each.viewer)}: {each.total.lost:.2f} s lost" for each in worst if each.total.lost > 0]
    seen = f"{figure.per_thousand:.2f}: {figure.lost:.2f} s of {figure.wanted:.0f} s"
    expected = f"at most {per_thousand:g} lost viewer-seconds in a thousand" + (f" in {phase!r}" if phase else "")
    return Observation(figure.per_thousand <= per_thousand, expected, seen, shortened(details))


def _demand_ended(viewers: Sequence[Watcher], *, until_cut: bool) -> None:
    """Demand that the silences had ended when the viewers were told to stop, else nobody knows how long they are.

    Raises:
        CouldNotTest: one had not.
    """
    silences = [
        (_end(each, until_cut=until_cut) - max(frame.arrival for frame in each.frames), each) for each in viewers
    ]
    still = [
        f"{_named(viewer)} had got nothing for {seconds:.2f} s"
        for seconds, viewer in silences
        if seconds > STILL + 2 * target_duration(viewer)
    ]
    if still:
        raise CouldNotTest(f"told to stop too soon to know how long the silence is: {'; '.join(shortened(still))}")


def _end(viewer: Watcher, *, until_cut: bool) -> float:
    """Return when the viewer was told to stop, or was cut for good."""
    last = viewer.sessions[-1].timeline
    return min(viewer.until, last.until) if until_cut and last.lost else viewer.until


def _named(viewer: Watcher) -> str:
    return f"{viewer.name} ({viewer.protocol})"
