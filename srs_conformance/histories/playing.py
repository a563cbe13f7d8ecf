"""A modelled player over all sessions of one viewer: when it stands still, and what it never gets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from srs_conformance.histories.history import History, Watcher
from srs_conformance.histories.placing import placed
from srs_conformance.viewers.facts import JUMP_MS, Player, step


@dataclass(frozen=True)
class Break:
    """One break, in seconds: when it began on the history's clock, how long the player stood still, media never got.

    `over` is when new media had come, and `lost` what it cost: the seconds just before that.
    """

    start: float
    stalled: float
    missed: float
    over: float
    lost: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one picture brings: when it came, new media (s), and media that is missing before it (s)."""

    arrival: float
    media: float
    missed: float = 0.0


def breaks(history: History, viewer: Watcher, buffer: float) -> Iterator[Break]:
    """Yield the breaks of a viewer in order of time.

    The player starts when it holds `buffer` seconds of media (HLS: and a target duration), stands still when it has
    played all, and goes on when it holds as much again. Filling its buffer for the first time is no break, unless it
    takes longer than the buffer is long.

    No second is lost twice, and none before the first picture: who is given an old GOP first and then what is live has
    skipped more than was sent since it came.
    """
    free = viewer.wanted[0]
    for start, over, stalled, missed in _breaks(history, viewer, buffer):
        # Standing still and skipping ahead by as much is one loss and not two.
        yield Break(start, stalled, missed, over, min(max(stalled, missed), max(0.0, over - free)))
        free = max(free, over)


def _breaks(history: History, viewer: Watcher, buffer: float) -> Iterator[tuple[float, float, float, float]]:
    """Yield (start, over, stalled, missed) of each break."""
    start, until = viewer.wanted
    if viewer.first_picture is None:
        if until > start:
            yield start, until, until - start, 0.0
        return
    buffer += target_duration(viewer)
    player = Player(buffer)
    grace = start + buffer
    last, skipped = start, 0.0
    started = False
    for piece in _pieces(history, viewer):
        dry = player.dry_at(piece.arrival)
        if piece.missed and dry is None and started:
            yield last, piece.arrival, 0.0, piece.missed
        else:
            skipped += piece.missed if started else 0.0
        stalled_since = player.hold(piece.media, piece.arrival)
        if player.playing and not started:
            started, stalled_since = True, grace if piece.arrival > grace else None
        if stalled_since is not None and piece.arrival > stalled_since:
            yield stalled_since, piece.arrival, piece.arrival - stalled_since, skipped
        if player.playing:
            skipped = 0.0
        last = piece.arrival
    dry = player.dry_at(until) if started else min(grace, until)
    if dry is not None and until > dry:
        yield dry, until, until - dry, skipped


def target_duration(viewer: Watcher) -> float:
    """Return the longest target duration that an HLS viewer was told, 0 of the other protocols."""
    fetches = (fetch for session in viewer.sessions for fetch in session.timeline.playlists)
    return max((fetch.target_duration or 0.0 for fetch in fetches), default=0.0)


def _pieces(history: History, viewer: Watcher) -> Iterator[_Piece]:
    numbering = history.numbering
    pictures = any(session.timeline.video for session in viewer.sessions)
    if numbering is None or not pictures or not any(numbering.numbers(f.digest) for f in viewer.frames):
        yield from _by_time(viewer)
        return
    furthest: dict[int, int] = {}
    arrival = -math.inf
    for each in placed(history, viewer, numbering):
        # In the order of showing a picture may stand behind one that came later: it cannot be shown before that came.
        arrival = max(arrival, each.frame.arrival)
        if each.place is None:
            continue
        reached = furthest.get(each.run)
        furthest[each.run] = max(each.place, each.place if reached is None else reached)
        if reached is None:
            yield _Piece(arrival, 1 / numbering.rate)
        elif each.place > reached:
            yield _Piece(arrival, 1 / numbering.rate, (each.place - reached - 1) / numbering.rate)


def _by_time(viewer: Watcher) -> Iterator[_Piece]:
    """Yield pieces by timestamps, where frames have no numbers: what comes back after a cut then counts as new."""
    for session in viewer.sessions:
        timeline = session.timeline
        last: float | None = None
        for frame in timeline.video or timeline.audio:
            ms = 0.0 if last is None else step(last, frame.dts, timeline.span)
            last = frame.dts
            yield _Piece(frame.arrival, ms / 1000 if 0 <= ms <= JUMP_MS else 0.0)
