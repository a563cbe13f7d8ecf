"""Judgements over what was seen in a browser: does the player play, without a break, every picture in its turn."""

from __future__ import annotations

from itertools import pairwise

from srs_conformance.browser.watching import Picture, Sight
from srs_conformance.checkers.combining import all_of
from srs_conformance.observing import Budget, Observation

LEGIBLE = 0.9
"""The share of pictures whose number must be readable: a page that is late may sample one while it changes."""
BREAK_SECONDS = 1.5
"""Frames come in bursts of 350 ms for each hop, and players have a buffer of about a second."""
LOST_SHARE = 0.02
"""Pictures that a browser on a busy machine drops without counting them."""
_SHOWN = 5


def plays(sight: Sight, within: Budget, watched: Budget) -> Observation:
    """Judge that the player showed pictures in time, and went on for `watched` without a break."""
    parts = [no_error(sight), first_picture(sight, within), unbroken(sight), long_enough(sight, watched)]
    return all_of(f"{sight.label} plays", parts)


def no_error(sight: Sight) -> Observation:
    """Judge that the player has not given up."""
    return Observation(not sight.error, "no error of the player", sight.error or "none")


def first_picture(sight: Sight, within: Budget) -> Observation:
    """Judge that the first picture came in time."""
    first = sight.pictures[0].at if sight.pictures else None
    seen = "none came" if first is None else f"after {first:.1f} s"
    details = tuple(f"{at:.1f} s: {name}" for at, name in sight.events[:_SHOWN]) if first is None else ()
    expected = f"a picture within {within.seconds:g} s"
    waits = ((sight.began, sight.began + (sight.until if first is None else first)),)
    return Observation(first is not None and first <= within.seconds, expected, seen, details, waits)


def unbroken(sight: Sight) -> Observation:
    """Judge that from the first picture on none was longer in coming than a player's buffer lasts."""
    times = [picture.at for picture in (*sight.pictures, Picture(sight.until, 0, None))]
    breaks = [(before, after) for before, after in pairwise(times) if after - before > BREAK_SECONDS]
    details = tuple(f"{before:.1f} s: {after - before:.1f} s without a picture" for before, after in breaks[:_SHOWN])
    expected = f"no {BREAK_SECONDS:g} s without a picture"
    waits = tuple((sight.began + before, sight.began + after) for before, after in breaks)
    return Observation(not breaks, expected, f"{len(breaks)} such breaks", details, waits)


def long_enough(sight: Sight, watched: Budget) -> Observation:
    """Judge that pictures came for so long."""
    span = sight.pictures[-1].at - sight.pictures[0].at if sight.pictures else 0.0
    expected, seen = f"{watched.seconds:g} s of pictures", f"{span:.1f} s of pictures"
    waits = ((sight.began, sight.began + sight.until),)
    return Observation(span >= watched.seconds, expected, seen, waits=waits)


def numbers_go_on(sight: Sight, period: int) -> Observation:
    """Judge that the numbers drawn in the pictures go on one by one; after `period` pictures they begin anew.

    What the browser says that it has presented between two samples, the page has not sampled, but it was shown; what
    it says that it has dropped, it had got; and what was to be shown while it stood still, nobody can have seen.
    """
    read = [picture for picture in sight.pictures if picture.number is not None]
    legible = len(read) / len(sight.pictures) if sight.pictures else 0.0
    span = read[-1].at - read[0].at if read else 0.0
    rate = len(read) / span if span else 0.0
    back, lost, unseen = [], 0, 0
    for before, after in pairwise(read):
        step = ((after.number or 0) - (before.number or 0)) % period
        if step > period // 2:
            back.append(f"{after.at:.1f} s: {before.number} -> {after.number}")
            continue
        missing = max(step - (after.count - before.count), 0)
        stood = sum(max(0.0, min(to, after.at) - max(since, before.at)) for since, to in sight.late)
        unseen_here = min(missing, int(stood * rate))
        unseen, lost = unseen + unseen_here, lost + missing - unseen_here
    right = legible >= LEGIBLE and not back and lost - sight.dropped <= LOST_SHARE * len(read)
    seen = f"{len(read)} of {len(sight.pictures)} numbers read, {len(back)} go back, {lost} pictures missing"
    seen += f", {sight.dropped} dropped by the browser" if sight.dropped else ""
    seen += f", {unseen} due while the browser stood still" if unseen else ""
    return Observation(right, "numbers that can be read and go on one by one", seen, tuple(back[:_SHOWN]))
